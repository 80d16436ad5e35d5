"""Coherence from two detected images: by the network, or by the correlation of intensities in a window."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from rasterio.enums import Resampling

from ...models.coherence_from_intensity.midway import Midway, midway
from ...models.coherence_from_intensity.network import CoherenceNet, coherence_of
from ..errors import InputError
from ..inference.device import choose_device
from ..inference.predict import Network, Options, predict
from ..inference.recall import Recall
from ..networks import load_network
from ..phase.image_pair import ImagePair
from ..phase.intensity_coherence import block_looks, estimate_looks, window_coherence
from ..phase.registration import ENOUGH, FEWEST, MOST, NONE, SIDE, Shift, find_shift, squares
from ..progress import Progress, Stage
from ..raster.geotiff import RasterSink
from ..raster.inputs import opened
from ..raster.intensity import LogIntensity
from ..raster.provenance import provenance
from ..raster.sink import Outputs
from ..raster.track import of_two_tracks
from ..raster.window import Window, scattered_windows, windows

ID = "coherencefromgrd"
NETWORK = "coherence_from_intensity"
RASTERS = ("INPUT", "SECONDARY")

# Where on the progress bar the inputs are checked, and only the overviews are left.
_STARTED, _PREDICTED = 0.05, 0.97

# Squares that the number of looks, and how the images lie on each other, are estimated from.
_SAMPLE_SIDE, _SAMPLE_COUNT = 128, 100

# Fewer looks than a single image has: powers were squared once more. After heavy averaging there are more than these.
_IMPOSSIBLE_LOOKS, _TOO_MANY_LOOKS = 0.6, 25.0

# Images of one track resemble each other: the correlation of their log intensities over squares.
_ALIKE = 0.2
_SQUARE = 8
_ENOUGH_SQUARES = 200
_UNEVEN = 0.3  # spread of those squares; an even scene says nothing
_EVEN = 1e-6  # spread of an image without any

Bool = npt.NDArray[np.bool_]
Float = npt.NDArray[np.float32]


def run(parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Write OUTPUT (float32: coherence 0..1, NaN no data), and UNCERTAINTY where a path is given.

    Returns their paths and MEAN_COHERENCE over the valid pixels, NaN where none is. Raises InputError,
    GridMismatchError, WeightsError, OutputError, ResourceError; then no output was made or changed.
    """
    method = parameters["METHOD"]
    _check_combination(parameters, method)
    paths = [parameters[name] for name in RASTERS]
    with Outputs(progress, paths) as outputs, _opened(parameters, progress) as pair:
        if method == "network":
            results = _by_network(pair, outputs, parameters, progress)
        else:
            results = _by_window(pair, outputs, parameters, progress)
        if not results.valid:
            progress.warn("INPUT and SECONDARY have not one pixel that is valid in both: the outputs are all no data")
        progress.update(_PREDICTED, "finishing the files")
    return results.summary()


class _Results:
    """The output rasters of a run, and the sum of what was written."""

    def __init__(
        self, outputs: Outputs, pair: ImagePair, parameters: Mapping[str, Any], weights: str | None = None
    ) -> None:
        grid, tags = pair.first.source.grid, provenance(ID, parameters, weights)
        self.valid, self.total = 0, 0.0
        bands = {"OUTPUT": "coherence", "UNCERTAINTY": "standard deviation of the coherence"}
        self.sinks: dict[str, RasterSink] = {
            name: outputs.raster(
                parameters[name],
                grid,
                dtype="float32",
                nodata=math.nan,
                bands=(band,),
                tags=tags,
                overview=Resampling.average,
            )
            for name, band in bands.items()
            if parameters[name] is not None
        }

    def write(self, window: Window, valid: Bool, coherence: Float, deviation: Float | None) -> None:
        """Write one window to all outputs."""
        self.sinks["OUTPUT"].write(window, np.where(valid, coherence, np.float32(np.nan)))
        if "UNCERTAINTY" in self.sinks and deviation is not None:
            self.sinks["UNCERTAINTY"].write(window, np.where(valid, deviation, np.float32(np.nan)))
        self.valid += int(np.count_nonzero(valid))
        self.total += float(coherence[valid].sum(dtype=np.float64))

    def summary(self) -> dict[str, Any]:
        """What the tool returns."""
        mean = self.total / self.valid if self.valid else math.nan
        return {**{name: str(sink.path) for name, sink in self.sinks.items()}, "MEAN_COHERENCE": mean}


def _check_combination(parameters: Mapping[str, Any], method: str) -> None:
    if method == "window" and parameters["UNCERTAINTY"] is not None:
        message = "METHOD window gives no UNCERTAINTY, only the network does. Leave UNCERTAINTY out."
        raise InputError(message)
    if method == "window" and parameters["WINDOW"] % 2 == 0:
        message = f"WINDOW is {parameters['WINDOW']}; a window with a middle has an odd side. Choose one more or less."
        raise InputError(message)


@contextlib.contextmanager
def _opened(parameters: Mapping[str, Any], progress: Progress) -> Iterator[ImagePair]:
    """The images, open, on one grid, and plausible."""
    with opened(parameters, RASTERS, progress) as sources:
        images = [LogIntensity(source, parameters["SCALE"], progress) for source in sources.values()]
        for image in images:
            image.check()
        if of_two_tracks(*(source.path for source in sources.values())):
            progress.warn(
                "the times of day in the names of INPUT and SECONDARY differ: they seem to be of different tracks,"
                " whose images share no speckle. Then the result says nothing; give images of one track."
            )
        yield ImagePair(images[0], images[1])


def _by_network(pair: ImagePair, outputs: Outputs, parameters: Mapping[str, Any], progress: Progress) -> _Results:
    """Coherence and its deviation as the network sees them."""
    network, card = load_network(NETWORK, parameters["MODEL"], progress)
    device = choose_device(parameters["DEVICE"], progress)
    _measured_looks(pair, parameters["SCALE"], progress)
    if any(pair.shift.between):
        network = cast(Network, Midway(cast(CoherenceNet, network), pair.shift.between).eval())
    results = _Results(outputs, pair, parameters, card.sha256)
    seen: Recall[Bool] = Recall()

    def read(window: Window) -> Float | None:
        first, second, valid = pair.read(window)
        seen.keep(window, _given(pair.shift, valid))
        return np.stack((first, second, valid.astype(np.float32))) if valid.any() else None

    def write(window: Window, raw: Float) -> None:
        around, part = seen.find(window)
        valid = around[part]
        coherence, deviation = (values[0].numpy() for values in coherence_of(torch.from_numpy(raw[np.newaxis])))
        results.write(window, valid, coherence, deviation)

    options = Options(device, tile_size=parameters["TILE_SIZE"])
    predict(network, read, pair.shape, write, options, Stage(progress, _STARTED, _PREDICTED))
    return results


def _given(shift: Shift, valid: Bool) -> Bool:
    """Which pixels an estimate is given for, of those (rows, columns) that were read as valid."""
    if not any(shift.between):
        return valid
    seen = torch.from_numpy(valid[np.newaxis, np.newaxis].astype(np.float32))
    return np.asarray(midway(seen, seen, shift.between)[1][0, 0].numpy() > 0)


def _by_window(pair: ImagePair, outputs: Outputs, parameters: Mapping[str, Any], progress: Progress) -> _Results:
    """Coherence from the correlation of intensities in a window of WINDOW pixels."""
    measured = _measured_looks(pair, parameters["SCALE"], progress)
    looks = parameters["LOOKS"] or max(measured or 1.0, 1.0)
    if parameters["LOOKS"] is None:
        progress.log(f"LOOKS is not given; taken as {looks:.2f}, estimated from even areas")
    results = _Results(outputs, pair, parameters)
    side, half = parameters["WINDOW"], parameters["WINDOW"] // 2
    tiles = list(windows(pair.shape, parameters["TILE_SIZE"]))
    stage = Stage(progress, _STARTED, _PREDICTED)
    for index, window in enumerate(tiles):
        stage.update(index / len(tiles), "correlating")
        around = window.widened(half + 1, pair.shape)
        first, second, valid = pair.read(around)
        coherence = window_coherence(np.exp(first), np.exp(second), valid, looks, side)
        planes, seen = (torch.from_numpy(plane.astype(np.float32))[None, None] for plane in (coherence, valid))
        made = midway(planes, seen, pair.shift.between)
        middle, given = (plane[0, 0].numpy()[window.within(around)] for plane in made)
        results.write(window, given > 0, middle, None)
    return results


def _measured_looks(pair: ImagePair, scale: str, progress: Progress) -> float | None:
    """Looks of the images from a sample, logged; warns of what they tell about scale, filters and tracks.

    How the images lie on each other is found from the same sample, and put right in what is read from then on.
    """
    counts: list[npt.NDArray[np.float64]] = []
    means: list[npt.NDArray[np.float64]] = []
    shared: list[Float] = []
    sample = scattered_windows(pair.shape, _SAMPLE_SIDE, _SAMPLE_COUNT)
    side = SIDE * math.ceil((ENOUGH / len(sample)) ** 0.5)  # of each, enough for the shift
    for window in sample:
        first, second, valid = pair.read(window)
        counts += [block_looks(np.exp(image), valid) for image in (first, second)]
        means.append(_square_means(first, second, valid))
        shared.append(squares(first[:side, :side], second[:side, :side], valid[:side, :side]))
    pair.shift = _registered(find_shift(shared), progress)
    _warn_if_unlike(np.concatenate(means, axis=1), progress)
    looks = estimate_looks(np.concatenate(counts))
    if looks is None:
        return None
    progress.log(f"speckle of about {looks:.1f} looks")
    # A town varies more than speckle does, so that of powers nothing can be said.
    if looks < _IMPOSSIBLE_LOOKS and scale == "amplitude" and not pair.first.source.is_complex:
        progress.warn(f"the images vary like {looks:.2f} looks, which is much; if they are powers, set SCALE to power")
    if looks > _TOO_MANY_LOOKS:
        progress.warn(
            f"speckle varies like that of {looks:.0f} looks: it is nearly gone (filtered, averaged, or amplitude taken"
            " for power?). Check SCALE, and use images that are not filtered; coherence cannot be told without speckle."
        )
    return looks


def _registered(shift: Shift | None, progress: Progress) -> Shift:
    """The shift, said to the user where there is one, or where it cannot be told."""
    if shift is None:
        progress.log(
            f"INPUT and SECONDARY share fewer than {FEWEST} squares of {SIDE} pixels with detail, too few to tell how"
            " they lie on each other; they are taken as they lie"
        )
        return NONE
    if shift.is_none:
        return shift
    counts = zip(map(abs, shift), ("row", "column"), strict=True)
    words = " and ".join(f"{count} {name}{'' if count == 1 else 's'}" for count, name in counts)
    progress.log(f"INPUT and SECONDARY lie {words} off each other; put right")
    if shift.is_farthest:
        progress.warn(
            f"INPUT and SECONDARY lie {MOST} pixels off each other, or more, which is as far as is looked. Align them"
            " first (coregistration, as for interferometry), and look at the result along edges."
        )
    return shift


def _square_means(first: Float, second: Float, valid: Bool) -> npt.NDArray[np.float64]:
    """Mean log intensity of both images (2, squares) over whole valid squares."""
    rows, columns = (length // _SQUARE * _SQUARE for length in valid.shape)
    shape = (rows // _SQUARE, _SQUARE, columns // _SQUARE, _SQUARE)
    whole = valid[:rows, :columns].reshape(shape).all((1, 3))
    return np.stack(
        [image[:rows, :columns].astype(np.float64).reshape(shape).mean((1, 3))[whole] for image in (first, second)]
    )


def _warn_if_unlike(means: npt.NDArray[np.float64], progress: Progress) -> None:
    spread = means.std(axis=1) if means.shape[1] else np.zeros(2)
    if means.shape[1] < _ENOUGH_SQUARES or spread.min() < _EVEN:
        return
    alike = float(np.mean((means[0] - means[0].mean()) * (means[1] - means[1].mean())) / spread.prod())
    if alike < _ALIKE and spread.min() > _UNEVEN:
        progress.warn(
            f"INPUT and SECONDARY hardly resemble each other (correlation of their brightness {alike:.2f}). Give images"
            " of the same track and the same area; align them first where they lie apart."
        )
