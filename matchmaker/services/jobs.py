"""Long work in the background: claimed in the database, cancelled, taken up again after a crash."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from matchmaker.domain.access import Action, Actor, is_allowed
from matchmaker.domain.job import Job, JobState
from matchmaker.errors import MatchmakerError, UnknownRecord
from matchmaker.services.clock import utc_now
from matchmaker.services.job_files import JobFiles
from matchmaker.storage.unit_of_work import Store

log = logging.getLogger(__name__)

EVERY = 0.5
"""Seconds between two heartbeats."""
LOST = timedelta(minutes=5)
"""A worker that was not heard for so long is taken for dead."""
MOST_ATTEMPTS = 3
"""Workers that a job may take down before it is given up."""
POLL = 2.0
"""Seconds between two looks for jobs that other processes left."""


class JobCancelled(Exception):
    """Somebody wants the job to stop, or another worker has it by now."""


class JobInterrupted(Exception):
    """The process ends; another one goes on."""


@dataclass(frozen=True)
class Finished:
    """What a job leaves: a file in the folder of jobs, and numbers."""

    result: str | None = None
    summary: Mapping[str, object] = field(default_factory=dict)


Heard = Callable[[int, int], None]
"""Told how many of how many rows are done."""
Work = Callable[[Job, Heard], Finished]


@dataclass(frozen=True)
class Jobs:
    """Submit, read and cancel. Every kind of work must be safe to do twice."""

    store: Store
    files: JobFiles
    kinds: Mapping[str, Work]
    now: Callable[[], datetime] = utc_now
    lasting: timedelta = timedelta(days=7)
    wake: threading.Event = field(default_factory=threading.Event)

    def submit(self, kind: str, parameters: Mapping[str, object], source: str | None, by: str) -> Job:
        """Put work into the queue; ``source`` is a file in the folder of jobs, which the job removes."""
        with self.store.writing() as work:
            job = work.jobs.add(kind, parameters, source, by, self.now())
            work.commit()
        self.wake.set()
        return job

    def get(self, job_id: int, actor: Actor) -> Job:
        """A job of the actor's; coordinators see all.

        Raises:
            UnknownRecord: there is none, or it is somebody else's.
        """
        with self.store.reading() as work:
            job = work.jobs.get(job_id)
        if job.created_by != actor.id and not is_allowed(actor, Action.REVIEW):
            raise UnknownRecord(kind="job", id=job_id)
        return job

    def latest(self, created_by: str, limit: int) -> list[Job]:
        """The latest jobs of an actor."""
        with self.store.reading() as work:
            return work.jobs.list_latest(created_by, limit)

    def cancel(self, job_id: int, actor: Actor) -> Job:
        """Ask for a job to stop; what it has written stays. One that is over stays as it is.

        Raises:
            UnknownRecord: there is none, or it is somebody else's.
        """
        self.get(job_id, actor)
        with self.store.writing() as work:
            job = work.jobs.request_cancel(job_id, self.now())
            work.commit()
        if job.is_over:
            self.files.remove(job.source)
        return job

    def run_once(self, is_stopping: Callable[[], bool] = lambda: False) -> bool:
        """Take up one job, in the caller's thread; whether there was one."""
        claim = secrets.token_hex(16)
        with self.store.writing() as work:
            job = work.jobs.claim(claim, self.now(), self.now() - LOST)
            work.commit()
        if job is None:
            return False
        self._run(job, claim, is_stopping)
        return True

    def tidy(self) -> None:
        """Forget jobs that were over long ago, and files that nothing leads to."""
        before = self.now() - self.lasting
        with self.store.writing() as work:
            old = work.jobs.list_finished_before(before)
            for job in old:
                work.jobs.remove(job.id)
            work.commit()
        self.files.remove(*(name for job in old for name in (job.source, job.result)))
        self.files.remove(*self.files.list_older(before))

    def _run(self, job: Job, claim: str, is_stopping: Callable[[], bool]) -> None:
        state, finished = self._outcome(job, claim, is_stopping)
        with self.store.writing() as work:
            is_own = work.jobs.finish(job.id, claim, state, self.now(), finished.result, finished.summary)
            work.commit()
        if not is_own:
            self.files.remove(finished.result)
        elif state is not JobState.QUEUED:
            self.files.remove(job.source)

    def _outcome(self, job: Job, claim: str, is_stopping: Callable[[], bool]) -> tuple[JobState, Finished]:
        if job.cancel_requested:
            return JobState.CANCELLED, Finished()
        if job.attempt > MOST_ATTEMPTS:
            return JobState.FAILED, Finished(summary={"code": "internal-error"})
        try:
            return JobState.DONE, self.kinds[job.kind](job, _Pulse(self, job, claim, is_stopping))
        except JobInterrupted:
            return JobState.QUEUED, Finished()
        except JobCancelled:
            return JobState.CANCELLED, Finished()
        except MatchmakerError as error:
            return JobState.FAILED, Finished(summary={"code": error.code, "reason": str(error)[:1000]})
        except Exception as error:  # a thread has no caller, and an error's text may be a profile's
            log.error("job %s failed: %s", job.id, type(error).__name__)
            return JobState.FAILED, Finished(summary={"code": "internal-error"})


@dataclass
class _Pulse:
    """Tells the database that a job goes on, now and then, and hears from it whether to."""

    jobs: Jobs
    job: Job
    claim: str
    is_stopping: Callable[[], bool]
    _beaten: float = float("-inf")

    def __call__(self, done: int, total: int) -> None:
        if self.is_stopping():
            raise JobInterrupted
        if time.monotonic() - self._beaten < EVERY and 0 < done < total:
            return
        with self.jobs.store.writing() as work:
            goes_on = work.jobs.beat(self.job.id, self.claim, done, total, self.jobs.now())
            work.commit()
        if not goes_on:
            raise JobCancelled
        self._beaten = time.monotonic()


class JobWorker:
    """A thread that takes up one job after the other. Several processes may each have one."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, or begin again after a stop; returns at once."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 30.0) -> None:
        """Hand the job at hand back at its next heartbeat, and end."""
        self._stopping.set()
        self._jobs.wake.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._jobs.wake.clear()
            if not self._take_one():
                self._jobs.wake.wait(POLL)

    def _take_one(self) -> bool:
        try:
            return self._jobs.run_once(self._stopping.is_set)
        except Exception as error:  # the database may be away for a while
            log.error("jobs cannot be taken up: %s", type(error).__name__)
            return False
