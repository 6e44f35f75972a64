"""Letters on their way: what kind, to whom, how far. The address is looked up when a letter leaves, never kept.

::

    held ──due──> waiting <──> sending ──> sent
      │             │ │           └──────> failed ──resend──> waiting
      └──cancel──>  │ └──by hand──> manual
                cancelled
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from matchmaker.domain.member import Language

MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)


class LetterKind(StrEnum):
    ASK = "ask"
    REMINDER = "reminder"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class LetterState(StrEnum):
    """``held``: may still be taken back; ``waiting``: due, for the next try or for somebody's hand; ``manual``: a
    coordinator sent it by hand."""

    HELD = "held"
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    MANUAL = "manual"

    @property
    def has_left(self) -> bool:
        """Whether somebody may have read it: a letter that is being sent cannot be called back."""
        return self in (LetterState.SENDING, LetterState.SENT, LetterState.MANUAL)

    @property
    def is_pending(self) -> bool:
        """Whether it may still leave."""
        return self in (LetterState.HELD, LetterState.WAITING, LetterState.FAILED)


@dataclass(frozen=True, slots=True)
class Posted:
    """One letter in the outbox. ``member_id`` receives it. ``body`` has `LINK` and `CONTACT` where those come in when
    it leaves: neither is kept here. ``error`` is a code."""

    id: int
    kind: LetterKind
    introduction_id: int
    member_id: str
    language: Language
    subject: str
    body: str
    state: LetterState
    send_after: datetime
    created_at: datetime
    attempts: int = 0
    next_attempt_at: datetime | None = None
    leased_until: datetime | None = None
    error: str | None = None
    sent_at: datetime | None = None


LINK = "\ue000link\ue000"
"""Where the link to answer comes in. Private characters, which no text of a member holds (see `plain`)."""
CONTACT = "\ue000contact\ue000"
"""Where the partner's contact comes in."""


def pause_after(attempts: int, chance: random.Random) -> timedelta:
    """How long to wait after so many tries: doubled each time, with jitter between half and whole."""
    whole = min(FIRST_PAUSE * int(2 ** max(attempts - 1, 0)), LONGEST_PAUSE)
    return whole * chance.uniform(0.5, 1.0)
