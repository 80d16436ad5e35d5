"""What all reporters share."""

import io
import json

import pytest
from fringelens.core.errors import Cancelled, InputError
from fringelens.core.reporting import Channel, JsonReporter, Reporter, error_message


class Showing(Reporter):
    """Remembers what it would show."""

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.shown: list[tuple[float, str]] = []

    def show(self, fraction: float, message: str) -> None:
        self.shown.append((fraction, message))


@pytest.fixture
def clock(monkeypatch):
    """A clock that tests set."""
    now = [0.0]
    monkeypatch.setattr("fringelens.core.reporting.time.monotonic", lambda: now[0])
    return now


def test_fractions_stay_between_nothing_and_all_and_never_go_back(clock):
    reporter = Showing()
    for fraction in (-1.0, 0.5, 0.2, float("nan"), 7.0):
        clock[0] += 1.0
        reporter.update(fraction)
    assert [fraction for fraction, _ in reporter.shown] == [0.0, 0.5, 0.5, 0.5, 1.0]


def test_no_more_than_ten_updates_a_second_are_shown(clock):
    reporter = Showing()
    for step in range(1000):
        clock[0] = step / 500
        reporter.update(step / 1000)
    assert len(reporter.shown) <= 21


def test_a_new_stage_is_shown_at_once_and_a_count_is_none(clock):
    reporter = Showing()
    for message in ("reading", "tile 1 of 9", "tile 2 of 9", "tile 3 of 9", "writing 1.5 MB"):
        reporter.update(0.5, message)
    assert [message for _, message in reporter.shown] == ["reading", "tile 1 of 9", "writing 1.5 MB"]


def test_an_update_after_cancelling_raises_even_when_it_would_not_be_shown():
    wanted = [False]
    reporter = Showing(lambda: wanted[0])
    reporter.update(0.1)
    wanted[0] = True
    with pytest.raises(Cancelled):
        reporter.update(0.2)


def test_unfinished_files_are_discarded_and_finished_ones_are_not_missed(tmp_path):
    reporter = Reporter()
    (tmp_path / "a.part").touch()
    reporter.partial(str(tmp_path / "a.part"))
    reporter.partial(str(tmp_path / "renamed.part"))
    reporter.discard_partials()
    assert list(tmp_path.iterdir()) == []


class Narrow(io.BytesIO):
    """A stream that takes three bytes at a time, as a full pipe may."""

    def write(self, content) -> int:
        return super().write(bytes(content[:3]))


def test_lines_arrive_whole_through_a_stream_that_takes_little():
    stream = Narrow()
    reporter = JsonReporter("a", Channel(stream))
    reporter.log("ünïcode")
    reporter.warn("second")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert lines == [
        {"type": "log", "id": "a", "message": "ünïcode"},
        {"type": "warning", "id": "a", "message": "second"},
    ]


def test_an_error_keeps_its_traceback_out_of_the_message():
    try:
        raise InputError("what was wrong") from ValueError("deep down")
    except InputError as error:
        message = error_message("a", error)
    assert message["message"] == "what was wrong"
    assert "deep down" in message["details"]
    assert error_message("a", Cancelled())["details"] == ""
