"""What a coordinator decided about the candidates of one list, and what was known of them when the list was shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from matchmaker.domain.member import Purpose


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one pair, in deviations from the pool's background; seen from the member that asked.

    Needs and coverage have two directions: ``gives`` and ``covers`` lead from the asking member to the candidate,
    ``gets`` and ``covered`` back. ``words``, ``roles`` and ``breadth`` have one value for both.
    """

    gives: float
    gets: float
    covers: float
    covered: float
    words: float
    roles: float
    breadth: float


@dataclass(frozen=True, slots=True)
class Decision:
    """One candidate of one list, and what was decided about it.

    A list is written when it is closed, one decision per eligible candidate. Who was shown has a ``rank`` and was
    ``accepted`` or not: what is still open when the list closes counts as declined. Who was not shown has neither, but
    belongs to the list: without them nobody can say whom another rule would have shown.

    ``propensity`` is the probability, in (0, 1], with which the candidate was shown in this list at any rank.
    ``rule`` and ``snapshot`` name what the list was made with. Ids are those of organisations; there are no texts and
    no persons.
    """

    decision_id: str
    list_id: str
    query: str
    candidate: str
    purpose: Purpose | None
    accepted: bool | None
    rank: int | None
    propensity: float
    evidence: Evidence
    rule: str
    snapshot: str
    decided_on: date
    reason: str | None = None

    @property
    def is_shown(self) -> bool:
        """Whether the coordinator saw the candidate."""
        return self.rank is not None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate of a list that was drawn. Who was shown has a ``rank`` from 1 and the case it was shown as."""

    member_id: str
    propensity: float
    evidence: Evidence
    rank: int | None = None
    case_id: int | None = None


@dataclass(frozen=True, slots=True)
class DrawnList:
    """A list that was drawn for a member, with all its eligible candidates.

    ``seq``: the trail's latest entry before it was shown; what was decided about it comes after.
    """

    query: str
    purpose: Purpose
    rule: str
    snapshot: str
    drawn_at: datetime
    size: int
    temperature: float
    seq: int
    candidates: tuple[Candidate, ...]
    id: int = 0

    @property
    def shown(self) -> tuple[Candidate, ...]:
        """Those that were shown, the first first."""
        return tuple(
            sorted(
                (each for each in self.candidates if each.rank is not None), key=lambda each: each.rank or 0
            )
        )
