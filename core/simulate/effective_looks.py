"""How many looks a processed interferogram is worth: filters and resampling take noise out after multilooking."""

from __future__ import annotations

import torch
from torch import Tensor

from .phase_noise import phase_deviation

STRIDE = 3  # every so many pixels each way are enough
MOST = 12.0  # times the looks of the data; a filter that did more would have invented its phase
STEPS = 10  # of the bisection in the logarithm; the last is finer than half a percent
TELLING = 0.05  # rad squared, between the fewest and the most looks; below it the error says nothing


def effective_looks(error: Tensor, coherence: Tensor, valid: Tensor, looks: Tensor) -> Tensor:
    """The looks (batch,) at which the mean squared phase error of each scene would be what it is, at least `looks`.

    error (batch, rows, cols) rad: delivered less noise-free phase, wrapped; coherence: the true one, 0..1; valid bool.
    Scenes of pure noise, whose error says nothing about looks, and scenes without a valid pixel keep theirs.
    """
    step = slice(None, None, STRIDE)
    error, coherence, valid = error[:, step, step], coherence[:, step, step], valid[:, step, step].float()
    count = valid.sum((1, 2)).clamp_min(1.0)

    def mean_square(values: Tensor) -> Tensor:
        return (values.square() * valid).sum((1, 2)) / count

    observed = mean_square(error)
    low, high = torch.zeros_like(looks), torch.full_like(looks, torch.log(torch.tensor(MOST)).item())
    for _ in range(STEPS):
        middle = (low + high) / 2
        noisier = mean_square(phase_deviation(coherence, looks * middle.exp())) > observed
        low, high = torch.where(noisier, middle, low), torch.where(noisier, high, middle)
    least, most = (mean_square(phase_deviation(coherence, looks * factor)) for factor in (1.0, MOST))
    return torch.where(least - most > TELLING, looks * low.exp(), looks)
