"""Timetables in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.timetable import Plan, Timetable, TimetableState
from matchmaker.errors import StaleVersion, UnknownRecord
from matchmaker.formats.timetable_document import parse_plan, parse_planned, plan_json, planned_json
from matchmaker.storage.tables import TimetableRow


class Timetables:
    """The timetables, each with a version that counts its writes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, number: int) -> Timetable:
        """One timetable.

        Raises:
            UnknownRecord: there is none with this number.
        """
        return _timetable(self._row(number))

    def list_all(self) -> list[Timetable]:
        """All of them, the latest first."""
        rows = self._session.scalars(select(TimetableRow).order_by(TimetableRow.id.desc()))
        return [_timetable(row) for row in rows]

    def add(self, name: str, place: str, plan: Plan, by: str, at: datetime) -> Timetable:
        """Keep a new draft."""
        row = TimetableRow(
            name=name, place=place, zone=plan.frame.zone.value, plan=plan_json(plan), version=1
        )
        row.state = TimetableState.DRAFT.value
        row.created_by, row.created_at = by, at.astimezone(UTC).replace(tzinfo=None)
        self._session.add(row)
        self._session.flush()
        return _timetable(row)

    def replace(self, timetable: Timetable, expected_version: int) -> Timetable:
        """Write a timetable's plan, result and state anew.

        Raises:
            UnknownRecord: it is gone.
            StaleVersion: somebody changed it first.
        """
        row = self._row(timetable.id, expected_version)
        row.plan, row.state = plan_json(timetable.plan), timetable.state.value
        row.result = None if timetable.planned is None else planned_json(timetable.planned)
        row.version += 1
        return replace(timetable, version=row.version)

    def remove(self, number: int, expected_version: int) -> None:
        """Forget a timetable.

        Raises:
            UnknownRecord: it is gone.
            StaleVersion: somebody changed it first.
        """
        self._session.delete(self._row(number, expected_version))

    def _row(self, number: int, expected_version: int | None = None) -> TimetableRow:
        query = select(TimetableRow).where(TimetableRow.id == number)
        row = self._session.scalar(query if expected_version is None else query.with_for_update())
        if row is None:
            raise UnknownRecord(kind="timetable", id=number)
        if expected_version is not None and row.version != expected_version:
            raise StaleVersion(external_id=row.name, current=row.version, expected=expected_version)
        return row


def _timetable(row: TimetableRow) -> Timetable:
    return Timetable(
        id=row.id,
        name=row.name,
        place=row.place,
        plan=parse_plan(row.plan),
        planned=None if row.result is None else parse_planned(row.result),
        state=TimetableState(row.state),
        version=row.version,
        created_by=row.created_by,
        created_at=row.created_at.replace(tzinfo=UTC),
    )
