"""Timetables of summits: made of accepted pairs, planned in the background, mended by hand, published."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

from matchmaker.domain.introduction import may_be_introduced
from matchmaker.domain.member import Country, Member, Purpose
from matchmaker.domain.timetable import (
    Clash,
    Frame,
    MeetingRequest,
    Objective,
    Plan,
    Planned,
    ScheduledMeeting,
    Taken,
    Timetable,
    TimetableState,
    check_plan,
    fitted,
    needs_interpreter,
)
from matchmaker.errors import Fault, IllegalMove, InvalidInput, MeetingClash, UnknownRecord
from matchmaker.storage.unit_of_work import Store, UnitOfWork

ScoredPair = tuple[str, str, float]
"""Korean id, Singapore id, score."""
LATE = frozenset({TimetableState.PLANNED, TimetableState.PUBLISHED})
"""There are meetings to move."""
_AT_REST = frozenset(TimetableState) - {TimetableState.SOLVING}
MAX_NAME = 200

log = logging.getLogger(__name__)


class MeetingSource(Protocol):
    """Knows who accepted to meet whom."""

    def accepted_pairs(self, purpose: Purpose | None) -> list[ScoredPair]:
        """The pairs of which both sides accepted, for one purpose or all, with the score of each."""


class Planner(Protocol):
    """Finds places for meetings, such as `matchmaker.assignment.timetable.Timetabler`."""

    def plan(
        self,
        plan: Plan,
        progress: Callable[[Objective, float], None] | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> Planned | None:
        """The best timetable that it finds; None if it was called off."""


class NoMeetings:
    """A source that knows nobody."""

    def accepted_pairs(self, purpose: Purpose | None) -> list[ScoredPair]:
        """None."""
        return []


@dataclass(frozen=True, slots=True)
class Progress:
    """How far planning is: the objective at work, and the share of the allowed time that has passed."""

    objective: Objective
    share: float


@dataclass(eq=False)
class _Job:
    """One run in a thread of its own."""

    thread: threading.Thread
    cancelled: threading.Event
    progress: Progress = Progress(Objective.MEETINGS, 0.0)


@dataclass(eq=False)
class Jobs:
    """The runs of this process, one at a time: others wait for their turn."""

    _by_id: dict[int, _Job] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, number: int, work: Callable[[_Job], None]) -> None:
        """Start the work on a timetable; returns at once."""
        thread = threading.Thread(
            target=self._run, args=(number, work), name=f"timetable-{number}", daemon=True
        )
        self._by_id[number] = _Job(thread, threading.Event())
        thread.start()

    def find(self, number: int) -> _Job | None:
        """The run of a timetable, if there is one here."""
        return self._by_id.get(number)

    def cancel(self, number: int) -> None:
        """Ask a run to stop; returns at once."""
        if (job := self.find(number)) is not None:
            job.cancelled.set()

    def wait(self, number: int, timeout: float | None = None) -> None:
        """Wait until a run is over."""
        if (job := self.find(number)) is not None:
            job.thread.join(timeout)

    def stop(self, timeout: float = 10.0) -> None:
        """Call everything off, and wait for it."""
        for number in list(self._by_id):
            self.cancel(number)
            self.wait(number, timeout)

    def _run(self, number: int, work: Callable[[_Job], None]) -> None:
        job = self._by_id[number]
        with self._turn:
            work(job)
        if self._by_id.get(number) is job:
            del self._by_id[number]


@dataclass(frozen=True)
class Timetables:
    """Everything that happens to a timetable. Each write names the version that it was decided on."""

    store: Store
    planner: Planner
    source: MeetingSource = field(default_factory=NoMeetings)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jobs: Jobs = field(default_factory=Jobs)

    def get(self, number: int) -> Timetable:
        """One timetable.

        Raises:
            UnknownRecord: there is none with this number.
        """
        with self.store.reading() as work:
            return work.timetables.get(number)

    def list_all(self) -> list[Timetable]:
        """All of them, the latest first."""
        with self.store.reading() as work:
            return work.timetables.list_all()

    def members_of(self, timetable: Timetable) -> Mapping[str, Member]:
        """The members of a timetable that are still registered, by id."""
        with self.store.reading() as work:
            return _members(work, timetable.plan.members)

    def create(
        self, name: str, place: str, frame: Frame, requests: Iterable[MeetingRequest], by: str
    ) -> Timetable:
        """A draft for explicit requests.

        Raises:
            InvalidInput: the plan breaks a rule, or somebody has not joined.
        """
        plan = Plan(frame, tuple(requests))
        _check_names(name, place)
        check_plan(plan)
        with self.store.writing() as work:
            _check_members(plan, _members(work, plan.members))
            timetable = work.timetables.add(name.strip(), place.strip(), plan, by, self.now())
            work.commit()
        return timetable

    def create_from_pairs(
        self, name: str, place: str, frame: Frame, pairs: Iterable[ScoredPair], by: str
    ) -> Timetable:
        """A draft for pairs; who shares no language gets an interpreter. See `create`."""
        chosen = list(pairs)
        with self.store.reading() as work:
            members = _members(work, {each for kr, sg, _ in chosen for each in (kr, sg)})
        return self.create(name, place, frame, [_request(*pair, members) for pair in chosen], by)

    def create_from_accepted(
        self, name: str, place: str, frame: Frame, purpose: Purpose | None, by: str
    ) -> Timetable:
        """A draft for the pairs that accepted an introduction. See `create`."""
        return self.create_from_pairs(name, place, frame, self.source.accepted_pairs(purpose), by)

    def remove(self, number: int, version: int) -> None:
        """Forget a timetable that is not published.

        Raises:
            IllegalMove: it is published: withdraw it first.
            StaleVersion: somebody changed it first.
        """
        with self.store.writing() as work:
            _require(work.timetables.get(number), "remove", set(TimetableState) - {TimetableState.PUBLISHED})
            work.timetables.remove(number, version)
            work.commit()
        self.jobs.cancel(number)

    def plan(self, number: int, version: int) -> Timetable:
        """Start planning in the background.

        Raises:
            IllegalMove: it is being planned, or published.
            StaleVersion: somebody changed it first.
        """
        starts = {TimetableState.DRAFT, TimetableState.PLANNED}
        solving = self._move(number, version, "plan", starts, TimetableState.SOLVING)
        self.jobs.begin(number, lambda job: self._solve(solving, job))
        return solving

    def progress_of(self, number: int) -> Progress | None:
        """How far planning is; None if it does not run in this process."""
        job = self.jobs.find(number)
        return None if job is None else job.progress

    def cancel(self, number: int) -> Timetable:
        """Call planning off; what had been planned before stays.

        Raises:
            IllegalMove: it is not being planned.
        """
        with self.store.writing() as work:
            timetable = _require(work.timetables.get(number), "cancel", {TimetableState.SOLVING})
            cancelled = work.timetables.replace(_not_solving(timetable), timetable.version)
            work.commit()
        self.jobs.cancel(
            number
        )  # after the write: a run that ends in between finds another version and keeps quiet
        return cancelled

    def publish(self, number: int, version: int) -> Timetable:
        """Members may now be told.

        Raises:
            IllegalMove: it is not planned.
            StaleVersion: somebody changed it first.
        """
        return self._move(number, version, "publish", {TimetableState.PLANNED}, TimetableState.PUBLISHED)

    def withdraw(self, number: int, version: int) -> Timetable:
        """Take a published timetable back. Raises as `publish`."""
        return self._move(number, version, "withdraw", {TimetableState.PUBLISHED}, TimetableState.PLANNED)

    def unplan(self, number: int, version: int) -> Timetable:
        """Throw the meetings' places away; what is wanted stays. Raises as `publish`."""
        return self._change(
            number,
            version,
            "unplan",
            {TimetableState.PLANNED},
            lambda each: replace(each, state=TimetableState.DRAFT, planned=None),
        )

    def set_availability(self, number: int, version: int, member_id: str, away: Iterable[int]) -> Timetable:
        """Say in which slots a member cannot come. Meetings that this forbids lose their places.

        Raises:
            UnknownRecord: the member wants no meeting here.
            InvalidInput: there is no such slot.
            IllegalMove: it is being planned.
            StaleVersion: somebody changed it first.
        """
        slots = frozenset(away)

        def change(timetable: Timetable) -> Timetable:
            if member_id not in timetable.plan.members:
                raise UnknownRecord(kind="member in this timetable", id=member_id)
            _check_slots(timetable.plan, slots)
            away_now = {**timetable.plan.away, member_id: slots}
            return _replanned(timetable, replace(timetable.plan, away=away_now))

        return self._change(number, version, "change", _AT_REST, change)

    def set_request(
        self, number: int, version: int, kr: str, sg: str, *, needs_interpreter: bool, pinned: int | None
    ) -> Timetable:
        """Say whether a meeting needs an interpreter and which slot it must have. Raises as `set_availability`."""

        def change(timetable: Timetable) -> Timetable:
            wanted = _wanted(timetable, kr, sg)
            _check_slots(timetable.plan, () if pinned is None else (pinned,))
            changed = replace(wanted, needs_interpreter=needs_interpreter, pinned=pinned)
            requests = tuple(changed if each is wanted else each for each in timetable.plan.requests)
            return _replanned(timetable, replace(timetable.plan, requests=requests))

        return self._change(number, version, "change", _AT_REST, change)

    def move_meeting(
        self, number: int, version: int, kr: str, sg: str, slot: int, table: int | None = None
    ) -> Timetable:
        """Put a meeting, placed or not, into a slot, at a table or the first free one.

        Raises:
            MeetingClash: something stands against it there.
            UnknownRecord, InvalidInput, IllegalMove, StaleVersion: as `set_availability`.
        """

        def change(timetable: Timetable) -> Timetable:
            wanted = _wanted(timetable, kr, sg)
            _check_slots(timetable.plan, (slot,))
            _check_table(timetable.plan, table)
            kept = [each for each in _meetings(timetable) if each.key != wanted.key]
            taken = Taken(timetable.plan, kept)
            if clashes := taken.clashes(wanted, slot, table):
                raise _clash(clashes)
            moved = (*kept, taken.placed(wanted, slot, table))
            return replace(timetable, planned=fitted(timetable.plan, moved))

        return self._change(number, version, "move", LATE, change)

    def take_out(self, number: int, version: int, kr: str, sg: str) -> Timetable:
        """Take a meeting's place away. Raises as `set_availability`."""

        def change(timetable: Timetable) -> Timetable:
            key = _wanted(timetable, kr, sg).key
            kept = [each for each in _meetings(timetable) if each.key != key]
            return replace(timetable, planned=fitted(timetable.plan, kept))

        return self._change(number, version, "move", LATE, change)

    def _solve(self, timetable: Timetable, job: _Job) -> None:
        """Plan and keep the result, unless somebody called it off; whatever happens, it is not left solving."""

        def report(objective: Objective, share: float) -> None:
            job.progress = Progress(objective, share)

        try:
            planned = self.planner.plan(timetable.plan, report, job.cancelled.is_set)
            done = timetable if planned is None else replace(timetable, planned=planned)
            self._finish(_not_solving(done))
        except Exception as error:  # a thread has no caller
            log.error("timetable %s could not be planned: %s", timetable.id, type(error).__name__)
            self._finish(_not_solving(timetable))

    def _finish(self, timetable: Timetable) -> None:
        with self.store.writing() as work:
            try:
                current = work.timetables.get(timetable.id)
            except UnknownRecord:
                return
            if current.version == timetable.version:
                work.timetables.replace(timetable, timetable.version)
                work.commit()

    def _move(
        self, number: int, version: int, move: str, starts: Iterable[TimetableState], end: TimetableState
    ) -> Timetable:
        return self._change(number, version, move, starts, lambda each: replace(each, state=end))

    def _change(
        self,
        number: int,
        version: int,
        move: str,
        starts: Iterable[TimetableState],
        change: Callable[[Timetable], Timetable],
    ) -> Timetable:
        with self.store.writing() as work:
            timetable = _require(work.timetables.get(number), move, starts)
            changed = work.timetables.replace(change(timetable), version)
            work.commit()
        return changed


def openings(timetable: Timetable, request: MeetingRequest) -> list[tuple[Clash, ...]]:
    """For each slot, what stands against a meeting there if it leaves the place it has."""
    taken = Taken(timetable.plan, [each for each in _meetings(timetable) if each.key != request.key])
    return [taken.clashes(request, slot) for slot in range(len(timetable.plan.frame.slots))]


def _clash(clashes: Iterable[Clash]) -> MeetingClash:
    found = tuple((clash.kind.value, clash.member_id) for clash in clashes)
    return MeetingClash(", ".join(f"{code} ({who})" if who else code for code, who in found), found)


def _meetings(timetable: Timetable) -> tuple[ScheduledMeeting, ...]:
    return timetable.planned.meetings if timetable.planned else ()


def _replanned(timetable: Timetable, plan: Plan) -> Timetable:
    """The timetable with another plan, and those of its meetings that the plan allows."""
    planned = fitted(plan, _meetings(timetable)) if timetable.planned else None
    return replace(timetable, plan=plan, planned=planned)


def _not_solving(timetable: Timetable) -> Timetable:
    state = TimetableState.DRAFT if timetable.planned is None else TimetableState.PLANNED
    return replace(timetable, state=state)


def _require(timetable: Timetable, move: str, starts: Iterable[TimetableState]) -> Timetable:
    allowed = sorted(starts)
    if timetable.state not in allowed:
        possible = f"{move} only from {', '.join(allowed)}"
        raise IllegalMove(move=move, stage=timetable.state, possible=possible)
    return timetable


def _wanted(timetable: Timetable, kr: str, sg: str) -> MeetingRequest:
    request = timetable.plan.request(kr, sg)
    if request is None:
        raise UnknownRecord(kind="meeting", id=f"{kr} – {sg}")
    return request


def _check_slots(plan: Plan, slots: Iterable[int]) -> None:
    if any(not 0 <= slot < len(plan.frame.slots) for slot in slots):
        raise InvalidInput(
            "there is no such slot", (Fault("/slot", "out-of-range", "there is no such slot"),)
        )


def _check_table(plan: Plan, table: int | None) -> None:
    if table is not None and not 0 <= table < len(plan.frame.tables):
        raise InvalidInput(
            "there is no such table", (Fault("/table", "out-of-range", "there is no such table"),)
        )


def _check_names(name: str, place: str) -> None:
    for pointer, text in (("/name", name), ("/place", place)):
        if not 1 <= len(text.strip()) <= MAX_NAME or not text.strip().isprintable():
            reason = f"{pointer[1:]}: 1 to {MAX_NAME} characters in one line"
            raise InvalidInput(reason, (Fault(pointer, "length", reason),))


def _check_members(plan: Plan, members: Mapping[str, Member]) -> None:
    faults = tuple(
        Fault(
            "/requests", "not-joined", f"{request.kr} – {request.sg}: both must be members that have joined"
        )
        for request in plan.requests
        if not _may_meet(members.get(request.kr), members.get(request.sg))
    )
    if faults:
        raise InvalidInput("; ".join(fault.message for fault in faults), faults)


def _may_meet(kr: Member | None, sg: Member | None) -> bool:
    if kr is None or sg is None:
        return False
    return (kr.country, sg.country) == (Country.KR, Country.SG) and may_be_introduced(kr, sg)


def _request(kr: str, sg: str, score: float, members: Mapping[str, Member]) -> MeetingRequest:
    sides = [members[each] for each in (kr, sg) if each in members]
    return MeetingRequest(kr, sg, score, len(sides) == 2 and needs_interpreter(*sides))


def _members(work: UnitOfWork, ids: Iterable[str]) -> dict[str, Member]:
    found = work.members.find_many(sorted(ids))
    return {external_id: stored.member for external_id, stored in found.items()}
