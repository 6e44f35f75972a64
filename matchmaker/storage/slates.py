"""The lists that were drawn, in the database."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import astuple, replace

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchmaker.domain.decision import Candidate, DrawnList, Evidence
from matchmaker.domain.member import Purpose
from matchmaker.storage.tables import SlateRow
from matchmaker.storage.times import kept, told


class Slates:
    """Lists with all their candidates, shown or not."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, drawn: DrawnList) -> DrawnList:
        """Keep a list; it gets its number."""
        row = SlateRow(
            query=drawn.query,
            purpose=drawn.purpose.value,
            rule=drawn.rule,
            snapshot=drawn.snapshot,
            drawn_at=kept(drawn.drawn_at),
            size=drawn.size,
            temperature=drawn.temperature,
            seq=drawn.seq,
            candidates=_written(drawn.candidates),
        )
        self._session.add(row)
        self._session.flush()
        return replace(drawn, id=row.id)

    def list_all(self) -> list[DrawnList]:
        """All lists, the oldest first."""
        return [_drawn(row) for row in self._session.scalars(select(SlateRow).order_by(SlateRow.id))]

    def remove_about(self, member_id: str) -> int:
        """Erase the lists of a member, and its name from the lists of others; returns how many lists it was in.

        A nameless candidate stays in others' lists: without it their probabilities would say something else.
        """
        own = delete(SlateRow).where(SlateRow.query == member_id).returning(SlateRow.id)
        removed = len(self._session.scalars(own).all())
        named = SlateRow.candidates.contains(json.dumps(member_id), autoescape=True)
        rows = self._session.scalars(select(SlateRow).where(named)).all()
        for row in rows:
            row.candidates = _written(_nameless(_drawn(row), member_id))
        self._session.flush()
        return removed + len(rows)


def _nameless(drawn: DrawnList, member_id: str) -> list[Candidate]:
    return [
        replace(each, member_id=f"withdrawn-{drawn.id}-{number}") if each.member_id == member_id else each
        for number, each in enumerate(drawn.candidates, start=1)
    ]


def _written(candidates: Iterable[Candidate]) -> str:
    rows = [
        [each.member_id, each.propensity, list(astuple(each.evidence)), each.rank, each.case_id]
        for each in candidates
    ]
    return json.dumps(rows, separators=(",", ":"), allow_nan=False)


def _read(written: str) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(member_id, propensity, Evidence(*evidence), rank, case_id)
        for member_id, propensity, evidence, rank, case_id in json.loads(written)
    )


def _drawn(row: SlateRow) -> DrawnList:
    return DrawnList(
        row.query,
        Purpose(row.purpose),
        row.rule,
        row.snapshot,
        told(row.drawn_at),
        row.size,
        row.temperature,
        row.seq,
        _read(row.candidates),
        row.id,
    )
