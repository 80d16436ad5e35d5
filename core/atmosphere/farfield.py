"""How far the plane of the air is bent by the far field of what moves, told by the covariances of both.

Movement fades with the square of the distance, so that some of it lies under the whole scene, where a plane takes it up
and no weight of single pixels keeps it out. Air is a fractal. On a few blocks both are Gaussian fields: what moves as
sources of unknown strength where the network sees movement, each with its far field; the air by its structure function.
The expected air given the interferogram (collocation; Moritz 1980) has the plane that is meant.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BLOCKS = 16  # along the longer side, about: 12 to 23, since they are of whole cells
LEAST_FILLED = 0.2  # of a block's cells that are valid
FEWEST = 9  # blocks below which nothing is told
# Of the longer side: where the fractal's structure function reaches its bound, and the depths that sources may have.
OUTER, DEPTHS = 1.5, (0.05, 0.1, 0.2)
STRUCTURE_EXPONENT = 1.2  # of the distance, between Hanssen's 2/3 beyond and 5/3 within the depth of the wet air
BOUND = 3.0  # variance at the bound over that which is seen in a scene
OWN_NOISE, LEVEL = 0.03, 10.0  # deviations of a block's noise and of the level of a scene, over that of the air
# Deviation of unseen sources, and of the network's error where something moves, over the movement that is seen; and how
# much of the difference is taken, since the network knows something too: least error on training terrain.
UNSEEN, ERROR, TAKEN = 0.1, 0.5, 0.7
TINY = 1e-6  # of the larger of movement and air, which is rounding

Float = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]


def plane_beside(values: Float, moved: Float, share: Float, down: Float64, right: Float64) -> Float64:
    """Plane (3,) to add to the air `values - moved`: constant, per unit of `down`, per unit of `right`.

    values: what a trend leaves, any unit; moved: the movement seen in it, same unit; share: 0..1, of a cell's pixels
    that are valid; all (rows, columns). down (rows, 1) and right (1, columns): places of cells, the longer side 1.
    Zeros where too little is valid, where nothing moves, and where there is no air.
    """
    valid = share > 0
    nothing = np.zeros(3)
    if not valid.any():
        return nothing
    still = moved - np.median(moved[valid])
    places = [np.broadcast_to(axis, share.shape) for axis in (down, right)]
    filled, (total, motion, *place) = _blocks(valid, [values, still, *places])
    air = total - motion
    plane = np.stack([np.ones_like(air), *place], 1)
    if len(air) < FEWEST:
        return nothing
    size = float((air - plane @ np.linalg.lstsq(plane, air, rcond=None)[0]).std())
    most = float(np.abs(motion).max())
    if min(size, most) <= TINY * max(size, most):
        return nothing
    expected = _expected_air(total - np.median(total), np.abs(motion) * np.sqrt(filled), filled, plane[:, 1:], size)
    weighted = plane * filled[:, None]
    normal = plane.T @ weighted
    if np.linalg.matrix_rank(normal) < len(normal):
        return nothing
    return np.asarray(TAKEN * np.linalg.solve(normal, weighted.T @ (expected - air)))


def _expected_air(total: Float64, motion: Float64, filled: Float64, place: Float64, size: float) -> Float64:
    """Expected air (n,) of blocks at `place` (n, 2), of deviation `size`, where so much `motion` is seen."""
    apart = place[:, None] - place[None]
    square = np.square(apart).sum(-1)
    air = size**2 * (BOUND * (1.0 - (np.sqrt(square) / OUTER) ** STRUCTURE_EXPONENT) + LEVEL**2)
    whole = air + np.diag((OWN_NOISE * size) ** 2 / filled + np.square(ERROR * motion))
    step = float(np.sqrt(np.min(square + np.where(square == 0, np.inf, 0.0), axis=1)).mean())
    for depth in DEPTHS:
        # Vertical movement above a source, and the two components beside it.
        beside = (apart / depth).transpose(2, 0, 1) * (1.0 + square / depth**2) ** -1.5
        strength = UNSEEN * min(1.0, step / depth) * motion
        for field in ((1.0 + square / depth**2) ** -1.0, *beside):
            spread = field * strength
            whole += spread @ spread.T
    return np.asarray(air @ np.linalg.solve(whole, total))


def _blocks(valid: npt.NDArray[np.bool_], fields: list[npt.NDArray[np.floating]]) -> tuple[Float64, list[Float64]]:
    """Filled share of the blocks with enough valid cells, and means of fields over their valid cells."""
    step = max(1, round(max(valid.shape) / BLOCKS))
    rows, columns = (range(0, side, step) for side in valid.shape)

    def sums(field: npt.NDArray[np.generic]) -> Float64:
        by_row = np.add.reduceat(field.astype(np.float64), rows, axis=0)
        return np.asarray(np.add.reduceat(by_row, columns, axis=1))

    count, size = sums(valid), sums(np.ones_like(valid))
    enough = count > LEAST_FILLED * size
    means = [sums(np.where(valid, field, 0))[enough] / count[enough] for field in fields]
    return count[enough] / size[enough], means
