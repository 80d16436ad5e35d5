"""Two helpers at the side of a loop: a thread that loads ahead of it, and one that writes behind it."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")
Value = TypeVar("Value")

# How many tiles wait on either side, besides the one being read or written; memory is bounded by them.
_AHEAD = 1
_BEHIND = 1

# How often a waiting thread looks whether the loop was left, in seconds.
_PATIENCE = 0.1

_END = object()


@contextlib.contextmanager
def read_ahead(load: Callable[[Item], Value], items: Iterable[Item]) -> Iterator[Iterator[tuple[Item, Value]]]:
    """An iterator over (item, load(item)) in order, loaded in one thread; an error of `load` is raised in the loop."""
    ready: queue.Queue[Any] = queue.Queue(_AHEAD)
    stop = threading.Event()

    def work() -> None:
        try:
            for item in items:
                if stop.is_set() or not _put(ready, (item, load(item)), stop):
                    return
        except BaseException as error:  # handed to the loop, whatever it is
            _put(ready, error, stop)
            return
        _put(ready, _END, stop)

    thread = threading.Thread(target=work, name="read-ahead", daemon=True)
    thread.start()
    try:
        yield _taken(ready)
    finally:
        stop.set()
        thread.join()


@contextlib.contextmanager
def written_behind(write: Callable[..., None]) -> Iterator[Callable[..., None]]:
    """A function that queues a call of `write`; calls are made in order in one thread, and are all done on leaving.

    An error of `write` is raised by the next call or on leaving; when an error leaves the loop, what waits is dropped.
    """
    waiting: queue.Queue[Any] = queue.Queue(_BEHIND)
    stop = threading.Event()
    errors: list[BaseException] = []

    def work() -> None:
        for arguments in _taken(waiting):
            if stop.is_set():
                return
            try:
                write(*arguments)
            except BaseException as error:  # handed to the loop, whatever it is
                errors.append(error)
                stop.set()
                return

    def put(*arguments: Any) -> None:
        if not _put(waiting, arguments, stop):
            raise errors[0]

    thread = threading.Thread(target=work, name="write-behind", daemon=True)
    thread.start()
    try:
        yield put
        _put(waiting, _END, stop)
        thread.join()
    finally:
        stop.set()
        with contextlib.suppress(queue.Full):
            waiting.put_nowait(_END)
        thread.join()
    if errors:
        raise errors[0]


def _taken(source: queue.Queue[Any]) -> Iterator[Any]:
    """What is put into a queue until its end; errors are raised."""
    while (item := source.get()) is not _END:
        if isinstance(item, BaseException):
            raise item
        yield item


def _put(target: queue.Queue[Any], item: Any, stop: threading.Event) -> bool:
    """Put an item as soon as there is room; False when told to stop instead."""
    while not stop.is_set():
        try:
            target.put(item, timeout=_PATIENCE)
        except queue.Full:
            continue
        return True
    return False
