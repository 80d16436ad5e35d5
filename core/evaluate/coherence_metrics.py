"""How well coherence is estimated: error, bias by true coherence, and whether the stated deviation is right."""

from __future__ import annotations

import torch
from torch import Tensor

LOW = 0.2  # true coherence below which bias is reported


def rmse(estimate: Tensor, truth: Tensor) -> float:
    """Root mean squared error of (n,) estimates; NaN of none."""
    return float((estimate - truth).square().mean().sqrt())


def bias_below(estimate: Tensor, truth: Tensor, limit: float = LOW) -> float:
    """Mean of estimate minus truth (n,) where the true coherence is below `limit`; NaN where that is nowhere."""
    return float((estimate - truth)[truth < limit].mean())


def correlation(estimate: Tensor, truth: Tensor) -> float:
    """Pearson's correlation of (n,) values; NaN where one of them is constant."""
    one, two = estimate.double() - estimate.double().mean(), truth.double() - truth.double().mean()
    return float((one * two).mean() / (one.square().mean() * two.square().mean()).sqrt())


def coverage(estimate: Tensor, deviation: Tensor, truth: Tensor, times: float) -> float:
    """Share of the truths (n,) within `times` standard deviations of the estimate."""
    return float(((estimate - truth).abs() <= times * deviation).float().mean())


def calibration_error(estimate: Tensor, deviation: Tensor, truth: Tensor, bins: int = 20) -> float:
    """Expected normalised calibration error (Levi et al. 2022): 0 where each stated deviation is the error's."""
    order = deviation.argsort()
    wrong = []
    for part in torch.tensor_split(order, bins):
        stated = deviation[part].square().mean().sqrt()
        found = (estimate[part] - truth[part]).square().mean().sqrt()
        wrong.append((stated - found).abs() / stated)
    return float(torch.stack(wrong).mean())
