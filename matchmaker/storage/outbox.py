"""Letters on their way, in the database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from matchmaker.domain.member import Language
from matchmaker.domain.outbox import LetterKind, LetterState, Posted
from matchmaker.errors import UnknownRecord
from matchmaker.storage.tables import IntroductionRow, LetterRow
from matchmaker.storage.times import kept, told

_TRIED = (LetterState.HELD, LetterState.WAITING)
_PENDING = (LetterState.HELD, LetterState.WAITING, LetterState.FAILED)


class Outbox:
    """One row per letter."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, letter_id: int, *, lock: bool = False) -> Posted:
        """One letter; ``lock`` makes other writers of it wait.

        Raises:
            UnknownRecord: there is none of this number.
        """
        return _posted(self._row(letter_id, lock))

    def list_of(
        self,
        *,
        introduction_id: int | None = None,
        states: Collection[LetterState] = (),
        kinds: Collection[LetterKind] = (),
    ) -> list[Posted]:
        """The letters that meet all conditions given, the latest first."""
        query = select(LetterRow).order_by(LetterRow.id.desc())
        if introduction_id is not None:
            query = query.where(LetterRow.introduction_id == introduction_id)
        if states:
            query = query.where(LetterRow.state.in_(states))
        if kinds:
            query = query.where(LetterRow.kind.in_(kinds))
        return [_posted(row) for row in self._session.scalars(query)]

    def add(
        self,
        kind: LetterKind,
        introduction_id: int,
        member_id: str,
        language: Language,
        subject: str,
        body: str,
        *,
        send_after: datetime,
        at: datetime,
    ) -> Posted:
        """A new letter, held until it is due."""
        row = LetterRow(
            kind=kind,
            introduction_id=introduction_id,
            member_id=member_id,
            language=language,
            subject=subject,
            body=body,
            state=LetterState.HELD,
            send_after=kept(send_after),
            created_at=kept(at),
            attempts=0,
        )
        self._session.add(row)
        self._session.flush()
        return _posted(row)

    def list_due(self, now: datetime) -> list[int]:
        """Letters that may be tried now, the oldest first; one that was left half-sent once its lease is over."""
        query = select(LetterRow.id).where(_is_due(now)).order_by(LetterRow.id)
        return list(self._session.scalars(query))

    def claim(self, letter_id: int, now: datetime, until: datetime) -> Posted | None:
        """Take a due letter for sending; None if somebody else has it, or it is not due any more."""
        query = select(LetterRow).where(LetterRow.id == letter_id, _is_due(now))
        row = self._session.scalar(
            query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
        )
        if row is None:
            return None
        row.state, row.leased_until = LetterState.SENDING, kept(until)
        row.attempts += 1
        self._session.flush()
        return _posted(row)

    def move(
        self,
        letter_id: int,
        state: LetterState,
        *,
        error: str | None = None,
        sent_at: datetime | None = None,
        next_attempt_at: datetime | None = None,
        attempts: int | None = None,
    ) -> Posted:
        """Say what became of a letter; its lease ends."""
        row = self._row(letter_id, True)
        row.state, row.error, row.leased_until = state, error, None
        row.sent_at, row.next_attempt_at = kept(sent_at), kept(next_attempt_at)
        if attempts is not None:
            row.attempts = attempts
        if state is LetterState.CANCELLED:
            row.subject = row.body = ""
        self._session.flush()
        return _posted(row)

    def show_waiting(self, now: datetime) -> int:
        """Let held letters whose time has come wait for somebody's hand; how many."""
        chosen = (LetterRow.state == LetterState.HELD) & (LetterRow.send_after <= kept(now))
        due = select(LetterRow.id).where(chosen)
        ids = list(self._session.scalars(due))
        for letter_id in ids:
            self._row(letter_id, True).state = LetterState.WAITING
        self._session.flush()
        return len(ids)

    def cancel_pending(
        self, introduction_id: int, *, kinds: Collection[LetterKind] = tuple(LetterKind)
    ) -> None:
        """Take back what has not left, with its text."""
        self._session.execute(
            update(LetterRow)
            .where(
                LetterRow.introduction_id == introduction_id,
                LetterRow.state.in_(_PENDING),
                LetterRow.kind.in_(kinds),
            )
            .values(state=LetterState.CANCELLED, subject="", body="", next_attempt_at=None)
            .execution_options(synchronize_session="fetch")
        )

    def erase_member(self, member_id: str) -> None:
        """Erase the texts of all letters of introductions that a member is part of; pending ones do not leave."""
        parts = select(IntroductionRow.id).where(
            (IntroductionRow.kr == member_id) | (IntroductionRow.sg == member_id)
        )
        concerned = LetterRow.introduction_id.in_(parts) | (LetterRow.member_id == member_id)
        pending = concerned & LetterRow.state.in_(_PENDING)
        for condition, values in (
            (pending, {"state": LetterState.CANCELLED, "next_attempt_at": None}),
            (concerned, {"subject": "", "body": ""}),
        ):
            statement = update(LetterRow).where(condition).values(values)
            self._session.execute(statement.execution_options(synchronize_session="fetch"))

    def _row(self, letter_id: int, lock: bool) -> LetterRow:
        row = self._session.get(LetterRow, letter_id, with_for_update=lock or None, populate_existing=lock)
        if row is None:
            raise UnknownRecord(kind="letter", id=letter_id)
        return row


def _is_due(now: datetime) -> ColumnElement[bool]:
    at = kept(now)
    fresh = and_(
        LetterRow.state.in_(_TRIED),
        LetterRow.send_after <= at,
        or_(LetterRow.next_attempt_at.is_(None), LetterRow.next_attempt_at <= at),
    )
    return or_(fresh, and_(LetterRow.state == LetterState.SENDING, LetterRow.leased_until <= at))


def _posted(row: LetterRow) -> Posted:
    return Posted(
        row.id,
        LetterKind(row.kind),
        row.introduction_id,
        row.member_id,
        cast(Language, row.language),
        row.subject,
        row.body,
        LetterState(row.state),
        told(row.send_after),
        told(row.created_at),
        row.attempts,
        told(row.next_attempt_at),
        told(row.leased_until),
        row.error,
        told(row.sent_at),
    )
