"""Pairs of detected images: the statistics of their speckle, their shift, and that a seed means one scene."""

from dataclasses import replace

import pytest
import torch
from fringelens.core.simulate.detected_ground import GroundOptions, PairGround, draw_ground
from fringelens.core.simulate.detected_scene import PairOptions, _detect, _responses, simulate_pairs
from fringelens.core.simulate.draw import Draw

PLAIN = PairOptions(batch=4, rows=96, cols=96, correlated_share=0.0, blurred_share=0.0, shifted_share=0.0)


def even_pair(generator, coherence, looks, shift=(0.0, 0.0), options=PLAIN):
    """Intensities of one even area."""
    draw = Draw(generator)
    ones = torch.ones(4, 128, 128)
    responses = _responses(draw, 128, 128, torch.tensor([shift] * 4), options)
    return _detect(draw, PairGround(coherence * ones, ones, 2 * ones), torch.full((4,), float(looks)), responses)


def correlation(one, two):
    one, two = one - one.mean(), two - two.mean()
    return float((one * two).mean() / (one.square().mean() * two.square().mean()).sqrt())


@pytest.mark.parametrize("looks", [1, 4])
@pytest.mark.parametrize("coherence", [0.0, 0.5, 0.9])
def test_intensities_correlate_by_the_squared_coherence_and_vary_by_the_looks(generator, coherence, looks):
    first, second, cross = even_pair(generator, coherence, looks)
    assert first.mean() == pytest.approx(1, abs=0.02)
    assert second.mean() == pytest.approx(2, abs=0.04)
    assert first.var() == pytest.approx(1 / looks, rel=0.06)
    assert correlation(first, second) == pytest.approx(coherence**2, abs=0.02)
    assert abs(cross.mean()) == pytest.approx(coherence * 2**0.5, abs=0.02)


@pytest.mark.parametrize("shift", [(1, 0), (-1, 1), (0, 2)])
def test_a_shift_by_whole_pixels_moves_the_second_image_against_the_first(generator, shift):
    first, second, _ = even_pair(generator, 0.9, 4, tuple(map(float, shift)))
    back = second.roll((-shift[0], -shift[1]), (1, 2))
    assert correlation(first, back) == pytest.approx(0.81, abs=0.02)
    assert correlation(first, second) < 0.05


def test_oversampling_correlates_neighbours(generator):
    options = replace(PLAIN, correlated_share=1.0, oversampling=(2.0, 2.0))
    first, _, _ = even_pair(generator, 0.5, 4, options=options)
    alone, _, _ = even_pair(generator, 0.5, 4)
    assert correlation(first[:, 1:], first[:, :-1]) > 0.3
    assert abs(correlation(alone[:, 1:], alone[:, :-1])) < 0.03
    assert first.mean() == pytest.approx(1, abs=0.04)


@pytest.mark.parametrize("family", ["train", "held_out"])
def test_pairs_are_finite_and_within_range_and_repeat(family):
    options = PairOptions(batch=5, rows=80, cols=96, ground=GroundOptions(family))
    one, same, other = (simulate_pairs(options, torch.Generator().manual_seed(seed)) for seed in (7, 7, 8))
    for image in (one.first, one.second):
        assert image.shape == (5, 80, 96)
        assert image.isfinite().all()
        assert image.min() >= 0
    assert 0 <= one.coherence.min() <= one.coherence.max() < 1
    assert one.shift.norm(dim=1).max() <= options.most_shift
    assert torch.equal(one.first, same.first)
    assert torch.equal(one.coherence, same.coherence)
    assert not torch.equal(one.first, other.first)


def test_plain_ground_has_one_power_in_each_area(generator):
    plain = GroundOptions("held_out", 0.0, 0.0, 0.0, 0.0, 0.0, contrast=1.0, cells=6)
    ground = draw_ground(Draw(generator), 1, 64, 64, plain)
    assert torch.equal(ground.first, ground.second)
    assert len(ground.first.unique()) <= 6
    assert len(ground.coherence.unique()) <= 6


def test_structures_make_bright_ground_coherent_and_leave_none_that_has_none_of_them(generator):
    plain = GroundOptions(
        land_share=0.0, textured_share=0.0, smooth_share=0.0, changing_share=0.0, points_share=0.0, contrast=0.5,
        incoherent_share=1.0, concentrated_share=0.0,
    )  # fmt: skip
    bare = draw_ground(Draw(generator), 4, 96, 96, plain)
    assert bare.coherence.max() < 0.05
    built = draw_ground(Draw(generator), 4, 96, 96, replace(plain, built_share=1.0))
    bright = built.first > built.first.flatten(1).quantile(0.9, 1)[:, None, None]
    assert built.coherence[bright].mean() > built.coherence[~bright].mean() + 0.1
    assert (built.coherence < 0.05).any()  # areas without structures
    assert built.coherence.max() <= 0.99


def test_registered_pairs_are_left_with_less_than_half_a_pixel_and_the_others_as_they_were():
    wild = replace(PLAIN, batch=64, rows=16, cols=16, shifted_share=1.0, most_shift=2.0)
    drawn = simulate_pairs(wild, torch.Generator().manual_seed(6)).shift
    all_of_them = simulate_pairs(replace(wild, registered_share=1.0), torch.Generator().manual_seed(6)).shift
    torch.testing.assert_close(all_of_them, drawn - drawn.round())
    assert all_of_them.abs().max() <= 0.5
    some = simulate_pairs(replace(wild, registered_share=0.5), torch.Generator().manual_seed(6)).shift
    left = (some == drawn).all(1)
    assert 16 < int(left.sum()) < 56
    torch.testing.assert_close(some[~left], (drawn - drawn.round())[~left])


def test_an_exact_shift_is_that_of_every_pair():
    shift = simulate_pairs(replace(PLAIN, exact_shift=(0.0, 1.0)), torch.Generator().manual_seed(6)).shift
    assert torch.equal(shift, torch.tensor([[0.0, 1.0]] * PLAIN.batch))


def test_small_patches_lose_coherence_and_are_hardly_darker_and_the_rest_stays():
    plain = GroundOptions(land_share=0.0, changing_share=0.0, points_share=0.0, incoherent_share=0.0)
    whole = draw_ground(Draw(torch.Generator().manual_seed(7)), 8, 96, 96, plain)
    patched = draw_ground(Draw(torch.Generator().manual_seed(7)), 8, 96, 96, replace(plain, patchy_share=1.0))
    lost = patched.coherence < whole.coherence
    assert (patched.coherence <= 0.5 * whole.coherence)[lost].all()
    assert 0.03 < lost.float().mean() < 0.4
    kept = ~lost & (whole.coherence > 0)
    assert torch.equal(patched.first[kept], whole.first[kept])
    assert (patched.first / whole.first)[lost].log().min() > -1.3
