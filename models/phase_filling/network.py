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
from .pyramid import LEVELS, Turns, complex_of, fill, fill_still, observed_turns, planes_of, unit

# What the network is shown, in this order; 0 where the phase is not known. `has_coherence` is 0 or 1 everywhere.
CHANNELS = ("cos", "sin", "valid", "coherence", "has_coherence")
# What it returns: the most probable phase, ln of the von Mises concentration, logit of a fringe line.
OUTPUTS = ("cos", "sin", "log_concentration", "fringe")
CELL = 2
FRINGE_WIDTHS = (24, 40, 64)  # channels of stage one at cells of 2, 4 and 8 pixels
PHASE_WIDTHS = (32, 64, 96)  # of stage two
FINE, WIDE = 3, 9  # pixels over which observed turns are averaged, twice: steep terrain needs few, noise needs many
FILLS = 3  # classical ones
CONCENTRATION = (-3.0, 6.5)  # log of the concentration is kept between: sure of nothing, sure to 0.04 rad
FRINGE_PLANES = 6  # logit of a line, share of the fine turns, what turns depart by (real and imaginary, twice)
PHASE_PLANES = 4 + FILLS  # turn of the base (real, imaginary), ln(concentration), shares of the fills


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


class Guess(NamedTuple):
    """What is known before any network: turns at two scales, and three classical fills; complex (n, 1, h, w)."""

    z: Tensor  # observed, 0 in gaps
    known: Tensor  # real
    fine: Turns
    wide: Turns
    still: Tensor  # filled without fringes
    along_fine: Tensor  # filled along the fine turns
    along_wide: Tensor


def guess_from(x: Tensor) -> Guess:
    """Classical fills of (n, 5, h, w) of CHANNELS."""
    known, z = x[:, 2:3].float(), complex_of(x[:, 0:2])
    fine, wide = (observed_turns(z, known, window) for window in (FINE, WIDE))
    return Guess(z, known, fine, wide, fill_still(z, known), fill(z, known, *fine), fill(z, known, *wide))


class PhaseFillingNet(nn.Module):
    """Fringes first, then phase; with `fringes=False` the second stage alone, guided by what is observed (ablation)."""

    def __init__(self, *, fringes: bool = True) -> None:
        super().__init__()
        self.channels, self.outputs = len(CHANNELS), len(OUTPUTS)
        # Observed: the channels, and the phase relative to two fills. Dense: what is known, fills, turns.
        observed, turns = len(CHANNELS) + 4, 4
        self.fringes = Stage(observed, 1 + 2 * FILLS + 2 * turns, FRINGE_WIDTHS) if fringes else None
        self.phase = Stage(observed, 1 + 2 * (FILLS + 1) + turns + 1, PHASE_WIDTHS)
        width = FRINGE_WIDTHS[0] if fringes else PHASE_WIDTHS[0]
        self.fringe_head = nn.Conv2d(width, FRINGE_PLANES * CELL**2, 3, padding=1)
        self.phase_head = nn.Conv2d(PHASE_WIDTHS[0], PHASE_PLANES * CELL**2, 3, padding=1)
        # ln(concentration) is multiplied and shifted by these, fitted after training so that its intervals hold.
        self.calibration: Tensor
        self.register_buffer("calibration", torch.tensor([1.0, 0.0]))
        self.multiple_of = 2**LEVELS
        for head in (self.fringe_head, self.phase_head):  # it begins as the mean of the classical fills
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)  # type: ignore[arg-type]
        radius = self.phase.radius() + (self.fringes.radius() if self.fringes is not None else 0) + WIDE
        self.halo = -(-radius // self.multiple_of) * self.multiple_of

    def forward(self, x: Tensor) -> Tensor:
        """(n, 5, h, w) of CHANNELS, sides divisible by `multiple_of`, to (n, 4, h, w) of OUTPUTS."""
        filled = self.stages(x)
        return torch.cat((filled.phase, filled.log_concentration, filled.fringe), 1)

    def stages(self, x: Tensor, *, lines: Tensor | None = None, alone: bool = False) -> Filled:
        """Both stages. Stage two may be told the true `lines` (n, 1, h, w), or be left `alone` without stage one.

        Alone it is shown no lines, and the fringe frequency that is filled in from what is observed.
        """
        guess = guess_from(x)
        if self.fringes is None:
            features = self._second(x, guess, guess.fine, guess.along_fine, torch.zeros_like(guess.known))
            fringe, seen = self._fringes(features, guess)
            return self._phase(features, guess, guess.along_fine, fringe, seen)
        fringe, seen = self._fringes(self._first(x, guess), guess)
        turns, guided = (guess.fine, guess.along_fine) if alone else (seen, fill(guess.z, guess.known, *seen))
        shown = torch.sigmoid(fringe) if lines is None else lines
        features = self._second(x, guess, turns, guided, torch.zeros_like(shown) if alone else shown)
        return self._phase(features, guess, guided, fringe, seen)

    def _first(self, x: Tensor, guess: Guess) -> Tensor:
        """Features of stage one."""
        if self.fringes is None:
            msg = "this configuration has no first stage"
            raise ValueError(msg)
        fills = (guess.still, guess.along_fine, guess.along_wide)
        dense = [guess.known, *(planes_of(plane) for plane in (*fills, *guess.fine, *guess.wide))]
        features: Tensor = self.fringes(_observed(x, guess, guess.along_fine), guess.known, torch.cat(dense, 1))
        return features

    def _second(self, x: Tensor, guess: Guess, turns: Turns, guided: Tensor, lines: Tensor) -> Tensor:
        """Features of stage two."""
        fills = (guess.still, guess.along_fine, guess.along_wide, guided)
        dense = [guess.known, *(planes_of(plane) for plane in (*fills, *turns)), lines]
        features: Tensor = self.phase(_observed(x, guess, guided), guess.known, torch.cat(dense, 1))
        return features

    def _fringes(self, features: Tensor, guess: Guess) -> tuple[Tensor, Turns]:
        """Logit of a fringe line, and the turns: a mixture of both scales, and what departs from it."""
        planes = functional.pixel_shuffle(self.fringe_head(features), CELL).float()
        share = torch.sigmoid(planes[:, 1:2])
        mixed = [share * fine + (1.0 - share) * wide for fine, wide in zip(guess.fine, guess.wide, strict=True)]
        return planes[:, 0:1], Turns(mixed[0] + complex_of(planes[:, 2:4]), mixed[1] + complex_of(planes[:, 4:6]))

    def _phase(self, features: Tensor, guess: Guess, guided: Tensor, fringe: Tensor, seen: Turns) -> Filled:
        """The phase as a turn of a mixture of the fills, and its concentration."""
        planes = functional.pixel_shuffle(self.phase_head(features), CELL).float()
        shares = planes[:, 3 : 4 + FILLS].softmax(1)
        fills = torch.cat((guess.still, guess.along_fine, guess.along_wide, guided), 1)
        base = (shares * fills).sum(1, keepdim=True)
        phase = unit(unit(base) * torch.complex(1.0 + planes[:, 0:1], planes[:, 1:2]))
        low, high = CONCENTRATION
        certain = (planes[:, 2:3] * self.calibration[0] + self.calibration[1]).clamp(low, high)
        return Filled(planes_of(phase), certain, fringe, seen.across, seen.down)


def _observed(x: Tensor, guess: Guess, fill_: Tensor) -> Tensor:
    """What is observed, also relative to two fills; 0 in gaps."""
    relative = [planes_of(guess.z * unit(f).conj()) for f in (fill_, guess.along_wide)]
    return torch.cat((x.float(), *relative), 1) * guess.known
