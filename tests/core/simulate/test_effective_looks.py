"""The looks that processed interferograms are worth, against averages whose looks are known."""

from __future__ import annotations

import pytest
import torch
from fringelens.core.simulate.draw import Draw
from fringelens.core.simulate.effective_looks import effective_looks
from fringelens.core.simulate.pair import multilook_pair
from fringelens.core.simulate.phase_noise import phase_deviation
from fringelens.core.simulate.scene import SceneOptions, simulate

SIDE = 192


@pytest.mark.parametrize("factor", [1.0, 2.0, 4.0])
def test_an_average_of_looks_is_worth_their_number(generator: torch.Generator, factor: float) -> None:
    draw = Draw(generator)
    coherence = draw.uniform(2, SIDE, SIDE, high=0.9)
    nominal, plain = torch.tensor([2.0, 6.0]), torch.ones(2)
    zero, power = torch.zeros_like(coherence), torch.ones_like(coherence)
    cross, _, _ = multilook_pair(draw, zero, coherence, power, nominal * factor, plain)
    found = effective_looks(cross.angle(), coherence, torch.ones_like(coherence, dtype=torch.bool), nominal)
    torch.testing.assert_close(found, nominal * factor, rtol=0.12, atol=0)


def test_noise_says_nothing_about_looks(generator: torch.Generator) -> None:
    draw = Draw(generator)
    error = draw.uniform(1, SIDE, SIDE, low=-3.14, high=3.14)
    looks = torch.tensor([4.0])
    nothing = torch.zeros_like(error)
    everywhere = torch.ones_like(error, dtype=torch.bool)
    assert torch.equal(effective_looks(error, nothing, everywhere, looks), looks)
    assert torch.equal(effective_looks(error, nothing + 0.5, ~everywhere, looks), looks)


@pytest.mark.parametrize("changes", [{"filtered_share": 1.0}, {"geocoded_share": 1.0}])
def test_the_truth_of_processed_scenes_is_that_of_the_phase_that_is_delivered(changes: dict[str, float]) -> None:
    options = SceneOptions(batch=8, rows=SIDE, cols=SIDE, looks=(1, 4), looks_weights=(1, 1), **changes)
    expected, observed = [], []
    for seed in range(3):
        scene = simulate(options, torch.Generator().manual_seed(seed))
        expected.append(phase_deviation(scene.true_coherence, scene.looks)[scene.valid])
        error = torch.remainder(scene.wrapped - scene.unwrapped + torch.pi, 2 * torch.pi) - torch.pi
        observed.append(error[scene.valid])
    deviation, error = torch.cat(expected), torch.cat(observed)
    near_limit = (deviation - 1.2).abs() < 0.1
    assert float(error[near_limit].square().mean().sqrt()) == pytest.approx(1.2, abs=0.15)
