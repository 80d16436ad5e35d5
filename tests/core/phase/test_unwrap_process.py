"""The solver's own process: it answers, it can be stopped, and it says why it failed."""

import os
import signal
import time

import numpy as np
import pytest
from fringelens.core.errors import Cancelled, ResourceError
from fringelens.core.phase.unwrap_mcf import mcf
from fringelens.core.phase.unwrap_process import SolverProcess, _answer
from fringelens.core.phase.wrap import wrap
from fringelens.core.progress import Silent


class Impatient(Silent):
    """Cancels at the second look."""

    def __init__(self):
        self.looks = 0

    def update(self, fraction, message=""):
        self.looks += 1
        if self.looks > 1:
            raise Cancelled


def scene(side):
    rng = np.random.default_rng(3)
    phase = rng.uniform(-np.pi, np.pi, (side, side)).astype(np.float32)
    return phase, np.ones(phase.shape, bool), np.full(phase.shape, 0.3, np.float32), 4.0


def test_the_child_answers_as_the_function_does(phase_ramp):
    ramp = wrap(phase_ramp(60, 70)).astype(np.float32)
    arguments = ramp, np.ones(ramp.shape, bool), np.full(ramp.shape, 0.7, np.float32), 4.0
    with SolverProcess("mcf", Silent()) as solve:
        first, second = solve(*arguments), solve(*arguments)
    assert np.array_equal(first.phase, mcf(*arguments).phase)
    assert np.array_equal(first.components, second.components)


def test_a_cancel_ends_the_child_at_once():
    solver = SolverProcess("mcf", Impatient())
    started = time.monotonic()
    with pytest.raises(Cancelled), solver as solve:
        solve(*scene(1500))  # noise: many seconds of work
    assert time.monotonic() - started < 10
    assert not solver._process.is_alive()


def test_a_child_that_was_killed_is_reported_with_a_remedy():
    with SolverProcess("mcf", Silent()) as solve:
        os.kill(solve._process.pid, signal.SIGTERM)
        with pytest.raises(ResourceError, match="TILE_SIZE"):
            solve(*scene(64))


def test_errors_of_a_solver_reach_the_parent(monkeypatch):
    def fail(*_):
        raise MemoryError

    monkeypatch.setitem(__import__("fringelens.core.phase.unwrap_process", fromlist=["x"]).SOLVERS, "mcf", fail)
    assert isinstance(_answer("mcf", *scene(8), {}), ResourceError)
