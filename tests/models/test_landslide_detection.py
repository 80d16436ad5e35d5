"""The networks that find landslides: sizes, reach, and that both configurations speak the same language."""

import pytest
import torch
from fringelens.models.landslide_detection.evidence import Evidence, potential, weighted
from fringelens.models.landslide_detection.features import noise_level, planes
from fringelens.models.landslide_detection.network import CHANNELS, OUTPUTS, STRIDE
from fringelens.models.registry import build


@pytest.fixture
def network():
    torch.manual_seed(3)
    return build("landslide_detection").eval()


@pytest.mark.parametrize("config", ["default", "paper"])
def test_inputs_and_outputs_are_those_that_are_named(config):
    network = build("landslide_detection", config).eval()
    assert (network.channels, network.outputs) == (len(CHANNELS), len(OUTPUTS)) == (10, 6)
    with torch.inference_mode():
        made = network(torch.zeros(1, 10, 64, 96))
    assert made.shape == (1, 6, 64, 96)
    cells = made[:, 1:, ::STRIDE, ::STRIDE].repeat_interleave(STRIDE, 2).repeat_interleave(STRIDE, 3)
    assert torch.equal(cells, made[:, 1:])


def test_nothing_beyond_the_halo_is_seen(network):
    """The gradient of one output pixel with respect to the input ends within the halo, and nearly reaches it."""
    side = 2 * network.halo + 2 * network.multiple_of
    for part in network.modules():  # signs that do not cancel, so that every path shows
        if isinstance(part, Evidence):
            part.add.weight.data.fill_(0.02)
            part.kernel.abs_()
        elif isinstance(part, torch.nn.Conv2d):
            part.weight.data.abs_().mul_(0.3)
    x = torch.full((1, 10, side, 3 * network.multiple_of), 0.1, requires_grad=True)
    middle = side // 2
    network(x)[0, :2, middle, 48].sum().backward()
    rows = x.grad.abs().sum((0, 1, 3)).nonzero()[:, 0]
    reach = max(middle - int(rows.min()), int(rows.max()) - middle)
    assert 0.4 * network.halo < reach <= network.halo


def test_dropped_blocks_and_attention_leave_evaluation_repeatable(network):
    x = torch.randn(1, 10, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        assert torch.equal(network(x), network(x))


def test_the_default_configuration_is_small_and_the_papers_has_its_size():
    sizes = {
        name: sum(p.numel() for p in build("landslide_detection", name).parameters())
        for name in ("default", "paper_full")
    }
    assert 0.4e6 < sizes["default"] < 1.2e6
    assert sizes["paper_full"] == pytest.approx(60e6, rel=0.1)


def test_planes_do_not_depend_on_the_unit_of_the_gradient(generator):
    gradient = torch.randn(2, 2, 32, 32, generator=generator)
    valid = torch.rand(2, 32, 32, generator=generator) > 0.2
    coherence = torch.rand(2, 32, 32, generator=generator)
    first = planes(gradient, coherence, valid.float(), noise_level(gradient, valid))
    second = planes(50 * gradient, coherence, valid.float(), noise_level(50 * gradient, valid))
    torch.testing.assert_close(first, second)
    assert not first[:, :4].abs().sum(1)[~valid].any()
    assert not first[:, 4:].any()


def test_noise_is_the_deviation_of_what_is_not_signal(generator):
    gradient = 0.3 * torch.randn(1, 2, 200, 200, generator=generator)
    gradient[:, :, :40, :40] += 20.0
    assert float(noise_level(gradient, torch.ones(1, 200, 200, dtype=torch.bool))[0]) == pytest.approx(0.3, rel=0.1)


def shown(gradient, coherence=0.9):
    """CHANNELS of gradients (n, 2, h, w) in units of their noise, everywhere valid."""
    x = torch.zeros(len(gradient), 10, *gradient.shape[2:])
    x[:, :2], x[:, 2], x[:, 3] = gradient, coherence, 1.0
    return x


def only_sums(side, reach):
    """The evidence itself, as the learned layer is given it."""
    evidence = Evidence(side, reach, 4)
    evidence.add.weight.data = torch.eye(4)[:, :, None, None]
    return evidence


def test_gradients_add_up_to_the_displacement_they_come_from():
    y, x = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    bump = 9.0 * torch.exp(-((x - 40.5) ** 2 + (y - 24.5) ** 2) / (2 * 3.0**2))
    down, right = torch.gradient(bump)
    moved = only_sums(2, 7)(weighted(shown(torch.stack((right, down))[None])))[0, 2].detach()
    assert divmod(int(moved.argmax()), 32) == (12, 20)
    pooled = torch.nn.functional.avg_pool2d(bump[None], 2)[0]
    inner = (slice(8, -8), slice(8, -8))
    assert float(torch.corrcoef(torch.stack((torch.sinh(moved)[inner].ravel(), pooled[inner].ravel())))[0, 1]) > 0.95


def test_sums_of_noise_have_a_deviation_of_one_whatever_cell_and_coherence(generator):
    gradient = torch.randn(2, 2, 192, 192, generator=generator)
    coherence = 0.3 + 0.6 * torch.rand(2, 192, 192, generator=generator)
    for side, reach in ((2, 7), (8, 6)):
        sums = torch.sinh(only_sums(side, reach)(weighted(shown(gradient, coherence))).detach())[:, :3]
        assert sums[:, :, reach:-reach, reach:-reach].std((0, 2, 3)).tolist() == pytest.approx([1.0] * 3, abs=0.12)


def test_no_sum_comes_from_where_nothing_is_valid():
    x = shown(torch.ones(1, 2, 32, 32))
    x[:, 3] = 0.0
    assert not only_sums(2, 7)(weighted(x)).detach().any()


def test_the_kernel_is_odd_and_of_unit_size():
    kernel = potential(5)
    assert torch.equal(kernel, -kernel.flip((2, 3)))
    assert float(kernel.square().sum()) == pytest.approx(1.0)
