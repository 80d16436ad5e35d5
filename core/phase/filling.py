"""Three ways to fill gaps of wrapped phase, all with the face that the prediction loop expects of a network."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .biharmonic import biharmonic_fill
from .laplace import laplace_fill
from .unwrap_line import Unwrapped
from .wrap import wrap

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]
Unwrapper = Callable[[Float, Bool, Float, float], Unwrapped]

# What a filler is shown: residual phase as cosine and sine, where it is known, coherence and whether there is one, what
# is to be filled, and the phase that was taken out (rad) and is put back.
PLANES = ("cos", "sin", "known", "coherence", "has_coherence", "fill", "removed")
# What it returns: phase (rad), expected cosine of its error (0..1), fringe line (1 or 0). Observed pixels pass through.
ANSWERS = ("phase", "confidence", "fringe")
NETWORK_PLANES = 5  # how many of the planes the network sees

GRID = 32  # tiles of the classical fillers begin on whole cells of so many pixels
UNWRAP_LOOKS = 10.0  # that MCF takes the coherence to be estimated with; it only sets how sharply costs rise
NO_COHERENCE = 0.7  # coherence of known pixels where none is given


class Network(Protocol):
    """A filling network: cosine and sine of the phase, ln(concentration), logit of a fringe line."""

    halo: int
    multiple_of: int

    def __call__(self, batch: Tensor, /) -> Tensor:
        """(n, 5, h, w) to (n, 4, h, w)."""


class Filler:
    """What the three have in common: what to show, and what is made of the filled phase."""

    channels, outputs = len(PLANES), len(ANSWERS)

    def __init__(self, halo: int, multiple_of: int) -> None:
        self.halo, self.multiple_of = halo, multiple_of

    def __call__(self, planes: Tensor, /) -> Tensor:
        """(n, 7, h, w) of PLANES to (n, 3, h, w) of ANSWERS."""
        raise NotImplementedError

    def finish(self, planes: Tensor, phase: Tensor, confidence: Tensor) -> Tensor:
        """Put the removed phase back, keep what was observed, find the fringe lines: (n, 3, h, w)."""
        known, removed = planes[:, 2] > 0.5, planes[:, 6]
        observed = torch.atan2(planes[:, 1], planes[:, 0])
        whole = _wrapped(torch.where(known, observed, phase) + removed)
        confidence = torch.where(known, torch.ones_like(confidence), confidence)
        return torch.stack((whole, confidence, _fringes(whole, known | (planes[:, 5] > 0.5))), 1)


class NetworkFill(Filler):
    """By a network, which says how sure it is."""

    def __init__(self, network: Network, margin: int) -> None:
        super().__init__(max(network.halo, margin), network.multiple_of)
        self.network = network

    def __call__(self, planes: Tensor, /) -> Tensor:
        """(n, 7, h, w) of PLANES to (n, 3, h, w) of ANSWERS."""
        if isinstance(self.network, nn.Module):
            self.network.to(planes.device)
        answer = self.network(planes[:, :NETWORK_PLANES]).float()
        phase = torch.atan2(answer[:, 1], answer[:, 0])
        return self.finish(planes.float(), phase, expected_cosine(answer[:, 2].exp()))


class LaplaceFill(Filler):
    """By the smoothest complex surface over the rim of each gap."""

    def __init__(self, margin: int) -> None:
        super().__init__(margin, GRID)

    def __call__(self, planes: Tensor, /) -> Tensor:
        """(n, 7, h, w) of PLANES to (n, 3, h, w) of ANSWERS; confidence is NaN in gaps."""
        phase = torch.from_numpy(np.stack([self._fill(plane) for plane in planes.cpu().numpy()]))
        return self.finish(planes.cpu(), phase, torch.full_like(phase, math.nan))

    def _fill(self, planes: Float) -> Float:
        signal = (planes[0] + 1j * planes[1]).astype(np.complex64)
        return np.angle(laplace_fill(signal, planes[2] > 0.5, planes[5] > 0.5)).astype(np.float32)


class UnwrapFill(Filler):
    """By unwrapping what is known (minimum-cost flow), a thin plate across the gaps, and wrapping again."""

    def __init__(self, margin: int, unwrap: Unwrapper) -> None:
        super().__init__(margin, GRID)
        self._unwrap = unwrap

    def __call__(self, planes: Tensor, /) -> Tensor:
        """(n, 7, h, w) of PLANES to (n, 3, h, w) of ANSWERS; confidence is NaN in gaps."""
        phase = torch.from_numpy(np.stack([self._fill(plane) for plane in planes.cpu().numpy()]))
        return self.finish(planes.cpu(), phase, torch.full_like(phase, math.nan))

    def _fill(self, planes: Float) -> Float:
        known, gap = planes[2] > 0.5, planes[5] > 0.5
        coherence = planes[3] if planes[4].any() else np.where(known, np.float32(NO_COHERENCE), np.float32(0))
        phase = np.arctan2(planes[1], planes[0])
        unwrapped = self._unwrap(phase, known, coherence.astype(np.float32), UNWRAP_LOOKS).phase
        return np.asarray(wrap(biharmonic_fill(unwrapped, known, gap)), np.float32)


def planes_of(
    phase: Float, known: Bool, fill: Bool, *, coherence: Float | None = None, removed: Float | None = None
) -> Float:
    """Stack PLANES (7, rows, columns) from a phase (rad), 0 where it is not known; the removed phase is subtracted."""
    planes = np.zeros((len(PLANES), *phase.shape), np.float32)
    residual = phase if removed is None else phase - removed
    np.cos(residual, out=planes[0], where=known)
    np.sin(residual, out=planes[1], where=known)
    planes[2] = known
    if coherence is not None:
        np.copyto(planes[3], coherence, where=known)
        planes[4] = 1.0
    planes[5] = fill
    if removed is not None:
        planes[6] = removed
    return planes


def expected_cosine(concentration: Tensor) -> Tensor:
    """Mean cosine of the error of a von Mises distribution: I1 / I0, 0 (nothing known) to 1 (certain)."""
    ratio: Tensor = torch.special.i1e(concentration) / torch.special.i0e(concentration)
    return ratio


def _wrapped(phase: Tensor) -> Tensor:
    """Phase, rad, into (-pi, pi]."""
    return phase - 2.0 * math.pi * torch.ceil((phase - math.pi) / (2.0 * math.pi))


def _fringes(phase: Tensor, valid: Tensor) -> Tensor:
    """Fringe lines of (n, h, w) as core.phase.fringes has them, as 0 and 1."""
    lines = torch.zeros_like(phase, dtype=torch.bool)
    right = (phase[..., 1:] - phase[..., :-1]).abs() > math.pi
    down = (phase[..., 1:, :] - phase[..., :-1, :]).abs() > math.pi
    lines[..., :-1] |= right & valid[..., 1:] & valid[..., :-1]
    lines[..., :-1, :] |= down & valid[..., 1:, :] & valid[..., :-1, :]
    return lines.float()
