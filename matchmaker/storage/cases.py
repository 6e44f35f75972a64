"""Cases under review in the database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.member import Purpose
from matchmaker.domain.review import Case, Stage
from matchmaker.errors import AlreadyDecided, UnknownRecord
from matchmaker.storage.tables import CaseRow
from matchmaker.storage.times import kept, told


class Cases:
    """One row per pair and purpose."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, case_id: int) -> Case:
        """One case.

        Raises:
            UnknownRecord: there is none of this number.
        """
        return case_of(self._row(case_id))

    def hold(self, case_id: int) -> Case:
        """One case, which nobody else can write until this transaction is over.

        Raises:
            UnknownRecord: there is none of this number.
        """
        return case_of(self._row(case_id, lock=True))

    def find(self, kr: str, sg: str, purpose: Purpose) -> Case | None:
        """The case of a pair for a purpose."""
        query = select(CaseRow).where(CaseRow.kr == kr, CaseRow.sg == sg, CaseRow.purpose == purpose)
        row = self._session.scalar(query)
        return case_of(row) if row is not None else None

    def list_of(
        self,
        *,
        stages: Collection[Stage] = (),
        purpose: Purpose | None = None,
        member_id: str | None = None,
        round_id: int | None = None,
    ) -> list[Case]:
        """The cases that meet all conditions given, best first."""
        query = select(CaseRow).order_by(CaseRow.score.desc(), CaseRow.id)
        if stages:
            query = query.where(CaseRow.stage.in_(stages))
        if purpose is not None:
            query = query.where(CaseRow.purpose == purpose)
        if member_id is not None:
            query = query.where((CaseRow.kr == member_id) | (CaseRow.sg == member_id))
        if round_id is not None:
            query = query.where(CaseRow.round_id == round_id)
        return [case_of(row) for row in self._session.scalars(query)]

    def add(
        self,
        kr: str,
        sg: str,
        purpose: Purpose,
        *,
        score: float,
        rule: str,
        snapshot: str,
        at: datetime,
        round_id: int | None = None,
    ) -> Case:
        """A new case, suggested."""
        row = CaseRow(
            kr=kr,
            sg=sg,
            purpose=purpose,
            stage=Stage.SUGGESTED,
            version=1,
            score=score,
            rule=rule,
            snapshot=snapshot,
            opened_at=kept(at),
            changed_at=kept(at),
            round_id=round_id,
        )
        self._session.add(row)
        self._session.flush()
        return case_of(row)

    def save(self, case: Case, expected_version: int) -> Case:
        """Write a case anew; its version becomes the next one.

        Raises:
            UnknownRecord: it is not there any more.
            AlreadyDecided: it is at another version than expected.
        """
        row = self._row(case.id, lock=True)
        if row.version != expected_version:
            raise AlreadyDecided(id=case.id, stage=row.stage)
        row.version += 1
        row.stage, row.code, row.round_id = case.stage, case.code, case.round_id
        row.score, row.rule, row.snapshot = case.score, case.rule, case.snapshot
        row.changed_at, row.snoozed_until = kept(case.changed_at), kept(case.snoozed_until)
        self._session.flush()
        return case_of(row)

    def remove(self, case_id: int) -> None:
        """Forget a case; the trail still knows that it was there."""
        self._session.delete(self._row(case_id))
        self._session.flush()

    def _row(self, case_id: int, *, lock: bool = False) -> CaseRow:
        row = self._session.get(CaseRow, case_id, with_for_update=lock or None, populate_existing=lock)
        if row is None:
            raise UnknownRecord(kind="case", id=case_id)
        return row


def case_of(row: CaseRow) -> Case:
    """A row as the domain tells it."""
    return Case(
        row.id,
        row.kr,
        row.sg,
        Purpose(row.purpose),
        Stage(row.stage),
        row.version,
        row.score,
        row.rule,
        row.snapshot,
        told(row.opened_at),
        told(row.changed_at),
        row.round_id,
        row.code,
        told(row.snoozed_until),
    )
