"""How noisy the interferometric phase is, from coherence and looks: the exact density, not the large-look formula."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import gammaln, hyp2f1
from torch import Tensor

PHASE_NOISE_LIMIT = 1.2  # rad; beyond it neighbouring phases differ by more than pi so often that unwrapping fails

_LOOKS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 13, 16, 20, 26, 32, 40, 50, 64, 80, 100)
_COHERENCES = np.linspace(0.0, 0.995, 200)


def phase_density(phase: NDArray[np.float64], coherence: NDArray[np.float64], looks: float) -> NDArray[np.float64]:
    """Density of the phase error (rad, -pi to pi) at a true coherence (0 <= coherence < 1) and a number of looks >= 1.

    Broadcasts phase and coherence. Lee et al. (1994), IEEE TGRS 32(5), equation 16; Hanssen (2001), equation 4.2.24.
    """
    beta = coherence * np.cos(phase)
    common = (1.0 - coherence**2) ** looks
    half = np.exp(gammaln(looks + 0.5) - gammaln(looks)) / (2.0 * np.sqrt(np.pi))
    rising = half * common * beta / (1.0 - beta**2) ** (looks + 0.5)
    density: NDArray[np.float64] = rising + common / (2.0 * np.pi) * hyp2f1(looks, 1.0, 0.5, beta**2)
    return np.maximum(density, 0.0)


def phase_deviation_exact(coherence: NDArray[np.float64], looks: float) -> NDArray[np.float64]:
    """Standard deviation (rad) of the phase at each coherence, by integrating the density."""
    u = np.linspace(0.0, 1.0, 401)
    phase = np.pi * u**2  # finer near zero, where the density of coherent pixels is narrow
    density = phase_density(phase[None, :], np.asarray(coherence)[:, None], looks)
    moment = np.asarray(np.trapezoid(density * phase**2, phase, axis=1))
    total = np.asarray(np.trapezoid(density, phase, axis=1))
    return np.sqrt(moment / total)


@lru_cache(maxsize=1)
def _table() -> NDArray[np.float64]:
    return np.stack([phase_deviation_exact(_COHERENCES, looks) for looks in _LOOKS])


@lru_cache(maxsize=1)
def _critical_table() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    critical = [np.interp(-PHASE_NOISE_LIMIT, -row, _COHERENCES) for row in _table()]
    return np.log(np.asarray(_LOOKS)), np.asarray(critical)


def phase_deviation(coherence: Tensor, looks: Tensor) -> Tensor:
    """Standard deviation (rad) of the phase, interpolated in a table; looks (batch,), coherence (batch, …)."""
    position = np.interp(np.log(looks.cpu().numpy()), np.log(_LOOKS), np.arange(len(_LOOKS)))
    lower = np.minimum(position.astype(int), len(_LOOKS) - 2)
    share = (position - lower)[:, None]
    rows = torch.as_tensor(_table()[lower] * (1 - share) + _table()[lower + 1] * share, dtype=torch.float32)
    step = coherence.flatten(1) / float(_COHERENCES[1])
    index = step.long().clamp(0, len(_COHERENCES) - 2)
    rows = rows.to(coherence.device)
    left, right = rows.gather(1, index), rows.gather(1, index + 1)
    return (left + (right - left) * (step - index)).clamp_min(0.0).view_as(coherence)


def critical_coherence(looks: Tensor) -> Tensor:
    """The true coherence (batch,) below which the phase is noisier than PHASE_NOISE_LIMIT at these looks (batch,)."""
    grid, critical = _critical_table()
    values = np.interp(np.log(looks.cpu().numpy()), grid, critical)
    return torch.as_tensor(values, dtype=torch.float32, device=looks.device)
