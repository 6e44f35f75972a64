"""What coordinators decided about the lists that were drawn, as `matchmaker learn` reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from matchmaker.domain.access import SYSTEM
from matchmaker.domain.decision import Candidate, Decision, DrawnList
from matchmaker.domain.review import Move
from matchmaker.domain.trail import Entry
from matchmaker.services.case_moves import standing_moves, subject_of
from matchmaker.services.clock import utc_now
from matchmaker.storage.unit_of_work import Store, UnitOfWork


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided about a shown candidate; ``is_accepted`` is None while it is open, ``at`` when it was decided.

    ``is_lost``: nobody can decide any more, because a member left or the list was taken back.
    """

    is_accepted: bool | None = None
    reason: str | None = None
    at: datetime | None = None
    is_lost: bool = False


@dataclass(frozen=True)
class Decisions:
    """The decision log. ``patience``: after this time a list is closed, and what is open counts as declined."""

    store: Store
    patience: timedelta = timedelta(days=60)
    now: Callable[[], datetime] = utc_now

    def export(self) -> Iterator[Decision]:
        """One decision per eligible candidate of every closed list, the oldest list first.

        Accepted is who reached the shortlist within the list's time. A list of which a shown candidate left undecided
        is passed over: nobody knows what would have been decided.
        """
        with self.store.reading() as work:
            for drawn in work.slates.list_all():
                yield from self._closed(work, drawn)

    def _closed(self, work: UnitOfWork, drawn: DrawnList) -> Iterator[Decision]:
        end = drawn.drawn_at + self.patience
        outcomes = {each.member_id: _outcome(work, drawn, each, end) for each in drawn.shown}
        known = list(outcomes.values())
        is_decided = all(outcome.is_accepted is not None for outcome in known)
        if any(outcome.is_lost for outcome in known) or not (is_decided or self.now() >= end):
            return iter(())
        closed_at = max((outcome.at for outcome in known if outcome.at), default=end) if is_decided else end
        return (
            _decision(drawn, number, each, outcomes.get(each.member_id), closed_at)
            for number, each in enumerate(drawn.candidates, start=1)
        )


def _outcome(work: UnitOfWork, drawn: DrawnList, shown: Candidate, end: datetime) -> Outcome:
    assert shown.case_id is not None, "who is shown has a case"
    later = [
        entry
        for entry in work.trail.list_of(subject_of(shown.case_id))
        if entry.seq > drawn.seq and entry.at <= end
    ]
    return _decided(later)


def _decided(later: Sequence[Entry]) -> Outcome:
    """What became of a case since it was suggested or reopened for a list, until it is reopened for another."""
    start, standing = later[0], standing_moves(later)
    if start.action == Move.REOPEN and start not in standing:
        return Outcome(is_lost=True)
    for entry in standing:
        if entry.seq == start.seq:
            continue
        if entry.action == Move.SHORTLIST:
            return Outcome(True, at=entry.at)
        if entry.action == Move.DECLINE:
            is_lost = entry.actor == SYSTEM.id
            return Outcome(None if is_lost else False, _text(entry.details["code"]), entry.at, is_lost)
    return Outcome()


def _decision(
    drawn: DrawnList, number: int, candidate: Candidate, outcome: Outcome | None, closed_at: datetime
) -> Decision:
    return Decision(
        f"list-{drawn.id}-{number}",
        f"list-{drawn.id}",
        drawn.query,
        candidate.member_id,
        drawn.purpose,
        bool(outcome.is_accepted) if outcome is not None else None,
        candidate.rank,
        candidate.propensity,
        candidate.evidence,
        drawn.rule,
        drawn.snapshot,
        closed_at.date(),
        outcome.reason if outcome is not None else None,
    )


def _text(value: object) -> str | None:
    return str(value) if value is not None else None
