"""Pairs registered to whole pixels before they are estimated from, and estimates brought back, as the tool does it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ....models.coherence_from_intensity.midway import midway
from ...phase.registration import NONE, Shift, find_shift, placed, squares


def shifts_of(inputs: Tensor) -> list[Shift]:
    """How each pair lies, of the network's inputs (n, 3, rows, cols): log intensities and validity."""
    found = []
    for first, second, valid in inputs.cpu().numpy():
        found.append(find_shift([squares(first, second, valid > 0)]) or NONE)
    return found


def registered(planes: Tensor, valid: Tensor, shifts: Sequence[Shift]) -> tuple[Tensor, Tensor]:
    """Both images (n, 2, rows, cols) as they lie on each other, 0 where either is missing, and where both are (n, …).

    They then belong to the middle between them, or half a pixel beyond it: see `brought_back`.
    """
    images, masks = planes.clone(), valid.clone()
    for scene, shift in enumerate(shifts):
        if shift.is_none:
            continue
        both = np.stack([placed(valid[scene].cpu().numpy(), offset) for offset in shift.offsets]).all(0)
        masks[scene] = torch.from_numpy(both)
        for image, offset in enumerate(shift.offsets):
            values = np.where(both, placed(planes[scene, image].cpu().numpy(), offset), np.float32(0))
            images[scene, image] = torch.from_numpy(values)
    return images, masks


def brought_back(estimate: Tensor, valid: Tensor, shifts: Sequence[Shift]) -> Tensor:
    """Estimates (n, channels, rows, cols) of registered pairs, valid (n, rows, cols), at the pixels of the truth."""
    made = [
        midway(one[None], seen[None, None].float(), shift.between)[0]
        for one, seen, shift in zip(estimate, valid, shifts, strict=True)
    ]
    return torch.cat(made)
