"""A pair's life: suggested, reviewed, introduced, agreed. Legal moves only.

::

    suggested ──shortlist──> shortlisted ──introduce──> introduced ──meet──> met ──agree──> agreed
        │  ^                     │                          │                  │               │
     snooze wake              decline                     close              close           close
        v  │                     v                          v                  v               v
      snoozed ──decline──>   declined ──reopen──> suggested <──reopen── closed
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from matchmaker.domain.member import Purpose
from matchmaker.errors import IllegalMove


class Stage(StrEnum):
    SUGGESTED = "suggested"
    SNOOZED = "snoozed"
    SHORTLISTED = "shortlisted"
    DECLINED = "declined"
    INTRODUCED = "introduced"
    MET = "met"
    AGREED = "agreed"
    CLOSED = "closed"


class Move(StrEnum):
    SHORTLIST = "shortlist"
    DECLINE = "decline"
    SNOOZE = "snooze"
    WAKE = "wake"
    REOPEN = "reopen"
    INTRODUCE = "introduce"
    MEET = "meet"
    AGREE = "agree"
    CLOSE = "close"


class DeclineReason(StrEnum):
    """Why a coordinator does not introduce a pair."""

    ALREADY_IN_TOUCH = "already-in-touch"
    COMPETITORS = "competitors"
    WRONG_STAGE = "wrong-stage"
    NOT_THEIR_FIELD = "not-their-field"
    TOO_BUSY = "too-busy"
    OTHER = "other"


class Agreement(StrEnum):
    """What two members agreed on."""

    MOU = "mou"
    POC = "poc"
    INVESTMENT = "investment"
    JOINT_RESEARCH = "joint-research"
    EXCHANGE = "exchange"


class CloseReason(StrEnum):
    """Why an introduced pair's case ended."""

    DECLINED_BY_MEMBER = "declined-by-member"
    NO_ANSWER = "no-answer"
    CANCELLED = "cancelled"
    NO_AGREEMENT = "no-agreement"
    COMPLETED = "completed"
    MEMBER_LEFT = "member-left"


LEGAL: Mapping[tuple[Stage, Move], Stage] = {
    (Stage.SUGGESTED, Move.SHORTLIST): Stage.SHORTLISTED,
    (Stage.SUGGESTED, Move.DECLINE): Stage.DECLINED,
    (Stage.SUGGESTED, Move.SNOOZE): Stage.SNOOZED,
    (Stage.SNOOZED, Move.WAKE): Stage.SUGGESTED,
    (Stage.SNOOZED, Move.SHORTLIST): Stage.SHORTLISTED,
    (Stage.SNOOZED, Move.DECLINE): Stage.DECLINED,
    (Stage.SNOOZED, Move.SNOOZE): Stage.SNOOZED,
    (Stage.SHORTLISTED, Move.INTRODUCE): Stage.INTRODUCED,
    (Stage.SHORTLISTED, Move.DECLINE): Stage.DECLINED,
    (Stage.SHORTLISTED, Move.SNOOZE): Stage.SNOOZED,
    (Stage.DECLINED, Move.REOPEN): Stage.SUGGESTED,
    (Stage.INTRODUCED, Move.MEET): Stage.MET,
    (Stage.INTRODUCED, Move.AGREE): Stage.AGREED,
    (Stage.INTRODUCED, Move.CLOSE): Stage.CLOSED,
    (Stage.MET, Move.AGREE): Stage.AGREED,
    (Stage.MET, Move.CLOSE): Stage.CLOSED,
    (Stage.AGREED, Move.CLOSE): Stage.CLOSED,
    (Stage.CLOSED, Move.REOPEN): Stage.SUGGESTED,
}

UNDOABLE = frozenset({Move.SHORTLIST, Move.DECLINE, Move.SNOOZE, Move.WAKE, Move.REOPEN, Move.INTRODUCE})
"""Moves that may be taken back while nothing has left the house."""


@dataclass(frozen=True, slots=True)
class Case:
    """One pair under review for one purpose.

    ``score``, ``rule`` and ``snapshot`` are what it was suggested on. ``version`` counts its moves. ``code`` is the
    decline reason, the agreement or the close reason of its stage. ``round_id`` names the round that proposed it.
    """

    id: int
    kr: str
    sg: str
    purpose: Purpose
    stage: Stage
    version: int
    score: float
    rule: str
    snapshot: str
    opened_at: datetime
    changed_at: datetime
    round_id: int | None = None
    code: str | None = None
    snoozed_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether a coordinator still has to decide."""
        return self.stage in (Stage.SUGGESTED, Stage.SNOOZED)

    @property
    def key(self) -> tuple[str, str, Purpose]:
        """What makes it the same case."""
        return self.kr, self.sg, self.purpose


def possible_moves(stage: Stage) -> tuple[Move, ...]:
    """The moves that lead on from a stage."""
    return tuple(move for start, move in LEGAL if start is stage)


def next_stage(stage: Stage, move: Move) -> Stage:
    """Where a move leads.

    Raises:
        IllegalMove: nowhere from this stage.
    """
    try:
        return LEGAL[stage, move]
    except KeyError:
        possible = ", ".join(possible_moves(stage)) or "nothing"
        raise IllegalMove(move=move, stage=stage, possible=possible) from None
