"""Says how far a raster is from a reference, in numbers and on a page."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..evaluate.compare_metrics import SSIM_HALO, Totals
from ..evaluate.compare_pictures import picture, stride_for
from ..evaluate.compare_report import page
from ..progress import Progress, Stage
from ..raster.inputs import opened
from ..raster.mask import Mask
from ..raster.quantities import Coherence, WrappedPhase
from ..raster.report import write_report
from ..raster.source import Patch, Source
from ..raster.window import Window, scattered_windows, windows

RASTERS = ("INPUT", "REFERENCE", "MASK")
UNITS = {"wrapped": "cycles", "unwrapped": "rad"}  # of MAE, RMSE and BIAS
BINS = 61  # of the histogram of differences
PICTURED = (0.02, 0.98)  # quantiles between which colours run

_SAMPLE_SIDE, _SAMPLE_COUNT = 256, 25
_RANGED, _COMPARED = 0.3, 0.97

Bool = npt.NDArray[np.bool_]
Float = npt.NDArray[np.float64]


def run(parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Compare INPUT with REFERENCE; returns the numbers of KIND by name, and REPORT where a path is given.

    Raises InputError, GridMismatchError, OutputError; then no report was made or changed.
    """
    with _opened(parameters, progress) as pair:
        tiles = list(windows(pair.shape, _aligned(parameters["TILE_SIZE"], stride_for(pair.shape))))
        low, high = pair.reference_range(tiles, Stage(progress, 0.0, _RANGED))
        constant = pair.median_difference() if pair.kind == "unwrapped" else 0.0
        totals = Totals(pair.kind, constant, high - low)
        pictures = _Pictures(pair, constant)
        stage = Stage(progress, _RANGED, _COMPARED)
        for index, window in enumerate(tiles):
            stage.update(index / len(tiles), "comparing")
            _compare(pair, window, totals, pictures)
    numbers = totals.numbers()
    if not numbers:
        progress.warn("the two rasters have not one valid pixel in common, so there is nothing to compare")
    results: dict[str, Any] = {"COUNT": totals.count, **numbers}
    progress.log(", ".join(f"{name} {value:.6g}" for name, value in results.items()))
    if parameters["REPORT"] is not None:
        text = pictures.page(parameters, results, (low, high))
        results["REPORT"] = write_report(Path(parameters["REPORT"]), text, progress)
    return results


@dataclass
class _Pair:
    """The two rasters and the mask, open."""

    kind: str
    input: Source | Coherence | WrappedPhase
    reference: Source | Coherence | WrappedPhase
    mask: Mask | None
    shape: tuple[int, int]

    def read(self, window: Window) -> tuple[Patch, Patch, Bool]:
        """Both, and where both count."""
        first, second = self.input.read(window), self.reference.read(window)
        valid = first.valid & second.valid
        if self.mask is not None:
            valid = valid & ~self.mask.read(window)
        return first, second, valid

    def reference_range(self, tiles: list[Window], progress: Progress) -> tuple[float, float]:
        """Least and largest value that both kinds of number can refer to."""
        if self.kind in ("wrapped", "coherence", "mask"):
            return 0.0, 1.0
        low, high = math.inf, -math.inf
        for index, window in enumerate(tiles):
            progress.update(index / len(tiles), "looking at the reference")
            _, second, valid = self.read(window)
            if valid.any():
                values = second.values[valid]
                low, high = min(low, float(values.min())), max(high, float(values.max()))
        return (low, high) if low <= high else (0.0, 1.0)

    def median_difference(self) -> float:
        """From windows spread over the raster, whatever its size."""
        parts = []
        for window in scattered_windows(self.shape, _SAMPLE_SIDE, _SAMPLE_COUNT):
            first, second, valid = self.read(window)
            parts.append((first.values.astype(np.float64) - second.values)[valid])
        values = np.concatenate(parts)
        return float(np.median(values)) if values.size else 0.0


class _Pictures:
    """Every so many pixels of both rasters, and the histogram of their differences."""

    def __init__(self, pair: _Pair, constant: float) -> None:
        self._kind, self._constant, self.stride = pair.kind, constant, stride_for(pair.shape)
        shape = tuple(-(-side // self.stride) for side in pair.shape)
        self._first, self._second = np.full(shape, np.nan), np.full(shape, np.nan)

    def add(self, window: Window, first: Float, second: Float, valid: Bool) -> None:
        """Take the core of a window, which starts on a whole stride."""
        row, column = window.row // self.stride, window.column // self.stride
        step = slice(None, None, self.stride)
        seen = valid[step, step]
        there = slice(row, row + seen.shape[0]), slice(column, column + seen.shape[1])
        self._first[there] = np.where(seen, first[step, step], np.nan)
        self._second[there] = np.where(seen, second[step, step], np.nan)

    def page(self, parameters: Mapping[str, Any], numbers: Mapping[str, float], limits: tuple[float, float]) -> str:
        """The report."""
        difference = self._first - self._constant - self._second
        if self._kind == "wrapped":
            difference = np.angle(np.exp(1j * difference))
        seen = difference[np.isfinite(difference)]
        reach = float(np.quantile(np.abs(seen), PICTURED[1])) if seen.size else 0.0
        reach = reach if reach > 0 else 1.0
        counts, _ = np.histogram(np.clip(seen, -reach, reach), BINS, (-reach, reach))
        low, high, scale = self._colours(limits)
        units = " rad" if self._kind in UNITS else ""  # of what is shown, which is not scaled
        shown = [
            (f"INPUT, {low:.4g} to {high:.4g}{units}", picture(self._first - self._constant, low, high, scale)),
            (f"REFERENCE, {low:.4g} to {high:.4g}{units}", picture(self._second, low, high, scale)),
        ]
        between = f"INPUT minus REFERENCE, {-reach:.4g} to {reach:.4g}{units}"
        shown.append((between, picture(difference, -reach, reach, "diverging")))
        files = {name: Path(str(parameters[name])).name for name in RASTERS if parameters[name] is not None}
        title = f"{files['INPUT']} against {files['REFERENCE']}"
        files["KIND"] = self._kind
        return page(title, files, numbers, UNITS.get(self._kind, ""), shown, (counts.tolist(), between))

    def _colours(self, limits: tuple[float, float]) -> tuple[float, float, str]:
        if self._kind == "wrapped":
            return -math.pi, math.pi, "cyclic"
        if self._kind in ("coherence", "mask"):
            return (*limits, "rising")
        seen = self._second[np.isfinite(self._second)]
        low, high = np.quantile(seen, PICTURED) if seen.size else limits
        return float(low), float(high), "rising"


def _aligned(side: int, stride: int) -> int:
    return max(1, side // stride) * stride


def _compare(pair: _Pair, window: Window, totals: Totals, pictures: _Pictures) -> None:
    """Add one window, read with what SSIM needs around it."""
    wide = window.widened(SSIM_HALO, pair.shape)
    first, second, valid = pair.read(wide)
    core = window.within(wide)
    a, b = first.values.astype(np.float64), second.values.astype(np.float64)
    totals.add(a, b, valid, core)
    pictures.add(window, a[core], b[core], valid[core])


@contextlib.contextmanager
def _opened(parameters: Mapping[str, Any], progress: Progress) -> Iterator[_Pair]:
    """The inputs, open, on one grid, and of their kind."""
    kind = parameters["KIND"]
    values = RASTERS if kind == "mask" else ("MASK",)  # a mask of 0 and 1 has no zeros to lose
    with opened(parameters, RASTERS, progress, zero_is_value=values) as sources:
        mask = Mask(sources["MASK"]) if "MASK" in sources else None
        if mask is not None:
            mask.check()
        first, second = (_as_kind(sources[name], kind, progress) for name in ("INPUT", "REFERENCE"))
        yield _Pair(kind, first, second, mask, sources["INPUT"].grid.shape)


def _as_kind(source: Source, kind: str, progress: Progress) -> Source | Coherence | WrappedPhase:
    if kind == "wrapped":
        phase = WrappedPhase(source, progress)
        phase.check()
        return phase
    if source.is_complex:
        message = f"{source.name}: {source.path} is complex. Choose KIND wrapped, or give one real quantity of it."
        raise InputError(message)
    if kind == "coherence":
        coherence = Coherence(source, progress)
        coherence.check()
        return coherence
    return source
