"""What the coarse network of the trough head is shown: changes of the averaged phase, whatever its offset."""

import pytest
import torch
from fringelens.models.subsidence_detection.coarse import CELL, LAGS, phase_changes

ACROSS, DOWN = 0.05, -0.03  # rad per pixel
PLANES = 5  # of each lag: real and imaginary part to the right and down, and the length of the average


def channels(phase, coherence=None):
    """Inputs of the unwrapping network (1, 5, h, w) for this phase, valid everywhere."""
    ones = torch.ones_like(phase)
    known = torch.zeros_like(phase) if coherence is None else ones
    return torch.stack((phase.cos(), phase.sin(), ones, known if coherence is None else coherence, known))[None]


@pytest.fixture
def ramp():
    y, x = torch.meshgrid(torch.arange(128.0), torch.arange(128.0), indexing="ij")
    return ACROSS * x + DOWN * y


def test_a_ramp_changes_by_its_slope_times_the_cells_between_averages(ramp):
    shown = phase_changes(channels(ramp))[0, :, 4:12, 4:12]
    for number, lag in enumerate(LAGS):
        right, right_imaginary, down, down_imaginary, length = shown[PLANES * number : PLANES * (number + 1)]
        across = torch.atan2(right_imaginary, right)
        torch.testing.assert_close(across, torch.full_like(across, ACROSS * CELL * lag), atol=1e-4, rtol=0)
        along = torch.atan2(down_imaginary, down)
        torch.testing.assert_close(along, torch.full_like(along, DOWN * CELL * lag), atol=1e-4, rtol=0)
        assert (length > 0.9).all()


def test_an_offset_of_the_phase_changes_nothing(ramp):
    noisy = ramp + 0.5 * torch.randn(128, 128, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(phase_changes(channels(noisy + 2.0)), phase_changes(channels(noisy)), atol=1e-5, rtol=0)


def test_pixels_of_no_coherence_hardly_count(ramp):
    noise = torch.rand(128, 128, generator=torch.Generator().manual_seed(2)) < 0.5
    spoilt = torch.where(noise, ramp + 2.0, ramp)
    coherence = torch.where(noise, 0.0, 0.9)
    error = {
        name: (phase_changes(channels(spoilt, known)) - phase_changes(channels(ramp, known)))[:, : PLANES * len(LAGS)]
        .abs()
        .mean()
        for name, known in (("told", coherence), ("not told", None))
    }
    assert error["told"] < 0.3 * error["not told"]
