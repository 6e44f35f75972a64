"""Work that comes round: a thread that runs tasks one after the other, again and again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)

Task = Callable[[], object]


class Worker:
    """Runs every task, rests for ``interval`` seconds, and starts over. One that fails is tried in the next turn.

    Several processes may each have one: what a task takes up must be claimed in the database.
    """

    def __init__(self, tasks: Mapping[str, Task], interval: float) -> None:
        self._tasks = dict(tasks)
        self._interval = interval
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._turning = threading.Lock()

    def start(self) -> None:
        """Begin, or begin again after a stop; returns at once."""
        with self._turning:
            self._stopping.clear()
            thread = threading.Thread(target=self._run, name="worker", daemon=True)
            thread.start()
            self._thread = thread

    def stop(self, timeout: float = 30.0) -> None:
        """End after the task at hand."""
        with self._turning:
            self._stopping.set()
            if self._thread is not None:
                self._thread.join(timeout)

    def run_once(self) -> None:
        """One turn, in the caller's thread."""
        for name, task in self._tasks.items():
            if self._stopping.is_set():
                return
            try:
                task()
            except Exception as error:  # a thread has no caller, and an error's text may be a profile's
                log.error("task %s failed: %s", name, type(error).__name__)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.run_once()
            self._stopping.wait(self._interval)
