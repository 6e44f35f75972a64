"""Jobs in the database. A worker owns a job by its claim; only the owner of a running job may report or end it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from matchmaker.domain.job import OVER, Job, JobState
from matchmaker.errors import UnknownRecord
from matchmaker.storage.tables import JobRow
from matchmaker.storage.times import kept, told


class Jobs:
    """One row per job."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, kind: str, parameters: Mapping[str, object], source: str | None, created_by: str, at: datetime
    ) -> Job:
        """A new job, waiting."""
        row = JobRow(
            kind=kind,
            state=JobState.QUEUED,
            parameters=json.dumps(parameters, ensure_ascii=False),
            progress=0,
            source=source,
            cancel_requested=False,
            attempt=0,
            created_by=created_by,
            created_at=kept(at),
        )
        self._session.add(row)
        self._session.flush()
        return _job(row)

    def get(self, job_id: int) -> Job:
        """One job.

        Raises:
            UnknownRecord: there is none of this number.
        """
        return _job(self._row(job_id))

    def list_latest(self, created_by: str | None, limit: int) -> list[Job]:
        """The latest jobs, of one actor or of all."""
        query = select(JobRow).order_by(JobRow.id.desc()).limit(limit)
        if created_by is not None:
            query = query.where(JobRow.created_by == created_by)
        return [_job(row) for row in self._session.scalars(query)]

    def list_finished_before(self, at: datetime) -> list[Job]:
        """Jobs that were over before a time."""
        return [
            _job(row) for row in self._session.scalars(select(JobRow).where(JobRow.finished_at < kept(at)))
        ]

    def claim(self, claim: str, now: datetime, stale: datetime) -> Job | None:
        """Take up the oldest job that waits, or whose worker has not been heard since ``stale``."""
        free = or_(
            JobRow.state == JobState.QUEUED,
            and_(JobRow.state == JobState.RUNNING, JobRow.heartbeat < kept(stale)),
        )
        for job_id in self._session.scalars(select(JobRow.id).where(free).order_by(JobRow.id)).all():
            taken = (
                update(JobRow)
                .where(JobRow.id == job_id, free)
                .values(state=JobState.RUNNING, claim=claim, heartbeat=kept(now), attempt=JobRow.attempt + 1)
                .returning(JobRow.id)
            )
            if self._session.scalar(taken) is not None:
                return _job(self._row(job_id, fresh=True))
        return None

    def beat(self, job_id: int, claim: str, progress: int, total: int | None, now: datetime) -> bool:
        """Note how far a job is; False if its worker lost it or somebody wants it to stop."""
        row = self._own(job_id, claim)
        if row is None or row.cancel_requested:
            return False
        row.progress, row.total, row.heartbeat = progress, total, kept(now)
        self._session.flush()
        return True

    def finish(
        self,
        job_id: int,
        claim: str,
        state: JobState,
        now: datetime,
        result: str | None = None,
        summary: Mapping[str, object] | None = None,
    ) -> bool:
        """End a job, or hand it back (``QUEUED``); False if its worker lost it."""
        row = self._own(job_id, claim)
        if row is None:
            return False
        row.state, row.claim = state, None
        row.finished_at = kept(now) if state in OVER else None
        row.result, row.summary = result, json.dumps(summary, ensure_ascii=False) if summary else None
        if state is JobState.DONE and row.total is not None:
            row.progress = row.total
        self._session.flush()
        return True

    def request_cancel(self, job_id: int, now: datetime) -> Job:
        """Ask for a job to stop: one that waits ends at once, one that is over stays as it is.

        Raises:
            UnknownRecord: there is none of this number.
        """
        row = self._row(job_id, lock=True)
        if row.state == JobState.QUEUED:
            row.state, row.finished_at = JobState.CANCELLED, kept(now)
        if row.state not in OVER:
            row.cancel_requested = True
        self._session.flush()
        return _job(row)

    def remove(self, job_id: int) -> None:
        """Forget a job."""
        self._session.delete(self._row(job_id))
        self._session.flush()

    def _own(self, job_id: int, claim: str) -> JobRow | None:
        query = select(JobRow).where(
            JobRow.id == job_id, JobRow.claim == claim, JobRow.state == JobState.RUNNING
        )
        return self._session.scalar(query.with_for_update())

    def _row(self, job_id: int, *, lock: bool = False, fresh: bool = False) -> JobRow:
        row = self._session.get(JobRow, job_id, with_for_update=lock or None, populate_existing=lock or fresh)
        if row is None:
            raise UnknownRecord(kind="job", id=job_id)
        return row


def _job(row: JobRow) -> Job:
    return Job(
        row.id,
        row.kind,
        JobState(row.state),
        row.created_by,
        told(row.created_at),
        json.loads(row.parameters),
        row.progress,
        row.total,
        row.source,
        row.result,
        json.loads(row.summary or "{}"),
        row.cancel_requested,
        row.attempt,
        row.claim,
        told(row.heartbeat),
        told(row.finished_at),
    )
