"""Timetables: the best one is found, no rule is ever broken, and what is left out says why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import pairwise, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchmaker.assignment.timetable import Timetabler, idle_slots
from matchmaker.domain.member import Text
from matchmaker.domain.timetable import (
    Frame,
    MeetingRequest,
    Objective,
    Plan,
    Planned,
    ScheduledMeeting,
    Slot,
    Table,
    Taken,
    UnplacedReason,
    Zone,
    check_plan,
    fitted,
    languages_of,
    needs_interpreter,
    slots_between,
)
from matchmaker.errors import InvalidInput
from matchmaker.formats.timetable_document import parse_plan, parse_planned, plan_json, planned_json
from tests.factories import make_member, make_need, make_offer, make_partner
from tests.timetables import make_frame, make_interpreters, make_plan, make_slots

SOLVER = Timetabler(seconds=10, workers=1)


def solve(plan: Plan) -> Planned:
    planned = SOLVER.plan(plan)
    assert planned is not None
    return planned


def reasons(planned: Planned) -> dict[tuple[str, str], UnplacedReason]:
    return {(each.kr, each.sg): each.reason for each in planned.unplaced}


@st.composite
def plans(draw: st.DrawFn, most_requests: int = 4, most_slots: int = 3) -> Plan:
    """Small plans with everything that can be scarce."""
    count = draw(st.integers(1, most_slots))
    numbers = st.frozensets(st.integers(0, count - 1))
    pairs = draw(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=most_requests, unique=True
        )
    )
    requests = [
        MeetingRequest(
            kr,
            sg,
            draw(st.integers(0, 10)) / 10,
            draw(st.booleans()),
            draw(st.none() | st.integers(0, count - 1)),
        )
        for kr, sg in pairs
    ]
    frame = Frame(
        Zone.SINGAPORE,
        make_slots(count, gap=draw(st.sampled_from([0, 5]))),
        (Table("1"), Table("2"))[: draw(st.integers(1, 2))],
        make_interpreters(*draw(st.lists(numbers, max_size=2))),
        most_per_day=draw(st.none() | st.integers(1, 2)),
        break_minutes=draw(st.sampled_from([0, 5, 30])),
    )
    return make_plan(requests, frame, draw(st.dictionaries(st.sampled_from("abcxyz"), numbers)))


def faults(plan: Plan, meetings: tuple[ScheduledMeeting, ...]) -> list[str]:
    """Every broken rule, found without the product's own rules."""
    frame, found = plan.frame, []
    places: Counter[object] = Counter()
    of_member: dict[str, list[int]] = defaultdict(list)
    for meeting in meetings:
        request = plan.request(*meeting.key)
        assert request is not None
        places[("table", meeting.slot, meeting.table)] += 1
        if meeting.interpreter is not None:
            places[("interpreter", meeting.slot, meeting.interpreter)] += 1
            if meeting.slot not in frame.interpreters[meeting.interpreter].slots:
                found.append("an interpreter works when they do not")
        if request.needs_interpreter != (meeting.interpreter is not None):
            found.append("interpreter missing or idle")
        if request.pinned not in (None, meeting.slot):
            found.append("pin")
        for member in meeting.members:
            of_member[member].append(meeting.slot)
            if meeting.slot in plan.away.get(member, ()):
                found.append("away")
    found += [f"twice: {place}" for place, times in places.items() if times > 1]
    if len({meeting.key for meeting in meetings}) < len(meetings):
        found.append("a pair meets twice")
    for own in of_member.values():
        slots = sorted(frame.slots[number] for number in own)
        for before, after in pairwise(slots):
            if (after.start - before.end).total_seconds() < frame.break_minutes * 60:
                found.append("no break, or in two places")
        if frame.most_per_day and len(own) > frame.most_per_day:
            found.append("too many on a day")
    return found


def every_choice(plan: Plan) -> Iterator[dict[int, int]]:
    """Every choice of slots (or none) that breaks no rule."""
    options = [None, *range(len(plan.frame.slots))]
    for choice in product(options, repeat=len(plan.requests)):
        slots = {number: slot for number, slot in enumerate(choice) if slot is not None}
        if is_possible(plan, slots):
            yield slots


def is_possible(plan: Plan, slots: dict[int, int]) -> bool:
    at: dict[int, list[int]] = defaultdict(list)
    meetings = []
    for number, slot in slots.items():
        request = plan.requests[number]
        working = [n for n, each in enumerate(plan.frame.interpreters) if slot in each.slots]
        used = sum(plan.requests[other].needs_interpreter for other in at[slot])
        if request.needs_interpreter and used >= len(working):
            return False
        interpreter = working[used] if request.needs_interpreter else None
        meetings.append(ScheduledMeeting(request.kr, request.sg, slot, len(at[slot]), interpreter))
        at[slot].append(number)
    fits = all(len(numbers) <= len(plan.frame.tables) for numbers in at.values())
    return fits and not faults(plan, tuple(meetings))


def worth(plan: Plan, slots: dict[int, int]) -> tuple[int, int, int, int]:
    requests = [plan.requests[number] for number in slots]
    return (
        sum(request.pinned is not None for request in requests),
        len(requests),
        sum(round(request.score * 10) for request in requests),
        -idle_slots(plan, slots),
    )


def slots_of(plan: Plan, planned: Planned) -> dict[int, int]:
    numbers = {request.key: number for number, request in enumerate(plan.requests)}
    return {numbers[meeting.key]: meeting.slot for meeting in planned.meetings}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_no_rule_is_broken_and_nothing_better_exists(plan: Plan) -> None:
    planned = solve(plan)
    assert faults(plan, planned.meetings) == []
    assert worth(plan, slots_of(plan, planned)) == max(worth(plan, each) for each in every_choice(plan))
    assert all(optimum.is_proven for optimum in planned.optima)
    assert {meeting.key for meeting in planned.meetings} | set(reasons(planned)) == {
        request.key for request in plan.requests
    }
    assert UnplacedReason.STILL_FITS not in reasons(planned).values()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans(most_requests=9, most_slots=6))
def test_no_rule_is_broken_when_there_is_no_time_either(plan: Plan) -> None:
    planned = Timetabler(seconds=0.001, workers=1).plan(plan)
    assert planned is not None
    assert faults(plan, planned.meetings) == []
    assert all(optimum.gap >= 0 for optimum in planned.optima)


@settings(max_examples=60, deadline=None)
@given(plans(), st.data())
def test_meetings_put_anywhere_by_hand_are_kept_only_where_they_fit(plan: Plan, data: st.DataObject) -> None:
    meetings = [
        ScheduledMeeting(
            request.kr,
            request.sg,
            data.draw(st.integers(0, len(plan.frame.slots) - 1)),
            data.draw(st.integers(0, len(plan.frame.tables) - 1)),
        )
        for request in plan.requests
    ]
    planned = fitted(plan, meetings)
    assert faults(plan, planned.meetings) == []
    assert len(planned.meetings) + len(planned.unplaced) == len(plan.requests)


@settings(max_examples=40, deadline=None)
@given(plans())
def test_a_plan_survives_its_document(plan: Plan) -> None:
    assert parse_plan(plan_json(plan)) == plan
    planned = fitted(plan, [])
    assert parse_planned(planned_json(planned)) == planned


def test_the_same_plan_gives_the_same_timetable() -> None:
    requests = [MeetingRequest(kr, sg, 0.5) for kr in "abc" for sg in "xyz"]
    plan = make_plan(requests, make_frame(4, 2))
    assert solve(plan) == solve(plan)


def test_more_meetings_come_before_better_ones() -> None:
    requests = [MeetingRequest("a", "x", 0.9), MeetingRequest("a", "y", 0.1), MeetingRequest("b", "x", 0.1)]
    plan = make_plan(requests, make_frame(1, 2))
    assert {meeting.key for meeting in solve(plan).meetings} == {("a", "y"), ("b", "x")}


def test_members_wait_as_little_as_possible_and_stay_at_their_table() -> None:
    plan = make_plan([MeetingRequest("a", sg) for sg in "xyz"], make_frame(6, 4), {"x": {0, 1, 2}})
    planned = solve(plan)
    slots = [meeting.slot for meeting in planned.meetings]
    assert max(slots) - min(slots) == 2
    assert len({meeting.table for meeting in planned.meetings}) == 1
    assert {each.objective: each.value for each in planned.optima}[Objective.GAPS] == 0


def test_cancelled_planning_has_no_result_and_says_how_far_it_was() -> None:
    seen: list[tuple[Objective, float]] = []
    requests = [MeetingRequest(kr, sg, 0.5) for kr in "abcdefgh" for sg in "stuvwxyz"]
    plan = make_plan(requests, make_frame(12, 4))
    solver = Timetabler(seconds=60, workers=1)
    assert solver.plan(plan, lambda *at: seen.append(at), lambda: len(seen) > 1) is None
    assert all(0 <= share <= 1 for _, share in seen)


@pytest.mark.parametrize(
    ("requests", "frame", "away", "reason"),
    [
        ([("a", "x")], {}, {"a": [0], "x": [1]}, UnplacedReason.NO_COMMON_SLOT),
        ([("a", "x"), ("a", "y"), ("a", "z")], {}, {}, UnplacedReason.MEMBER_FULL),
        ([("a", "x"), ("b", "y"), ("c", "z")], {"slots": 1}, {}, UnplacedReason.NO_TABLE_LEFT),
        (
            [("a", "x"), ("b", "x"), ("a", "y"), ("b", "y")],
            {"most_per_day": 1},
            {},
            UnplacedReason.MEMBER_FULL,
        ),
    ],
)
def test_what_is_left_out_says_why(
    requests: list[tuple[str, str]],
    frame: dict[str, int],
    away: dict[str, list[int]],
    reason: UnplacedReason,
) -> None:
    wanted = [MeetingRequest(kr, sg, 1 - number / 10) for number, (kr, sg) in enumerate(requests)]
    planned = solve(make_plan(wanted, make_frame(**{"slots": 2, "tables": 2} | frame), away))
    assert set(reasons(planned).values()) == {reason}


def test_interpreters_are_scarce() -> None:
    requests = [MeetingRequest("a", "x", 0.9, True), MeetingRequest("b", "y", 0.8, True)]
    planned = solve(make_plan(requests, make_frame(1, 2, 1)))
    assert reasons(planned) == {("b", "y"): UnplacedReason.NO_INTERPRETER_LEFT}
    assert planned.meetings[0].interpreter == 0


def test_times_that_went_to_other_meetings_of_both() -> None:
    requests = [MeetingRequest("a", "x"), MeetingRequest("a", "y"), MeetingRequest("b", "x")]
    plan = make_plan(requests, make_frame(2, 3))
    taken = [ScheduledMeeting("a", "y", 0, 0), ScheduledMeeting("b", "x", 1, 0)]
    assert reasons(fitted(plan, taken)) == {("a", "x"): UnplacedReason.DROPPED_FOR_BETTER}


def test_a_meeting_taken_out_by_hand_still_fits() -> None:
    plan = make_plan([MeetingRequest("a", "x")])
    assert reasons(fitted(plan, [])) == {("a", "x"): UnplacedReason.STILL_FITS}
    assert Taken(plan).first_slot(plan.requests[0]) == 0


def test_slots_follow_the_clock_of_the_place_and_leave_lunch_free() -> None:
    lunch = (time(12), time(13))
    slots = slots_between(Zone.SEOUL, [date(2027, 3, 1)], time(11), time(14), 25, 5, lunch)
    assert [f"{slot.start.astimezone(Zone.SEOUL.clock):%H:%M}" for slot in slots] == [
        "11:00",
        "11:30",
        "13:00",
        "13:30",
    ]
    assert slots[0] == Slot(datetime(2027, 3, 1, 2, tzinfo=UTC), datetime(2027, 3, 1, 2, 25, tzinfo=UTC))
    with pytest.raises(InvalidInput):
        slots_between(Zone.SEOUL, [date(2027, 3, 1)], time(11), time(14), 0)


@pytest.mark.parametrize(
    "plan",
    [
        make_plan([], make_frame(0)),
        make_plan([], make_frame(tables=0)),
        make_plan([], make_frame(make_slots(3)[::-1])),
        make_plan([], make_frame(break_minutes=-1)),
        make_plan([MeetingRequest("a", "x")] * 2),
        make_plan([MeetingRequest("a", "x", float("nan"))]),
        make_plan([MeetingRequest("a", "x", pinned=7)]),
    ],
)
def test_unusable_plans_are_refused(plan: Plan) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_plan(plan)
    assert refused.value.faults


def test_an_interpreter_is_needed_where_no_language_is_shared() -> None:
    korean = make_member(
        domains=(),
        summary=Text(None, "한국어로만 쓴 소개."),
        offers=(make_offer(None, "로봇"),),
        needs=(make_need(None, "병원"),),
    )
    english = make_partner(
        domains=(), summary=Text("In English.", "번역.", frozenset({"ko"})), offers=(), needs=()
    )
    assert needs_interpreter(korean, english)
    assert not needs_interpreter(make_member(), english)
    assert languages_of(replace(korean, summary=Text(), offers=(), needs=())) == {"en", "ko"}
