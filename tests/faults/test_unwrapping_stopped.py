"""Unwrapping that is stopped while minimum-cost flow is at work, which hears nothing: its process ends all the same."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

SIDE = 800  # pixels of noise: seconds of work
PATIENCE = 60.0  # seconds; the machine may be busy


@pytest.fixture
def at_work(write_raster, root, rng, tmp_path):
    """The command line with its solver at work: (process, ids of what it started, folder of outputs)."""
    folder = tmp_path / "outputs"
    folder.mkdir()
    noise = write_raster("noise.tif", rng.uniform(-3, 3, (SIDE, SIDE)).astype(np.float32))
    words = ["--method", "mcf", "--input", str(noise), "--output", str(folder / "out.tif"), "--json"]
    command = [sys.executable, str(root / "__main__.py"), "unwrapphase", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in process.stdout:
        if json.loads(line).get("message") == "unwrapping":
            break
    yield process, children(process.pid), folder
    process.kill()
    process.wait()
    process.stdout.close()


def children(pid):
    """Ids of the processes that a process started, and they in turn."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    if not listed.exists():
        pytest.skip("only Linux lists the children of a process")
    found = [int(word) for word in listed.read_text().split()]
    return found + [below for child in found for below in children(child)]


def wait_until_gone(ids):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and any(Path(f"/proc/{pid}").exists() for pid in ids):
        time.sleep(0.05)
    return not any(Path(f"/proc/{pid}").exists() for pid in ids)


def test_ctrl_c_ends_it_at_once_and_leaves_nothing(at_work):
    process, started, folder = at_work
    assert started
    process.send_signal(signal.SIGINT)
    process.stdout.read()
    assert process.wait(PATIENCE) == 130
    assert wait_until_gone(started)
    assert list(folder.iterdir()) == []


@pytest.mark.slow
def test_a_killed_tool_takes_its_solver_with_it(at_work):
    process, started, folder = at_work
    process.kill()
    process.wait(PATIENCE)
    assert wait_until_gone(started)
    assert not (folder / "out.tif").exists()
