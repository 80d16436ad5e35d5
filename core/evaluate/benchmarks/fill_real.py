"""Filling on a real interferogram: blobs of it are hidden, and compared with what was there."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import rasterio
import torch
from torch import Tensor

from ...simulate.draw import Draw
from ...simulate.gaps import blobs
from ..fill_metrics import wrap
from .fill_cases import Sample

FOLDER, PATTERN = "thessaly", "*wrapped*.tif"
SIDE = 256
SEED = 90_210
HIDDEN = ((5.0, 0.3), (5.0, 0.5), (10.0, 0.5))  # sigma of the blobs in pixels, and their share
LEAST_VALID = 0.9


def find_real() -> Path | None:
    """The wrapped interferogram of the real data, None where there are none."""
    named = os.environ.get("FRINGELENS_DATA")
    data = Path(named) if named else Path(__file__).resolve().parents[4] / "shared" / "data"
    return next(iter(sorted((data / FOLDER).glob(PATTERN))), None)


def real_samples(path: Path, sigma: float, share: float) -> Sample:
    """Patches of a wrapped interferogram with blobs hidden; what is missing already is in a gap and not scored."""
    with rasterio.open(path) as source:
        phase = torch.from_numpy(source.read(1, masked=True).filled(np.nan).astype(np.float32))
    rows = range(0, phase.shape[0] - SIDE + 1, SIDE // 2)
    columns = range(0, phase.shape[1] - SIDE + 1, SIDE // 2)
    patches = torch.stack([phase[r : r + SIDE, c : c + SIDE] for r in rows for c in columns])
    valid = torch.isfinite(patches)
    keep = valid.float().mean((1, 2)) >= LEAST_VALID
    patches, valid = patches[keep].nan_to_num(), valid[keep]
    count = len(patches)
    draw = Draw(torch.Generator().manual_seed(SEED + int(sigma)))
    hidden = blobs(draw, SIDE, SIDE, torch.full((count,), sigma), torch.full((count,), share))
    observed = torch.polar(valid.float(), patches)
    return Sample(patches, observed, hidden | ~valid, scored=valid)


def correlations(phase: Tensor, sample: Sample) -> tuple[float, float]:
    """Pearson's correlation of wrapped phases in the gaps, as the paper's, and the circular one: both over all pixels.

    The circular correlation is that of Jammalamadaka and SenGupta (2001).
    """
    where = sample.where
    a, b = wrap(phase)[where].double(), wrap(sample.truth)[where].double()
    pearson = float(torch.corrcoef(torch.stack((a, b)))[0, 1])
    first = torch.sin(a - torch.atan2(a.sin().mean(), a.cos().mean()))
    second = torch.sin(b - torch.atan2(b.sin().mean(), b.cos().mean()))
    circular = float((first * second).sum() / math.sqrt(float(first.square().sum() * second.square().sum())))
    return pearson, circular
