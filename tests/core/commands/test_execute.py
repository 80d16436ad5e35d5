"""Jobs on the command line, as processes of their own: results, lines, exit codes, signals."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TOY = Path(__file__).resolve().parents[2] / "toy" / "runtime.py"
CODES = {"input": 2, "weights": 4, "memory": 5, "package": 6, "bug": 1}


def toy(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(TOY), *arguments], input=stdin, capture_output=True, text=True, timeout=60
    )


def start(*arguments: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, str(TOY), *arguments], stdout=pipe, stderr=pipe, text=True)


def wait_for_file(folder: Path) -> None:
    """Wait until the job has begun to write."""
    deadline = time.monotonic() + 60
    while not any(folder.glob(".*.part")):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_results_are_plain_lines_and_everything_else_goes_to_stderr(tmp_path):
    done = toy("toy", "--output", str(tmp_path / "a.tif"), "--steps", "3")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [f"OUTPUT: {tmp_path / 'a.tif'}", "STEPS_DONE: 3"]
    assert "toy starts" in done.stderr
    assert "warning: toy warns" in done.stderr


def test_quiet_leaves_warnings_and_results(tmp_path):
    done = toy("toy", "--output", str(tmp_path / "a.tif"), "--quiet")
    assert done.stderr == "warning: toy warns\n"
    assert len(done.stdout.splitlines()) == 2


def test_json_is_nothing_but_lines_of_the_protocol_whatever_libraries_print(tmp_path):
    done = toy("toy", "--output", str(tmp_path / "a.tif"), "--noise", "--json")
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    assert {message["id"] for message in messages} == {"cli"}
    assert {message["type"] for message in messages} == {"progress", "log", "warning", "partial", "result"}
    assert messages[-1]["outputs"] == {"OUTPUT": str(tmp_path / "a.tif"), "STEPS_DONE": 2}
    assert "printed by a library" in done.stderr


@pytest.mark.parametrize(("failure", "code"), CODES.items())
def test_each_class_of_error_has_its_exit_code_and_leaves_nothing(tmp_path, failure, code):
    done = toy("toy", "--output", str(tmp_path / "a.tif"), "--fail", failure)
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith("error: ")
    assert ("Traceback" in done.stderr) == (failure == "bug")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_output_is_refused_and_replaced_with_overwrite_alone(tmp_path):
    (tmp_path / "a.tif").write_text("old")
    refused = toy("toy", "--output", str(tmp_path / "a.tif"))
    assert refused.returncode == 3
    assert "--overwrite" in refused.stderr
    assert (tmp_path / "a.tif").read_text() == "old"
    assert toy("toy", "--output", str(tmp_path / "a.tif"), "--overwrite").returncode == 0
    assert (tmp_path / "a.tif").read_bytes() != b"old"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_signal_cancels_cleanly(tmp_path, number, options):
    process = start("toy", "--output", str(tmp_path / "a.tif"), "--steps", "5000", "--seconds", "0.01", *options)
    wait_for_file(tmp_path)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert list(tmp_path.iterdir()) == []
    assert "Traceback" not in err
    if options:
        assert json.loads(out.splitlines()[-1])["kind"] == "cancelled"
    else:
        assert err.splitlines()[-1] == "cancelled"


def test_a_signal_that_is_ignored_stays_so(tmp_path):
    command = [
        sys.executable,
        str(TOY),
        "toy",
        "--output",
        str(tmp_path / "a.tif"),
        "--steps",
        "50",
        "--seconds",
        "0.02",
    ]
    process = subprocess.Popen(
        ["nohup", *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_for_file(tmp_path)
    process.send_signal(signal.SIGHUP)
    assert process.wait(60) == 0


def test_a_second_ctrl_c_ends_a_deaf_job_at_once_without_leftovers(tmp_path):
    process = start("toy", "--output", str(tmp_path / "a.tif"), "--steps", "1", "--seconds", "3600")
    wait_for_file(tmp_path)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_a_job_file_runs_the_same_job(tmp_path):
    described = {"tool": "toy", "parameters": {"OUTPUT": str(tmp_path / "a.tif"), "STEPS": 4}}
    (tmp_path / "job.json").write_text(json.dumps(described))
    done = toy("run", str(tmp_path / "job.json"))
    assert done.stdout.splitlines() == [f"OUTPUT: {tmp_path / 'a.tif'}", "STEPS_DONE: 4"]
    again = toy("run", "-", stdin=json.dumps({**described, "overwrite": True}))
    assert again.returncode == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not json", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "expected an object"),
        ('{"tool": "toy"}', "parameters has to be an object"),
        ('{"tool": 3, "parameters": {}, "overwrite": 1}', "tool has to be text; overwrite has to be true or false"),
        ('{"tool": "toy", "parameters": {}, "ouput": 1}', "'ouput' is not part of a job"),
    ],
)
def test_a_file_that_is_no_job_is_refused(capsys, tmp_path, text, said):
    from fringelens.core.commands import cli

    (tmp_path / "job.json").write_text(text)
    assert cli.main(["run", str(tmp_path / "job.json")]) == 2
    assert said in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    process = start("toy", "--output", str(tmp_path / "a.tif"), "--json", "--steps", "20", "--seconds", "0.02")
    process.stdout.close()
    process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]
