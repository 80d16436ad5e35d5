"""Unwrapping of the Thessaly earthquake against the reference that came with it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...phase.coherence import phase_coherence
from ...phase.unwrap_combined import Prediction, combined
from ...phase.unwrap_features import unwrap_features
from ...phase.unwrap_mcf import mcf
from ...raster.source import Source
from ...raster.window import Window

FOLDER, NAME = "thessaly", "20210218_20210303"
LOOKS = 10.0
STEP = 16  # sides are cut to a multiple of it, which the network needs
ROOT = Path(__file__).resolve().parents[3]

Float = NDArray[np.float32]


def thessaly(predict: Callable[[Float], Float]) -> dict[str, float] | None:
    """Share within half a cycle of the reference, one constant removed; None where the data are not at hand."""
    named = os.environ.get("FRINGELENS_DATA")
    folder = (Path(named) if named else ROOT.parent / "shared" / "data") / FOLDER
    if not folder.is_dir():
        return None
    wrapped, valid = _read(folder / f"{NAME}_wrapped.tif")
    reference, known = _read(folder / f"{NAME}_unwrapped.tif")
    coherence = phase_coherence(wrapped, valid)
    prediction = Prediction.of(predict(unwrap_features(wrapped, valid, coherence)))
    results = {
        "mcf": mcf(wrapped, valid, coherence, LOOKS).phase,
        "combined": combined(wrapped, valid, coherence, LOOKS, prediction, mcf).phase,
    }
    shares = {}
    for name, unwrapped in results.items():
        difference = (unwrapped - reference)[valid & known]
        shares[name] = float(np.mean(np.abs(difference - np.median(difference)) < np.pi))
    return shares


def _read(path: Path) -> tuple[Float, NDArray[np.bool_]]:
    with Source(path) as source:
        rows, columns = (side - side % STEP for side in source.grid.shape)
        patch = source.read(Window(0, 0, rows, columns))
    return patch.values, patch.valid
