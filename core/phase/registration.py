"""How many whole pixels two detected images lie off each other, by all the speckle and detail that they share.

A network that looks for the shift in windows is unsure where coherence is low. One shift for the raster is found from
all of it, and whole pixels are taken out by reading the images elsewhere, which changes no speckle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter

Float = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]

MOST = 4  # pixels along each axis that are looked for
SIDE = 32  # pixels of the squares that are correlated
FEWEST, ENOUGH = 12, 400  # squares: fewer say nothing, more are not needed
LEAST_VALID = 0.75  # of a square
LOCAL = 11  # pixels of the window whose mean is taken out
STRONGEST = 2.0  # amplitude over its local mean, less 1; single strong points count as this
SURE = 4.5  # standard errors of chance by which a shift has to be better than none, since it is the best of 80


class Shift(NamedTuple):
    """Whole pixels that the second image's ground lies beyond the first's: first(x) belongs to second(x + shift)."""

    rows: int
    columns: int

    @property
    def is_none(self) -> bool:
        """Whether the images lie on each other."""
        return self.rows == 0 == self.columns

    @property
    def is_farthest(self) -> bool:
        """Whether it lies at the end of what is looked for, so that it may be larger."""
        return max(abs(self.rows), abs(self.columns)) == MOST

    @property
    def between(self) -> tuple[bool, bool]:
        """Along rows and columns, whether the middle between the images lies between pixels."""
        return self.rows % 2 == 1, self.columns % 2 == 1

    @property
    def offsets(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """What to add to a pixel to read it off the first and the second image (rows, columns).

        What is read belongs to the middle between the images, and half a pixel beyond it where the shift is odd. The
        images and the shift turned round give the same, turned round.
        """
        first = -(self.rows // 2), -(self.columns // 2)
        return first, (self.rows + first[0], self.columns + first[1])


NONE = Shift(0, 0)


def placed(plane: npt.NDArray[np.generic], offset: tuple[int, int]) -> npt.NDArray[np.generic]:
    """The plane (rows, columns) read off at x + offset; 0, which is False of a mask, where that lies beyond it.

    Values are moved as they are, NaN too.
    """
    made = np.zeros_like(plane)
    (to_row, from_row), (to_column, from_column) = (
        _overlap(step, length) for step, length in zip(offset, plane.shape, strict=True)
    )
    made[to_row, to_column] = plane[from_row, from_column]
    return made


def detail(log_intensity: Float, valid: Bool) -> Float:
    """Amplitude over its local mean, less 1, of log intensity (rows, columns); 0 where invalid."""
    amplitude = np.exp(0.5 * log_intensity) * valid
    mean = uniform_filter(amplitude, LOCAL, mode="constant")
    ratio = np.divide(amplitude, mean * (LOCAL**2), out=np.zeros_like(amplitude), where=valid & (mean > 0))
    count = uniform_filter(valid.astype(np.float32), LOCAL, mode="constant") * (LOCAL**2)
    return np.where(valid, np.minimum(ratio * count - 1.0, STRONGEST), 0.0).astype(np.float32)


def squares(first: Float, second: Float, valid: Bool) -> Float:
    """Detail of both images in whole squares (2, n, SIDE, SIDE) of a window of log intensities (rows, columns).

    Log intensities are finite, any number where `valid` is False; those with less than LEAST_VALID valid are left out.
    """
    rows, columns = (length // SIDE for length in valid.shape)
    shape = rows, SIDE, columns, SIDE

    def cut(plane: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        whole = plane[: rows * SIDE, : columns * SIDE].reshape(shape)
        return whole.swapaxes(1, 2).reshape(-1, SIDE, SIDE)

    enough = cut(valid).mean((1, 2)) >= LEAST_VALID
    found = np.stack([cut(detail(image, valid))[enough] for image in (first, second)])
    return np.asarray(found, np.float32)


def find_shift(parts: Sequence[Float]) -> Shift | None:
    """The whole shift at which `squares` of two images correlate best; no shift where another is not surely better.

    None where fewer than FEWEST squares have any detail, too few to say. The same products are summed in the same order
    when the images are exchanged, which turns the shift round exactly.
    """
    both = np.concatenate(parts, axis=1) if parts else np.zeros((2, 0, SIDE, SIDE), np.float32)
    count = both.shape[1]
    first, second = both[:, :: -(-count // ENOUGH)] if count else both
    scale = np.sqrt((first**2).mean((1, 2), dtype=np.float64) * (second**2).mean((1, 2), dtype=np.float64))
    first, second, scale = first[scale > 0], second[scale > 0], scale[scale > 0]
    if len(scale) < FEWEST:
        return None
    found = {
        Shift(row, column): _correlation(first, second, row, column) / scale
        for row in range(-MOST, MOST + 1)
        for column in range(-MOST, MOST + 1)
    }
    means = {shift: float(values.mean()) for shift, values in found.items()}
    best = max(means, key=means.__getitem__)
    alone = sum(mean == means[best] for mean in means.values()) == 1
    far = [float(np.mean(values**2)) for shift, values in found.items() if shift.is_farthest]
    chance = float(np.median(far)) ** 0.5 / len(scale) ** 0.5
    return best if alone and means[best] - means[NONE] > SURE * chance else NONE


def _correlation(first: Float, second: Float, row: int, column: int) -> npt.NDArray[np.float64]:
    """Mean products (n,) of first(x) and second(x + shift) over the pixels that both squares have."""
    (here, there), (left, right) = _overlap(row, SIDE), _overlap(column, SIDE)
    products = np.ascontiguousarray(first[:, here, left] * second[:, there, right])
    return np.asarray(products.mean((1, 2), dtype=np.float64))


def _overlap(step: int, length: int) -> tuple[slice, slice]:
    """Where x, and where x + step lies, of the pixels that have both along an axis."""
    size = max(0, length - abs(step))
    begin = max(0, -step)
    return slice(begin, begin + size), slice(begin + step, begin + step + size)
