"""From a started process to a ready one, in the background: schema checked, members encoded, index built.

Once it is ready the work that comes round begins, too: letters, reminders, cases whose snooze is over.
"""

from __future__ import annotations

import logging
import threading

from matchmaker.bootstrap import Matchmaker
from matchmaker.errors import MatchmakerError, NotReady

RETRY_AFTER = 5.0
"""Seconds between two tries while something outside is missing (a database, a migration, a model)."""

log = logging.getLogger(__name__)


class _Stopped(Exception):
    """The server shuts down in the middle of the work."""


class Startup:
    """Builds the index in a thread of its own. Until that is done, `require` says why nothing is answered yet."""

    def __init__(self, matchmaker: Matchmaker, retry_after: float = RETRY_AFTER) -> None:
        self._matchmaker = matchmaker
        self._retry_after = retry_after
        self._done = threading.Event()
        self._stopping = threading.Event()
        self._obstacle: MatchmakerError = NotReady(reason="the server has just started")
        self._thread = threading.Thread(target=self._run, name="startup", daemon=True)

    def begin(self) -> None:
        """Start the work; returns at once."""
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Give up, at the end of the batch at hand."""
        self._stopping.set()
        self._thread.join(timeout)
        if self._done.is_set():
            self._matchmaker.worker.stop(timeout)
            self._matchmaker.job_worker.stop(timeout)
            self._matchmaker.timetables.jobs.stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is done; whether it is."""
        return self._done.wait(timeout)

    def require(self) -> None:
        """Pass only when everything is ready.

        Raises:
            MatchmakerError: what is in the way: `NotReady` while the work goes on, or the error that it met last.
        """
        if not self._done.is_set():
            raise self._obstacle

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._build()
            except _Stopped:
                return
            except MatchmakerError as error:
                if str(error) != str(self._obstacle):
                    log.error("not ready: %s", error)
                self._obstacle = error
            except Exception as error:  # a thread has no caller: what it met is told at the doors
                self._obstacle = NotReady(reason="the start failed, see the server's log")
                log.exception("not ready: %s", type(error).__name__)
            else:
                self._matchmaker.worker.start()
                self._matchmaker.job_worker.start()
                self._done.set()
                return
            self._stopping.wait(self._retry_after)

    def _build(self) -> None:
        self._matchmaker.check()
        self._matchmaker.rounds.recover()
        _ = self._matchmaker.calls  # a broken file of a call is told before anything is answered
        self._matchmaker.catalogue.embed_outdated(self._report)
        self._obstacle = NotReady(reason="the vectors are being arranged")
        self._matchmaker.catalogue.current()

    def _report(self, done: int, total: int) -> None:
        if self._stopping.is_set():
            raise _Stopped
        self._obstacle = NotReady(reason=f"{done} of {total} members are encoded")
