"""Marks the pixels of an interferogram whose phase is noise: by the network, or by Otsu's thresholds."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.enums import Resampling

from ..errors import InputError
from ..inference.device import choose_device
from ..inference.predict import Options, predict
from ..inference.recall import Recall
from ..networks import load_network
from ..phase import otsu
from ..phase.mask_features import AMPLITUDE_LIMIT, AmplitudeScale, mask_features
from ..progress import Progress, Stage
from ..raster.geotiff import RasterSink
from ..raster.inputs import opened
from ..raster.provenance import provenance
from ..raster.quantities import Amplitude, Coherence, WrappedPhase, sample
from ..raster.sink import Outputs
from ..raster.source import Patch
from ..raster.window import Window, windows

ID = "decorrelationmask"
NETWORK = "decorrelation"
RASTERS = ("INPUT", "COHERENCE", "AMPLITUDE")
DECORRELATED, COHERENT, NODATA = 1, 0, 255

# What a method cannot do without.
_NEEDS = {"network": (), "otsu": ("COHERENCE",), "otsu2": ("COHERENCE", "AMPLITUDE")}

# Where on the progress bar the inputs are checked, the histograms of Otsu are made, and only the overviews are left.
_STARTED, _COUNTED, _PREDICTED = 0.02, 0.5, 0.97

Bool = npt.NDArray[np.bool_]
Float = npt.NDArray[np.float32]


def run(parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Write OUTPUT (uint8: 1 decorrelated, 0 coherent, 255 no data), and PROBABILITY and MASKED where paths are given.

    Returns their paths and DECORRELATED_SHARE, of the valid pixels, NaN where none is. Raises InputError,
    GridMismatchError, WeightsError, OutputError, ResourceError; then no output was made or changed.
    """
    method = parameters["METHOD"]
    _check_combination(parameters, method)
    paths = [parameters[name] for name in RASTERS]
    with Outputs(progress, paths) as outputs, _opened(parameters, progress) as inputs:
        if method == "network":
            results = _by_network(inputs, outputs, parameters, progress)
        else:
            results = _by_otsu(inputs, outputs, parameters, progress)
        if not results.valid:
            progress.warn(f"{parameters['INPUT']} has not one valid pixel: the outputs are all no data")
        progress.update(_PREDICTED, "finishing the files")
    return results.summary()


@dataclass
class _Inputs:
    """The opened rasters, each with its meaning; absent ones are None."""

    phase: WrappedPhase
    coherence: Coherence | None
    amplitude: Amplitude | None

    def amplitude_scale(self) -> AmplitudeScale:
        """Median and spread of the log amplitude, from a sample that does not depend on the tiles."""
        if self.amplitude is None:
            return AmplitudeScale(0.0, 1.0)
        values = sample(self.amplitude)
        return AmplitudeScale.of(values, np.ones(values.shape, bool))

    def read(self, window: Window, scale: AmplitudeScale) -> tuple[Patch, Patch | None, Patch | None]:
        """Phase, coherence and normalised log amplitude; 0 where invalid."""
        coherence = self.coherence.read(window) if self.coherence else None
        amplitude = self.amplitude.read(window) if self.amplitude else None
        if amplitude is not None:
            logs = np.where(amplitude.valid, scale.normalise(amplitude.values), np.float32(0))
            amplitude = Patch(logs, amplitude.valid)
        return self.phase.read(window), coherence, amplitude


class _Results:
    """The output rasters of a run and the counts of what was written to them."""

    def __init__(
        self, outputs: Outputs, inputs: _Inputs, parameters: Mapping[str, Any], weights: str | None = None
    ) -> None:
        grid, tags = inputs.phase.source.grid, provenance(ID, parameters, weights)
        self.valid = self.decorrelated = 0
        self.sinks: dict[str, RasterSink] = {}
        self.sinks["OUTPUT"] = outputs.raster(
            parameters["OUTPUT"],
            grid,
            dtype="uint8",
            nodata=NODATA,
            bands=("decorrelated",),
            tags={**tags, "FRINGELENS_CLASSES": "0 coherent, 1 decorrelated, 255 no data"},
        )
        if parameters["PROBABILITY"] is not None:
            self.sinks["PROBABILITY"] = outputs.raster(
                parameters["PROBABILITY"],
                grid,
                dtype="float32",
                nodata=math.nan,
                bands=("probability of decorrelation",),
                tags=tags,
                overview=Resampling.average,
            )
        if parameters["MASKED"] is not None:
            self.sinks["MASKED"] = outputs.raster(
                parameters["MASKED"],
                grid,
                dtype="float32",
                nodata=math.nan,
                bands=("wrapped phase",),
                unit="rad",
                tags={**tags, "FRINGELENS_SIGN": "as in the input"},
            )

    def write(self, window: Window, phase: Patch, valid: Bool, decorrelated: Bool, probability: Float | None) -> None:
        """Write one window to all outputs and count its pixels."""
        mask = np.where(valid, decorrelated, np.uint8(NODATA)).astype(np.uint8, copy=False)
        self.sinks["OUTPUT"].write(window, mask)
        if "PROBABILITY" in self.sinks and probability is not None:
            self.sinks["PROBABILITY"].write(window, np.where(valid, probability, np.float32(np.nan)))
        if "MASKED" in self.sinks:
            self.sinks["MASKED"].write(window, np.where(mask == COHERENT, phase.values, np.float32(np.nan)))
        self.valid += int(np.count_nonzero(valid))
        self.decorrelated += int(np.count_nonzero(mask == DECORRELATED))

    def summary(self) -> dict[str, Any]:
        """What the tool returns."""
        share = self.decorrelated / self.valid if self.valid else math.nan
        return {**{name: str(sink.path) for name, sink in self.sinks.items()}, "DECORRELATED_SHARE": share}


def _check_combination(parameters: Mapping[str, Any], method: str) -> None:
    missing = [name for name in _NEEDS[method] if parameters[name] is None]
    if missing:
        message = f"METHOD {method} needs {' and '.join(missing)}. Give it, or choose METHOD network."
        raise InputError(message)
    if method != "network" and parameters["PROBABILITY"] is not None:
        message = f"METHOD {method} gives no PROBABILITY, only the network does. Leave PROBABILITY out."
        raise InputError(message)


@contextlib.contextmanager
def _opened(parameters: Mapping[str, Any], progress: Progress) -> Iterator[_Inputs]:
    """The inputs, open, on one grid, and plausible."""
    with opened(parameters, RASTERS, progress) as sources:
        coherence, amplitude = sources.get("COHERENCE"), sources.get("AMPLITUDE")
        inputs = _Inputs(
            WrappedPhase(sources["INPUT"], progress),
            Coherence(coherence, progress) if coherence else None,
            Amplitude(amplitude) if amplitude else None,
        )
        for quantity in (inputs.phase, inputs.coherence, inputs.amplitude):
            if quantity is not None:
                quantity.check()
        yield inputs


def _by_network(inputs: _Inputs, outputs: Outputs, parameters: Mapping[str, Any], progress: Progress) -> _Results:
    """Mask what the network gives at least THRESHOLD of probability."""
    network, card = load_network(NETWORK, parameters["MODEL"], progress)
    device = choose_device(parameters["DEVICE"], progress)
    results = _Results(outputs, inputs, parameters, card.sha256)
    scale, threshold = inputs.amplitude_scale(), parameters["THRESHOLD"]
    seen: Recall[Patch] = Recall()

    def read(window: Window) -> Float | None:
        phase, coherence, amplitude = inputs.read(window, scale)
        seen.keep(window, phase)
        if not phase.valid.any():
            return None
        return mask_features(
            phase.values, phase.valid, coherence.values if coherence else None, amplitude.values if amplitude else None
        )

    def write(window: Window, logits: Float) -> None:
        around, part = seen.find(window)
        phase = Patch(around.values[part], around.valid[part])
        probability = _sigmoid(logits[0])
        results.write(window, phase, phase.valid, probability >= threshold, probability)

    options = Options(device, tile_size=parameters["TILE_SIZE"])
    shape = inputs.phase.source.grid.shape
    predict(network, read, shape, write, options, Stage(progress, _STARTED, _PREDICTED))
    return results


def _sigmoid(logits: Float) -> Float:
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def _by_otsu(inputs: _Inputs, outputs: Outputs, parameters: Mapping[str, Any], progress: Progress) -> _Results:
    """Mask what lies below Otsu's threshold on coherence, and with otsu2 below that on amplitude as well."""
    if parameters["METHOD"] == "otsu":
        inputs = replace(inputs, amplitude=None)
    results = _Results(outputs, inputs, parameters)
    scale = inputs.amplitude_scale()
    tiles = list(windows(inputs.phase.source.grid.shape, parameters["TILE_SIZE"]))
    limits = _thresholds(inputs, tiles, scale, Stage(progress, _STARTED, _COUNTED))
    stage = Stage(progress, _COUNTED, _PREDICTED)
    for index, window in enumerate(tiles):
        stage.update(index / len(tiles), "masking")
        phase, coherence, amplitude = inputs.read(window, scale)
        decorrelated, valid = np.zeros(phase.valid.shape, bool), np.zeros(phase.valid.shape, bool)
        if coherence is not None and limits is not None:
            decorrelated = _below(limits, coherence, amplitude)
            valid = _known(phase, coherence, amplitude)
        results.write(window, phase, valid, decorrelated, None)
    return results


def _thresholds(
    inputs: _Inputs, tiles: list[Window], scale: AmplitudeScale, progress: Progress
) -> tuple[float, float] | None:
    """Otsu's thresholds on coherence and normalised log amplitude, over the whole raster; None if nothing is valid."""
    counts = np.zeros((2, otsu.BINS))
    for index, window in enumerate(tiles):
        progress.update(index / len(tiles), "counting")
        phase, coherence, amplitude = inputs.read(window, scale)
        if coherence is None:
            continue
        valid = _known(phase, coherence, amplitude)
        counts[0] += otsu.histogram(coherence.values, valid, 0.0, 1.0)
        if amplitude is not None:
            counts[1] += otsu.histogram(amplitude.values, valid, -AMPLITUDE_LIMIT, AMPLITUDE_LIMIT)
    if not counts.any():
        return None
    on_coherence, on_amplitude = otsu.coherence_threshold(counts[0]), math.inf
    progress.log(f"Otsu's threshold on coherence: {on_coherence:.3f}")
    if inputs.amplitude is not None:
        on_amplitude = otsu.otsu_threshold(counts[1], otsu.centres(-AMPLITUDE_LIMIT, AMPLITUDE_LIMIT))
        progress.log(f"Otsu's threshold on log amplitude: {on_amplitude:.3f} robust deviations from its median")
    return on_coherence, on_amplitude


def _known(phase: Patch, coherence: Patch, amplitude: Patch | None) -> Bool:
    """Where all inputs of a threshold are valid."""
    valid = phase.valid & coherence.valid
    return valid if amplitude is None else valid & amplitude.valid


def _below(limits: tuple[float, float], coherence: Patch, amplitude: Patch | None) -> Bool:
    if amplitude is None:
        return otsu.otsu_mask(coherence.values, limits[0])
    return otsu.otsu2_mask(coherence.values, amplitude.values, *limits)
