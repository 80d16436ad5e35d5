"""Jumps of nearly a cycle, counted window by window."""

import math

import numpy as np
import pytest
from fringelens.core.phase.jumps import FEW_JUMPS, Jumps

STEP = 0.25  # rad per column: a jump every 8 pi columns
ROWS, COLUMNS = 20, 402


def looked(values, valid=None):
    jumps = Jumps()
    jumps.look(values, np.isfinite(values) if valid is None else valid)
    return jumps


@pytest.fixture
def ramp():
    return np.tile(STEP * np.arange(COLUMNS), (ROWS, 1))


def test_a_wrapped_ramp_jumps_once_in_a_cycle_and_an_unwrapped_one_never(ramp):
    wrapped = looked(np.angle(np.exp(1j * ramp)))
    neighbours = ROWS * (COLUMNS - 1) + (ROWS - 1) * COLUMNS
    assert wrapped.compared == neighbours
    assert wrapped.found == ROWS * math.floor((STEP * (COLUMNS - 1) + math.pi) / (2 * math.pi))
    assert wrapped.share == wrapped.found / neighbours > FEW_JUMPS
    assert wrapped.wrapped
    assert looked(ramp).found == 0
    assert not looked(ramp).wrapped


def test_jumps_of_a_field_that_leaves_a_cycle_are_faults_and_not_wraps(ramp):
    broken = np.angle(np.exp(1j * ramp)) + 2 * math.pi
    assert looked(broken).found > 0
    assert not looked(broken).wrapped


def test_one_fringe_across_a_large_field_is_enough_and_a_few_jumps_are_not():
    side = 12000
    one_fringe = Jumps(-3.1, 3.1, count=side**2, found=side + 1, compared=2 * side**2)
    assert one_fringe.share < FEW_JUMPS
    assert one_fringe.wrapped
    assert not Jumps(-3.1, 3.1, count=side**2, found=side // 2, compared=2 * side**2).wrapped


def test_neighbours_of_what_is_not_valid_are_not_compared():
    values = np.array([[3.0, -3.0, 3.0]])
    assert looked(values).found == 2
    assert looked(values, np.array([[True, False, True]])).found == 0
    assert looked(values, np.zeros((1, 3), bool)).share == 0.0
    assert not looked(np.full((3, 3), np.nan)).wrapped


def test_windows_add_up(ramp):
    wrapped = np.angle(np.exp(1j * ramp))
    parts = Jumps()
    for rows in (slice(0, 8), slice(8, None)):
        parts.look(wrapped[rows], np.ones(wrapped[rows].shape, bool))
    whole = looked(wrapped)
    assert (parts.low, parts.high, parts.count, parts.found) == (whole.low, whole.high, whole.count, whole.found)
    assert whole.compared - parts.compared == COLUMNS
