"""The head that finds troughs: what it is made on is left as it is, and what it sees ends within the halo."""

import pytest
import torch
from fringelens.models.phase_unwrapping.network import UnwrapNet
from fringelens.models.registry import build, load, read_card
from fringelens.models.subsidence_detection.network import Detector, TroughHead


@pytest.fixture
def small():
    """Both networks, of few channels."""
    torch.manual_seed(3)
    widths = (8, 12, 16, 20)
    return Detector(UnwrapNet(widths), TroughHead(widths, 8, widths)).eval()


def test_gradients_are_those_of_the_unwrapping_network_to_the_bit():
    unwrapper, _ = load("phase_unwrapping")
    head, _ = load("subsidence_detection")
    x = torch.randn(1, 5, 64, 96, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        alone, both = unwrapper(x), Detector(unwrapper, head)(x)
    assert torch.equal(alone[:, :3], both[:, :3])
    assert not torch.equal(alone[:, 3], both[:, 3])


def test_the_head_that_ships_was_trained_on_the_unwrapping_weights_that_ship():
    assert read_card("subsidence_detection").trained["encoder"] == read_card("phase_unwrapping").sha256


def test_nothing_beyond_the_halo_is_seen(small):
    for part in small.modules():  # signs that do not cancel, so that every path shows
        if isinstance(part, torch.nn.Conv2d):
            part.weight.data.abs_().add_(1e-3)  # what joins both begins at nothing
    side = 2 * small.halo + 2 * small.multiple_of
    x = torch.full((1, 5, side, 8 * small.multiple_of), 0.1, requires_grad=True)
    middle = side // 2
    small(x)[0, 3, middle, 4 * small.multiple_of].backward()
    rows = x.grad.abs().sum((0, 1, 3)).nonzero()[:, 0]
    reach = max(middle - int(rows.min()), int(rows.max()) - middle)
    assert 0.5 * small.halo < reach <= small.halo


def test_the_papers_network_takes_the_same_inputs_and_may_stand_in_for_the_head():
    torch.manual_seed(3)
    paper = build("subsidence_detection", "paper").eval()
    both = Detector(UnwrapNet((8, 12, 16, 20)).eval(), paper)
    with torch.inference_mode():
        answer = both(torch.zeros(1, 5, 32, 48))
    assert answer.shape == (1, 4, 32, 48)
    assert both.halo >= paper.halo
