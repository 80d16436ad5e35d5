"""The paper's own DDNet: the architecture of its PUNet with a network of its own, and one output.

After Wu et al. (2022), IEEE TGRS 60, and Wang, Zhang, Wu (2023), Remote Sensing 15, 2310, section 3.3. It shares
nothing with the unwrapping network but the architecture, so that it costs another full pass, twenty times slower.
"""

from __future__ import annotations

from torch import Tensor, nn

from ..phase_unwrapping.paper import WIDTH, PaperNet

FULL_WIDTH = WIDTH
REDUCED_WIDTH = 24  # channels that two CPU cores can train


class PaperDetector(PaperNet):
    """Dilated and residual blocks at full resolution, one logit per pixel."""

    def __init__(self, width: int = REDUCED_WIDTH) -> None:
        super().__init__(width)
        self.outputs = 1
        self.head = nn.Conv2d(width, self.outputs, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 5, h, w) of the unwrapping network's CHANNELS to the logit of a trough (n, 1, h, w)."""
        return self.last(x).float()
