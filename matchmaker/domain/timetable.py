"""A summit's timetable: who meets whom, when, at which table, with which interpreter.

A plan says what there is (slots, tables, interpreters) and what is wanted (meetings of accepted pairs, within the
members' availability). `Taken` tells what some meetings occupy and what stands against one more; everything that
decides about a meeting (solver, moves by hand, reasons for what was left out) asks it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from itertools import pairwise
from math import isfinite

from matchmaker.domain.member import Language, Member, Text
from matchmaker.errors import Fault, InvalidInput

PairKey = tuple[str, str]
"""Korean id, Singapore id."""

MAX_SLOTS, MAX_TABLES, MAX_INTERPRETERS, MAX_REQUESTS = 200, 60, 40, 1000


class Zone(StrEnum):
    """Where the summit is, which says when its days begin. Neither place keeps summer time."""

    SEOUL = "Asia/Seoul"
    SINGAPORE = "Asia/Singapore"

    @property
    def clock(self) -> timezone:
        """The place's offset from UTC."""
        return KST if self is Zone.SEOUL else SGT


KST, SGT = timezone(timedelta(hours=9), "KST"), timezone(timedelta(hours=8), "SGT")


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A time for one round of meetings: aware, in UTC."""

    start: datetime
    end: datetime

    def day(self, zone: Zone) -> date:
        """The day it falls on at the place."""
        return self.start.astimezone(zone.clock).date()

    def is_apart(self, other: Slot, pause: timedelta) -> bool:
        """Whether one member may take both with that much time in between."""
        first, second = sorted((self, other))
        return second.start - first.end >= pause


@dataclass(frozen=True, slots=True)
class Table:
    label: str


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Known by a number, never by a name. ``slots``: numbers of the slots in which they work."""

    label: str
    slots: frozenset[int]


@dataclass(frozen=True, slots=True)
class MeetingRequest:
    """A pair that accepted to meet. ``score`` is its priority; ``pinned`` the number of the slot it must have."""

    kr: str
    sg: str
    score: float = 0.0
    needs_interpreter: bool = False
    pinned: int | None = None

    @property
    def key(self) -> PairKey:
        """Which pair it is."""
        return self.kr, self.sg


@dataclass(frozen=True, slots=True)
class Frame:
    """What a summit offers. Slots are in order and never overlap.

    ``most_per_day``: meetings of one member on one day; ``break_minutes``: between two meetings of one member.
    """

    zone: Zone
    slots: tuple[Slot, ...]
    tables: tuple[Table, ...]
    interpreters: tuple[Interpreter, ...] = ()
    most_per_day: int | None = None
    break_minutes: int = 0

    @property
    def pause(self) -> timedelta:
        """The least time between two meetings of one member."""
        return timedelta(minutes=self.break_minutes)


@dataclass(frozen=True, slots=True)
class Plan:
    """A frame and what is wanted in it. ``away``: numbers of the slots in which a member cannot come."""

    frame: Frame
    requests: tuple[MeetingRequest, ...] = ()
    away: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def request(self, kr: str, sg: str) -> MeetingRequest | None:
        """What is wanted for a pair."""
        return next((each for each in self.requests if each.key == (kr, sg)), None)

    @property
    def members(self) -> tuple[str, ...]:
        """Everybody who wants a meeting: the Korean side first, each in order of id."""
        return tuple(
            dict.fromkeys(
                sorted({each.kr for each in self.requests}) + sorted({each.sg for each in self.requests})
            )
        )


@dataclass(frozen=True, slots=True)
class ScheduledMeeting:
    """A meeting with its place in the plan: numbers of its slot, table and interpreter (None: none needed)."""

    kr: str
    sg: str
    slot: int
    table: int
    interpreter: int | None = None

    @property
    def key(self) -> PairKey:
        """Which pair meets."""
        return self.kr, self.sg

    @property
    def members(self) -> PairKey:
        """Both sides."""
        return self.kr, self.sg


class UnplacedReason(StrEnum):
    """Why a wanted meeting has no place.

    ``dropped-for-better``: the times that both could come went to other meetings of theirs; ``still-fits``: nothing
    stands against it, it may be placed by hand or by planning again.
    """

    NO_COMMON_SLOT = "no-common-slot"
    MEMBER_FULL = "member-full"
    NO_TABLE_LEFT = "no-table-left"
    NO_INTERPRETER_LEFT = "no-interpreter-left"
    DROPPED_FOR_BETTER = "dropped-for-better"
    STILL_FITS = "still-fits"


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A wanted meeting without a place."""

    kr: str
    sg: str
    reason: UnplacedReason


class Objective(StrEnum):
    """What a plan is made for, most important first. The last two are as small as possible."""

    PINNED = "pinned"
    MEETINGS = "meetings"
    PRIORITY = "priority"
    GAPS = "gaps"
    TABLES = "tables"


@dataclass(frozen=True, slots=True)
class Optimum:
    """How far one objective came: no plan goes beyond ``bound``, given what the objectives before it reached."""

    objective: Objective
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """What could be missing at most, relative to the value; 0: proven best."""
        return abs(self.bound - self.value) / max(1.0, abs(self.value))

    @property
    def is_proven(self) -> bool:
        """Whether nothing better exists."""
        return self.gap < 1e-9


@dataclass(frozen=True, slots=True)
class Planned:
    """What came out, in order of slot and table. ``optima`` is empty once somebody moved a meeting by hand."""

    meetings: tuple[ScheduledMeeting, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    optima: tuple[Optimum, ...] = ()

    def find(self, kr: str, sg: str) -> ScheduledMeeting | None:
        """A pair's meeting."""
        return next((each for each in self.meetings if each.key == (kr, sg)), None)

    def of_member(self, member_id: str) -> tuple[ScheduledMeeting, ...]:
        """One member's meetings, in order."""
        return tuple(each for each in self.meetings if member_id in each.members)


class TimetableState(StrEnum):
    """``solving`` may be cancelled; ``published`` may be withdrawn."""

    DRAFT = "draft"
    SOLVING = "solving"
    PLANNED = "planned"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Timetable:
    """A timetable as it is kept. ``version`` counts its writes; ``planned`` is None until it has been planned."""

    id: int
    name: str
    place: str
    plan: Plan
    planned: Planned | None
    state: TimetableState
    version: int
    created_by: str
    created_at: datetime

    @property
    def zone(self) -> Zone:
        """Where it takes place."""
        return self.plan.frame.zone


class ClashKind(StrEnum):
    """What stands against a meeting in a slot."""

    PINNED_ELSEWHERE = "pinned-elsewhere"
    AWAY = "away"
    BUSY = "busy"
    TOO_CLOSE = "too-close"
    FULL = "full"
    NO_TABLE = "no-table"
    TABLE_TAKEN = "table-taken"
    NO_INTERPRETER = "no-interpreter"


_NEVER = frozenset({ClashKind.PINNED_ELSEWHERE, ClashKind.AWAY})
_OWN_MEETINGS = frozenset({ClashKind.BUSY, ClashKind.TOO_CLOSE, ClashKind.FULL})


@dataclass(frozen=True, slots=True)
class Clash:
    """One obstacle, and the member it comes from if it comes from one."""

    kind: ClashKind
    member_id: str | None = None


class Taken:
    """What some meetings of a plan occupy, and what stands against one more."""

    def __init__(self, plan: Plan, meetings: Iterable[ScheduledMeeting] = ()) -> None:
        self.plan = plan
        self._slots_of: dict[str, set[int]] = defaultdict(set)
        self._tables_at: dict[int, set[int]] = defaultdict(set)
        self._interpreters_at: dict[int, set[int]] = defaultdict(set)
        for meeting in meetings:
            self.add(meeting)

    def add(self, meeting: ScheduledMeeting) -> None:
        """From now on this meeting takes its place, too."""
        for member_id in meeting.members:
            self._slots_of[member_id].add(meeting.slot)
        self._tables_at[meeting.slot].add(meeting.table)
        if meeting.interpreter is not None:
            self._interpreters_at[meeting.slot].add(meeting.interpreter)

    def free_tables(self, slot: int) -> list[int]:
        """Numbers of the tables that nobody has in a slot."""
        return [
            number for number in range(len(self.plan.frame.tables)) if number not in self._tables_at[slot]
        ]

    def free_interpreters(self, slot: int) -> list[int]:
        """Numbers of the interpreters who work in a slot and have no meeting, the least busy first."""
        busy = Counter(number for numbers in self._interpreters_at.values() for number in numbers)
        free = [
            number
            for number, each in enumerate(self.plan.frame.interpreters)
            if slot in each.slots and number not in self._interpreters_at[slot]
        ]
        return sorted(free, key=lambda number: (busy[number], number))

    def clashes(self, request: MeetingRequest, slot: int, table: int | None = None) -> tuple[Clash, ...]:
        """Everything that stands against a meeting in a slot (and at a table, if one is meant)."""
        return (*self._of_members(request, slot), *self._of_resources(request, slot, table))

    def placed(self, request: MeetingRequest, slot: int, table: int | None = None) -> ScheduledMeeting:
        """The meeting in that slot, at that table or the first free one. To be asked only where nothing clashes."""
        interpreter = self.free_interpreters(slot)[0] if request.needs_interpreter else None
        chosen = self.free_tables(slot)[0] if table is None else table
        return ScheduledMeeting(request.kr, request.sg, slot, chosen, interpreter)

    def first_slot(self, request: MeetingRequest) -> int | None:
        """The first slot in which nothing stands against a meeting."""
        slots = range(len(self.plan.frame.slots))
        return next((slot for slot in slots if not self.clashes(request, slot)), None)

    def _of_members(self, request: MeetingRequest, slot: int) -> Iterator[Clash]:
        if request.pinned not in (None, slot):
            yield Clash(ClashKind.PINNED_ELSEWHERE)
        for member_id in request.key:
            if (kind := self._obstacle(member_id, slot)) is not None:
                yield Clash(kind, member_id)

    def _obstacle(self, member_id: str, slot: int) -> ClashKind | None:
        frame, own = self.plan.frame, self._slots_of.get(member_id, set())
        if slot in self.plan.away.get(member_id, ()):
            return ClashKind.AWAY
        if slot in own:
            return ClashKind.BUSY
        if any(not frame.slots[slot].is_apart(frame.slots[other], frame.pause) for other in own):
            return ClashKind.TOO_CLOSE
        day = frame.slots[slot].day(frame.zone)
        on_day = sum(frame.slots[other].day(frame.zone) == day for other in own)
        return ClashKind.FULL if frame.most_per_day is not None and on_day >= frame.most_per_day else None

    def _of_resources(self, request: MeetingRequest, slot: int, table: int | None) -> Iterator[Clash]:
        if not self.free_tables(slot):
            yield Clash(ClashKind.NO_TABLE)
        elif table is not None and table in self._tables_at[slot]:
            yield Clash(ClashKind.TABLE_TAKEN)
        if request.needs_interpreter and not self.free_interpreters(slot):
            yield Clash(ClashKind.NO_INTERPRETER)


def explain(request: MeetingRequest, taken: Taken) -> UnplacedReason:
    """Why a meeting that was left out has no place beside those that were placed."""
    every = [taken.clashes(request, slot) for slot in range(len(taken.plan.frame.slots))]
    common = [clashes for clashes in every if not _kinds(clashes) & _NEVER]
    if not common:
        return UnplacedReason.NO_COMMON_SLOT
    timely = [clashes for clashes in common if not _kinds(clashes) & _OWN_MEETINGS]
    if not timely:
        always = frozenset.intersection(*(_hindering(clashes) for clashes in common))
        return UnplacedReason.MEMBER_FULL if always else UnplacedReason.DROPPED_FOR_BETTER
    seated = [clashes for clashes in timely if ClashKind.NO_TABLE not in _kinds(clashes)]
    if not seated:
        return UnplacedReason.NO_TABLE_LEFT
    return UnplacedReason.NO_INTERPRETER_LEFT if all(seated) else UnplacedReason.STILL_FITS


def _kinds(clashes: Iterable[Clash]) -> frozenset[ClashKind]:
    return frozenset(clash.kind for clash in clashes)


def _hindering(clashes: Iterable[Clash]) -> frozenset[str | None]:
    return frozenset(clash.member_id for clash in clashes if clash.kind in _OWN_MEETINGS)


def fitted(plan: Plan, meetings: Iterable[ScheduledMeeting], optima: tuple[Optimum, ...] = ()) -> Planned:
    """The meetings that a plan allows, in the order given, and why each of the others has no place.

    A meeting keeps its slot and table; its interpreter is chosen anew where theirs does not suit any more.
    """
    taken, kept = Taken(plan), []
    for meeting in meetings:
        request = plan.request(*meeting.key)
        if request is not None and not taken.clashes(request, meeting.slot, meeting.table):
            kept.append(_with_interpreter(meeting, request, taken))
            taken.add(kept[-1])
    placed = {meeting.key for meeting in kept}
    unplaced = tuple(
        Unplaced(request.kr, request.sg, explain(request, taken))
        for request in plan.requests
        if request.key not in placed
    )
    return Planned(tuple(sorted(kept, key=lambda each: (each.slot, each.table))), unplaced, optima)


def _with_interpreter(meeting: ScheduledMeeting, request: MeetingRequest, taken: Taken) -> ScheduledMeeting:
    if not request.needs_interpreter:
        return ScheduledMeeting(*meeting.key, meeting.slot, meeting.table)
    free = taken.free_interpreters(meeting.slot)
    if meeting.interpreter in free:
        return meeting
    return ScheduledMeeting(*meeting.key, meeting.slot, meeting.table, free[0])


def slots_between(
    zone: Zone,
    days: Iterable[date],
    start: time,
    end: time,
    minutes: int,
    pause_minutes: int = 0,
    lunch: tuple[time, time] | None = None,
) -> tuple[Slot, ...]:
    """Slots of ``minutes`` from start to end of each day by the place's clock, none of them during lunch.

    Raises:
        InvalidInput: a length is not positive.
    """
    if minutes < 1 or pause_minutes < 0:
        raise InvalidInput("a meeting takes at least a minute, and a pause cannot be negative")
    found: list[Slot] = []
    for day in days:
        at, close = _utc(day, start, zone), _utc(day, end, zone)
        rest = (_utc(day, lunch[0], zone), _utc(day, lunch[1], zone)) if lunch else (close, close)
        while at + timedelta(minutes=minutes) <= close and len(found) <= MAX_SLOTS:
            slot = Slot(at, at + timedelta(minutes=minutes))
            if slot.start < rest[1] and rest[0] < slot.end:
                at = rest[1]
                continue
            found.append(slot)
            at = slot.end + timedelta(minutes=pause_minutes)
    return tuple(found)


def _utc(day: date, at: time, zone: Zone) -> datetime:
    return datetime.combine(day, at, zone.clock).astimezone(UTC)


def languages_of(member: Member) -> frozenset[Language]:
    """The languages in which a member wrote its profile itself; of its names, where it wrote nothing else."""
    texts = (
        *member.domains,
        member.summary,
        *(each.text for each in (*member.offers, *member.needs)),
    )
    return _own_languages(texts) or _own_languages((member.names,))


def _own_languages(texts: Iterable[Text]) -> frozenset[Language]:
    return frozenset(
        language for text in texts for language in text.languages if language not in text.translated
    )


def needs_interpreter(one: Member, other: Member) -> bool:
    """Whether two members share no language."""
    return not languages_of(one) & languages_of(other)


def check_plan(plan: Plan) -> None:
    """Make sure that a plan can be worked with.

    Raises:
        InvalidInput: with one fault per broken rule.
    """
    faults = (*_frame_faults(plan.frame), *_request_faults(plan))
    if faults:
        raise InvalidInput("; ".join(fault.message for fault in faults), faults)


def _frame_faults(frame: Frame) -> Iterator[Fault]:
    sizes = (
        ("slots", len(frame.slots), 1, MAX_SLOTS),
        ("tables", len(frame.tables), 1, MAX_TABLES),
        ("interpreters", len(frame.interpreters), 0, MAX_INTERPRETERS),
        ("most_per_day", frame.most_per_day or 1, 1, MAX_SLOTS),
        ("break_minutes", frame.break_minutes, 0, 24 * 60),
    )
    for name, size, least, most in sizes:
        if not least <= size <= most:
            yield Fault(f"/{name}", "out-of-range", f"{name}: {size}; allowed are {least} to {most}")
    if any(slot.start.utcoffset() != timedelta(0) or slot.end <= slot.start for slot in frame.slots):
        yield Fault("/slots", "not-a-slot", "a slot is in UTC and ends after it starts")
    elif any(after.start < before.end for before, after in pairwise(frame.slots)):
        yield Fault("/slots", "overlap", "slots are in order and do not overlap")


def _request_faults(plan: Plan) -> Iterator[Fault]:
    slots = range(len(plan.frame.slots))
    if len(plan.requests) > MAX_REQUESTS:
        yield Fault("/requests", "out-of-range", f"at most {MAX_REQUESTS} meetings can be planned at once")
    for pair, times in Counter(request.key for request in plan.requests).items():
        if times > 1:
            yield Fault("/requests", "duplicate", f"{pair[0]} and {pair[1]} are asked for {times} times")
    for request in plan.requests:
        if not isfinite(request.score) or not 0 <= request.score <= 1000:
            yield Fault("/requests", "score", f"{request.kr} and {request.sg}: a score is between 0 and 1000")
        if request.pinned is not None and request.pinned not in slots:
            yield Fault(
                "/requests", "pinned", f"{request.kr} and {request.sg}: there is no slot {request.pinned}"
            )
