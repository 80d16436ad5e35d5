"""The atmosphere network: shapes, its stated reach, tiles that do not show, what the shipped weights can do."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from fringelens.core.atmosphere.cells import Cells
from fringelens.core.atmosphere.estimate import Means, estimate, movement
from fringelens.core.inference.device import Device
from fringelens.core.inference.memory import predict_planes
from fringelens.core.inference.predict import Options
from fringelens.core.progress import Silent
from fringelens.models import registry
from fringelens.models.atmosphere.network import CHANNELS, AtmosphereNet
from fringelens.models.blocks import fold
from torch import nn

SIDE = 96


@pytest.fixture
def network() -> AtmosphereNet:
    """Random weights and running statistics, in evaluation."""
    torch.manual_seed(0)
    made = AtmosphereNet((8, 12, 16))
    for part in made.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.3)
            part.running_var.uniform_(0.5, 2.0)
    return made.eval()


def planes(batch: int = 1, side: int = SIDE) -> torch.Tensor:
    inputs = torch.randn(batch, len(CHANNELS), side, side)
    inputs[:, 2] = (torch.rand(batch, side, side) > 0.1).float()
    inputs[:, 4] = inputs[:, 6] = 1
    return inputs


@pytest.mark.parametrize("config", ["default", "paper", "paper_full"])
def test_every_configuration_says_delay_and_variance(config: str) -> None:
    made = registry.build("atmosphere", config).eval()
    with torch.inference_mode():
        answer = made(planes(2, 64))
    assert made.channels == len(CHANNELS)
    assert answer.shape == (2, made.outputs, 64, 64)
    assert torch.isfinite(answer).all()


def test_the_paper_sees_41_cells_and_the_default_more_than_75() -> None:
    assert registry.build("atmosphere", "paper").halo == 20
    assert registry.build("atmosphere").radius() > 75  # 300 pixels of 100 m


def test_no_output_depends_on_inputs_beyond_the_stated_radius(network: AtmosphereNet) -> None:
    side, middle = 256, 128
    inputs = planes(1, side)
    changed = inputs.clone()
    changed[:, :, middle, middle] += 3
    with torch.inference_mode():
        moved = (network(changed) - network(inputs)).abs().amax((0, 1)) > 1e-5
    rows, cols = moved.nonzero().T
    reach = max((rows - middle).abs().max(), (cols - middle).abs().max())
    assert 0 < reach <= network.radius() <= network.halo


def test_tiles_do_not_show(network: AtmosphereNet) -> None:
    inputs = planes(1, 200)[0].numpy()
    device = Device("cpu", bf16=False, label="cpu")
    whole, tiled = (predict_planes(network, inputs, Options(device, tile_size=size), Silent()) for size in (512, 64))
    assert np.abs(whole - tiled).max() < 1e-4


def test_folding_changes_nothing(network: AtmosphereNet) -> None:
    inputs = planes()
    with torch.inference_mode():
        before = network(inputs)
        assert torch.allclose(fold(network)(inputs), before, atol=1e-4)


def test_the_shipped_weights_keep_a_source_and_take_the_waves_around_it(rng: np.random.Generator) -> None:
    shipped, _ = registry.load("atmosphere")
    side = 128
    y, x = np.mgrid[:side, :side]
    spectrum = np.fft.rfft2(rng.standard_normal((2 * side, 2 * side)))
    frequency = np.hypot(np.fft.fftfreq(2 * side)[:, None], np.fft.rfftfreq(2 * side)[None])
    frequency[0, 0] = np.inf
    air = np.fft.irfft2(spectrum * frequency ** -(11 / 6))[:side, :side]
    air *= 8 / air.std()
    depth = 8.0
    source = 120 * depth**3 / ((x - 60) ** 2 + (y - 70) ** 2 + depth**2) ** 1.5
    means = Means((source + air).astype(np.float32), np.ones((side, side), np.float32))
    cells = Cells((side, side), 1, 1, 400.0)
    device = Device("cpu", bf16=False, label="cpu")
    found = estimate(means, cells, 1.0, lambda p: predict_planes(shipped, p, Options(device), Silent()))
    left = movement(means, cells, found)
    assert np.std(left - source) < 0.55 * np.std(air)
    assert left[70, 60] / source[70, 60] == pytest.approx(1.0, abs=0.15)
