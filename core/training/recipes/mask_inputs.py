"""Inputs of the mask network in torch, in the order of core/phase/mask_features.py, and how they are varied."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ...phase.mask_features import AMPLITUDE_LIMIT, LEAST_SPREAD, NORMAL
from ...simulate.draw import Draw
from ..recipe import Batch

COS, SIN, VALID, COHERENCE, HAS_COHERENCE, AMPLITUDE, HAS_AMPLITUDE = range(7)
VALUE_PLANES = [COS, SIN, COHERENCE, AMPLITUDE]  # 0 where invalid

# What is left out in each of the cases that are measured.
INPUT_SETS: dict[str, dict[str, bool]] = {
    "all inputs": {},
    "phase and coherence": {"amplitude": True},
    "phase alone": {"coherence": True, "amplitude": True},
}

# How often a sample keeps: all inputs, phase and coherence, phase and amplitude, phase alone.
DROP_SHARES = (0.5, 0.22, 0.08, 0.2)
GAIN = (0.85, 1.2)  # of log amplitude: other robust scales come from other surroundings of the scene
SHIFT = 0.4  # of log amplitude, likewise
QUANTISED_SHARE = 0.3  # of coherence maps come with 8 bits
LEVELS = 255.0


def log_amplitude(amplitude: Tensor, valid: Tensor) -> Tensor:
    """Normalised log amplitude of scenes (batch, rows, cols), as AmplitudeScale makes it of a raster; 0 if invalid."""
    logs = amplitude.clamp_min(1e-12).log()
    seen = logs.masked_fill(~(valid & (amplitude > 0)), math.nan).flatten(1)
    median = seen.nanmedian(1).values.nan_to_num().view(-1, 1, 1)
    spread = NORMAL * (seen - median[:, 0]).abs().nanmedian(1).values.nan_to_num(1.0).view(-1, 1, 1)
    scaled = ((logs - median) / spread.clamp_min(LEAST_SPREAD)).clamp(-AMPLITUDE_LIMIT, AMPLITUDE_LIMIT)
    return scaled.masked_fill(~valid, 0.0)


def stack(wrapped: Tensor, valid: Tensor, coherence: Tensor, amplitude: Tensor) -> Tensor:
    """All inputs (batch, 7, rows, cols) from wrapped phase (rad), validity, coherence (0..1) and linear amplitude."""
    seen = valid.float()
    ones = torch.ones_like(wrapped)
    planes = (
        wrapped.cos() * seen,
        wrapped.sin() * seen,
        seen,
        coherence * seen,
        ones,
        log_amplitude(amplitude, valid),
        ones,
    )
    return torch.stack(planes, 1)


def without(inputs: Tensor, *, coherence: bool = False, amplitude: bool = False) -> Tensor:
    """A copy with the named inputs absent."""
    out = inputs.clone()
    if coherence:
        out[:, COHERENCE : HAS_COHERENCE + 1] = 0.0
    if amplitude:
        out[:, AMPLITUDE : HAS_AMPLITUDE + 1] = 0.0
    return out


def vary(batch: Batch, draw: Draw) -> Batch:
    """Augment: another phase offset and sign, amplitude gain, 8-bit coherence; inputs dropped, turned, mirrored."""
    inputs = batch["inputs"].clone()
    count = len(inputs)
    _turn_phase(inputs, draw)
    gain, shift = draw.uniform(count, low=GAIN[0], high=GAIN[1]), draw.uniform(count, low=-SHIFT, high=SHIFT)
    scaled = inputs[:, AMPLITUDE] * gain.view(-1, 1, 1) + shift.view(-1, 1, 1)
    inputs[:, AMPLITUDE] = scaled.clamp(-AMPLITUDE_LIMIT, AMPLITUDE_LIMIT)
    coarse = draw.chance(QUANTISED_SHARE, count).view(-1, 1, 1)
    rounded = (inputs[:, COHERENCE] * LEVELS).round() / LEVELS
    inputs[:, COHERENCE] = torch.where(coarse, rounded, inputs[:, COHERENCE])
    inputs[:, VALUE_PLANES] *= inputs[:, VALID : VALID + 1]
    _drop(inputs, draw)
    varied = dict(batch, inputs=inputs)
    turns, mirror = int(draw.integers(1, high=4)), bool(draw.chance(0.5, 1))
    return {name: _turned(values, turns, mirror=mirror) for name, values in varied.items()}


def _turn_phase(inputs: Tensor, draw: Draw) -> None:
    count = len(inputs)
    offset = draw.uniform(count, low=-math.pi, high=math.pi).view(-1, 1, 1)
    sign = torch.where(draw.chance(0.5, count), 1.0, -1.0).view(-1, 1, 1)
    cosine, sine = inputs[:, COS].clone(), inputs[:, SIN] * sign
    inputs[:, COS] = cosine * offset.cos() - sine * offset.sin()
    inputs[:, SIN] = cosine * offset.sin() + sine * offset.cos()


def _drop(inputs: Tensor, draw: Draw) -> None:
    kind = draw.pick((0.0, 1.0, 2.0, 3.0), len(inputs), weights=DROP_SHARES).view(-1, 1, 1, 1)
    inputs[:, COHERENCE : HAS_COHERENCE + 1] *= (kind < 2).float()
    inputs[:, AMPLITUDE : HAS_AMPLITUDE + 1] *= (kind % 2 == 0).float()


def _turned(values: Tensor, turns: int, *, mirror: bool) -> Tensor:
    if values.ndim < 3:
        return values
    values = values.flip(-1) if mirror else values
    return values.rot90(turns, (-2, -1)).contiguous()
