"""What every method makes of a sample with gaps: wrapped phase, rad, observed pixels as they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor, nn

from ....models.phase_filling.network import FINE, PhaseFillingNet
from ....models.phase_filling.paper import PaperFillingNet
from ....models.phase_filling.pyramid import fill, observed_turns
from ...phase.biharmonic import biharmonic_fill
from ...phase.filling import expected_cosine
from ...phase.laplace import laplace_fill
from ...phase.unwrap_mcf import mcf
from ..fill_metrics import wrap
from .fill_cases import Sample

SMOOTHING = 1.5  # pixels; of noisy observations before the classical fills
NETWORK, LAPLACE, MCF, ORACLE = "network", "Laplace", "MCF + biharmonic", "true unwrapped + biharmonic"
TOLD, ALONE, WITHOUT = "network, true fringe lines", "network, no fringes", "network, without coherence"
NEAREST, SMOOTH, ALONG = "nearest", "Laplace, smoothed", "along observed fringes"
ALIKE = 0.9  # coherence that MCF is told of noise-free phase
Bool = NDArray[np.bool_]
Complex = NDArray[np.complex64]
Method = Callable[[Complex, Bool], NDArray[np.float64]]


class Answer(NamedTuple):
    """The network's: phase (batch, rows, cols), ln(concentration), probability of a line by stage one, confidence."""

    phase: Tensor
    log_concentration: Tensor
    line: Tensor
    confidence: Tensor


def ask(
    network: nn.Module, sample: Sample, *, coherence: bool = True, lines: Tensor | None = None, alone: bool = False
) -> Answer:
    """The network's answer, with the topographic phase taken out and put back where the sample has one."""
    inputs, removed = network_inputs(sample, coherence=coherence)
    with torch.inference_mode(), torch.autocast(inputs.device.type, torch.bfloat16):
        if isinstance(network, PaperFillingNet) and lines is not None:
            turn = torch.pi * network.reconstruct(inputs, lines)
            out = torch.cat((turn.cos(), turn.sin(), torch.zeros_like(turn), lines), 1)
        elif isinstance(network, PhaseFillingNet) and (lines is not None or alone):
            filled = network.stages(inputs, lines=lines, alone=alone)
            out = torch.cat((filled.phase, filled.log_concentration, filled.fringe), 1)
        else:
            out = network(inputs)
    out = out.float().cpu()
    phase = wrap(torch.atan2(out[:, 1], out[:, 0]) + removed)
    return Answer(merged(phase, sample), out[:, 2], torch.sigmoid(out[:, 3]), expected_cosine(out[:, 2].exp()))


def network_inputs(sample: Sample, *, coherence: bool = True) -> tuple[Tensor, Tensor]:
    """Inputs (batch, 5, rows, cols) and the phase that was taken out (batch, rows, cols)."""
    removed = sample.predicted if sample.predicted is not None else torch.zeros_like(sample.truth)
    angle, known = sample.observed.angle() - removed, (~sample.gap).float()
    has = torch.full_like(known, float(coherence and sample.coherence is not None))
    given = sample.coherence if sample.coherence is not None else known
    return torch.stack((angle.cos() * known, angle.sin() * known, known, given * known * has, has), 1), removed


def merged(phase: Tensor, sample: Sample) -> Tensor:
    """The filled phase in gaps, the observed one elsewhere."""
    return torch.where(sample.gap, phase, sample.observed.angle())


def quick(sample: Sample) -> dict[str, Tensor]:
    """Classical methods that take no time."""
    removed = sample.predicted if sample.predicted is not None else torch.zeros_like(sample.truth)
    signal = sample.observed * torch.polar(torch.ones_like(removed), -removed)
    known = ~sample.gap
    made = {NEAREST: _each(_nearest, signal, known), LAPLACE: _each(_laplace, signal, known)}
    if sample.coherence is not None:
        made[SMOOTH] = _each(_smooth_laplace, signal, known)
    shown, weight = torch.where(known, signal, 0)[:, None], known.float()[:, None]
    made[ALONG] = fill(shown, weight, *observed_turns(shown, weight, FINE))[:, 0].angle()
    return {name: merged(wrap(phase + removed), sample) for name, phase in made.items()}


def slow(sample: Sample) -> dict[str, Tensor]:
    """By way of unwrapping: what is known by minimum-cost flow, and the truth, as if unwrapping never failed."""
    known = (~sample.gap).numpy()
    angle = sample.observed.angle().numpy()
    coherence = sample.coherence.numpy() if sample.coherence is not None else np.full_like(angle, ALIKE)
    truth = (sample.truth + wrap(sample.observed.angle() - sample.truth)).numpy()
    by_mcf: list[NDArray[np.float32]] = []
    by_truth: list[NDArray[np.float32]] = []
    for index in range(len(known)):
        unwrapped = mcf(angle[index], known[index], coherence[index].astype(np.float32), 10.0).phase
        for field, into in ((unwrapped, by_mcf), (truth[index], by_truth)):
            smooth = field if sample.coherence is None else _smoothed(field, known[index])
            into.append(biharmonic_fill(smooth.astype(np.float32), known[index], ~known[index]))
    filled = {MCF: torch.from_numpy(np.stack(by_mcf)), ORACLE: torch.from_numpy(np.stack(by_truth))}
    return {name: merged(wrap(phase), sample) for name, phase in filled.items()}


def _each(method: Method, signal: Tensor, known: Tensor) -> Tensor:
    pairs = zip(signal.numpy(), known.numpy(), strict=True)
    return torch.from_numpy(np.stack([method(z, k) for z, k in pairs])).float()


def _nearest(signal: Complex, known: Bool) -> NDArray[np.float64]:
    index = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    return np.asarray(np.angle(signal[tuple(index)]))


def _laplace(signal: Complex, known: Bool) -> NDArray[np.float64]:
    return np.asarray(np.angle(laplace_fill(signal, known, ~known)))


def _smooth_laplace(signal: Complex, known: Bool) -> NDArray[np.float64]:
    seen = np.where(known, signal, 0)
    smooth = _blurred(seen.real) + 1j * _blurred(seen.imag)
    return _laplace(np.where(known, smooth / np.maximum(np.abs(smooth), 1e-9), 0).astype(np.complex64), known)


def _smoothed(values: NDArray[np.float32], known: Bool) -> NDArray[np.float64]:
    weight = _blurred(known.astype(np.float64))
    return np.where(known, _blurred(np.where(known, values, 0)) / np.maximum(weight, 1e-9), 0)


def _blurred(values: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(ndimage.gaussian_filter(values.astype(np.float64), SMOOTHING))
