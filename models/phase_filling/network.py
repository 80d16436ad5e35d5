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
# Pixels over which observed turns are averaged, twice: steep terrain needs few, noise needs many.
FINE, WIDE, BROAD = 3, 9, 25
SCALES = 3  # of turns
CALM = 2  # level of the cells of 4 pixels whose means alone a calm fill keeps
FILLS, GUIDED = 4, 2  # classical ones; those along the turns of stage one, as observed and calm
CONCENTRATION = (-3.0, 6.5)  # log of the concentration is kept between: sure of nothing, sure to 0.04 rad
FRINGE_PLANES = 5 + SCALES  # logit of a line, what turns depart by (real and imaginary, twice), shares of the scales
PHASE_PLANES = 3 + FILLS + GUIDED  # turn of the base (real, imaginary), ln(concentration), shares of the fills


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
    """What is known before any network: turns at three scales, and classical fills; complex (n, 1, h, w)."""

    z: Tensor  # observed, 0 in gaps
    known: Tensor  # real
    turns: tuple[Turns, Turns, Turns]  # averaged over FINE, WIDE, BROAD
    along_wide: Tensor  # filled along the wide turns
    calm: Tensor  # filled along the broad ones, observed phase averaged too
    fills: tuple[Tensor, ...]  # all: without fringes, along the fine turns, and these two

    @property
    def along_fine(self) -> Tensor:
        """Filled along the fine turns."""
        return self.fills[1]


def guess_from(x: Tensor) -> Guess:
    """Classical fills of (n, 5, h, w) of CHANNELS."""
    known, z = x[:, 2:3].float(), complex_of(x[:, 0:2])
    fine, wide, broad = (observed_turns(z, known, window) for window in (FINE, WIDE, BROAD))
    along_wide, calm = fill(z, known, *wide), fill(z, known, *broad, calm=CALM)
    fills = (fill_still(z, known), fill(z, known, *fine), along_wide, calm)
    return Guess(z, known, (fine, wide, broad), along_wide, calm, fills)


class PhaseFillingNet(nn.Module):
    """Fringes first, then phase; with `fringes=False` the second stage alone, guided by what is observed (ablation)."""

    def __init__(self, *, fringes: bool = True) -> None:
        super().__init__()
        self.channels, self.outputs = len(CHANNELS), len(OUTPUTS)
        # Observed: the channels, and the phase relative to three fills. Dense: what is known, fills, turns.
        observed, turns = len(CHANNELS) + 6, 4
        self.fringes = Stage(observed, 1 + 2 * FILLS + SCALES * turns, FRINGE_WIDTHS) if fringes else None
        self.phase = Stage(observed, 1 + 2 * (FILLS + GUIDED) + turns + 1, PHASE_WIDTHS)
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
        radius = self.phase.radius() + (self.fringes.radius() if self.fringes is not None else 0) + BROAD
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
            guided = _guided(guess, guess.turns[0])
            features = self._second(x, guess, guess.turns[0], guided, torch.zeros_like(guess.known))
            fringe, seen = self._fringes(features, guess)
            return self._phase(features, guess, guided, fringe, seen)
        fringe, seen = self._fringes(self._first(x, guess), guess)
        turns = guess.turns[0] if alone else seen
        guided = _guided(guess, turns)
        shown = torch.sigmoid(fringe) if lines is None else lines
        features = self._second(x, guess, turns, guided, torch.zeros_like(shown) if alone else shown)
        return self._phase(features, guess, guided, fringe, seen)

    def _first(self, x: Tensor, guess: Guess) -> Tensor:
        """Features of stage one."""
        if self.fringes is None:
            msg = "this configuration has no first stage"
            raise ValueError(msg)
        turns = [turn for scale in guess.turns for turn in scale]
        dense = [guess.known, *(planes_of(plane) for plane in (*guess.fills, *turns))]
        features: Tensor = self.fringes(_observed(x, guess, guess.along_fine), guess.known, torch.cat(dense, 1))
        return features

    def _second(self, x: Tensor, guess: Guess, turns: Turns, guided: tuple[Tensor, ...], lines: Tensor) -> Tensor:
        """Features of stage two."""
        dense = [guess.known, *(planes_of(plane) for plane in (*guess.fills, *guided, *turns)), lines]
        features: Tensor = self.phase(_observed(x, guess, guided[0]), guess.known, torch.cat(dense, 1))
        return features

    def _fringes(self, features: Tensor, guess: Guess) -> tuple[Tensor, Turns]:
        """Logit of a fringe line, and the turns: a mixture of the scales, and what departs from it."""
        planes = functional.pixel_shuffle(self.fringe_head(features), CELL).float()
        shares = planes[:, 5 : 5 + SCALES].softmax(1)
        axes = (torch.cat(scales, 1) for scales in zip(*guess.turns, strict=True))
        across, down = ((shares * turns).sum(1, keepdim=True) for turns in axes)
        return planes[:, 0:1], Turns(across + complex_of(planes[:, 1:3]), down + complex_of(planes[:, 3:5]))

    def _phase(self, features: Tensor, guess: Guess, guided: tuple[Tensor, ...], fringe: Tensor, seen: Turns) -> Filled:
        """The phase as a turn of a mixture of the fills, and its concentration."""
        planes = functional.pixel_shuffle(self.phase_head(features), CELL).float()
        shares = planes[:, 3 : 3 + FILLS + GUIDED].softmax(1)
        base = (shares * torch.cat((*guess.fills, *guided), 1)).sum(1, keepdim=True)
        phase = unit(unit(base) * torch.complex(1.0 + planes[:, 0:1], planes[:, 1:2]))
        low, high = CONCENTRATION
        certain = (planes[:, 2:3] * self.calibration[0] + self.calibration[1]).clamp(low, high)
        return Filled(planes_of(phase), certain, fringe, seen.across, seen.down)


def _guided(guess: Guess, turns: Turns) -> tuple[Tensor, Tensor]:
    """Filled along these turns: keeping what is observed, and calm."""
    return fill(guess.z, guess.known, *turns), fill(guess.z, guess.known, *turns, calm=CALM)


def _observed(x: Tensor, guess: Guess, fill_: Tensor) -> Tensor:
    """What is observed, also relative to three fills; 0 in gaps."""
    relative = [planes_of(guess.z * unit(f).conj()) for f in (fill_, guess.along_wide, guess.calm)]
    return torch.cat((x.float(), *relative), 1) * guess.known
