"""Introductions and the links to answer them with, in the database."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchmaker.domain.introduction import Answer, Introduction, RefusalReason, State
from matchmaker.domain.member import Country, Purpose
from matchmaker.errors import StaleVersion, UnknownRecord
from matchmaker.storage.tables import AnswerLinkRow, IntroductionRow
from matchmaker.storage.times import kept, told


class Introductions:
    """One row per introduction; a case may have several, one after the other."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, introduction_id: int, *, lock: bool = False) -> Introduction:
        """One introduction; ``lock`` makes other writers of it wait.

        Raises:
            UnknownRecord: there is none of this number.
        """
        return _introduction(self._row(introduction_id, lock))

    def latest_of_case(self, case_id: int) -> Introduction | None:
        """The last introduction that a case led to."""
        query = select(IntroductionRow).where(IntroductionRow.case_id == case_id)
        row = self._session.scalar(query.order_by(IntroductionRow.id.desc()).limit(1).with_for_update())
        return _introduction(row) if row is not None else None

    def list_of(
        self, *, states: Collection[State] = (), member_id: str | None = None, purpose: Purpose | None = None
    ) -> list[Introduction]:
        """The introductions that meet all conditions given, the latest first."""
        query = select(IntroductionRow).order_by(IntroductionRow.id.desc())
        if states:
            query = query.where(IntroductionRow.state.in_(states))
        if member_id is not None:
            query = query.where((IntroductionRow.kr == member_id) | (IntroductionRow.sg == member_id))
        if purpose is not None:
            query = query.where(IntroductionRow.purpose == purpose)
        return [_introduction(row) for row in self._session.scalars(query)]

    def add(self, introduction: Introduction) -> Introduction:
        """Keep a new one; its id is given here."""
        row = IntroductionRow(
            case_id=introduction.case_id,
            kr=introduction.kr,
            sg=introduction.sg,
            purpose=introduction.purpose,
            created_at=kept(introduction.created_at),
            send_after=kept(introduction.send_after),
        )
        _fill(row, introduction)
        self._session.add(row)
        self._session.flush()
        return _introduction(row)

    def save(self, introduction: Introduction) -> Introduction:
        """Write the next version of an introduction.

        Raises:
            UnknownRecord: it is not there.
            StaleVersion: the stored version is not the one before.
        """
        row = self._row(introduction.id, True)
        if row.version != introduction.version - 1:
            raise StaleVersion(
                external_id=f"introduction {introduction.id}",
                current=row.version,
                expected=introduction.version - 1,
            )
        _fill(row, introduction)
        self._session.flush()
        return _introduction(row)

    def _row(self, introduction_id: int, lock: bool) -> IntroductionRow:
        row = self._session.get(
            IntroductionRow, introduction_id, with_for_update=lock or None, populate_existing=lock
        )
        if row is None:
            raise UnknownRecord(kind="introduction", id=introduction_id)
        return row


class AnswerLinks:
    """Tokens that answer for one side; only their hashes are kept."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, token_hash: str, introduction_id: int, country: Country) -> None:
        """Let a token answer."""
        self._session.add(
            AnswerLinkRow(token_hash=token_hash, introduction_id=introduction_id, country=country)
        )
        self._session.flush()

    def find(self, token_hash: str) -> tuple[int, Country] | None:
        """Which introduction a token answers, and for which side."""
        row = self._session.get(AnswerLinkRow, token_hash)
        return (row.introduction_id, Country(row.country)) if row is not None else None

    def remove_of(self, introduction_id: int) -> None:
        """Nobody may answer by link any more."""
        chosen = AnswerLinkRow.introduction_id == introduction_id
        self._session.execute(delete(AnswerLinkRow).where(chosen))


def _fill(row: IntroductionRow, introduction: Introduction) -> None:
    row.state, row.version = introduction.state, introduction.version
    row.asked_at, row.reminded_at = kept(introduction.asked_at), kept(introduction.reminded_at)
    row.ended_at, row.reason = kept(introduction.ended_at), introduction.reason
    row.kr_answer, row.sg_answer = introduction.kr_answer, introduction.sg_answer


def _introduction(row: IntroductionRow) -> Introduction:
    return Introduction(
        row.id,
        row.case_id,
        row.kr,
        row.sg,
        Purpose(row.purpose),
        State(row.state),
        row.version,
        told(row.created_at),
        told(row.send_after),
        told(row.asked_at),
        told(row.reminded_at),
        told(row.ended_at),
        Answer(row.kr_answer),
        Answer(row.sg_answer),
        RefusalReason(row.reason) if row.reason else None,
    )
