"""Gaps of a real field filled with the surface that bends least, which carries slopes across."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse.linalg import splu

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]

RIM = 2  # pixels around a gap whose bending counts
STIFFNESS = 1e-9  # keeps gaps without a known neighbour solvable; they become 0


def biharmonic_fill(values: Float, known: Bool, gap: Bool) -> Float:
    """The field (rows, columns) with `gap` filled from what is `known`; other pixels are 0 and take no part.

    Minimises the squared Laplacian over the gap and its rim (a thin plate through the known values). Direct solution:
    one gap of 100,000 pixels needs about 200 MB.
    """
    gap = gap & ~known
    filled = np.where(known, values, 0).astype(np.float64)
    if not gap.any() or not known.any():
        return filled.astype(np.float32)
    near = ndimage.binary_dilation(gap, iterations=RIM) & (known | gap)
    bending = _laplacian(known | gap, near)
    unknown = np.flatnonzero(gap)
    inner = bending[:, unknown]
    right = -(inner.T @ (bending @ filled.ravel()))
    normal = (inner.T @ inner + STIFFNESS * sparse.eye_array(unknown.size)).tocsc()
    filled.ravel()[unknown] = splu(normal, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True}).solve(right)
    return filled.astype(np.float32)


def _laplacian(part: Bool, rows: Bool) -> sparse.csr_array:
    """Sum of second differences along both axes: a row for each pixel of `rows`, a column for each pixel.

    An axis counts where both neighbours along it take part, so that planes bend nowhere.
    """
    height, width = part.shape
    index = np.arange(height * width).reshape(height, width)
    line = np.full((height, width), -1)
    line[rows] = np.arange(np.count_nonzero(rows))
    every, before, middle, after = slice(None), slice(None, -2), slice(1, -1), slice(2, None)
    lines, columns, weights = [], [], []
    for here, last, following in (
        ((every, middle), (every, before), (every, after)),
        ((middle, every), (before, every), (after, every)),
    ):
        bent = rows[here] & part[last] & part[following]
        for place, weight in ((last, 1.0), (here, -2.0), (following, 1.0)):
            lines.append(line[here][bent])
            columns.append(index[place][bent])
            weights.append(np.full(np.count_nonzero(bent), weight))
    at = (np.concatenate(lines), np.concatenate(columns))
    shape = (int(np.count_nonzero(rows)), height * width)
    return sparse.csr_array((np.concatenate(weights), at), shape=shape)
