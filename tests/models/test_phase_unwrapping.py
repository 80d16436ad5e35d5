"""Networks that unwrap: sizes, reach, and that both configurations speak the same language."""

import pytest
import torch
from fringelens.models.phase_unwrapping.network import CHANNELS, OUTPUTS
from fringelens.models.registry import build


@pytest.fixture(params=["default", "paper"])
def network(request):
    torch.manual_seed(3)
    return build("phase_unwrapping", request.param).eval()


def test_inputs_and_outputs_are_those_that_are_named(network):
    assert (network.channels, network.outputs) == (len(CHANNELS), len(OUTPUTS)) == (5, 4)
    with torch.inference_mode():
        assert network(torch.zeros(1, 5, 32, 48)).shape == (1, 4, 32, 48)


def test_nothing_beyond_the_halo_is_seen(network):
    """The gradient of one output pixel with respect to the input ends within the halo, and nearly reaches it."""
    side = 2 * network.halo + 2 * network.multiple_of
    side -= side % network.multiple_of
    for part in network.modules():  # signs that do not cancel, so that every path shows
        if isinstance(part, torch.nn.Conv2d):
            part.weight.data.abs_()
    x = torch.full((1, 5, side, 16 * network.multiple_of), 0.1, requires_grad=True)
    middle = side // 2
    network(x)[0, :, middle, 8 * network.multiple_of].sum().backward()
    rows = x.grad.abs().sum((0, 1, 3)).nonzero()[:, 0]
    reach = max(middle - int(rows.min()), int(rows.max()) - middle)
    assert 0.5 * network.halo < reach <= network.halo


def test_the_paper_configuration_has_the_papers_size():
    millions = sum(p.numel() for p in build("phase_unwrapping", "paper_full").parameters()) / 1e6
    assert millions == pytest.approx(2.15, abs=0.02)


def test_the_default_configuration_fits_what_may_be_shipped():
    assert sum(p.numel() for p in build("phase_unwrapping").parameters()) * 2 < 16 * 2**20


def test_the_paper_configuration_can_be_trained_in_half_precision():
    """On processors torch's own gradient of dilated convolutions in half precision is not finite."""
    network = build("phase_unwrapping", "paper").to(memory_format=torch.channels_last).train()
    with torch.autocast("cpu", torch.bfloat16):
        loss = network(torch.randn(1, 5, 64, 64)).float().square().mean()
    loss.backward()
    assert all(torch.isfinite(value.grad).all() for value in network.parameters() if value.grad is not None)
