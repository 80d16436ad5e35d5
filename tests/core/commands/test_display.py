"""Progress for people."""

import io

import pytest
from fringelens.core.commands.display import Bar, Lines, reporter_for


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that tests set, for all who look at it."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setenv("COLUMNS", "80")
    return now


def test_the_bar_shows_share_time_left_and_message_within_the_width(clock):
    stream = Terminal()
    bar = Bar(stream)
    bar.update(0.0)
    clock[0] += 30.0
    bar.update(0.25, "tile 1 of 4 " + "x" * 200)
    drawn = stream.getvalue().rsplit("\r\x1b[K", 1)[1]
    assert drawn.startswith("[######..................]  25%  01:30 left  tile 1 of 4")
    assert len(drawn) < 80


def test_a_warning_does_not_tear_the_bar(clock):
    stream = Terminal()
    bar = Bar(stream)
    bar.update(0.5, "half")
    bar.warn("look out")
    assert stream.getvalue().endswith("\r\x1b[Kwarning: look out\n")


def test_closing_leaves_no_bar(clock):
    stream = Terminal()
    bar = Bar(stream)
    bar.update(0.5)
    bar.close()
    bar.close()
    assert stream.getvalue().endswith("\r\x1b[K")
    assert stream.getvalue().count("\r\x1b[K") == 2


def test_a_log_gets_a_line_every_ten_seconds(clock):
    stream = io.StringIO()
    lines = Lines(stream)
    for second in range(61):
        clock[0] = 100.0 + second
        lines.update(second / 60, f"second {second}")
    assert [line.split()[-1] for line in stream.getvalue().splitlines()] == ["10", "20", "30", "40", "50", "60"]
    assert stream.getvalue().splitlines()[2] == " 50%  00:30 left  second 30"


def test_hours_are_told_as_hours(clock):
    stream = io.StringIO()
    lines = Lines(stream)
    lines.update(0.0)
    clock[0] += 3600.0
    lines.update(0.25, "")
    assert stream.getvalue() == " 25%  3:00:00 left\n"


@pytest.mark.parametrize("kind", [Bar, Lines])
def test_the_time_before_the_work_began_is_not_counted_into_the_time_left(clock, kind):
    stream = io.StringIO()
    reporter = kind(stream)
    clock[0] += 60.0  # torch is loaded, the inputs are checked
    reporter.update(0.02, "predicting")
    assert "--:-- left" in stream.getvalue()
    clock[0] += 49.0
    reporter.update(0.51, "predicting")
    assert stream.getvalue().rstrip().endswith("00:49 left  predicting")


def test_quiet_shows_warnings_alone(clock):
    stream = Terminal()
    bar = Bar(stream, quiet=True)
    bar.update(0.5, "half")
    bar.log("read")
    bar.warn("look out")
    assert stream.getvalue() == "warning: look out\n"


def test_a_terminal_gets_a_bar_and_a_pipe_gets_lines():
    assert isinstance(reporter_for(Terminal(), lambda: False, quiet=False), Bar)
    assert isinstance(reporter_for(io.StringIO(), lambda: False, quiet=False), Lines)
