"""Asking the landslide network from eight sides: what is shown is the turned ground, and the answer turns with it."""

import pytest
import torch
from fringelens.core.detection.slopes import surface
from fringelens.models.landslide_detection.features import planes
from fringelens.models.landslide_detection.network import STRIDE
from fringelens.models.landslide_detection.views import VIEWS, Seen, View
from fringelens.models.registry import build

NOISE = torch.tensor([0.7])
SMOOTHED = 4  # pixels at the border that slopes leave out


def stacked(phase, heights, sensitivity):
    """CHANNELS of a displacement (1, h, w) on ground of these heights; gradients over two pixels."""
    padded = torch.nn.functional.pad(phase[None], (1, 1, 1, 1), mode="reflect")[0]
    gradient = torch.stack((padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2], padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]), 1)
    ground = surface(heights, torch.ones(1), torch.ones(1))
    return planes(gradient, 0.5 + 0.4 * torch.sin(phase), torch.ones_like(phase), NOISE, ground.planes(), sensitivity)


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_shown_is_the_stack_of_the_turned_ground(view, generator):
    phase, heights, sensitivity = (torch.randn(1, 32, 48, generator=generator) for _ in range(3))
    sign = -1.0 if view.negative else 1.0
    turned = stacked(view.turned(phase), view.turned(heights), view.turned(sensitivity))
    turned[:, :2] *= sign
    inner = (..., slice(SMOOTHED, -SMOOTHED), slice(SMOOTHED, -SMOOTHED))
    torch.testing.assert_close(view.shown(stacked(phase, heights, sensitivity))[inner], turned[inner])


@pytest.mark.parametrize("view", VIEWS)
def test_boxes_that_are_taken_back_are_those_of_the_usual_side(view):
    """From each pixel to the edges of one box, in the usual frame and in that of the view."""

    def sides(height, width, top, bottom, left, right):
        y, x = torch.arange(float(height))[:, None] + 0.5, torch.arange(float(width))[None, :] + 0.5
        spread = [side.expand(height, width) for side in (y + x, y * x, y - top, x - left, bottom - y, right - x)]
        return torch.stack(spread)[None]

    rows, columns = (8.0, 24.0), (4.0, 44.0)
    usual = sides(32, 48, *rows, *columns)
    if view.mirrored:
        columns = (48 - columns[1], 48 - columns[0])
    if view.upended:
        rows = (32 - rows[1], 32 - rows[0])
    made = sides(48, 32, *columns, *rows) if view.swapped else sides(32, 48, *rows, *columns)
    torch.testing.assert_close(view.taken_back(made)[:, 2:], usual[:, 2:])


def test_the_views_are_eight_and_a_group():
    assert len(set(VIEWS)) == 8
    field = torch.arange(24.0).view(1, 1, 4, 6)
    x = field.repeat(1, 10, 1, 1) + torch.arange(10.0)[:, None, None]
    faces = [view.shown(x) for view in VIEWS]
    for first in VIEWS:
        for second in VIEWS:
            both = second.shown(first.shown(x))
            assert sum(face.shape == both.shape and torch.equal(face, both) for face in faces) == 1


@pytest.fixture
def seen():
    torch.manual_seed(3)
    return Seen(build("landslide_detection").eval())


@pytest.mark.parametrize("view", VIEWS)
def test_the_answer_turns_exactly_with_the_stack(seen, view, generator):
    x = torch.randn(1, 10, 64, 96, generator=generator)
    with torch.inference_mode():
        torch.testing.assert_close(view.taken_back(seen(view.shown(x))), seen(x), rtol=1e-4, atol=1e-4)


def test_the_answer_is_alike_for_all_pixels_of_a_cell_and_its_boxes_lie_around_it(seen, generator):
    with torch.inference_mode():
        made = seen(torch.randn(1, 10, 64, 64, generator=generator))
    cells = made[:, 1:, ::STRIDE, ::STRIDE].repeat_interleave(STRIDE, 2).repeat_interleave(STRIDE, 3)
    assert torch.equal(cells, made[:, 1:])
    assert (made[:, 2:] > 0).all()


def test_one_view_alone_that_is_sure_decides_the_box_but_not_the_score():
    """Seven views that see nothing put their boxes aside, and the middle is an eighth as probable."""

    class Half(torch.nn.Module):
        halo, multiple_of, calls = 0, 1, 0

        def forward(self, x):
            self.calls += 1
            sure = self.calls == 1
            answer = torch.full((1, 6, 4, 4), 10.0 if sure else 50.0)
            answer[:, 1] = 8.0 if sure else -12.0
            return answer

    made = Seen(Half())(torch.zeros(1, 10, 4, 4))
    torch.testing.assert_close(torch.sigmoid(made[:, 1]), torch.full((1, 4, 4), 1 / 8), rtol=1e-3, atol=0.0)
    torch.testing.assert_close(made[:, 2:], torch.full((1, 4, 4, 4), 10.0), rtol=1e-2, atol=0.0)


def test_twice_the_same_mirror_is_nothing(generator):
    x = torch.randn(2, 10, 8, 12, generator=generator)
    for view in (View(True, False, False), View(False, True, False), View(False, False, True)):
        assert torch.equal(view.shown(view.shown(x)), x)
