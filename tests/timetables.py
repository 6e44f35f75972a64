"""Plans and timetables for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.member import Purpose
from matchmaker.domain.timetable import Frame, Interpreter, MeetingRequest, Plan, Slot, Table, Timetable, Zone

MORNING = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
"""Nine o'clock in Singapore, ten in Seoul."""


def make_slots(count: int, *, gap: int = 5, first: datetime = MORNING) -> tuple[Slot, ...]:
    """Slots of 25 minutes, ``gap`` minutes apart."""
    starts = [first + timedelta(minutes=(25 + gap) * number) for number in range(count)]
    return tuple(Slot(start, start + timedelta(minutes=25)) for start in starts)


def make_frame(
    slots: int | tuple[Slot, ...] = 3, tables: int = 2, interpreters: int = 0, **overrides: Any
) -> Frame:
    """A frame whose interpreters work all day unless told otherwise."""
    times = make_slots(slots) if isinstance(slots, int) else slots
    fields: dict[str, Any] = {
        "zone": Zone.SINGAPORE,
        "slots": times,
        "tables": tuple(Table(str(number + 1)) for number in range(tables)),
        "interpreters": make_interpreters(*[range(len(times))] * interpreters),
    }
    return Frame(**fields | overrides)


def make_interpreters(*slots: Iterable[int]) -> tuple[Interpreter, ...]:
    """Interpreters and the slots in which each of them works."""
    return tuple(Interpreter(str(number), frozenset(each)) for number, each in enumerate(slots, start=1))


def make_plan(
    requests: Iterable[MeetingRequest],
    frame: Frame | None = None,
    away: Mapping[str, Iterable[int]] | None = None,
) -> Plan:
    """A plan for some requests."""
    return Plan(frame or make_frame(), tuple(requests), {k: frozenset(v) for k, v in (away or {}).items()})


@dataclass(frozen=True)
class Accepted:
    """A `matchmaker.services.timetables.MeetingSource` that knows some pairs."""

    pairs: tuple[tuple[str, str, float], ...]

    def accepted_pairs(self, purpose: Purpose | None) -> list[tuple[str, str, float]]:
        """The pairs, whatever the purpose."""
        return list(self.pairs)


SUMMIT_PAIRS = (("kr-one", "sg-one", 0.8), ("kr-one", "sg-fab", 0.6), ("kr-voice", "sg-clinic", 0.5))


def planned_timetable(matchmaker: Matchmaker, frame: Frame | None = None) -> Timetable:
    """A planned timetable over the small alliance: three meetings, one of which needs an interpreter."""
    timetables = matchmaker.timetables
    frame = frame or make_frame(slots=4, tables=2, interpreters=1)
    wanted = [MeetingRequest(*pair, needs_interpreter=pair[0] == "kr-voice") for pair in SUMMIT_PAIRS]
    made = timetables.create("Summit (trial)", "Marina Hall", frame, wanted, "test")
    timetables.plan(made.id, made.version)
    timetables.jobs.wait(made.id, 30)
    return timetables.get(made.id)
