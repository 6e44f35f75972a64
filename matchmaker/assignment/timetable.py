"""Timetables by constraint programming.

One-to-one meetings at business events are a scheduling problem of their own: every meeting has a slot, nobody is in
two places, tables are few, and what participants complain of afterwards are meetings that did not take place and idle
time in between (Bofill, Espasa, Garcia, Palahí, Suy & Villaret, "Scheduling B2B Meetings", CP 2014). Here CP-SAT
solves it objective by objective, each held while the next is improved: pinned meetings, then how many meetings, then
the sum of their scores, then idle slots between two meetings of one member on one day.

Tables are alike and interpreters only differ in when they work, so whether meetings fit into a slot depends on how
many they are. Slots are therefore chosen without tables, which loses nothing and makes the model small; who sits where
is settled last, for the slots then chosen: as few different tables per member as possible.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from ortools.sat.python import cp_model

from matchmaker.domain.timetable import (
    MeetingRequest,
    Objective,
    Optimum,
    Plan,
    Planned,
    ScheduledMeeting,
    Taken,
    fitted,
)

SECONDS = 20.0
"""What planning may take unless told otherwise."""
SCALE = 10_000
"""Scores count in steps of one ten-thousandth."""
GLANCE = 0.1
"""Seconds between two looks at whether it was cancelled."""

Progress = Callable[[Objective, float], None]
"""Takes the objective at work and the share of the allowed time that has passed, in [0, 1]."""
IsCancelled = Callable[[], bool]
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Slots = Mapping[int, int]
"""Number of a request -> number of its slot."""


class _Cancelled(Exception):
    """Planning was called off."""


@dataclass(frozen=True)
class Timetabler:
    """Plans timetables. With ``workers=1`` the same plan gives the same timetable whenever the time suffices.

    ``seconds`` is shared by all objectives; ``workers`` are threads, 0 for one per core.
    """

    seconds: float = SECONDS
    workers: int = 0
    seed: int = 1

    def plan(
        self, plan: Plan, progress: Progress | None = None, is_cancelled: IsCancelled | None = None
    ) -> Planned | None:
        """The best timetable that the time allows, with the bound of each objective; None if it was called off."""
        search = _Search(self, time.monotonic(), progress or _silent, is_cancelled or _never)
        try:
            slots, optima = _choose_slots(plan, search)
            meetings, seating = _seat(plan, slots, search)
        except _Cancelled:
            return None
        return fitted(plan, meetings, (*optima, seating))


@dataclass(frozen=True)
class _Search:
    """One run: its clock, and whom it tells how far it is."""

    timetabler: Timetabler
    began: float
    progress: Progress
    is_cancelled: IsCancelled

    @property
    def left(self) -> float:
        """Seconds that remain."""
        return max(0.0, self.timetabler.seconds - (time.monotonic() - self.began))

    def solve(
        self, model: cp_model.CpModel, objective: Objective, share: float
    ) -> tuple[cp_model.CpSolver, bool]:
        """Run the solver for a share of the remaining time; whether it found anything."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = self.timetabler.workers
        solver.parameters.random_seed = self.timetabler.seed
        solver.parameters.linearization_level = 2  # idle time has a weak bound otherwise: a third more of it
        solver.parameters.max_time_in_seconds = max(GLANCE, self.left * share)
        with self._watched(solver, objective):
            status = solver.solve(model)
        if self.is_cancelled():
            raise _Cancelled
        if status == cp_model.MODEL_INVALID:
            raise ValueError(f"the model of a timetable is invalid: {model.validate()}")
        return solver, status in (cp_model.OPTIMAL, cp_model.FEASIBLE)

    @contextmanager
    def _watched(self, solver: cp_model.CpSolver, objective: Objective) -> Iterator[None]:
        """Stop the solver once the search is cancelled: it only looks up by itself when it finds something."""
        done = threading.Event()
        watch = threading.Thread(target=self._watch, args=(solver, objective, done), name="timetable-watch")
        watch.start()
        try:
            yield
        finally:
            done.set()
            watch.join()

    def _watch(self, solver: cp_model.CpSolver, objective: Objective, done: threading.Event) -> None:
        while True:
            self.progress(objective, min(1.0, 1 - self.left / self.timetabler.seconds))
            if self.is_cancelled():
                solver.stop_search()
            if done.wait(GLANCE):
                return


class _SlotModel:
    """Which request gets which slot: one variable per possible choice."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.model = cp_model.CpModel()
        empty = Taken(plan)
        self.at: dict[tuple[int, int], cp_model.IntVar] = {
            (number, slot): self.model.new_bool_var(f"at_{number}_{slot}")
            for number, request in enumerate(plan.requests)
            for slot in range(len(plan.frame.slots))
            if not empty.clashes(request, slot)
        }
        self._by_slot = _grouped((slot, number) for number, slot in self.at)
        self._constrain()

    def choices(self, numbers: Iterable[int]) -> list[cp_model.IntVar]:
        """The variables of some requests."""
        wanted = frozenset(numbers)
        return [variable for (number, _), variable in self.at.items() if number in wanted]

    def hint(self, slots: Slots) -> None:
        """Tell the solver where to begin."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]  # OR-tools forgot to say
        for (number, slot), variable in self.at.items():
            self.model.add_hint(variable, slots.get(number) == slot)

    def objective(self, objective: Objective) -> cp_model.LinearExprT:
        """What is improved, as an expression."""
        requests = self.plan.requests
        if objective is Objective.PINNED:
            return sum(self.choices(n for n, each in enumerate(requests) if each.pinned is not None))
        if objective is Objective.MEETINGS:
            return sum(self.at.values())
        if objective is Objective.PRIORITY:
            return sum(round(requests[n].score * SCALE) * variable for (n, _), variable in self.at.items())
        return sum(self._idle())

    def _constrain(self) -> None:
        frame = self.plan.frame
        for number in range(len(self.plan.requests)):
            self.model.add_at_most_one(self.choices([number]))
        for slot, numbers in self._by_slot.items():
            self.model.add(sum(self.at[number, slot] for number in numbers) <= len(frame.tables))
            interpreters = sum(slot in each.slots for each in frame.interpreters)
            needing = [n for n in numbers if self.plan.requests[n].needs_interpreter]
            self.model.add(sum(self.at[number, slot] for number in needing) <= interpreters)
        for numbers in self._of_members().values():
            self._constrain_member(numbers)

    def _constrain_member(self, numbers: Sequence[int]) -> None:
        frame = self.plan.frame
        for window in windows(self.plan):
            self.model.add_at_most_one(self._within(numbers, window))
        if frame.most_per_day is not None:
            for day in self._days():
                self.model.add(sum(self._within(numbers, day)) <= frame.most_per_day)

    def _within(self, numbers: Iterable[int], slots: Iterable[int]) -> list[cp_model.IntVar]:
        keys = ((number, slot) for slot in slots for number in numbers)
        return [self.at[key] for key in keys if key in self.at]

    def _days(self) -> list[list[int]]:
        frame = self.plan.frame
        return list(_grouped((slot.day(frame.zone), n) for n, slot in enumerate(frame.slots)).values())

    def _of_members(self) -> dict[str, list[int]]:
        pairs = enumerate(self.plan.requests)
        return _grouped((member_id, number) for number, request in pairs for member_id in request.key)

    def _idle(self) -> Iterator[cp_model.IntVar]:
        for numbers in self._of_members().values():
            for day in self._days():
                yield from self._idle_on(numbers, day)

    def _idle_on(self, numbers: Sequence[int], day: Sequence[int]) -> Iterator[cp_model.IntVar]:
        """One variable per slot that is 1 if the member has a meeting before and after it, but none in it."""
        meets = [sum(self._within(numbers, [slot])) for slot in day]
        before = self._running(meets)
        after = self._running(meets[::-1])[::-1]
        for place in range(1, len(day) - 1):
            idle = self.model.new_bool_var("")
            self.model.add(idle >= before[place - 1] + after[place + 1] - 1 - meets[place])
            yield idle

    def _running(self, meets: Sequence[cp_model.LinearExprT]) -> list[cp_model.IntVar]:
        """For each place, at least 1 from the first meeting on."""
        found: list[cp_model.IntVar] = []
        for meeting in meets:
            here = self.model.new_bool_var("")
            self.model.add(here >= meeting)
            if found:
                self.model.add(here >= found[-1])
            found.append(here)
        return found


def windows(plan: Plan) -> list[list[int]]:
    """Runs of slots of which a member can have one only: from each slot as far as the break after it reaches."""
    frame = plan.frame
    return [
        [
            number
            for number in range(first, len(frame.slots))
            if number == first or not frame.slots[first].is_apart(frame.slots[number], frame.pause)
        ]
        for first in range(len(frame.slots))
    ]


def _choose_slots(plan: Plan, search: _Search) -> tuple[Slots, tuple[Optimum, ...]]:
    """Slots for the requests, objective by objective."""
    model, slots, bounds = _SlotModel(plan), greedy(plan), {}
    objectives = [Objective.MEETINGS, Objective.PRIORITY, Objective.GAPS]
    if any(request.pinned is not None for request in plan.requests):
        objectives.insert(0, Objective.PINNED)
    for objective in objectives:
        slots, bounds[objective] = _improve(model, objective, slots, search)
    return slots, tuple(_optimum(plan, objective, slots, bound) for objective, bound in bounds.items())


def _improve(model: _SlotModel, objective: Objective, slots: Slots, search: _Search) -> tuple[Slots, int]:
    """The best slots for one objective and its bound; from here on the model holds what it reached."""
    expression = model.objective(objective)
    is_cost = objective is Objective.GAPS
    model.hint(slots)
    (model.model.minimize if is_cost else model.model.maximize)(expression)
    solver, is_found = search.solve(model.model, objective, share=0.5)
    if is_found:
        found = {number: slot for (number, slot), variable in model.at.items() if solver.value(variable)}
        slots = greedy(model.plan, found)  # adds something only where the time did not suffice
    if not is_cost:
        model.model.add(expression >= _value(model.plan, objective, slots))
    return slots, _bound(model.plan, objective, solver)


def _optimum(plan: Plan, objective: Objective, slots: Slots, bound: int) -> Optimum:
    scale = SCALE if objective is Objective.PRIORITY else 1
    return Optimum(objective, _value(plan, objective, slots) / scale, bound / scale)


def _value(plan: Plan, objective: Objective, slots: Slots) -> int:
    """What some slots are worth, as whole numbers."""
    requests = [plan.requests[number] for number in slots]
    if objective is Objective.PINNED:
        return sum(request.pinned is not None for request in requests)
    if objective is Objective.MEETINGS:
        return len(requests)
    if objective is Objective.PRIORITY:
        return sum(round(request.score * SCALE) for request in requests)
    return idle_slots(plan, slots)


def _bound(plan: Plan, objective: Objective, solver: cp_model.CpSolver) -> int:
    """What the solver knows to be out of reach beyond; what is obvious, if it came to nothing."""
    ends = _value(plan, objective, dict.fromkeys(range(len(plan.requests)), 0))
    found = round(solver.best_objective_bound)
    return max(0, found) if objective is Objective.GAPS else min(ends, found)


def idle_slots(plan: Plan, slots: Slots) -> int:
    """Slots without a meeting between two meetings of one member on one day, over all members."""
    frame = plan.frame
    taken = _grouped(
        ((member_id, frame.slots[slot].day(frame.zone)), slot)
        for number, slot in slots.items()
        for member_id in plan.requests[number].key
    )
    return sum(max(own) - min(own) + 1 - len(own) for own in taken.values())


def greedy(plan: Plan, slots: Slots | None = None) -> Slots:
    """Each request into the first slot that is left, pinned ones first, then by score; a start for the solver."""
    taken, found = Taken(plan), dict(slots or {})
    for number, slot in found.items():
        taken.add(taken.placed(plan.requests[number], slot))
    for number, request in sorted(enumerate(plan.requests), key=_first):
        free = None if number in found else taken.first_slot(request)
        if free is not None:
            found[number] = free
            taken.add(taken.placed(request, free))
    return found


def _first(numbered: tuple[int, MeetingRequest]) -> tuple[bool, float, int]:
    number, request = numbered
    return request.pinned is None, -request.score, number


def _seat(plan: Plan, slots: Slots, search: _Search) -> tuple[list[ScheduledMeeting], Optimum]:
    """Tables and interpreters for chosen slots."""
    tables = seated_in_turn(plan, slots)
    least = len({member_id for number in slots for member_id in plan.requests[number].key})
    bound: float = least
    if changes(plan, tables) > least:
        tables, bound = _improve_seats(plan, slots, tables, search)
    taken, meetings = Taken(plan), []
    for number, slot in sorted(slots.items(), key=lambda item: (item[1], tables[item[0]])):
        meetings.append(taken.placed(plan.requests[number], slot, tables[number]))
        taken.add(meetings[-1])
    return meetings, Optimum(Objective.TABLES, changes(plan, tables), max(least, bound))


def seated_in_turn(plan: Plan, slots: Slots) -> dict[int, int]:
    """Number of a request -> its table: slot by slot, each at a table that one of the two has had already."""
    last: dict[str, int] = {}
    tables: dict[int, int] = {}
    for numbers in _by_time(slots):
        free = list(range(len(plan.frame.tables)))
        known = [n for n in numbers if any(last.get(each) is not None for each in plan.requests[n].key)]
        for number in (*known, *(n for n in numbers if n not in known)):
            wanted = [last[each] for each in plan.requests[number].key if last.get(each, -1) in free]
            tables[number] = wanted[0] if wanted else free[0]
            free.remove(tables[number])
            last.update(dict.fromkeys(plan.requests[number].key, tables[number]))
    return tables


def changes(plan: Plan, tables: Mapping[int, int]) -> int:
    """Different tables per member, summed over all members."""
    return len({(each, table) for number, table in tables.items() for each in plan.requests[number].key})


def _improve_seats(
    plan: Plan, slots: Slots, start: Mapping[int, int], search: _Search
) -> tuple[dict[int, int], float]:
    """Tables with fewer changes, and the bound that was reached."""
    model = cp_model.CpModel()
    choices = range(len(plan.frame.tables))
    at = {(n, table): model.new_bool_var(f"seat_{n}_{table}") for n in slots for table in choices}
    uses: dict[tuple[str, int], cp_model.IntVar] = {}
    for number in slots:
        model.add_exactly_one(at[number, table] for table in choices)
        for table in choices:
            model.add_hint(at[number, table], start[number] == table)
            for member_id in plan.requests[number].key:
                use = uses.setdefault((member_id, table), model.new_bool_var(f"use_{member_id}_{table}"))
                model.add_implication(at[number, table], use)
    for numbers in _by_time(slots):
        for table in choices:
            model.add_at_most_one(at[number, table] for number in numbers)
    for number in max(
        _by_time(slots), key=len
    ):  # tables are alike: one slot's seats may be taken for granted
        model.add(at[number, start[number]] == 1)
    model.minimize(sum(uses.values()))
    solver, is_found = search.solve(model, Objective.TABLES, share=1.0)
    if not is_found:
        return dict(start), 0.0
    return {number: table for (number, table), seat in at.items() if solver.value(seat)}, round(
        solver.best_objective_bound
    )


def _by_time(slots: Slots) -> list[list[int]]:
    """Numbers of requests, slot by slot."""
    return [numbers for _, numbers in sorted(_grouped((slot, n) for n, slot in slots.items()).items())]


def _grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    found: dict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)


def _silent(_objective: Objective, _share: float) -> None:
    """Nobody wants to know."""


def _never() -> bool:
    return False
