"""Pieces of work in threads: all are done once, the first error comes out, and a cancel reaches those at work."""

import threading
import time

import pytest
from fringelens.core.errors import Cancelled, InputError
from fringelens.core.inference.parallel import each
from fringelens.core.progress import Silent
from recording import Log


@pytest.mark.parametrize("threads", [1, 3])
def test_every_piece_is_done_once(threads):
    done = []
    each(lambda index, _: done.append(index), 20, threads, Silent(), "counting")
    assert sorted(done) == list(range(20))


def test_the_progress_is_the_mean_of_all_pieces_and_warnings_are_passed_on():
    log = Log()
    seen, update = [], log.update

    def note(fraction, message=""):
        seen.append(fraction)
        update(fraction, message)

    def work(index, progress):
        progress.update(0.5)
        progress.warn(f"piece {index}")
        time.sleep(0.02)

    log.update = note
    each(work, 6, 2, log, "working")
    assert seen == sorted(seen)
    assert seen[0] >= 0
    assert seen[-1] <= 1
    assert sorted(log.warnings) == [f"piece {index}" for index in range(6)]


def test_the_first_error_ends_all_and_comes_out():
    begun, ended = threading.Event(), threading.Event()

    def work(index, progress):
        if index == 0:
            begun.wait(5)
            message = "a file is damaged"
            raise InputError(message)
        begun.set()
        try:
            while True:
                progress.update(0.0)
                time.sleep(0.005)
        finally:
            ended.set()

    with pytest.raises(InputError, match="damaged"):
        each(work, 2, 2, Silent(), "working")
    assert ended.wait(1)


def test_a_cancel_reaches_the_pieces_at_work_and_begins_no_other():
    begun = []

    class Cancelling(Silent):
        def update(self, fraction, message=""):
            if begun:
                raise Cancelled

    def work(index, progress):
        begun.append(index)
        while True:
            progress.update(0.0)
            time.sleep(0.005)

    with pytest.raises(Cancelled):
        each(work, 50, 2, Cancelling(), "working")
    assert len(begun) <= 2
