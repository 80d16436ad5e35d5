"""How alike two rasters are: sums that are added up window by window, and the numbers that come of them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from ..phase.wrap import CYCLE, wrap

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

KINDS = ("wrapped", "unwrapped", "coherence", "mask", "continuous")
SSIM_WINDOW = 7  # pixels on a side, uniform weights
SSIM_HALO = SSIM_WINDOW // 2
_K1, _K2 = 0.01, 0.03  # of Wang et al. (2004), IEEE TIP 13(4)


class Totals:
    """Sums over pixel pairs; `constant` is subtracted from the first raster, `data_range` is that of the values."""

    def __init__(self, kind: str, constant: float, data_range: float) -> None:
        self.kind, self.constant, self.data_range = kind, constant, data_range
        self.count = self.ssim_count = 0
        self._sums = np.zeros(12)
        self._ssim = 0.0
        self._phasor = 0j

    def add(self, first: Float, second: Float, valid: Bool, core: tuple[slice, slice]) -> None:
        """Take a window (rows, columns) of both; only `core` is counted, what lies around serves its SSIM."""
        if self.kind == "mask":
            self._add_mask(first[core] != 0, second[core] != 0, valid[core])
            return
        first = first - self.constant
        turned = first - second
        if self.kind == "wrapped":
            first, second = _scaled(first), _scaled(second)
        self._add_similarity(first, second, valid, core)
        a, b, d = first[core][valid[core]], second[core][valid[core]], turned[core][valid[core]]
        self.count += a.size
        cycle = wrap(d)
        self._phasor += np.exp(1j * d).sum() if self.kind in ("wrapped", "unwrapped") else 0
        difference = a - b
        congruence = wrap(d + self.constant)
        self._sums += (
            a.sum(), b.sum(), (a * a).sum(), (b * b).sum(), (a * b).sum(),
            np.abs(difference).sum(), (difference * difference).sum(), difference.sum(),
            np.abs(cycle).sum(), (cycle * cycle).sum(), (np.abs(d) < math.pi).sum(), (congruence * congruence).sum(),
        )  # fmt: skip

    def _add_mask(self, first: Bool, second: Bool, valid: Bool) -> None:
        a, b = first[valid], second[valid]
        self.count += a.size
        self._sums[:4] += ((a & b).sum(), (a & ~b).sum(), (~a & b).sum(), (~a & ~b).sum())

    def _add_similarity(self, first: Float, second: Float, valid: Bool, core: tuple[slice, slice]) -> None:
        """SSIM where its whole window is valid and inside the raster."""
        whole = uniform_filter(valid.astype(np.float64), SSIM_WINDOW, mode="constant") > 1 - 0.5 / SSIM_WINDOW**2
        good = np.zeros(valid.shape, bool)
        good[core] = whole[core]
        if not good.any() or self.data_range <= 0:
            return
        values = similarity(np.where(valid, first, 0), np.where(valid, second, 0), self.data_range)
        self._ssim += float(values[good].sum())
        self.ssim_count += int(good.sum())

    def numbers(self) -> dict[str, float]:
        """The metrics of this kind by name; empty where no pixel was compared."""
        if self.count == 0:
            return {}
        if self.kind == "mask":
            return _mask_numbers(*(float(v) for v in self._sums[:4]))
        a, b, aa, bb, ab, absolute, squares, bias, circular, circular2, right, congruence = self._sums / self.count
        found = {"MAE": absolute, "RMSE": math.sqrt(squares), "BIAS": bias}
        spread = math.sqrt(max(aa - a * a, 0.0) * max(bb - b * b, 0.0))
        if self.kind == "wrapped":
            found |= {"CIRCULAR_MAE": circular, "CIRCULAR_RMSE": math.sqrt(circular2)}
            found["CORRELATION"] = abs(self._phasor) / self.count
            del found["BIAS"]  # of numbers that jump
        elif spread > 0:
            found["CORRELATION"] = (ab - a * b) / spread
        if self.kind == "unwrapped":
            found |= {"RIGHT_CYCLE_SHARE": right, "CONGRUENCE_ERROR": math.sqrt(congruence), "CONSTANT": self.constant}
        if self.ssim_count:
            found["SSIM"] = self._ssim / self.ssim_count
        if squares > 0 and self.data_range > 0:
            found["PSNR"] = 10.0 * math.log10(self.data_range**2 / squares)
        return {name: float(value) for name, value in found.items()}


def _scaled(phase: Float) -> Float:
    """Wrapped phase on 0..1, on which the literature states MAE, SSIM and PSNR."""
    return np.asarray((wrap(phase) + math.pi) / CYCLE)


def similarity(first: Float, second: Float, data_range: float) -> Float:
    """SSIM at each pixel (rows, columns), with unbiased variances; Wang et al. (2004), IEEE TIP 13(4)."""
    unbiased = SSIM_WINDOW**2 / (SSIM_WINDOW**2 - 1)
    mean_a, mean_b = uniform_filter(first, SSIM_WINDOW), uniform_filter(second, SSIM_WINDOW)
    var_a = unbiased * (uniform_filter(first * first, SSIM_WINDOW) - mean_a**2)
    var_b = unbiased * (uniform_filter(second * second, SSIM_WINDOW) - mean_b**2)
    both = unbiased * (uniform_filter(first * second, SSIM_WINDOW) - mean_a * mean_b)
    c1, c2 = (_K1 * data_range) ** 2, (_K2 * data_range) ** 2
    above = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return np.asarray(above / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2)))


def _mask_numbers(hit: float, false: float, missed: float, rejected: float) -> dict[str, float]:
    """The usual shares; those with nothing below the line are left out."""
    shares = {
        "IOU": (hit, hit + false + missed),
        "PRECISION": (hit, hit + false),
        "RECALL": (hit, hit + missed),
        "F1": (2 * hit, 2 * hit + false + missed),
        "ACCURACY": (hit + rejected, hit + false + missed + rejected),
    }
    return {name: above / below for name, (above, below) in shares.items() if below > 0}
