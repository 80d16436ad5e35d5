"""What the landslide network should say of a scene, and how far it is from that."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

PEAK_SHARE, LEAST_PEAK = 0.1, 0.7  # width of the peak of a middle: share of the box, and in cells at least
NEAR = 0.3  # height of the peak from which a cell is asked for the box
FOCUS, CALM = 2.0, 4.0  # exponents of the focal loss; Zhou et al. (2019), equation 1


@dataclass
class Targets:
    """What is wanted: of pixels (n, rows, cols) and of cells (n, rows / stride, cols / stride)."""

    body: Tensor  # 1 in the body of a landslide
    body_weight: Tensor  # 0 in bodies that cannot be observed
    heat: Tensor  # 1 at a middle, falling around
    heat_weight: Tensor
    asked: Tensor  # bool, cells that say a box
    sides: Tensor  # (n, 4, …) pixels from the middle of a cell to the top, left, bottom and right of its box


def targets(owner: Tensor, observable: Tensor, stride: int) -> Targets:
    """From the number of the slide in each pixel (n, rows, cols; 0 none) and which can be observed (n, slides)."""
    n, rows, cols = owner.shape
    edges, there = boxes(owner, observable.shape[1])
    known = there & observable
    y = (torch.arange(rows // stride, device=owner.device) + 0.5)[None, None, :, None] * stride
    x = (torch.arange(cols // stride, device=owner.device) + 0.5)[None, None, None, :] * stride
    top, left, bottom, right = (edges[:, :, side, None, None] for side in range(4))
    # The peak is at the cell that holds the middle of the box.
    middle_y = ((top + bottom) / 2 / stride).floor().mul(stride) + stride / 2
    middle_x = ((left + right) / 2 / stride).floor().mul(stride) + stride / 2
    spread = (torch.minimum(bottom - top, right - left) * PEAK_SHARE).clamp_min(LEAST_PEAK * stride)
    peak = torch.exp(-((y - middle_y).square() + (x - middle_x).square()) / (2 * spread.square()))
    heat, which = (peak * known[:, :, None, None]).max(1)
    inside = (y > top) & (y < bottom) & (x > left) & (x < right) & (there & ~observable)[:, :, None, None]
    heat_weight = torch.where(inside.any(1) & (heat < 0.99), 0.0, 1.0)
    index = which[:, None].expand(-1, 4, -1, -1)
    sides = torch.stack(
        [picked(values.expand(n, -1, rows // stride, cols // stride), index[:, :1]) for values in
         (y - top, x - left, bottom - y, right - x)], 1,
    )  # fmt: skip
    seen = torch.cat((torch.ones(n, 1, dtype=torch.bool, device=owner.device), observable), 1)
    clear = seen.gather(1, owner.flatten(1)).view_as(owner)
    asked = (heat > NEAR) & (sides > 0).all(1)
    return Targets((owner > 0).float(), clear.float(), heat, heat_weight, asked, sides)


def picked(values: Tensor, index: Tensor) -> Tensor:
    """Values (n, slides, r, c) at an index (n, 1, r, c) along the second axis: (n, r, c)."""
    return values.gather(1, index)[:, 0]


def boxes(owner: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Edges (n, count, 4) top, left, bottom, right of each slide in pixels, and which there are (n, count)."""
    numbers = torch.arange(1, count + 1, device=owner.device)[None, :, None, None]
    bodies = owner[:, None] == numbers
    in_rows, in_cols = bodies.any(3), bodies.any(2)
    top, bottom = _span(in_rows)
    left, right = _span(in_cols)
    return torch.stack((top, left, bottom, right), 2).float(), in_rows.any(2)


def _span(there: Tensor) -> tuple[Tensor, Tensor]:
    """First position and one beyond the last where (n, slides, length) is True."""
    length = there.shape[2]
    place = torch.arange(length, device=there.device)
    first = torch.where(there, place, length).amin(2)
    last = torch.where(there, place, -1).amax(2)
    return first, last + 1


def focal(logit: Tensor, heat: Tensor, weight: Tensor) -> Tensor:
    """Focal loss of peaks (n, r, c), per peak; Zhou et al. (2019), equation 1."""
    positive = (heat > 1.0 - 1e-4).float() * weight
    sure, unsure = functional.logsigmoid(logit), functional.logsigmoid(-logit)
    score = torch.sigmoid(logit)
    hit = positive * (1.0 - score).pow(FOCUS) * sure
    quiet = (1.0 - positive) * weight * (1.0 - heat).pow(CALM) * score.pow(FOCUS) * unsure
    return -(hit + quiet).sum() / positive.sum().clamp_min(1.0)


def box_loss(sides: Tensor, wanted: Targets) -> Tensor:
    """1 - CIoU (Zheng et al. 2020), mean over the cells that are asked."""
    if not wanted.asked.any():
        return sides.sum() * 0.0
    mine = sides.permute(0, 2, 3, 1)[wanted.asked]
    truth = wanted.sides.permute(0, 2, 3, 1)[wanted.asked]
    return (1.0 - ciou(mine, truth)).mean()


def ciou(mine: Tensor, truth: Tensor) -> Tensor:
    """Complete IoU of boxes given by their distances (n, 4) top, left, bottom, right from one point."""
    shared = _size(torch.minimum(mine, truth))
    iou = shared / (_size(mine) + _size(truth) - shared).clamp_min(1e-6)
    reach = torch.maximum(mine, truth)
    diagonal = (reach[:, 0] + reach[:, 2]).square() + (reach[:, 1] + reach[:, 3]).square()
    apart = (_middle(mine) - _middle(truth)).square().sum(1)
    shape = 4 / math.pi**2 * (_angle(truth) - _angle(mine)).square()
    with torch.no_grad():
        trade = shape / (1.0 - iou + shape).clamp_min(1e-6)
    return iou - apart / diagonal.clamp_min(1e-6) - trade * shape


def _size(sides: Tensor) -> Tensor:
    return (sides[:, 0] + sides[:, 2]) * (sides[:, 1] + sides[:, 3])


def _middle(sides: Tensor) -> Tensor:
    return torch.stack((sides[:, 2] - sides[:, 0], sides[:, 3] - sides[:, 1]), 1) / 2


def _angle(sides: Tensor) -> Tensor:
    return torch.atan((sides[:, 1] + sides[:, 3]) / (sides[:, 0] + sides[:, 2]).clamp_min(1e-3))


def dice(probability: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """1 - Dice overlap of all pixels together."""
    shared = (probability * truth * weight).sum()
    return 1.0 - (2.0 * shared + 1.0) / (((probability + truth) * weight).sum() + 1.0)
