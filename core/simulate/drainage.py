"""Rivers and lakes of one large elevation model: hollows are filled to their brim, and what runs in runs out there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from skimage.morphology import reconstruction
from torch import Tensor

from .hydrology import accumulate, steepest_neighbour

Heights = NDArray[np.float32]
_ALL_AROUND = np.ones((3, 3), bool)


@dataclass
class Drainage:
    """What water makes of a model: level of the ground or of the lake on it (m), cells drained, depth of lakes (m)."""

    level: Heights
    area: Heights
    depth: Heights


def drain(height: Heights) -> Drainage:
    """Drainage of heights (rows, cols) m, finite; water leaves at the edges.

    Filling by morphological reconstruction (Soille and Gratin 1994); flow to the steepest of eight neighbours.
    """
    brim = height.copy()
    brim[1:-1, 1:-1] = height.max()
    level = reconstruction(brim, height, method="erosion").astype(np.float32)  # type: ignore[no-untyped-call]
    depth = level - height
    receiver = steepest_neighbour(torch.from_numpy(level)[None])[0]
    _leave_lakes(receiver, level, depth)
    area = accumulate(receiver, height.shape)[0]
    return Drainage(level, area[0].numpy(), depth)


def _leave_lakes(receiver: Tensor, level: Heights, depth: Heights) -> None:
    """Let every cell of a lake drain to the cell where the lake spills, in place."""
    labels, count = ndimage.label(depth > 0, structure=_ALL_AROUND)
    if not count:
        return
    own = np.arange(level.size).reshape(level.shape)
    flow = receiver[0].numpy().reshape(level.shape)
    brim = np.append(-np.inf, ndimage.maximum(level, labels, np.arange(1, count + 1)))
    runs_on = (labels == 0) & ((flow != own) | _edge(level.shape))
    outlet = np.full(count + 1, -1)
    walled = np.pad(labels, 1)
    # A lake spills over a dry neighbour at its own level, from which water runs on or leaves the model.
    for row in range(3):
        for col in range(3):
            beside = walled[row : row + level.shape[0], col : col + level.shape[1]]
            spill = runs_on & (beside > 0) & (level == brim[beside])
            outlet[beside[spill]] = own[spill]
    target = outlet[labels]
    stuck = (labels > 0) & (target >= 0) & (flow == own)
    flow[stuck] = target[stuck]


def _edge(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    edge = np.ones(shape, bool)
    edge[1:-1, 1:-1] = False
    return edge


def largest_lakes(drainage: Drainage, share: float, least: int, shallowest: float) -> NDArray[np.bool_]:
    """The largest filled hollows that together cover at most this share of the cells.

    least: cells of the smallest lake; shallowest: m of the greatest depth of the shallowest lake.
    """
    labels, count = ndimage.label(drainage.depth > 0, structure=_ALL_AROUND)
    index = np.arange(1, count + 1)
    size = ndimage.sum_labels(np.ones_like(labels), labels, index)
    deep = ndimage.maximum(drainage.depth, labels, index) if count else np.zeros(0)
    order = np.argsort(-size)
    order = order[(size[order] >= least) & (np.asarray(deep)[order] >= shallowest)]
    fits = np.cumsum(size[order]) <= share * labels.size
    return np.isin(labels, index[order[fits]])
