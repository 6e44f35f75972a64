"""The trail in the database: appended in one chain, never changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from matchmaker.domain.trail import Entry, Scalar, chained
from matchmaker.domain.webhook import event_of_entry
from matchmaker.storage.tables import TrailHeadRow, TrailRow
from matchmaker.storage.times import kept, told
from matchmaker.storage.webhooks import Events

CHUNK = 1000


class Trail:
    """Who decided what. Writers queue at the head row, so there is one chain whatever the isolation level.

    Portals hear of some entries, see `matchmaker.domain.webhook.event_of_entry`.
    """

    def __init__(self, session: Session, events: Events) -> None:
        self._session = session
        self._events = events

    def append(
        self, at: datetime, actor: str, action: str, subject: str, details: Mapping[str, Scalar]
    ) -> Entry:
        """Add an entry after the last one; it is kept with the transaction it is part of."""
        self._session.flush()
        head = self._session.get_one(TrailHeadRow, 1, with_for_update=True, populate_existing=True)
        entry = chained(head.seq, head.hash, at, actor, action, subject, details)
        self._session.add(_row(entry))
        head.seq, head.hash = entry.seq, entry.hash
        self._events.tell(event_of_entry(entry))
        self._session.flush()
        return entry

    def head(self) -> tuple[int, str]:
        """Number and hash of the latest entry, 0 and zeros before the first."""
        head = self._session.get_one(TrailHeadRow, 1, populate_existing=True)
        return head.seq, head.hash

    def list_of(self, subject: str) -> list[Entry]:
        """What happened to one subject, the oldest first."""
        query = select(TrailRow).where(TrailRow.subject == subject).order_by(TrailRow.seq)
        return [_entry(row) for row in self._session.scalars(query)]

    def latest_of(self, subjects: Collection[str]) -> dict[str, Entry]:
        """The latest entry of each subject that has one."""
        latest = (
            select(func.max(TrailRow.seq)).where(TrailRow.subject.in_(subjects)).group_by(TrailRow.subject)
        )
        rows = self._session.scalars(select(TrailRow).where(TrailRow.seq.in_(latest)))
        return {row.subject: _entry(row) for row in rows}

    def list_all(self) -> Iterator[Entry]:
        """The whole trail in order, read in pieces."""
        columns = select(*TrailRow.__table__.columns)  # no objects: there may be many
        query = columns.order_by(TrailRow.seq).execution_options(yield_per=CHUNK)
        return (_entry(row) for row in self._session.execute(query))


def _row(entry: Entry) -> TrailRow:
    return TrailRow(
        seq=entry.seq,
        at=kept(entry.at),
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        details=json.dumps(dict(entry.details), ensure_ascii=False),
        previous=entry.previous,
        hash=entry.hash,
    )


def _entry(row: TrailRow | Row[Any]) -> Entry:
    return Entry(
        row.seq,
        told(row.at),
        row.actor,
        row.action,
        row.subject,
        json.loads(row.details),
        row.previous,
        row.hash,
    )
