"""How long a search may still take, who hears of its progress, and who may stop it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TypeVar

from matchmaker.assignment.errors import SolvingCancelled
from matchmaker.assignment.problem import Cancelled, Progress

T = TypeVar("T")

PAUSE = 0.1
"""Seconds between two questions whether the work is still wanted."""


@dataclass(frozen=True)
class Watch:
    """Starts when it is made."""

    time_limit: float
    progress: Progress | None = None
    cancelled: Cancelled | None = None
    started: float = field(default_factory=time.monotonic)

    @property
    def remaining(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.time_limit - (time.monotonic() - self.started))

    def check(self) -> None:
        """Go on if the work is still wanted.

        Raises:
            SolvingCancelled: it is not.
        """
        if self.cancelled is not None and self.cancelled():
            raise SolvingCancelled

    def tell(self, stage: str, share: float | None = None) -> None:
        """Report the step, and the share of the whole that is done: of the time, if nothing better is known."""
        if self.progress is not None:
            self.progress(1 - self.remaining / self.time_limit if share is None else share, stage)

    def attend(self, work: Callable[[], T], stage: str, stop: Callable[[], None] | None = None) -> T:
        """Do the work on another thread, so that this one, which the callbacks belong to, can report and ask.

        Args:
            stop: asks the work to end soon. Work that cannot be asked is left alone, to end by its own limit.

        Raises:
            SolvingCancelled: nobody wants it any more.
        """
        self.check()
        worker = ThreadPoolExecutor(1, thread_name_prefix="solver")
        try:
            return self._awaited(worker.submit(work), stage, stop)
        finally:
            worker.shutdown(wait=False)

    def _awaited(self, future: Future[T], stage: str, stop: Callable[[], None] | None) -> T:
        self.tell(stage)
        while not wait((future,), timeout=PAUSE).done:
            self.tell(stage)
            if self.cancelled is not None and self.cancelled():
                _end(future, stop)
                raise SolvingCancelled
        return future.result()


def _end(future: Future[T], stop: Callable[[], None] | None) -> None:
    # A search that has not begun yet does not hear the first call.
    while stop is not None and not future.done():
        stop()
        wait((future,), timeout=PAUSE)
