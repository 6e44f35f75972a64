"""An introduction's life: held, asked, answered by both. Contacts are revealed only when both have accepted.

::

    held ──send──> asked ──both accept──> accepted
      │              ├──one declines───> declined
      │              ├──silence────────> expired
      └───cancel─────┴──cancel─────────> cancelled

``held``: the letters are written but have not left; the coordinator may still take it back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from matchmaker.domain.member import Country, Member, Purpose, Status
from matchmaker.errors import IllegalMove


class State(StrEnum):
    HELD = "held"
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more can happen."""
        return self not in (State.HELD, State.ASKED)


class Answer(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class RefusalReason(StrEnum):
    """Why a member does not want to be introduced."""

    NOT_NOW = "not-now"
    ALREADY_IN_TOUCH = "already-in-touch"
    NOT_OUR_FIELD = "not-our-field"
    COMPETITOR = "competitor"
    OTHER = "other"


class Obstacle(StrEnum):
    """What keeps a side from being asked, the gravest first."""

    HAS_LEFT = "has-left"
    NOT_JOINED = "not-joined"
    NO_CONSENT = "no-consent"
    NO_CONTACT = "no-contact"


@dataclass(frozen=True, slots=True)
class Introduction:
    """Two joined members who are asked whether they want to know each other."""

    id: int
    case_id: int
    kr: str
    sg: str
    purpose: Purpose
    state: State
    version: int
    created_at: datetime
    send_after: datetime
    asked_at: datetime | None = None
    reminded_at: datetime | None = None
    ended_at: datetime | None = None
    kr_answer: Answer = Answer.OPEN
    sg_answer: Answer = Answer.OPEN
    reason: RefusalReason | None = None

    def answer_of(self, country: Country) -> Answer:
        """What one side said."""
        return self.kr_answer if country is Country.KR else self.sg_answer

    @property
    def reveals_contacts(self) -> bool:
        """Whether both sides may see whom to write to."""
        return self.state is State.ACCEPTED

    @property
    def waits_on(self) -> tuple[Country, ...]:
        """The sides that have been asked and have not answered."""
        if self.state is not State.ASKED:
            return ()
        return tuple(country for country in Country if self.answer_of(country) is Answer.OPEN)


def may_be_introduced(one: Member, other: Member) -> bool:
    """Whether both have joined: an organisation that is only listed is never written to."""
    return one.status is Status.MEMBER and other.status is Status.MEMBER


def obstacles_of(member: Member | None, purpose: Purpose, has_contact: bool) -> tuple[Obstacle, ...]:
    """What keeps a member from being asked for a purpose, the gravest first."""
    if member is None:
        return (Obstacle.HAS_LEFT,)
    if member.status is not Status.MEMBER:
        return (Obstacle.NOT_JOINED,)
    found = {Obstacle.NO_CONSENT: purpose not in member.open_purposes, Obstacle.NO_CONTACT: not has_contact}
    return tuple(obstacle for obstacle, is_so in found.items() if is_so)


def sent(introduction: Introduction, now: datetime) -> Introduction:
    """The letters have left.

    Raises:
        IllegalMove: it is not held.
    """
    _require(introduction, "send", State.HELD)
    return replace(_next(introduction), state=State.ASKED, asked_at=now)


def answered(
    introduction: Introduction,
    country: Country,
    accepts: bool,
    now: datetime,
    reason: RefusalReason | None = None,
) -> Introduction:
    """One side said yes or no.

    Raises:
        IllegalMove: nobody is being asked, or this side has answered.
    """
    _require(introduction, "answer", State.ASKED)
    if introduction.answer_of(country) is not Answer.OPEN:
        raise IllegalMove(move="answer", stage=introduction.answer_of(country), possible="nothing")
    answer = Answer.ACCEPTED if accepts else Answer.DECLINED
    fresh = (
        replace(_next(introduction), kr_answer=answer)
        if country is Country.KR
        else replace(_next(introduction), sg_answer=answer)
    )
    if not accepts:
        return replace(fresh, state=State.DECLINED, reason=reason or RefusalReason.OTHER, ended_at=now)
    if fresh.answer_of(country.other) is Answer.ACCEPTED:
        return replace(fresh, state=State.ACCEPTED, ended_at=now)
    return fresh


def reminded(introduction: Introduction, now: datetime) -> Introduction:
    """Whoever is silent was written to once more.

    Raises:
        IllegalMove: nobody is being asked.
    """
    _require(introduction, "remind", State.ASKED)
    return replace(_next(introduction), reminded_at=now)


def expired(introduction: Introduction, now: datetime) -> Introduction:
    """The silence lasted too long.

    Raises:
        IllegalMove: nobody is being asked.
    """
    _require(introduction, "expire", State.ASKED)
    return replace(_next(introduction), state=State.EXPIRED, ended_at=now)


def cancelled(introduction: Introduction, now: datetime) -> Introduction:
    """A coordinator took it back, or a member left.

    Raises:
        IllegalMove: it is over.
    """
    _require(introduction, "cancel", State.HELD, State.ASKED)
    return replace(_next(introduction), state=State.CANCELLED, ended_at=now)


def _require(introduction: Introduction, move: str, *states: State) -> None:
    if introduction.state not in states:
        raise IllegalMove(move=move, stage=introduction.state, possible="nothing")


def _next(introduction: Introduction) -> Introduction:
    return replace(introduction, version=introduction.version + 1)
