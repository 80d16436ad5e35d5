"""What the shipped weights of the mask network do where the answer is beyond doubt."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fringelens.core.phase.mask_features import mask_features
from fringelens.models import registry
from torch import nn

SIDE = 256
INNER = slice(80, -80)  # beyond the reach of the edges


@pytest.fixture(scope="module")
def network() -> nn.Module:
    """The weights that came along."""
    return registry.load("decorrelation")[0]


def probability(network: nn.Module, phase: Any, coherence: Any = None, log_amplitude: Any = None) -> Any:
    """What the network says of a raster without invalid pixels, away from its edges."""
    planes = mask_features(phase.astype("float32"), np.ones(phase.shape, bool), coherence, log_amplitude)
    with torch.inference_mode():
        answer = torch.sigmoid(network(torch.from_numpy(planes)[None]))
    return answer[0, 0].numpy()[INNER, INNER]


def ramp(slope: float) -> Any:
    """A clean plane of phase, wrapped."""
    down, across = np.mgrid[0:SIDE, 0:SIDE]
    return np.angle(np.exp(1j * slope * (across + 0.4 * down)))


def test_the_card_fits_its_weights(network: nn.Module) -> None:
    card = registry.read_card("decorrelation")
    assert card is not None
    assert {"commit", "command", "data", "seconds", "steps", "started_from"} <= set(card.trained)
    assert card.metrics["score"] > 0
    assert (registry.folder("decorrelation") / registry.WEIGHTS).stat().st_size < 16 * 2**20


def test_uniformly_random_phase_is_noise(network: nn.Module, rng: Any) -> None:
    assert probability(network, rng.uniform(-math.pi, math.pi, (SIDE, SIDE))).mean() > 0.95


@pytest.mark.parametrize("slope", [0.0, 0.05, 0.4, 1.2])
def test_clean_fringes_are_not_noise(network: nn.Module, rng: Any, slope: float) -> None:
    phase = np.angle(np.exp(1j * (ramp(slope) + rng.normal(0, 0.3, (SIDE, SIDE)))))
    assert probability(network, phase).max() < 0.5


def test_neither_offset_nor_sign_of_the_phase_matters(network: nn.Module, rng: Any) -> None:
    noise = rng.normal(0, 1, (SIDE, SIDE)) * np.linspace(0.1, 2.5, SIDE)
    phase = np.angle(np.exp(1j * (ramp(0.3) + noise)))
    first = probability(network, phase) >= 0.5
    others = np.angle(np.exp(1j * (phase + 2.0))), -phase
    for other in others:
        assert (first != (probability(network, other) >= 0.5)).mean() < 0.06


def test_a_lake_is_found_in_coherent_land(network: nn.Module, rng: Any) -> None:
    down, across = np.mgrid[0:SIDE, 0:SIDE]
    lake = np.hypot(down - SIDE / 2, across - SIDE / 2) < 30
    noise = np.where(lake, rng.uniform(-math.pi, math.pi, lake.shape), rng.normal(0, 0.5, lake.shape))
    phase = np.angle(np.exp(1j * (ramp(0.1) + noise)))
    mask = probability(network, phase) >= 0.5
    truth = lake[INNER, INNER]
    assert (mask & truth).sum() / (mask | truth).sum() > 0.85


def test_the_corner_of_thessaly_that_is_sea_is_masked(network: nn.Module, data_folder: Path) -> None:
    """Its angles were interpolated, so that noise looks like a weak signal around zero; there is no coherence."""
    rasterio = pytest.importorskip("rasterio")
    path = data_folder / "thessaly" / "20210218_20210303_wrapped.tif"
    if not path.is_file():
        pytest.skip("the Thessaly interferogram is not at hand")
    with rasterio.open(path) as file:
        phase = file.read(1)
    rows, cols = slice(0, 256), slice(phase.shape[1] - 256, None)
    part = phase[rows, cols]
    valid = np.isfinite(part)
    planes = mask_features(np.where(valid, part, 0).astype("float32"), valid, None, None)
    with torch.inference_mode():
        answer = torch.sigmoid(network(torch.from_numpy(planes)[None]))[0, 0].numpy()
    assert (answer[:30, -30:] >= 0.5).mean() > 0.8
