#!/usr/bin/python3
"""Stands in for the runtime's Python: `fake_runtime.py …/__main__.py worker`, with only the standard library.

FAKE_BEHAVIOUR says how it treats each job: work (copy INPUT to the outputs), crash, killed, hang (deaf to cancel),
slow (hears a cancel), refuse. FAKE_LOG is a file to which it appends the jobs it was sent, one JSON object a line.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

BEHAVIOUR = os.environ.get("FAKE_BEHAVIOUR", "work")
messages: queue.Queue = queue.Queue()


def say(**message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def listen() -> None:
    for line in sys.stdin:
        messages.put(json.loads(line))
    os._exit(0)


def rasters(job: dict) -> dict:
    parameters = job["parameters"]
    names = [n for n in ("OUTPUT", "PROBABILITY", "MASKED") if parameters.get(n)]
    return {name: parameters[name] for name in names}


def work(job: dict) -> None:
    name = job["id"]
    say(type="progress", id=name, fraction=0.25, message="reading")
    say(type="log", id=name, message="the fake runtime works")
    say(type="warning", id=name, message="the fake runtime warns")
    print("a library prints to standard error", file=sys.stderr)
    outputs = rasters(job)
    for path in outputs.values():
        shutil.copy(job["parameters"]["INPUT"], path)
    say(type="result", id=name, outputs={**outputs, "DECORRELATED_SHARE": 0.25})


def die(job: dict) -> None:
    part = job["parameters"]["OUTPUT"] + ".part"
    say(type="partial", id=job["id"], path=part)
    Path(part).write_bytes(b"half")
    say(type="progress", id=job["id"], fraction=0.5, message="writing")
    if BEHAVIOUR == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if BEHAVIOUR == "crash":
        print("fatal: something in a library", file=sys.stderr, flush=True)
        os._exit(11)
    while True:
        time.sleep(60)


def slow(job: dict) -> None:
    for step in range(600):
        say(type="progress", id=job["id"], fraction=step / 600, message="")
        time.sleep(0.05)
        if not messages.empty() and messages.get()["type"] == "cancel":
            say(type="error", id=job["id"], kind="cancelled", message="cancelled", details="")
            return


def refuse(job: dict) -> None:
    text = "INPUT: degrees.tif is not wrapped phase; convert it to radians first"
    say(type="error", id=job["id"], kind="input", message=text, details="Traceback of the fake")


def main() -> None:
    if sys.argv[2:] != ["worker"]:
        sys.exit("the fake runtime only knows worker")
    if BEHAVIOUR == "stillborn":
        sys.exit("No module named 'torch'")
    protocol = 99 if BEHAVIOUR == "stranger" else 1
    versions = {"torch": "none"}
    say(type="hello", protocol=protocol, fringelens="0", python="3", versions=versions, devices=[], problems=[])
    threading.Thread(target=listen, daemon=True).start()
    treat = {"work": work, "slow": slow, "refuse": refuse}.get(BEHAVIOUR, die)
    while True:
        job = messages.get()
        if job["type"] != "job":
            continue
        if os.environ.get("FAKE_LOG"):
            with Path(os.environ["FAKE_LOG"]).open("a") as log:
                log.write(json.dumps({**job, "threads": os.environ.get("FRINGELENS_THREADS", "")}) + "\n")
        treat(job)


main()
