"""Mixtures of deformation and delay, and what the network is shown of them: trend and planes as in the tool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...atmosphere.planes import planes_of
from ...atmosphere.trend import fit_trend, positions
from ...simulate.draw import Draw, per_pixel
from ..recipe import Batch

STILL_SHARE = 0.25  # of scenes without deformation
SNR = (0.03, 100.0)  # power of the deformation over that of the noise
NOISE = (1.5, 40.0)  # mm, deviation of all noise along the line of sight
HIGHEST_PEAK = 40.0  # deviations of the noise; small sources would be higher for the same power
LARGEST_MOVEMENT = 3000.0  # mm
PARTS = ("turbulence", "layered", "lateral", "ramp", "grain")
WEIGHTS = (1.0, 0.8, 0.6, 0.8, 0.12)  # largest amplitudes of the parts before they are brought to NOISE together
LACKING = (0.0, 0.35, 0.35, 0.3, 0.3)  # chance that a part is absent; some turbulence there always is
BLIND_SHARE, DIM_SHARE = 0.3, 0.4  # of scenes shown without heights, and without coherence
FIT_STEP = 3  # cells from one that the trend is fitted on to the next; it has four unknowns


@dataclass
class Mixture:
    """Deformation and noise (batch, rows, cols) mm, about a constant."""

    deformation: Tensor
    noise: Tensor

    @property
    def total(self) -> Tensor:
        """What an interferogram holds."""
        return self.deformation + self.noise


def mix(draw: Draw, batch: Batch) -> Mixture:
    """New amplitudes for the parts of a simulated batch; the deformation comes from another scene of it."""
    count = len(batch["spacing"])
    noise = torch.zeros_like(batch["elevation"])
    for name, weight, lacking in zip(PARTS, WEIGHTS, LACKING, strict=True):
        there = ~draw.chance(lacking, count)
        amplitude = there * weight * draw.uniform(count, low=0.15, high=1.0) * draw.pick([-1.0, 1.0], count)
        noise = noise + per_pixel(amplitude) * batch[name]
    noise = noise / deviation(noise, batch["share"])
    size = draw.log_uniform(count, low=NOISE[0], high=NOISE[1])
    moved = batch["deformation"][torch.randperm(count, generator=draw.generator)]
    return scaled_mixture(moved, noise, size, snr_of(draw, count), batch["share"])


def scaled_mixture(moved: Tensor, noise: Tensor, size: Tensor, snr: Tensor, share: Tensor) -> Mixture:
    """Noise of unit deviation brought to size (batch,) mm, deformation to a power of snr (batch,) times the noise's."""
    moved = moved / deviation(moved, share)
    peak = moved.abs().amax(dim=(1, 2))
    strength = torch.minimum(snr.sqrt(), HIGHEST_PEAK / peak)
    strength = torch.minimum(strength, LARGEST_MOVEMENT / (size * peak))
    return Mixture(moved * per_pixel(strength * size), noise * per_pixel(size))


def snr_of(draw: Draw, count: int) -> Tensor:
    """Signal over noise by the logarithm, 0 for still scenes."""
    return draw.log_uniform(count, low=SNR[0], high=SNR[1]) * ~draw.chance(STILL_SHARE, count)


def deviation(field: Tensor, share: Tensor) -> Tensor:
    """Standard deviation over the valid cells (batch, 1, 1), never 0."""
    valid = (share > 0).float()
    count = valid.sum((1, 2), keepdim=True).clamp_min(1.0)
    mean = (field * valid).sum((1, 2), keepdim=True) / count
    return (((field - mean).square() * valid).sum((1, 2), keepdim=True) / count).sqrt().clamp_min(1e-6)


def shown(total: Tensor, batch: Batch, blind: Tensor, dim: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Planes (batch, 9, rows, cols), the trend that was taken off (mm), and the robust deviation (batch,) mm.

    `blind` (batch,) scenes have no heights, `dim` ones no coherence.
    """
    made = [_one(total, batch, index, bool(blind[index]), bool(dim[index])) for index in range(len(total))]
    planes, trends, scales = zip(*made, strict=True)
    return torch.stack(planes), torch.stack(trends), torch.tensor(scales, dtype=torch.float32)


def _one(total: Tensor, batch: Batch, index: int, blind: bool, dim: bool) -> tuple[Tensor, Tensor, float]:  # noqa: FBT001
    values, share, height, coherence = (
        batch[name][index].numpy() if name else total[index].numpy() for name in ("", "share", "elevation", "coherence")
    )
    rows, cols = values.shape
    down = positions(0, rows, rows, max(rows, cols))[:, None]
    right = positions(0, cols, cols, max(rows, cols))[None, :]
    thin = (slice(None, None, FIT_STEP), slice(None, None, FIT_STEP))
    elevation = None if blind else height
    trend = fit_trend(
        values[thin],
        share[thin],
        down[thin],
        right[:, ::FIT_STEP],
        None if elevation is None else elevation[thin],
    )
    taken = trend.at(down, right, elevation).astype(np.float32)
    residual = np.where(share > 0, values - taken, np.float32(0))
    planes = planes_of(
        residual,
        share,
        trend.deviation,
        float(batch["spacing"][index]),
        1.0,
        elevation,
        None if dim else coherence,
    )
    return torch.from_numpy(planes), torch.from_numpy(taken), trend.deviation
