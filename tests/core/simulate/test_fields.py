"""Random fields: their spectra, and the smoothing around them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from fringelens.core.simulate.atmosphere import perlin, stratified, turbulence
from fringelens.core.simulate.draw import Draw
from fringelens.core.simulate.fields import box_mean, fast_size, power_law, quantile_level


def radial_slope(fields: torch.Tensor) -> float:
    """Slope of the one-dimensional spectrum along rows, averaged over rows and fields, of windowed profiles."""
    profile = fields.numpy().astype(float)
    profile = (profile - profile.mean(axis=-1, keepdims=True)) * np.hanning(profile.shape[-1])
    power = (np.abs(np.fft.rfft(profile, axis=-1)) ** 2).mean(axis=(0, 1))
    frequency = np.arange(len(power))
    band = (frequency >= 6) & (frequency <= 60)
    return float(-np.polyfit(np.log(frequency[band]), np.log(power[band]), 1)[0])


@pytest.mark.parametrize("slope", [5 / 3, 8 / 3])
def test_profiles_through_a_field_have_the_requested_spectral_slope(slope: float) -> None:
    draw = Draw(torch.Generator().manual_seed(0))
    fields = power_law(draw, 256, 256, torch.full((12,), slope))
    assert radial_slope(fields) == pytest.approx(slope, abs=0.1)


def test_turbulence_has_hanssens_slope() -> None:
    draw = Draw(torch.Generator().manual_seed(1))
    assert radial_slope(turbulence(draw, 12, 256, 256)) == pytest.approx(8 / 3, abs=0.1)


def test_fields_have_mean_zero_and_deviation_one() -> None:
    draw = Draw(torch.Generator().manual_seed(0))
    for field in (power_law(draw, 60, 90, torch.tensor([2.0, 3.0])), perlin(draw, 2, 60, 90)):
        assert field.shape == (2, 60, 90)
        torch.testing.assert_close(field.mean(dim=(1, 2)), torch.zeros(2), atol=1e-4, rtol=0)
        torch.testing.assert_close(field.std(dim=(1, 2)), torch.ones(2), atol=1e-4, rtol=0)


def test_opposite_edges_of_a_field_do_not_meet() -> None:
    draw = Draw(torch.Generator().manual_seed(2))
    field = power_law(draw, 128, 128, torch.full((40,), 8 / 3))
    step_inside = (field[:, :, 64] - field[:, :, 63]).square().mean()
    assert (field[:, :, 0] - field[:, :, -1]).square().mean() > 20 * step_inside


def test_stratified_delay_falls_with_height_and_is_nothing_over_flat_ground() -> None:
    height = torch.linspace(0, 2000, 50)[None, None, :].expand(1, 20, 50)
    delay = stratified(height)
    assert (delay[0, 0].diff() < 0).all()
    assert stratified(torch.full((1, 8, 8), 300.0)).abs().max() < 1e-2


def test_box_mean_averages_only_what_exists() -> None:
    field = torch.arange(25.0).view(1, 5, 5)
    mean = box_mean(field, 3)
    assert mean[0, 2, 2] == pytest.approx(12.0)
    assert mean[0, 0, 0] == pytest.approx((0 + 1 + 5 + 6) / 4)


def test_quantile_level_leaves_the_share_below_it() -> None:
    field = torch.randn(2, 100, 100, generator=torch.Generator().manual_seed(0))
    level = quantile_level(field, torch.tensor([0.1, 0.7]))
    below = (field < level).float().mean(dim=(1, 2))
    torch.testing.assert_close(below, torch.tensor([0.1, 0.7]), atol=0.03, rtol=0)


def test_fast_sizes_have_small_factors() -> None:
    assert [fast_size(n) for n in (7, 97, 384, 1021)] == [8, 100, 384, 1024]
