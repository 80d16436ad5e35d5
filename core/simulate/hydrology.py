"""Where water runs and stands: drainage on a batch of elevation grids, by pointer doubling instead of walking."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as functional
from torch import Tensor

_NEIGHBOURS = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx)


def steepest_neighbour(height: Tensor) -> tuple[Tensor, Tensor]:
    """Flat index (batch, rows * cols) of the neighbour each cell drains to, and the drop per cell (batch, rows, cols).

    A pit drains to itself with drop 0; the outside of the grid is a wall.
    """
    batch, rows, cols = height.shape
    wall = functional.pad(height[:, None], (1, 1, 1, 1), value=0.0)[:, 0]
    wall[:, 0], wall[:, -1] = math.inf, math.inf
    wall[:, :, 0], wall[:, :, -1] = math.inf, math.inf
    best = torch.zeros_like(height)
    index = torch.arange(rows * cols, device=height.device).view(1, rows, cols).repeat(batch, 1, 1)
    own = index.clone()
    for dy, dx in _NEIGHBOURS:
        drop = (height - wall[:, 1 + dy : 1 + dy + rows, 1 + dx : 1 + dx + cols]) / math.hypot(dy, dx)
        better = drop > best
        best = torch.where(better, drop, best)
        index = torch.where(better, own + dy * cols + dx, index)
    return index.flatten(1), best


def flow(height: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Cells draining through each cell (batch, rows, cols), drop to the next cell, flat index of the pit it ends in."""
    receiver, drop = steepest_neighbour(height)
    area, pit = accumulate(receiver, height.shape[1:])
    return area, drop, pit


def accumulate(receiver: Tensor, shape: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Cells draining through each cell (batch, rows, cols), itself included, and the flat index of the pit it ends in.

    receiver (batch, rows * cols): flat index of the cell that each drains to, its own in a pit. The sums over the trees
    are made by doubling the length of the pointers, log2(longest path) times.
    """
    own = torch.arange(receiver.shape[1], device=receiver.device).expand_as(receiver)
    area = torch.ones(receiver.shape, device=receiver.device)
    pointer = receiver
    reaches = receiver != own  # whether there is a cell so many steps down
    for _ in range(math.ceil(math.log2(4 * max(shape)))):
        area = area.scatter_add(1, pointer, torch.where(reaches, area, 0.0))
        reaches = reaches & reaches.gather(1, pointer)
        pointer = pointer.gather(1, pointer)
    return area.view(len(receiver), *shape), pointer


def ponds(height: Tensor, area: Tensor, pit: Tensor, depth: Tensor, least: Tensor) -> Tensor:
    """Standing water: cells less than depth (batch,) above their pit, where that drains at least `least` cells."""
    bottom = height.flatten(1).gather(1, pit)
    catchment = area.flatten(1).gather(1, pit)
    wet = (height.flatten(1) - bottom < depth[:, None]) & (catchment > least[:, None])
    return wet.view_as(height)
