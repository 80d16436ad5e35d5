"""Congruence, integration, minimum-cost flow, and what the combination does with a prediction."""

import numpy as np
import pytest
from fringelens.core.errors import DependencyError
from fringelens.core.phase import unwrap_snaphu
from fringelens.core.phase.congruence import congruence_error, make_congruent
from fringelens.core.phase.gradients import Gradient, differences
from fringelens.core.phase.unwrap_combined import Prediction, by_network, combined
from fringelens.core.phase.unwrap_features import CHANNEL_COUNT, unwrap_features
from fringelens.core.phase.unwrap_integrate import integrate
from fringelens.core.phase.unwrap_line import line
from fringelens.core.phase.unwrap_mcf import mcf
from fringelens.core.phase.wrap import wrap


def bowl(side=120, depth=60.0, reach=14.0):
    """A Gaussian trough, rad; 60 and 14 give 2.6 rad per pixel at most."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    return (depth * np.exp(-(x**2 + y**2) / (2 * reach**2))).astype(np.float32)


def perfect(phase, trough):
    gradient = differences(phase, np.ones(phase.shape, bool), wrapped=False)
    return Prediction(gradient, np.full(phase.shape, 0.1, np.float32), trough.astype(np.float32))


ALL = np.ones((120, 120), bool)
FLAT = np.full((120, 120), 0.8, np.float32)


def test_making_congruent_changes_whole_cycles_only(rng):
    wrapped = rng.uniform(-np.pi, np.pi, (50, 60)).astype(np.float32)
    rough = wrapped + 2 * np.pi * rng.integers(-30, 30, wrapped.shape) + rng.uniform(-3, 3, wrapped.shape)
    whole = make_congruent(rough, wrapped)
    assert whole.dtype == np.float32
    assert congruence_error(whole, wrapped, np.ones(wrapped.shape, bool)).max() < 1e-5
    assert np.abs(whole - rough).max() < np.pi + 1e-4


def test_adding_up_differences_gives_the_surface_back(rng):
    surface = rng.normal(size=(37, 52)).astype(np.float32)
    found = integrate(differences(surface, np.ones(surface.shape, bool), wrapped=False))
    assert found == pytest.approx(surface - surface.mean(), abs=1e-4)


def test_adding_up_is_least_squares(rng):
    """Against scipy's sparse solver on gradients that belong to no surface."""
    from scipy.sparse import lil_matrix
    from scipy.sparse.linalg import lsqr

    rows, columns = 6, 7
    down, right = (rng.normal(size=(rows, columns)).astype(np.float32) for _ in range(2))
    equations = [(r * columns + c, (r + 1) * columns + c, down[r, c]) for r in range(rows - 1) for c in range(columns)]
    equations += [(r * columns + c, r * columns + c + 1, right[r, c]) for r in range(rows) for c in range(columns - 1)]
    matrix = lil_matrix((len(equations), rows * columns))
    for i, (here, there, _) in enumerate(equations):
        matrix[i, here], matrix[i, there] = -1, 1
    wanted = lsqr(matrix.tocsr(), np.array([e[2] for e in equations]), atol=1e-12, btol=1e-12)[0]
    found = integrate(Gradient(down, right))
    assert found.ravel() == pytest.approx(wanted - wanted.mean(), abs=1e-4)


def test_mcf_unwraps_a_gentle_bowl_exactly_and_leaves_holes_out():
    truth = bowl(depth=30)
    valid = ALL.copy()
    valid[30:40, 5:25] = False
    result = mcf(wrap(truth), valid, FLAT, 4)
    difference = (result.phase - truth)[valid]
    assert difference.max() - difference.min() < 1e-3
    assert (result.phase[~valid] == 0).all()
    assert set(np.unique(result.components[valid])) == {1}


def test_one_row_or_column_is_unwrapped_step_by_step():
    truth = np.linspace(0, 50, 90, dtype=np.float32)
    for shape in ((1, 90), (90, 1)):
        phase = wrap(truth).reshape(shape)
        valid = np.ones(shape, bool)
        valid.flat[40] = False
        for result in (mcf(phase, valid, np.ones(shape, np.float32), 4), line(phase, valid)):
            assert result.phase[valid] == pytest.approx(np.delete(truth, 40), abs=1e-4)


def test_nothing_valid_gives_nothing():
    result = mcf(np.zeros((8, 9), np.float32), np.zeros((8, 9), bool), np.zeros((8, 9), np.float32), 4)
    assert not result.phase.any()
    assert not result.components.any()


def test_with_the_right_gradients_the_combination_solves_what_mcf_cannot(rng):
    truth = bowl(depth=130)  # 5.6 rad per pixel
    wrapped = wrap(truth + rng.normal(0, 0.3, truth.shape).astype(np.float32)).astype(np.float32)
    prediction = perfect(truth, truth > 13)
    alone, both = mcf(wrapped, ALL, FLAT, 4), combined(wrapped, ALL, FLAT, 4, prediction, mcf)

    def right(result):
        difference = result.phase - truth
        return np.mean(np.abs(difference - np.median(difference[truth < 1])) < np.pi)

    assert right(alone) < 0.95
    assert right(both) > 0.995
    assert congruence_error(both.phase, wrapped, ALL).max() < 1e-5


def test_without_a_steep_trough_the_combination_is_the_solver_to_the_bit(rng):
    truth = bowl(depth=30)  # 1.3 rad per pixel
    wrapped = wrap(truth + rng.normal(0, 0.4, truth.shape).astype(np.float32)).astype(np.float32)
    alone, both = mcf(wrapped, ALL, FLAT, 4), combined(wrapped, ALL, FLAT, 4, perfect(truth, truth > 3), mcf)
    assert np.array_equal(alone.phase, both.phase)


def test_steep_gradients_outside_any_trough_change_nothing():
    truth = bowl(depth=60)
    nowhere = perfect(truth, np.zeros(truth.shape))
    assert np.array_equal(mcf(wrap(truth), ALL, FLAT, 4).phase, combined(wrap(truth), ALL, FLAT, 4, nowhere, mcf).phase)


def test_the_network_alone_is_congruent_and_finds_the_level(rng):
    truth = bowl(depth=130) + 11.0
    wrapped = wrap(truth).astype(np.float32)
    valid = ALL.copy()
    valid[:, 60] = False
    result = by_network(wrapped, valid, perfect(truth, truth > 13))
    assert congruence_error(result.phase, wrapped, valid).max() < 1e-5
    difference = (result.phase - truth)[valid]
    assert difference.max() - difference.min() < 1e-3
    assert set(np.unique(result.components)) == {0, 1, 2}
    assert (result.components == 1).sum() > (result.components == 2).sum()


def test_features_are_zero_where_nothing_is_valid(rng):
    phase = rng.uniform(-3, 3, (9, 10)).astype(np.float32)
    valid = rng.random((9, 10)) > 0.3
    planes = unwrap_features(phase, valid, np.full((9, 10), 0.5, np.float32))
    assert planes.shape == (CHANNEL_COUNT, 9, 10)
    assert not planes[:4, ~valid].any()
    assert (planes[4] == 1).all()
    assert not unwrap_features(phase, valid, None)[3:].any()


def test_snaphu_is_asked_for_by_name_where_it_is_missing(monkeypatch):
    monkeypatch.setattr(unwrap_snaphu, "is_installed", lambda: False)
    with pytest.raises(DependencyError, match=r"non-commercial.*pip install"):
        unwrap_snaphu.check_installed()
