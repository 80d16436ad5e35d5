"""Two small stages: fringes are continued into the gaps, then the phase is filled along them.

Stage one predicts where phase wraps and how fast it turns (local fringe frequency); stage two starts from the complex
fill that is guided by that frequency and predicts how the phase departs from it, and how surely. Both work on cells
of 2x2 pixels, in whose channels the pixels of a cell stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..blocks import ConvNorm, Residual
from .pyramid import LEVELS, classical, complex_of, fill, neighbour_products, planes_of, unit

# What the network is shown, in this order; 0 where the phase is not known. `has_coherence` is 0 or 1 everywhere.
CHANNELS = ("cos", "sin", "valid", "coherence", "has_coherence")
# What it returns: the most probable phase, ln of the von Mises concentration, logit of a fringe line.
OUTPUTS = ("cos", "sin", "log_concentration", "fringe")
CELL = 2
FRINGE_WIDTHS = (24, 40, 64)  # channels of stage one at cells of 2, 4 and 8 pixels
PHASE_WIDTHS = (32, 64, 96)  # of stage two
OBSERVED = 5  # planes that are 0 in gaps: the channels
CONCENTRATION = (-3.0, 6.5)  # log of the concentration is kept between: sure of nothing, sure to 0.04 rad
FREQUENCY = 4  # planes of a frequency: turn to the next column and row, each real and imaginary


class Filled(NamedTuple):
    """Everything the two stages say; (n, 1 or 2, h, w)."""

    phase: Tensor  # cosine and sine
    log_concentration: Tensor
    fringe: Tensor  # logit
    across: Tensor  # complex turn to the next column, as stage one sees it
    down: Tensor


class MaskedConvNorm(ConvNorm):
    """A convolution over known values alone, divided by how many there are (partial convolution, Liu et al. 2018)."""

    def forward(self, x: Tensor, known: Tensor) -> Tensor:  # type: ignore[override]
        """From (n, inputs, h, w), 0 where unknown, and the known share of each cell (n, 1, h, w); same size out."""
        share = functional.avg_pool2d(known, 3, 1, 1)
        x = functional.conv2d(x, self.conv.weight, None, 1, 1) / share.clamp_min(1.0 / 16.0).to(x.dtype)
        x = self.norm(x)
        if self.conv.bias is not None:
            x = x + self.conv.bias[None, :, None, None].to(x.dtype)
        return functional.relu(x, inplace=True) if self.relu else x


class Stage(nn.Module):
    """A ResUNet on cells whose encoder meets the observations, averaged over what is known, on every level."""

    def __init__(self, observed: int, dense: int, widths: Sequence[int]) -> None:
        super().__init__()
        cells = CELL**2
        self.masked = MaskedConvNorm(observed * cells, widths[0], relu=False)
        self.stem = ConvNorm(dense * cells, widths[0], relu=False)
        self.encoder = nn.ModuleList(Residual(width) for width in widths)
        steps = list(pairwise(widths))
        self.down = nn.ModuleList(ConvNorm(fine, coarse, 2, stride=2, relu=False) for fine, coarse in steps)
        self.met = nn.ModuleList(ConvNorm(observed + 1, coarse, 1, relu=False) for _, coarse in steps)
        self.up = nn.ModuleList(ConvNorm(coarse, fine, 1, relu=False) for fine, coarse in steps)
        self.decoder = nn.ModuleList(Residual(fine) for fine, _ in steps)

    def forward(self, observed: Tensor, known: Tensor, dense: Tensor) -> Tensor:
        """Features (n, widths[0], h / 2, w / 2) from planes (n, ., h, w); `observed` is 0 where `known` is."""
        share = functional.avg_pool2d(known, CELL)
        x = self.masked(_to_cells(observed), share) + self.stem(_to_cells(dense))
        x = functional.relu(x, inplace=True)
        skips: list[Tensor] = []
        seen = functional.avg_pool2d(observed, CELL)
        for level, block in enumerate(self.encoder):
            x = block(x)
            if level < len(self.down):
                skips.append(x)
                seen, share = functional.avg_pool2d(seen, 2), functional.avg_pool2d(share, 2)
                mean = seen / share.clamp_min(1.0 / 64.0)
                x = self.down[level](x) + self.met[level](torch.cat((mean, share), 1))
                x = functional.relu(x, inplace=True)
        for level in reversed(range(len(self.up))):
            x = functional.interpolate(self.up[level](x), scale_factor=2, mode="nearest")
            x = self.decoder[level](functional.relu(x + skips[level], inplace=True))
        features: Tensor = x
        return features

    def radius(self) -> int:
        """Pixels from an output to the farthest input."""
        total = CELL  # the stem
        for level, block in enumerate(self.encoder):
            cell = CELL * 2**level
            total += cell * int(block.reach)  # type: ignore[arg-type]
            if level < len(self.decoder):
                total += cell * (int(self.decoder[level].reach) + 1)  # type: ignore[arg-type]
        return total


def _to_cells(planes: Tensor) -> Tensor:
    return functional.pixel_unshuffle(planes, CELL).contiguous(memory_format=torch.channels_last)


class PhaseFillingNet(nn.Module):
    """Fringes first, then phase; with `fringes=False` the second stage alone, guided by what is observed (ablation)."""

    def __init__(self, *, fringes: bool = True) -> None:
        super().__init__()
        self.channels, self.outputs = len(CHANNELS), len(OUTPUTS)
        # Observed: the channels, and the phase relative to the fill. Dense: what is known, the fill, the frequency.
        observed, dense = OBSERVED + 2, 1 + 2 + FREQUENCY
        self.fringes = Stage(observed, dense, FRINGE_WIDTHS) if fringes else None
        width = FRINGE_WIDTHS[0] if fringes else PHASE_WIDTHS[0]
        self.fringe_head = nn.Conv2d(width, (1 + FREQUENCY) * CELL**2, 3, padding=1)
        self.phase = Stage(observed, dense + (1 if fringes else 0), PHASE_WIDTHS)
        self.phase_head = nn.Conv2d(PHASE_WIDTHS[0], 3 * CELL**2, 3, padding=1)
        # ln(concentration) is multiplied and shifted by these, fitted after training so that its intervals hold.
        self.calibration: Tensor
        self.register_buffer("calibration", torch.tensor([1.0, 0.0]))
        self.multiple_of = 2**LEVELS
        for head in (self.fringe_head, self.phase_head):  # it begins as the classical fill
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)  # type: ignore[arg-type]
        radius = self.phase.radius() + (self.fringes.radius() if self.fringes is not None else 0) + 2 * CELL
        self.halo = -(-radius // self.multiple_of) * self.multiple_of

    def forward(self, x: Tensor) -> Tensor:
        """(n, 5, h, w) of CHANNELS, sides divisible by `multiple_of`, to (n, 4, h, w) of OUTPUTS."""
        filled = self.stages(x)
        return torch.cat((filled.phase, filled.log_concentration, filled.fringe), 1)

    def stages(self, x: Tensor, *, lines: Tensor | None = None, alone: bool = False) -> Filled:
        """Both stages. Stage two may be told the true `lines` (n, 1, h, w), or be left `alone` without stage one.

        Alone it is shown no lines, and the fringe frequency that is filled in from what is observed.
        """
        known = x[:, 2:3].float()
        z = complex_of(x[:, 0:2])
        guess, across, down = classical(z, known)
        if self.fringes is None:
            features = self.phase(*self._shown(x, z, known, guess, across, down))
            fringe, across_now, down_now = self._fringes(features, across, down)
            return self._phase(features, guess, fringe, across_now, down_now)
        features = self.fringes(*self._shown(x, z, known, guess, across, down))
        fringe, seen_across, seen_down = self._fringes(features, across, down)
        shown_lines = torch.sigmoid(fringe) if lines is None else lines
        if alone:
            guided, shown_lines = guess, torch.zeros_like(known)
        else:
            across, down = seen_across, seen_down
            guided = fill(z, known, across, down)
        observed, where, dense = self._shown(x, z, known, guided, across, down)
        features = self.phase(observed, where, torch.cat((dense, shown_lines), 1))
        return self._phase(features, guided, fringe, seen_across, seen_down)

    def _shown(
        self, x: Tensor, z: Tensor, known: Tensor, base: Tensor, across: Tensor, down: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What a stage sees: observations (also relative to the fill), where they are, and the dense planes."""
        relative = planes_of(z * unit(base).conj())
        dense = torch.cat((known, planes_of(base), planes_of(across), planes_of(down)), 1)
        return torch.cat((x.float(), relative), 1) * known, known, dense

    def _fringes(self, features: Tensor, across: Tensor, down: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logit of a fringe line and the turns, as residuals to those that were filled in."""
        planes = functional.pixel_shuffle(self.fringe_head(features), CELL).float()
        return planes[:, 0:1], across + complex_of(planes[:, 1:3]), down + complex_of(planes[:, 3:5])

    def _phase(self, features: Tensor, base: Tensor, fringe: Tensor, across: Tensor, down: Tensor) -> Filled:
        """The phase as a turn of the base fill, and its concentration."""
        planes = functional.pixel_shuffle(self.phase_head(features), CELL).float()
        turn = torch.complex(1.0 + planes[:, 0:1], planes[:, 1:2])
        phase = unit(base) * turn
        phase = planes_of(unit(phase))
        low, high = CONCENTRATION
        certain = (planes[:, 2:3] * self.calibration[0] + self.calibration[1]).clamp(low, high)
        return Filled(phase, certain, fringe, across, down)


__all__ = ["CHANNELS", "OUTPUTS", "Filled", "PhaseFillingNet", "neighbour_products"]
