"""Measures of filled phase, against numpy, scipy and closed forms."""

import math

import numpy as np
import pytest
import torch
from fringelens.core.evaluate import fill_metrics as metrics
from fringelens.core.phase.fringes import fringe_lines
from scipy.stats import vonmises


@pytest.fixture
def phase(generator):
    return torch.rand(2, 20, 30, generator=generator) * 9 - 4


def test_fringe_lines_are_those_of_the_tool(phase):
    expected = fringe_lines(metrics.wrap(phase[0]).numpy(), np.ones((20, 30), bool))
    np.testing.assert_array_equal(metrics.fringe_lines(phase)[0].numpy(), expected)


def test_turns_are_wrapped_differences(phase):
    across, down = metrics.turns(phase)
    expected = np.angle(np.exp(1j * np.diff(phase.double().numpy(), axis=2)))
    np.testing.assert_allclose(across[..., :-1], expected, atol=1e-5)
    assert (across[..., -1] == 0).all()
    assert (down[..., -1, :] == 0).all()


def test_errors_go_around_the_circle():
    first, second = torch.tensor([3.1, 0.5, 0.0]), torch.tensor([-3.1, 0.2, math.pi])
    torch.testing.assert_close(metrics.circular_error(first, second), torch.tensor([2 * math.pi - 6.2, 0.3, math.pi]))


def test_counts_of_lines_are_counts(generator):
    lines, truth, where = (torch.rand(3, 8, 9, generator=generator) > 0.5 for _ in range(3))
    right, hit, marked, real = metrics.accuracy_precision_recall(lines, truth, where).T
    assert right.sum() == ((lines == truth) & where).sum()
    assert hit.sum() == (lines & truth & where).sum()
    assert (marked.sum(), real.sum()) == ((lines & where).sum(), (truth & where).sum())


def test_mean_absolute_error_counts_pixels_that_are_told(phase):
    where = torch.zeros_like(phase)
    where[0, 3, 4] = 1.0
    guess = torch.stack(((phase + 0.25).cos(), (phase + 0.25).sin()), 1)
    total = metrics.mean_absolute_error(guess, phase, where)
    torch.testing.assert_close(total, torch.tensor([[0.25, 1.0], [0.0, 0.0]]).double(), atol=1e-5, rtol=0)


@pytest.mark.parametrize("level", [0.68, 0.95])
@pytest.mark.parametrize("concentration", [0.1, 1.0, 8.0, 300.0])
def test_half_widths_are_quantiles_of_the_von_mises_distribution(level, concentration):
    expected = vonmises.ppf(0.5 + level / 2, concentration)
    value = float(metrics.half_width(torch.tensor(math.log(concentration)), level))
    assert value == pytest.approx(expected, rel=5e-3)
