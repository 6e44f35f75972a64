"""The queue in the database: which cases pass a filter, in which order, and which of them want the same member."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, UnaryExpression, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.desk import CaseFilter, Opinion, QueueCounts, QueuePlace
from matchmaker.domain.review import Case, Stage
from matchmaker.storage.cases import case_of
from matchmaker.storage.repositories import fold
from matchmaker.storage.tables import CaseRow, LeaseRow, MemberRow, VoiceRow
from matchmaker.storage.times import kept

UNDER_WAY = (Stage.SUGGESTED, Stage.SNOOZED, Stage.SHORTLISTED, Stage.INTRODUCED)
"""Cases that claim their members' time."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A case and where it stands."""

    case: Case
    place: QueuePlace


class Queue:
    """Reads of the queue by one actor at one time."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list_page(
        self, chosen: CaseFilter, holder: str, now: datetime, after: QueuePlace | None, limit: int
    ) -> list[Placed]:
        """Up to ``limit`` cases after a place, the wanted first, then best first."""
        query = _placed(chosen, holder, now).order_by(*_order(down=True)).limit(limit)
        return self._read(query if after is None else query.where(_is_beyond(after, down=True)))

    def place_of(self, case_id: int) -> QueuePlace | None:
        """Where a case stands, or None if there is none."""
        found = self._read(select(CaseRow, _wanted()).where(CaseRow.id == case_id))
        return found[0].place if found else None

    def neighbours(
        self, place: QueuePlace, chosen: CaseFilter, holder: str, now: datetime
    ) -> tuple[int | None, int | None]:
        """The numbers of the cases before and after a place."""
        return (
            self._neighbour(place, _placed(chosen, holder, now), down=False),
            self._neighbour(place, _placed(chosen, holder, now), down=True),
        )

    def count(self, chosen: CaseFilter, holder: str, now: datetime) -> int:
        """How many cases a filter leaves."""
        return self._count(_conditions(chosen, holder, now))

    def counts(self, chosen: CaseFilter, holder: str, now: datetime) -> QueueCounts:
        """How many there are by stage, to review and held, whatever the filter's stages."""
        subject = _about(chosen)
        rows = self._session.execute(
            select(CaseRow.stage, func.count()).where(*subject).group_by(CaseRow.stage)
        )
        found = {Stage(stage): count for stage, count in rows}
        return QueueCounts(
            self._count([*subject, _waits(now)]),
            self._count([*subject, _is_held(holder, now)]),
            {stage: found.get(stage, 0) for stage in Stage},
        )

    def list_due(self, now: datetime) -> list[Case]:
        """Snoozed cases whose time is over and on which nobody works."""
        held = exists().where(LeaseRow.case_id == CaseRow.id, LeaseRow.until > kept(now))
        query = select(CaseRow).where(_is_due(now), ~held).order_by(CaseRow.id)
        return [case_of(row) for row in self._session.scalars(query)]

    def conflicts_of(self, cases: Collection[Case]) -> dict[int, tuple[Case, ...]]:
        """For each case the others under way with one of its members, in the same round or for the same purpose."""
        involved = {case.kr for case in cases} | {case.sg for case in cases}
        query = select(CaseRow).where(
            CaseRow.stage.in_(UNDER_WAY), or_(CaseRow.kr.in_(involved), CaseRow.sg.in_(involved))
        )
        others = [case_of(row) for row in self._session.scalars(query)]
        return {case.id: _conflicting(case, others) for case in cases}

    def _neighbour(self, place: QueuePlace, query: Select[CaseRow, bool], *, down: bool) -> int | None:
        found = self._read(query.where(_is_beyond(place, down=down)).order_by(*_order(down=down)).limit(1))
        return found[0].case.id if found else None

    def _count(self, conditions: Iterable[ColumnElement[bool]]) -> int:
        return self._session.scalar(select(func.count()).select_from(CaseRow).where(*conditions)) or 0

    def _read(self, query: Select[CaseRow, bool]) -> list[Placed]:
        return [
            Placed(case_of(row), QueuePlace(bool(wanted), row.score, row.id))
            for row, wanted in self._session.execute(query)
        ]


def _placed(chosen: CaseFilter, holder: str, now: datetime) -> Select[CaseRow, bool]:
    return select(CaseRow, _wanted()).where(*_conditions(chosen, holder, now))


def _wanted() -> ColumnElement[bool]:
    return exists().where(
        VoiceRow.kr == CaseRow.kr,
        VoiceRow.sg == CaseRow.sg,
        VoiceRow.purpose == CaseRow.purpose,
        VoiceRow.opinion == Opinion.INTERESTED,
    )


def _order(*, down: bool) -> tuple[UnaryExpression[Any], ...]:
    if down:
        return _wanted().desc(), CaseRow.score.desc(), CaseRow.id.asc()
    return _wanted().asc(), CaseRow.score.asc(), CaseRow.id.desc()


def _is_beyond(place: QueuePlace, *, down: bool) -> ColumnElement[bool]:
    """Whether a case stands further down (or up) than a place."""
    wanted = _wanted()
    same = wanted if place.is_wanted else ~wanted
    if down:
        other = ~wanted if place.is_wanted else false()
        weaker, later = CaseRow.score < place.score, CaseRow.id > place.case_id
    else:
        other = false() if place.is_wanted else wanted
        weaker, later = CaseRow.score > place.score, CaseRow.id < place.case_id
    return or_(other, and_(same, or_(weaker, and_(CaseRow.score == place.score, later))))


def _conditions(chosen: CaseFilter, holder: str, now: datetime) -> list[ColumnElement[bool]]:
    stage = [CaseRow.stage.in_(chosen.stages)] if chosen.stages else [] if chosen.mine else [_waits(now)]
    mine = [_is_held(holder, now)] if chosen.mine else []
    return [*_about(chosen), *stage, *mine]


def _about(chosen: CaseFilter) -> list[ColumnElement[bool]]:
    found = [_is_about(fold(word)) for word in chosen.words]
    if chosen.purpose is not None:
        found.append(CaseRow.purpose == chosen.purpose)
    if chosen.round_id is not None:
        found.append(CaseRow.round_id == chosen.round_id)
    return found


def _is_about(word: str) -> ColumnElement[bool]:
    has_word = select(MemberRow.external_id).where(MemberRow.search.contains(word, autoescape=True))
    return or_(CaseRow.kr.in_(has_word), CaseRow.sg.in_(has_word))


def _waits(now: datetime) -> ColumnElement[bool]:
    return or_(CaseRow.stage == Stage.SUGGESTED, _is_due(now))


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(CaseRow.stage == Stage.SNOOZED, CaseRow.snoozed_until <= kept(now))


def _is_held(holder: str, now: datetime) -> ColumnElement[bool]:
    return exists().where(
        LeaseRow.case_id == CaseRow.id, LeaseRow.holder == holder, LeaseRow.until > kept(now)
    )


def _conflicting(case: Case, others: Iterable[Case]) -> tuple[Case, ...]:
    found = [
        other
        for other in others
        if other.id != case.id
        and (other.kr == case.kr or other.sg == case.sg)
        and (other.purpose is case.purpose or (case.round_id is not None and other.round_id == case.round_id))
    ]
    return tuple(sorted(found, key=lambda other: (-UNDER_WAY.index(other.stage), -other.score, other.id)))
