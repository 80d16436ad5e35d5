"""Real data: a Sentinel-1 pair over Amsterdam, detected and multilooked, against the coherence of the complex pair."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import torch
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning
from scipy.ndimage import uniform_filter
from torch import nn

from ....models.coherence_from_intensity.network import coherence_of
from ...phase.intensity_coherence import block_looks, estimate_looks, window_coherence
from ...training.recipes.coherence_from_intensity import log_intensity
from .coherence_registered import brought_back, registered, shifts_of
from .coherence_tally import GUESSED, NETWORK, WINDOWS

DATES = ("20230319", "20230331")
AVERAGED = (1, 4)  # rows and columns of single looks in a pixel: near to square on the ground
REFERENCES = ((5, 5), (3, 3))  # pixels of the window of the complex coherence: 100 single looks, and 36
BORDER = 2  # pixels where that window is cut
POOLED = ", averaged as the reference"

Float = NDArray[np.float32]


@dataclass(frozen=True)
class Result:
    """How an estimate compares with the complex coherence."""

    rmse: float
    bias: float
    correlation: float
    rmse_low: float
    rmse_high: float


def folder() -> Path | None:
    """The folder of the pair: in FRINGELENS_DATA, else in shared/data beside the checkout; None where absent."""
    named = os.environ.get("FRINGELENS_DATA")
    found = (Path(named) if named else Path(__file__).resolve().parents[4] / "shared" / "data") / "amsterdam"
    return found if found.is_dir() else None


def read_pair(place: Path) -> tuple[NDArray[np.complex64], NDArray[np.complex64]]:
    """Both complex images."""
    images = []
    for date in DATES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # radar geometry has no map
            with rasterio.open(place / f"{date}_slc.tif") as file:
                images.append(file.read(1))
    return images[0], images[1]


def averaged(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Means over AVERAGED single looks (rows, columns)."""
    down, across = AVERAGED
    rows, columns = values.shape[0] // down, values.shape[1] // across
    cut = values[: rows * down, : columns * across]
    return np.asarray(cut.reshape(rows, down, columns, across).mean((1, 3)))


def detected(place: Path, size: tuple[int, int] = REFERENCES[0]) -> tuple[Float, Float, Float]:
    """Intensities of both images and complex coherence, on the multilooked grid (rows, columns)."""
    return _coherence(*read_pair(place), size)


def reference_noise(place: Path, size: tuple[int, int]) -> float:
    """Standard deviation of the complex coherence by the speckle in its window alone.

    The halves of the bandwidth in range have speckle of their own and half of the looks each, so that their coherences
    differ by twice as much as that of both is uncertain.
    """
    pair = read_pair(place)
    spectra = [np.fft.fftshift(np.fft.fft(image, axis=1), axes=1) for image in pair]
    power = (np.abs(spectra[0]) ** 2).mean(0)
    lower = np.cumsum(power) < 0.5 * power.sum()
    halves = []
    for kept in (lower, ~lower):
        parts = [np.fft.ifft(np.fft.ifftshift(spectrum * kept, axes=1), axis=1) for spectrum in spectra]
        halves.append(_coherence(parts[0], parts[1], size)[2][_inner()])
    return float(np.std(halves[0] - halves[1])) / 2


def _coherence(
    first: NDArray[np.complexfloating], second: NDArray[np.complexfloating], size: tuple[int, int]
) -> tuple[Float, Float, Float]:
    cross = averaged(first * second.conj())
    one, two = (averaged(image.real**2 + image.imag**2).astype(np.float32) for image in (first, second))
    joint = uniform_filter(cross.real, size) + 1j * uniform_filter(cross.imag, size)
    truth = np.abs(joint) / np.sqrt(uniform_filter(one, size) * uniform_filter(two, size))
    return one, two, np.clip(truth, 0, 1).astype(np.float32)


def compare(
    network: nn.Module, device: torch.device, place: Path, reference: tuple[int, int] = REFERENCES[0]
) -> tuple[dict[str, Result], float]:
    """Every estimator against the complex coherence, and the looks that were found."""
    one, two, truth = detected(place, reference)
    valid = np.ones(one.shape, bool)
    looks = max(estimate_looks(np.concatenate([block_looks(one, valid), block_looks(two, valid)])) or 1.0, 1.0)
    estimates = {f"window {side}{GUESSED}": window_coherence(one, two, valid, looks, side) for side in WINDOWS}
    estimates[NETWORK] = by_network(network, device, one, two)[0]
    estimates |= {name + POOLED: over_window(values, one, two, reference) for name, values in estimates.items()}
    estimates["a constant, the mean"] = np.full_like(truth, truth[_inner()].mean())
    return {name: measure(values, truth) for name, values in estimates.items()}, looks


def over_window(coherence: Float, first: Float, second: Float, size: tuple[int, int]) -> Float:
    """What complex images of this coherence and these intensities (rows, columns) give on average in a window.

    A complex coherence weighs its pixels by their amplitudes, so that a few bright ones rule it.
    """
    joint = uniform_filter(coherence * np.sqrt(first * second), size)
    scale = np.sqrt(uniform_filter(first, size) * uniform_filter(second, size))
    mean = np.divide(joint, scale, out=np.zeros_like(coherence), where=scale > 0)
    return np.asarray(mean.clip(0, 1), np.float32)


def by_network(network: nn.Module, device: torch.device, one: Float, two: Float) -> tuple[Float, Float]:
    """Coherence and its deviation of a pair of intensities (rows, columns), registered, and reflected at the edges."""
    images = torch.from_numpy(np.stack([one, two]))
    logs = log_intensity(images, torch.ones_like(images, dtype=torch.bool))
    inputs = torch.cat([logs, torch.ones_like(logs[:1])])[None]
    shifts = shifts_of(inputs)
    placed, valid = registered(inputs[:, :2], inputs[:, 2] > 0, shifts)
    rows, columns = one.shape
    step = halo = int(network.multiple_of)  # type: ignore[arg-type]
    beyond = [(halo, -(-length // step) * step - length + halo) for length in (rows, columns)]
    planes = torch.cat([placed, valid[:, None].to(placed)], 1)[0].numpy()
    padded = torch.from_numpy(np.pad(planes, [(0, 0), *beyond], mode="reflect"))[None]
    with torch.inference_mode():
        raw = network(padded.to(device)).float().cpu()[:, :, halo : halo + rows, halo : halo + columns]
    coherence, deviation = coherence_of(brought_back(raw, valid, shifts))
    return coherence[0].numpy(), deviation[0].numpy()


def measure(estimate: Float, truth: Float) -> Result:
    """Errors away from the border."""
    x, y = estimate[_inner()].astype(float).ravel(), truth[_inner()].astype(float).ravel()
    square = (x - y) ** 2
    alike = float(np.corrcoef(x, y)[0, 1]) if x.std() > 0 else float("nan")
    low = y < np.median(y)
    return Result(
        float(np.sqrt(square.mean())),
        float((x - y).mean()),
        alike,
        float(np.sqrt(square[low].mean())),
        float(np.sqrt(square[~low].mean())),
    )


def _inner() -> tuple[slice, slice]:
    return slice(BORDER, -BORDER), slice(BORDER, -BORDER)
