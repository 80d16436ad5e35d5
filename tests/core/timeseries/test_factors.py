"""Factors of bands and of full matrices, against numpy's own solver and inverse."""

import numpy as np
import pytest
from fringelens.core.timeseries.factors import Band, Full, factors, is_narrow

ROWS = 17


def definite(rng, rows, width, pixels=5):
    """Matrices (pixels, rows, rows) with `width` diagonals below the main one, and their columns."""
    full = np.zeros((pixels, rows, rows))
    columns = np.zeros((rows, width + 1, pixels))
    for row in range(rows):
        for below in range(1, min(width, rows - 1 - row) + 1):
            full[:, row + below, row] = full[:, row, row + below] = columns[row, below] = -rng.uniform(0, 1, pixels)
    for row in range(rows):
        full[:, row, row] = columns[row, 0] = np.abs(full[:, row]).sum(1) + rng.uniform(0.1, 1, pixels)
    return full, columns


@pytest.mark.parametrize("kind", [Band, Full])
@pytest.mark.parametrize(("rows", "width"), [(1, 0), (2, 1), (ROWS, 0), (ROWS, 1), (ROWS, 3), (ROWS, ROWS - 1)])
def test_solutions_and_diagonals_of_inverses_are_those_of_numpy(rng, kind, rows, width):
    full, columns = definite(rng, rows, width)
    right = rng.normal(size=(rows, 2, 5))
    solved = kind(columns.copy())
    expected = np.stack([np.linalg.solve(matrix, right[:, :, i]) for i, matrix in enumerate(full)], axis=2)
    assert solved.solve(right) == pytest.approx(expected, abs=1e-11)
    inverse = np.linalg.inv(full)
    assert solved.diagonal() == pytest.approx(np.diagonal(inverse, axis1=1, axis2=2).T, abs=1e-11)


@pytest.mark.parametrize("kind", [Band, Full])
def test_one_right_side_serves_all_pixels_and_stays_as_it_was(rng, kind):
    full, columns = definite(rng, ROWS, 3)
    right = rng.normal(size=(ROWS, 1, 1))
    before = right.copy()
    found = kind(columns).solve(right)
    assert (right == before).all()
    assert np.einsum("pij,jp->ip", full, found[:, 0]) == pytest.approx(np.tile(right[:, 0], 5))


def test_networks_of_near_dates_are_bands_and_those_of_all_dates_are_not(rng):
    assert is_narrow(100, 3)
    assert not is_narrow(100, 60)
    assert isinstance(factors(definite(rng, ROWS, 3)[1]), Band)
    assert isinstance(factors(definite(rng, ROWS, ROWS - 1)[1]), Full)
