"""Reads series in the background, so that a slow disk or a long table does not stop the map."""

from __future__ import annotations

from typing import Any, Callable, List, Sequence, Tuple

from qgis.core import QgsApplication, QgsTask

from .model import Series

Found = List[Tuple[Any, Series]]

# Tasks that run: QGIS's task manager alone does not keep a Python object alive.
_RUNNING: List["ReadTask"] = []


class ReadTask(QgsTask):
    """Reads what some queries ask for and hands it to `done` in the main thread, with what went wrong, if anything."""

    def __init__(self, queries: Sequence[Any], done: Callable[[Found, str], None]) -> None:
        """Nothing is read yet."""
        super().__init__(f"Reading {len(queries)} displacement series", QgsTask.Flag.CanCancel)
        self._queries, self._done = list(queries), done
        self._found: Found = []
        self._problem = ""

    def forget(self) -> None:
        """Cancel, and tell nobody even if everything is read by now."""
        self._done = lambda *_: None
        self.cancel()

    def run(self) -> bool:
        """In a thread of its own; it must not raise."""
        for number, query in enumerate(self._queries):
            if self.isCanceled():
                return False
            try:
                self._found += [(query, series) for series in query.read()]
            except Exception as error:  # one that leaves a task thread ends QGIS
                self._problem = f"{query.name}: {error}"
            self.setProgress(100.0 * (number + 1) / len(self._queries))
        return True

    def finished(self, succeeded: bool) -> None:  # noqa: FBT001 - QGIS's signature
        """In the main thread again."""
        if self in _RUNNING:
            _RUNNING.remove(self)
        if succeeded:
            self._done(self._found, self._problem)


def start(queries: Sequence[Any], done: Callable[[Found, str], None]) -> ReadTask:
    """Begin to read; `done` is called when everything is there."""
    task = ReadTask(queries, done)
    _RUNNING.append(task)
    QgsApplication.taskManager().addTask(task)
    return task


def stop() -> None:
    """Cancel what still runs, and forget whom to tell."""
    for task in list(_RUNNING):
        task.forget()
    _RUNNING.clear()
