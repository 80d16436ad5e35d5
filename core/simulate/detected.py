"""Detected images, as ground-range products are: the intensity of radar images, without their phase."""

from __future__ import annotations

import torch
from torch import Tensor

from .draw import Draw
from .pair import multilook_pair


def detected_pair(
    draw: Draw, coherence: Tensor, power: Tensor, looks: Tensor, oversampling: Tensor
) -> tuple[Tensor, Tensor]:
    """Two multilooked intensities (batch, rows, cols) of a ground with this true coherence and expected power.

    looks and oversampling (batch,). The correlation of two intensities is the squared coherence.
    """
    _, first, second = multilook_pair(draw, torch.zeros_like(power), coherence, power, looks, oversampling)
    return first, second
