"""The review desk: what a coordinator sees of the cases, and who works on which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from matchmaker.domain.access import Role
from matchmaker.domain.introduction import RefusalReason
from matchmaker.domain.member import Member, Purpose
from matchmaker.domain.review import Case, Move, Stage
from matchmaker.domain.round import LeftOut
from matchmaker.domain.suggestion import Pair
from matchmaker.domain.trail import Entry


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on a case, until when. ``holder`` is an account's id, ``role`` what others may be told of it."""

    case_id: int
    holder: str
    role: Role
    until: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """What a coordinator wrote about a case. It can be erased; the trail keeps a salted hash of it."""

    id: int
    case_id: int
    author: str
    text: str
    salt: str
    at: datetime


class Opinion(StrEnum):
    """What a member says of a partner."""

    INTERESTED = "interested"
    NOT_FOR_US = "not-for-us"


@dataclass(frozen=True, slots=True)
class Voice:
    """A member's opinion of a partner for a purpose; a "not for us" has a reason."""

    member_id: str
    partner_id: str
    purpose: Purpose
    opinion: Opinion
    at: datetime
    reason: RefusalReason | None = None


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases a queue shows.

    No ``stages`` means what waits for a decision: suggested, and snoozed until a time that is over. ``words`` must all
    occur in what is stored of one side or the other, in Korean or English. ``mine``: held by whoever asks.
    """

    stages: frozenset[Stage] = frozenset()
    purpose: Purpose | None = None
    words: tuple[str, ...] = ()
    round_id: int | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True, order=True)
class QueuePlace:
    """Where a case stands: the wanted first, then by score, then by number."""

    is_wanted: bool
    score: float
    case_id: int


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A case in a list. A side is None if that member has left; ``conflicts``: other cases that want one of the two.

    ``is_wanted``: one of the two said that it is interested.
    """

    case: Case
    kr: Member | None
    sg: Member | None
    lease: Lease | None
    conflicts: tuple[Case, ...]
    is_wanted: bool

    @property
    def has_conflict(self) -> bool:
        """Whether another case wants one of the two members."""
        return bool(self.conflicts)


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many cases there are under purpose, words and round of a filter, whatever its stages.

    ``to_review``: suggested, or snoozed until a time that is over; ``mine``: held by whoever asks, in any stage.
    """

    to_review: int
    mine: int
    by_stage: Mapping[Stage, int]

    @property
    def all(self) -> int:
        """All of them."""
        return sum(self.by_stage.values())


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Part of a queue; ``total`` cases pass the filter, ``next_after`` continues the list, None at its end."""

    items: tuple[QueueItem, ...]
    total: int
    counts: QueueCounts
    next_after: QueuePlace | None


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """An entry of the trail, and the note that it speaks of."""

    entry: Entry
    note: Note | None = None

    @property
    def is_note_erased(self) -> bool:
        """Whether a note was written with it that is not there any more."""
        return self.note is None and "note" in self.entry.details and self.entry.action != "erase-note"


@dataclass(frozen=True, slots=True)
class OtherCase:
    """Another case of a member, with the latest that happened to it."""

    case: Case
    latest: Entry | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case, opened.

    ``kr``, ``sg`` and ``pair`` are None where a member has left the directory. ``moves`` are those that lead on now;
    ``is_mine``: whoever opened it holds it. ``undoable``: the number of the entry that whoever opened it may take back
    now. ``previous_id`` and ``next_id`` are its neighbours in the filter that it was opened from.
    """

    case: Case
    kr: Member | None
    sg: Member | None
    pair: Pair | None
    conflicts: tuple[Case, ...]
    history: tuple[HistoryItem, ...]
    kr_cases: tuple[OtherCase, ...]
    sg_cases: tuple[OtherCase, ...]
    notes: tuple[Note, ...]
    voices: tuple[Voice, ...]
    lease: Lease | None
    is_mine: bool
    moves: tuple[Move, ...]
    undoable: int | None
    previous_id: int | None
    next_id: int | None

    @property
    def has_left(self) -> bool:
        """Whether one of the two members is not in the directory any more."""
        return self.kr is None or self.sg is None


@dataclass(frozen=True, slots=True)
class FillReport:
    """What filling the queue did, in pairs.

    ``suggested``: new cases; ``reopened``: ended long ago, suggested again; ``lists``: drawn. Not put in: ``existing``
    have a case under way, ``cooling`` ended recently, ``ruled_out`` were refused by one of the two members.
    """

    suggested: tuple[Case, ...]
    reopened: tuple[Case, ...]
    lists: int
    existing: int
    cooling: int
    ruled_out: int
    left_out: tuple[LeftOut, ...]
