"""Independent pieces of work in several threads, with one progress and one way to cancel them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from ..errors import Cancelled
from ..progress import Forwarding, Progress

_PATIENCE = 0.2  # seconds between two looks at whether the user has cancelled


class Share(Forwarding):
    """The progress of one piece: keeps how far it is, and raises Cancelled once all are told to stop."""

    def __init__(self, progress: Progress, stop: threading.Event) -> None:
        super().__init__(progress)
        self._stop = stop
        self.fraction = 0.0

    def update(self, fraction: float, message: str = "") -> None:  # noqa: ARG002 - what is going on is said once for all
        """Keep how far the piece is."""
        if self._stop.is_set():
            raise Cancelled
        self.fraction = fraction


def each(work: Callable[[int, Progress], None], count: int, threads: int, progress: Progress, message: str) -> None:
    """Call `work` with every index below `count` and a progress, so many at a time; `message` says what is going on.

    Raises the first error, or Cancelled through `progress`; either way no piece is at work any more by then, so a piece
    should update its progress often.
    """
    stop = threading.Event()
    shares = [Share(progress, stop) for _ in range(count)]

    def one(index: int) -> None:
        work(index, shares[index])
        shares[index].fraction = 1.0

    with ThreadPoolExecutor(max(1, threads), thread_name_prefix="piece") as pool:
        waiting: set[Future[None]] = {pool.submit(one, index) for index in range(count)}
        try:
            while waiting:
                progress.update(sum(share.fraction for share in shares) / count, message)
                done, waiting = wait(waiting, _PATIENCE, FIRST_COMPLETED)
                for future in done:
                    future.result()
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
