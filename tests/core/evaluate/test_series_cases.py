"""The scenes that time series are measured on, and the methods that are compared there."""

import numpy as np
import pytest
from fringelens.core.evaluate.benchmarks.series_cases import METHODS, Case, draw


@pytest.fixture(scope="module")
def errors():
    """Root mean square error of the velocity by method, on a small scene of the hard case."""
    scene = draw(Case(dates=16), seed=5, pixels=150)
    found = {name: solve(scene)[0] for name, solve in METHODS.items()}
    return {name: float(np.sqrt(np.nanmean((value - scene.velocity) ** 2))) for name, value in found.items()}


def test_methods_that_know_of_wrong_cycles_are_better_than_least_squares(errors):
    assert errors["robust"] < 0.6 * errors["least squares"]
    assert errors["L1"] < 0.8 * errors["least squares"]


def test_no_method_is_better_than_one_without_wrong_cycles(errors):
    assert min(errors.values()) > 0.95 * errors["no wrong cycle"]
