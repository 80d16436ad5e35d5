"""The target's folder: names of unfinished files, the lock on a target, and the sweep of what dead jobs left."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import socket
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from ..errors import OutputError

# `.<target>.fl-<host>-<process>-<random>.part`, and whatever GDAL puts beside it (.aux.xml).
_PART = re.compile(r"^\..+\.fl-(?P<host>[0-9a-f]{8})-(?P<process>\d+)-[0-9a-f]{8}\.(part|old)(\..+)?$")
_LOCK_SUFFIX = ".fl-lock"

# An unfinished file that nobody has written to for this long belongs to no living job, wherever that ran.
_STALE_SECONDS = 24 * 3600.0

# A lock file that is younger may belong to a job that has made it and is about to lock it.
_LOCKING_SECONDS = 2.0


def part_path(target: Path, kind: str = "part") -> Path:
    """A hidden name beside the target that tells which process of which machine is at it."""
    return target.with_name(f".{target.name}.fl-{_host()}-{os.getpid()}-{secrets.token_hex(4)}.{kind}")


def siblings(part: Path) -> list[Path]:
    """The unfinished file and what GDAL may have put beside it."""
    return [part, *(part.with_name(part.name + ending) for ending in (".aux.xml", ".ovr", ".msk", ".ovr.tmp"))]


def sweep(folder: Path) -> list[Path]:
    """Delete the unfinished files in a folder whose process is dead, or that are older than a day; returns them.

    Lock files that nobody holds go too, without being counted.
    """
    swept = []
    for path in folder.iterdir():
        if path.name.startswith(".") and path.name.endswith(_LOCK_SUFFIX):
            _remove_if_free(path)
        elif _is_abandoned(path):
            with contextlib.suppress(OSError):
                path.unlink()
                swept.append(path)
    return swept


def _remove_if_free(path: Path) -> None:
    """Remove a lock file whose job was killed: one that can be had is nobody's, unless it was made this moment."""
    with contextlib.suppress(OutputError, OSError):
        if time.time() - path.stat().st_mtime > _LOCKING_SECONDS:
            Lock(path.with_name(path.name[1 : -len(_LOCK_SUFFIX)])).take().release()


def _is_abandoned(path: Path) -> bool:
    match = _PART.match(path.name)
    if not match:
        return False
    if match["host"] == _host() and not _is_alive(int(match["process"])):
        return True
    try:
        return time.time() - path.stat().st_mtime > _STALE_SECONDS
    except OSError:
        return False


def _host() -> str:
    """This machine in eight digits: a process number means nothing on another one that shares the folder."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def _is_alive(process: int) -> bool:
    if sys.platform == "win32":
        return _is_alive_on_windows(process)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _is_alive_on_windows(process: int) -> bool:
    import ctypes

    synchronize = 0x00100000  # the right to wait for a process, enough to see whether it is there
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - absent from the stubs of other systems
    handle = kernel.OpenProcess(synchronize, False, process)
    if not handle:
        return False
    ended = kernel.WaitForSingleObject(handle, 0) == 0
    kernel.CloseHandle(handle)
    return not ended


class Lock:
    """Keeps a second job from writing the same target; the operating system frees it when the process dies.

    Making the lock file is also the probe whether the folder can be written to at all.
    """

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(f".{target.name}{_LOCK_SUFFIX}")
        self._target = target
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        return self.take()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def take(self) -> Self:
        """Take the lock, or raise `OutputError` where another job has it or the folder cannot be written to."""
        while not self._try_once():
            pass
        return self

    def release(self) -> None:
        """Remove the lock file while it is still held, then let go of it."""
        if self._descriptor is None:
            return
        with contextlib.suppress(OSError):
            self.path.unlink()
        os.close(self._descriptor)
        self._descriptor = None
        with contextlib.suppress(OSError):  # Windows deletes only what nobody has open
            if sys.platform == "win32":
                self.path.unlink()

    def _try_once(self) -> bool:
        """Take the lock; False when its file was removed by another job in between, so that one must try again."""
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            message = (
                f"the folder {self._target.parent} cannot be written to ({error.strerror}). "
                "Choose another folder for the output, or change its permissions."
            )
            raise OutputError(message) from error
        try:
            _lock_file(descriptor)
        except OSError as error:
            os.close(descriptor)
            message = f"another job is writing {self._target}. Wait for it to end, or choose another output."
            raise OutputError(message) from error
        if self._is_current(descriptor):
            self._descriptor = descriptor
            return True
        os.close(descriptor)
        return False

    def _is_current(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self.path.stat())
        except FileNotFoundError:
            return False


def _lock_file(descriptor: int) -> None:
    """Lock an open file for this process without waiting; raises OSError when another holds it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
