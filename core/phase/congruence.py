"""Whole cycles: an unwrapped phase differs from the wrapped one by nothing else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .wrap import CYCLE

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]


def cycles_between(unwrapped: NDArray[np.floating], wrapped: NDArray[np.floating]) -> NDArray[np.int32]:
    """Nearest whole number of cycles from wrapped to unwrapped phase (rad); 0 where either is NaN."""
    difference = np.subtract(unwrapped, wrapped, dtype=np.float64) / CYCLE
    return np.asarray(np.rint(np.nan_to_num(difference)), np.int32)


def add_cycles(wrapped: Float, cycles: NDArray[np.int32]) -> Float:
    """Wrapped phase plus whole cycles, rad, added in double precision so that float32 is rounded once."""
    return (wrapped.astype(np.float64) + CYCLE * cycles).astype(np.float32)


def make_congruent(unwrapped: NDArray[np.floating], wrapped: Float) -> Float:
    """The phase nearest to `unwrapped` that differs from `wrapped` by whole cycles."""
    return add_cycles(wrapped, cycles_between(unwrapped, wrapped))


def congruence_error(unwrapped: Float, wrapped: Float, valid: Bool) -> NDArray[np.float64]:
    """How far (rad) each valid pixel is from a whole number of cycles above the wrapped phase; 1-d.

    A phase of n rad in float32 is itself known no better than n * 6e-8 rad.
    """
    difference = unwrapped[valid].astype(np.float64) - wrapped[valid]
    return np.asarray(np.abs(difference - CYCLE * np.rint(difference / CYCLE)))
