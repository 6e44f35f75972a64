"""What happened to each pair, read from the trail: the one place that knows how review and introductions write it.

``case/{id}`` has an entry per move, named as the move; ``undo`` names in ``undoes`` the entry that it takes back, and
a move that was taken back never happened here. A move that carries ``left`` was made because a member left the
directory: nobody decided it. ``introduction/{id}`` has the entries of `ASKED` (with the number of its case),
`ANSWERED` (with the side and the answer) and `ENDS`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from matchmaker.domain.introduction import RefusalReason
from matchmaker.domain.member import Country
from matchmaker.domain.review import Case, Move
from matchmaker.domain.trail import Entry

NO_REASONS: Mapping[int, RefusalReason] = MappingProxyType({})
UNDO = "undo"
ASKED, ANSWERED = "introduction-asked", "introduction-answered"
ENDS = frozenset({"introduction-expired", "introduction-cancelled"})


class Milestone(StrEnum):
    """How far a pair came, in order."""

    SUGGESTED = "suggested"
    REVIEWED = "reviewed"
    SHORTLISTED = "shortlisted"
    INTRODUCED = "introduced"
    ACCEPTED = "accepted"
    MET = "met"
    AGREED = "agreed"

    @property
    def place(self) -> int:
        """0 for the first."""
        return _PLACES[self]


_PLACES = {milestone: place for place, milestone in enumerate(Milestone)}
_REACHED_BY: Mapping[Move, Milestone] = {
    Move.DECLINE: Milestone.REVIEWED,
    Move.SHORTLIST: Milestone.SHORTLISTED,
    Move.INTRODUCE: Milestone.INTRODUCED,
    Move.MEET: Milestone.MET,
    Move.AGREE: Milestone.AGREED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """A move that stands: when, and the code that was given."""

    at: datetime
    move: Move
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What one side of an introduction said, and when."""

    at: datetime
    accepts: bool
    reason: RefusalReason | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """An introduction that has left the house, and what came back."""

    id: int
    case_id: int
    asked_at: datetime
    replies: Mapping[Country, Reply] = field(default_factory=dict)
    ended_at: datetime | None = None

    @property
    def accepted_at(self) -> datetime | None:
        """When the second side said yes; None unless both did."""
        if len(self.replies) < len(Country) or not all(reply.accepts for reply in self.replies.values()):
            return None
        return max(reply.at for reply in self.replies.values())

    @property
    def waits_on(self) -> tuple[Country, ...]:
        """The sides that may still answer."""
        refused = any(not reply.accepts for reply in self.replies.values())
        if refused or self.ended_at is not None:
            return ()
        return tuple(country for country in Country if country not in self.replies)


@dataclass(frozen=True, slots=True)
class Story:
    """One case with everything that stands of its past."""

    case: Case
    steps: tuple[Step, ...] = ()
    askings: tuple[Asking, ...] = ()

    @property
    def reached(self) -> Milestone:
        """The furthest it ever came. Who met had accepted; who agreed had met."""
        found = [_REACHED_BY[step.move] for step in self.steps if step.move in _REACHED_BY]
        if self.accepted_at is not None:
            found.append(Milestone.ACCEPTED)
        return max(found, key=lambda each: each.place, default=Milestone.SUGGESTED)

    @property
    def accepted_at(self) -> datetime | None:
        """When both sides had accepted an introduction, the first time."""
        return min((at for asking in self.askings if (at := asking.accepted_at) is not None), default=None)

    @property
    def waiting_since(self) -> datetime:
        """When it came to where it is: the last step that stands, or the suggestion."""
        return self.steps[-1].at if self.steps else self.case.opened_at

    def first(self, *moves: Move) -> Step | None:
        """The first step by one of these moves."""
        return next((step for step in self.steps if step.move in moves), None)

    def has_reached(self, milestone: Milestone) -> bool:
        """Whether it ever came this far."""
        return self.reached.place >= milestone.place


def stories_of(
    cases: Iterable[Case], entries: Iterable[Entry], reasons: Mapping[int, RefusalReason] = NO_REASONS
) -> tuple[Story, ...]:
    """The stories of some cases, in their order, from the trail in its order.

    Args:
        reasons: why an introduction was refused, by its number: the trail does not tell.

    Cases that are not given are passed over: what a withdrawn round left in the trail is nobody's story.
    """
    chosen = list(cases)
    by_subject = _by_subject(entries, {case.id for case in chosen})
    askings: dict[int, list[Asking]] = defaultdict(list)
    for subject, found in by_subject.items():
        if subject.startswith("introduction/") and (asking := _asking(subject, found, reasons)) is not None:
            askings[asking.case_id].append(asking)
    return tuple(
        Story(case, _steps(by_subject.get(f"case/{case.id}", [])), tuple(askings[case.id])) for case in chosen
    )


def _by_subject(entries: Iterable[Entry], case_ids: set[int]) -> dict[str, list[Entry]]:
    subjects = {f"case/{case_id}" for case_id in case_ids}
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.subject in subjects or entry.subject.startswith("introduction/"):
            found[entry.subject].append(entry)
    return found


def _steps(entries: list[Entry]) -> tuple[Step, ...]:
    undone = {entry.details.get("undoes") for entry in entries if entry.action == UNDO}
    return tuple(
        Step(entry.at, Move(entry.action), _code(entry))
        for entry in entries
        if entry.action in _MOVES and entry.seq not in undone and "left" not in entry.details
    )


_MOVES = frozenset(Move)


def _code(entry: Entry) -> str | None:
    code = entry.details.get("code")
    return code if isinstance(code, str) else None


def _asking(subject: str, entries: list[Entry], reasons: Mapping[int, RefusalReason]) -> Asking | None:
    asked = next((entry for entry in entries if entry.action == ASKED), None)
    case_id = asked.details.get("case") if asked is not None else None
    if asked is None or not isinstance(case_id, int):
        return None
    ended = next((entry.at for entry in entries if entry.action in ENDS), None)
    number = int(subject.removeprefix("introduction/"))
    return Asking(
        number,
        case_id,
        asked.at,
        dict(_reply(entry, reasons.get(number)) for entry in _answers(entries)),
        ended,
    )


def _answers(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.action == ANSWERED]


def _reply(entry: Entry, known: RefusalReason | None) -> tuple[Country, Reply]:
    accepts = entry.details["answer"] == "accepted"
    reply = Reply(entry.at, accepts, None if accepts else known)
    return Country(str(entry.details["side"])), reply
