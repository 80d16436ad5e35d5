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

    Minimises the squared Laplacian over the gap and its rim (a thin plate through the known values). At the edges and
    beside pixels that take no part the Laplacian is that of the neighbours there are. Direct solution: one gap of
    100,000 pixels needs about 200 MB.
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
    """Sum of differences to neighbours that take part: a row for each pixel of `rows`, a column for each pixel."""
    height, width = part.shape
    index = np.arange(height * width).reshape(height, width)
    centre = np.full((height, width), -1)
    centre[rows] = np.arange(np.count_nonzero(rows))
    entries: list[tuple[NDArray[np.int64], NDArray[np.int64], float]] = []
    for here, there in _neighbours():
        for a, b in ((here, there), (there, here)):
            pair = rows[a] & part[b]
            line = centre[a][pair]
            entries += [(line, index[b][pair], 1.0), (line, index[a][pair], -1.0)]
    data = np.concatenate([np.full(line.size, value) for line, _, value in entries])
    at = (np.concatenate([line for line, _, _ in entries]), np.concatenate([column for _, column, _ in entries]))
    return sparse.csr_array((data, at), shape=(int(np.count_nonzero(rows)), height * width))


def _neighbours() -> list[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    every = slice(None)
    return [
        ((every, slice(None, -1)), (every, slice(1, None))),
        ((slice(None, -1), every), (slice(1, None), every)),
    ]
