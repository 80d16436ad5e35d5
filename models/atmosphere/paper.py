"""The paper's own architecture: the 20-layer DnCNN with residual learning, and a second output that says how sure.

After Li and Sagiya, "Deep Learning-Based Mitigation of Atmospheric Noise in InSAR Unwrapped Phase Maps" (poster), who
took DnCNN from Zhang et al. (2017). It sees 41 cells: neither a ramp nor a source that is larger.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ConvNorm
from .network import CHANNELS, LEAST_LOG_VARIANCE, MOST_LOG_VARIANCE, OUTPUTS

WIDTH, DEPTH = 64, 20
REDUCED_WIDTH = 24  # what two cores can afford; the architecture is otherwise the same


class PaperNet(nn.Module):
    """Twenty convolutions of 3 x 3 at full resolution; the first plane alone is shown to them, as in the paper."""

    multiple_of = 1

    def __init__(self, width: int = REDUCED_WIDTH) -> None:
        super().__init__()
        self.channels, self.outputs = len(CHANNELS), len(OUTPUTS)
        self.stem = nn.Conv2d(1, width, 3, padding=1)
        self.middle = nn.Sequential(*(ConvNorm(width, width) for _ in range(DEPTH - 2)))
        self.head = nn.Conv2d(width, self.outputs, 3, padding=1)
        self.halo = DEPTH

    def forward(self, x: Tensor) -> Tensor:
        """(n, 9, h, w) of CHANNELS to (n, 2, h, w) of OUTPUTS; the noise itself is predicted."""
        shown = x[:, 1:2].contiguous(memory_format=torch.channels_last)
        raw = self.head(self.middle(functional.relu(self.stem(shown)))).float()
        return torch.cat((raw[:, :1], raw[:, 1:].clamp(LEAST_LOG_VARIANCE, MOST_LOG_VARIANCE)), 1)
