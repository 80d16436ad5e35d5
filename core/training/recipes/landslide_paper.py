"""What configuration `paper` of the landslide network is trained with: anchors, CIoU, mosaic (Fu et al. 2022)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ....models.landslide_detection.paper import ANCHORS, STRIDES, PaperNet
from ...simulate.draw import Draw
from ...simulate.slides import MOST
from ..recipe import Batch
from .landslide_losses import boxes, ciou

CORNERS = 4  # scenes in a mosaic
INNER = (0.3, 0.7)  # share of the sides between which the corners meet
PASSABLE = 0.5  # overlap from which a box that is not asked is not told to be quiet
BOX_WEIGHT, QUIET_WEIGHT = 1.5, 0.5


def mosaic(batch: Batch, draw: Draw) -> Batch:
    """Each scene put together of the corners of four, as YOLOv4 does it, without scaling: pixels have a size here."""
    inputs, owner, valid = batch["inputs"].clone(), batch["owner"].clone(), batch["valid"].clone()
    rows, cols = owner.shape[1:]
    low, high = INNER
    row, col = (int(float(draw.uniform(1, low=low, high=high)) * side) for side in (rows, cols))
    corners = [(slice(0, row), slice(0, col)), (slice(0, row), slice(col, None)),
               (slice(row, None), slice(0, col)), (slice(row, None), slice(col, None))]  # fmt: skip
    for number, (y, x) in enumerate(corners):
        inputs[:, :, y, x] = batch["inputs"].roll(number, 0)[:, :, y, x]
        valid[:, y, x] = batch["valid"].roll(number, 0)[:, y, x]
        other = batch["owner"].roll(number, 0)[:, y, x]
        owner[:, y, x] = torch.where(other > 0, other + number * MOST, 0)
    observable = torch.cat([batch["observable"].roll(number, 0) for number in range(CORNERS)], 1)
    return {"inputs": inputs, "owner": owner, "valid": valid, "observable": observable}


def paper_loss(network: PaperNet, batch: Batch) -> tuple[Tensor, dict[str, float]]:
    """Cross entropy of the objects and CIoU of the boxes, each truth at the anchor that is most like it."""
    edges, there = boxes(batch["owner"], batch["observable"].shape[1])
    known = there & batch["observable"].bool()
    logits, found = zip(*network.levels(batch["inputs"]), strict=True)
    anchors = torch.tensor(ANCHORS, dtype=torch.float32, device=edges.device).flatten(0, 1)
    box, hit, asked = edges.new_zeros(()), edges.new_zeros(()), 0
    wanted = [torch.zeros_like(level) for level in logits]
    weights = [_weights(level, edges, there) for level in found]
    for scene, number in known.nonzero().tolist():
        truth = edges[scene, number]
        level, anchor, row, col = _place(truth, anchors, wanted)
        wanted[level][scene, anchor, row, col] = weights[level][scene, anchor, row, col] = 1.0
        mine = found[level][scene, anchor, :, row, col]
        middle = (truth[:2] + truth[2:]) / 2
        box = box + 1.0 - ciou(_sides(mine, middle)[None], _sides(truth, middle)[None])[0]
        asked += 1
    for level, want, weight in zip(logits, wanted, weights, strict=True):
        entropy = functional.binary_cross_entropy_with_logits(level, want, reduction="none")
        hit = hit + (entropy * want).sum() + QUIET_WEIGHT * (entropy * (1 - want) * weight).sum()
    parts = {"object": hit / max(asked, 1), "box": BOX_WEIGHT * box / max(asked, 1)}
    return parts["object"] + parts["box"], {name: float(part.detach()) for name, part in parts.items()}


def _place(truth: Tensor, anchors: Tensor, wanted: list[Tensor]) -> tuple[int, int, int, int]:
    """Level, anchor, row and column that answer for a box (4,)."""
    size = truth[2:] - truth[:2]
    shared = torch.minimum(size, anchors).prod(1)
    best = int((shared / (size.prod() + anchors.prod(1) - shared)).argmax())
    level, anchor = divmod(best, len(ANCHORS[0]))
    row, col = ((truth[:2] + truth[2:]) / 2 / STRIDES[level]).long().tolist()
    return level, anchor, min(row, wanted[level].shape[2] - 1), min(col, wanted[level].shape[3] - 1)


def _sides(edges: Tensor, middle: Tensor) -> Tensor:
    """Distances (4,) from a point to the edges of a box."""
    return torch.cat((middle - edges[:2], edges[2:] - middle))


@torch.no_grad()
def _weights(found: Tensor, edges: Tensor, there: Tensor) -> Tensor:
    """0 where a box overlaps any slide by much, else 1: (n, anchors, r, c) for edges (n, anchors, 4, r, c)."""
    mine = found[:, :, None]
    truth = edges[:, None, :, :, None, None]
    low = torch.maximum(mine[:, :, :, :2], truth[:, :, :, :2])
    high = torch.minimum(mine[:, :, :, 2:], truth[:, :, :, 2:])
    shared = (high - low).clamp_min(0).prod(3)
    own = (mine[:, :, :, 2:] - mine[:, :, :, :2]).clamp_min(0).prod(3)
    size = (truth[:, :, :, 2:] - truth[:, :, :, :2]).prod(3)
    overlap = shared / (own + size - shared).clamp_min(1e-6) * there[:, None, :, None, None]
    return (overlap.amax(2) < PASSABLE).float()
