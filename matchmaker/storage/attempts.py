"""Requests that may be sent again, in the database."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matchmaker.domain.idempotency import Attempt, Claim, Reply
from matchmaker.errors import AttemptRunning, KeyReused
from matchmaker.storage.tables import AttemptRow
from matchmaker.storage.times import kept, told


class Attempts:
    """One row for each attempt: running, then answered; an expired one counts as none."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def claim(self, attempt: Attempt, claim: Claim, now: datetime, until: datetime) -> Reply | None:
        """Take an attempt up, or learn how it was answered.

        Args:
            until: from then on somebody else may take it up, if it is not answered.

        Raises:
            KeyReused: another request came under this key.
            AttemptRunning: somebody has it in hand.
        """
        row = self._session.get(AttemptRow, attempt.id, with_for_update=True)
        is_live = row is not None and told(row.expires_at) > now
        if row is not None and is_live and (reply := _reply_of(row, attempt, now)) is not None:
            return reply
        row = row or self._added(attempt)
        row.fingerprint, row.token = attempt.fingerprint, claim.token
        row.status = row.headers = row.body = row.subjects = None
        row.running_until = row.expires_at = kept(until)
        self._flush()
        return None

    def answer(self, claim: Claim, reply: Reply, subjects: Iterable[str], expires_at: datetime) -> bool:
        """Write an answer down; False where somebody else has taken the attempt up meanwhile."""
        values = {
            "running_until": None,
            "status": reply.status,
            "headers": json.dumps(dict(reply.headers)),
            "body": reply.body,
            "subjects": json.dumps(sorted(subjects)),
            "expires_at": kept(expires_at),
        }
        done = self._session.execute(update(AttemptRow).where(*_held_by(claim)).values(values))
        return _rows(done) == 1

    def release(self, claim: Claim) -> None:
        """Give an attempt back, as if it had never been made."""
        self._session.execute(delete(AttemptRow).where(*_held_by(claim)))

    def erase_member(self, external_id: str) -> int:
        """Forget the answers that may speak of a member; how many there were."""
        about = AttemptRow.subjects.contains(json.dumps(external_id), autoescape=True)
        return _rows(self._session.execute(delete(AttemptRow).where(about)))

    def purge(self, now: datetime) -> int:
        """Forget what has expired; how many rows went."""
        return _rows(self._session.execute(delete(AttemptRow).where(AttemptRow.expires_at <= kept(now))))

    def changed_members(self) -> frozenset[str]:
        """Whom this transaction has changed so far."""
        return frozenset(self._session.info.get("changed", ()))

    def _added(self, attempt: Attempt) -> AttemptRow:
        row = AttemptRow(id=attempt.id)
        self._session.add(row)
        return row

    def _flush(self) -> None:
        try:
            self._session.flush()
        except IntegrityError as error:
            raise AttemptRunning(seconds=1) from error


def _reply_of(row: AttemptRow, attempt: Attempt, now: datetime) -> Reply | None:
    if row.fingerprint != attempt.fingerprint:
        raise KeyReused
    if row.status is not None:
        return Reply(row.status, json.loads(row.headers or "{}"), row.body or b"")
    until = told(row.running_until)
    if until is not None and until > now:
        raise AttemptRunning(seconds=1)
    return None


def _held_by(claim: Claim) -> tuple[Any, ...]:
    return AttemptRow.id == claim.attempt_id, AttemptRow.token == claim.token, AttemptRow.status.is_(None)


def _rows(result: Any) -> int:
    return cast(CursorResult[Any], result).rowcount
