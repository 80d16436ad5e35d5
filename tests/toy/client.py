"""The other end of a worker, for tests: starts it, sends lines, waits for lines."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

TOY = Path(__file__).with_name("runtime.py")
MAIN = Path(__file__).resolve().parents[2] / "__main__.py"
PATIENCE = 60.0  # seconds; the machine may be busy


class Client:
    """A worker process and everything it said."""

    def __init__(self, script: Path = TOY, *arguments: str, **variables: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(script), "worker", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1", **variables},
            cwd="/",
        )
        self.seen: list[dict[str, Any]] = []
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, **message: Any) -> None:
        """Send a message."""
        self.send_line(json.dumps(message))

    def send_line(self, line: str) -> None:
        """Send a line, whatever it is."""
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def job(self, name: str, output: Path, **parameters: Any) -> None:
        """Send a job of the toy."""
        self.send(type="job", id=name, tool="toy", parameters={"OUTPUT": str(output), **parameters})

    def wait(self, kind: str, name: str | None = None) -> dict[str, Any]:
        """The next message of this kind and job; what comes before is in `seen`."""
        while True:
            message = self.wait_any()
            if message["type"] == kind and (name is None or message["id"] == name):
                return message

    def wait_any(self) -> dict[str, Any]:
        """The next message, whatever it is."""
        line = self._lines.get(timeout=PATIENCE)
        assert line, f"the worker ended; it said {self.seen}"
        self.seen.append(json.loads(line))
        return self.seen[-1]

    def end(self) -> int:
        """Close its stdin, wait for its end, and return the exit code."""
        self.process.stdin.close()
        return self.ended()

    def ended(self) -> int:
        """Wait for its end and return the exit code."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        while not self._lines.empty():
            line = self._lines.get()
            self.seen += [json.loads(line)] if line else []
        return code

    def close(self) -> None:
        """Leave nothing behind."""
        self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout):
            try:
                stream.close()
            except BrokenPipeError:
                continue

    def _read(self) -> None:
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(b"")
