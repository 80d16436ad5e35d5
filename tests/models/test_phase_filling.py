"""The filling networks: what they begin as, what they depend on, and whose loss reaches whom."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from fringelens.core.training.recipes.phase_filling_paper import paper_loss
from fringelens.models import registry
from fringelens.models.blocks import fold
from fringelens.models.phase_filling.network import BROAD, CALM, CHANNELS, FINE, OUTPUTS, PhaseFillingNet, guess_from
from fringelens.models.phase_filling.paper import PaperFillingNet, observed_lines
from fringelens.models.phase_filling.pyramid import fill, fill_still, observed_turns, unit
from torch import Tensor, nn

SIDE = 128


def ramp(x: float, y: float, side: int = SIDE) -> Tensor:
    row, column = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    return (x * column + y * row)[None, None].float()


def known(share: float, side: int = SIDE) -> Tensor:
    return (torch.rand(1, 1, side, side, generator=torch.Generator().manual_seed(1)) > share).float()


def shown(phase: Tensor, where: Tensor) -> Tensor:
    planes = (phase.cos() * where, phase.sin() * where, where, torch.zeros_like(where), torch.zeros_like(where))
    return torch.cat(planes, 1)


def circular(first: Tensor, second: Tensor) -> Tensor:
    return torch.polar(torch.ones_like(first), first - second).angle().abs()


@pytest.fixture
def network() -> PhaseFillingNet:
    """Random weights and running statistics, in evaluation."""
    torch.manual_seed(0)
    made = PhaseFillingNet()
    nn.init.normal_(made.phase_head.weight, 0, 0.02)
    nn.init.normal_(made.fringe_head.weight, 0, 0.02)
    for part in made.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.3)
            part.running_var.uniform_(0.5, 2.0)
    return made.eval()


@pytest.mark.parametrize("config", ["default", "single", "paper", "paper_single"])
def test_every_configuration_answers_for_every_pixel(config: str) -> None:
    network = registry.build("phase_filling", config).eval()
    assert (network.channels, network.outputs) == (len(CHANNELS), len(OUTPUTS))
    with torch.inference_mode():
        answer = network(shown(ramp(0.3, 0.1, 64), known(0.5, 64)))
    assert answer.shape == (1, 4, 64, 64)
    assert answer.isfinite().all()
    torch.testing.assert_close(answer[:, :2].square().sum(1), torch.ones(1, 64, 64), atol=2e-3, rtol=0)


@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (0.4, -0.2), (2.0, 1.0), (-3.0, 0.5)])
def test_a_ramp_is_filled_exactly_along_its_own_fringes(x: float, y: float) -> None:
    phase, where = ramp(x, y), known(0.9)
    z = torch.polar(torch.ones_like(phase), phase)
    across, down = (torch.full_like(phase, rate) for rate in (x, y))
    turns = [torch.polar(torch.ones_like(rate), rate) for rate in (across, down)]
    filled = fill(z, where, *turns)
    inner = (..., slice(32, -32), slice(32, -32))
    assert circular(filled.angle(), phase)[inner].max() < 0.02
    assert filled.abs().max() < 1.01


def test_without_fringes_both_fills_agree() -> None:
    z, where = torch.randn(1, 1, 64, 64, dtype=torch.complex64), known(0.7, 64)
    one = torch.ones_like(z)
    torch.testing.assert_close(fill_still(z, where), fill(z, where, one, one), atol=2e-3, rtol=1e-3)


def test_observed_frequency_carries_a_steep_ramp_through_gaps() -> None:
    phase, where = ramp(1.2, 0.7), torch.ones(1, 1, SIDE, SIDE)
    where[..., 50:62, 40:90] = 0
    z = torch.polar(where, phase) * where
    assert circular(fill(z, where, *observed_turns(z, where, FINE)).angle(), phase)[where == 0].max() < 0.2
    assert circular(fill_still(z, where).angle(), phase)[where == 0].max() > 1.0


def test_an_untrained_network_is_the_mean_of_the_classical_fills() -> None:
    phase, where = ramp(0.6, 0.3), known(0.5)
    x = shown(phase, where)
    with torch.inference_mode():
        answer = PhaseFillingNet().eval()(x)
    guess = guess_from(x)
    turns = [sum(scales) / len(scales) for scales in zip(*guess.turns, strict=True)]
    total = sum(guess.fills) + fill(guess.z, where, *turns) + fill(guess.z, where, *turns, calm=CALM)
    error = circular(torch.atan2(answer[:, 1:2], answer[:, :1]), unit(total).angle())
    assert error[total.abs() > 0.1].max() < 0.02


def test_a_calm_fill_follows_a_ramp_and_carries_less_noise(generator: torch.Generator) -> None:
    phase, where = ramp(0.4, 0.2), known(0.5)
    noise = 0.5 * torch.randn(phase.shape, generator=generator)
    z = torch.polar(where, phase + noise) * where
    turns = observed_turns(z, where, BROAD)
    errors = [circular(fill(z, where, *turns, calm=calm).angle(), phase)[where == 0].mean() for calm in (0, CALM)]
    assert errors[1] < 0.7 * errors[0]
    clean = torch.polar(where, phase) * where
    error = circular(fill(clean, where, *observed_turns(clean, where, BROAD), calm=CALM).angle(), phase)
    assert error[..., 32:-32, 32:-32].mean() < 0.02


def test_a_shift_by_the_multiple_shifts_the_answer(network: PhaseFillingNet) -> None:
    step, margin = network.multiple_of, network.halo
    side = 2 * margin + 4 * step
    x = shown(torch.rand(1, 1, side, side) * 2 + ramp(0.2, 0.1, side), known(0.5, side))
    with torch.inference_mode():
        whole, part = network(x), network(x[..., step:, step:].contiguous())
    inner = (..., slice(margin, -margin), slice(margin, -margin))
    torch.testing.assert_close(whole[..., step:, step:][inner], part[inner], atol=1e-3, rtol=1e-3)


def test_folding_keeps_the_answer(network: PhaseFillingNet) -> None:
    x = shown(ramp(0.3, 0.1, 64), known(0.5, 64))
    folded = fold(copy.deepcopy(network))
    with torch.inference_mode():
        torch.testing.assert_close(folded(x), network(x), atol=1e-3, rtol=1e-3)


def test_told_lines_reach_the_second_stage_alone(network: PhaseFillingNet) -> None:
    x = shown(ramp(0.3, 0.1, 64), known(0.5, 64))
    with torch.inference_mode():
        own, told = network.stages(x), network.stages(x, lines=torch.ones(1, 1, 64, 64))
        alone = network.stages(x, alone=True)
    torch.testing.assert_close(own.fringe, told.fringe)
    assert not torch.allclose(own.phase, told.phase)
    assert not torch.allclose(own.phase, alone.phase)


def test_observed_lines_are_the_wraps_between_observed_neighbours() -> None:
    phase = ramp(math.pi / 8, 0.0, 64)
    lines = observed_lines(shown(phase, torch.ones_like(phase)))
    assert lines[0, 0].sum() == 64 * 4  # a ramp of a quarter turn in 4 columns wraps every 16
    where = torch.zeros_like(phase)
    assert observed_lines(shown(phase, where)).sum() == 0


@pytest.mark.parametrize(("progress", "joint"), [(0.1, False), (0.9, True)])
def test_each_adversarial_loss_reaches_its_own_weights(progress: float, joint: bool) -> None:
    torch.manual_seed(0)
    network = PaperFillingNet(4)
    phase, where = ramp(0.3, 0.1, 64).expand(2, 1, 64, 64), known(0.5, 64).expand(2, 1, 64, 64)
    truth = torch.zeros(2, 5, 64, 64)
    batch = {"inputs": shown(phase, where), "phase": phase[:, 0], "gap": 1 - where[:, 0], "truth": truth}
    loss, parts = paper_loss(network, batch, progress)
    loss.backward()
    reached = {n for n, p in network.named_children() if any(q.grad is not None for q in p.parameters())}
    assert ("reconnector_judge" in reached) is not joint
    assert {"reconnector", "reconstructor", "reconstructor_judge"} <= reached
    assert set(parts) == {"reconnector", "reconnector_judge", "pixel", "reconstructor", "reconstructor_judge"}
    assert (parts["reconnector"] == 0) is joint
    network.zero_grad(set_to_none=True)
    made = network.reconstruct(batch["inputs"], truth[:, :1])
    made.sum().backward()
    assert all(p.grad is None for p in network.reconstructor_judge.parameters())
