"""Timetables as use cases over a real database, planned by the real solver."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from icalendar import Calendar

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.member import Text
from matchmaker.domain.timetable import (
    MeetingRequest,
    Objective,
    Plan,
    Planned,
    Timetable,
    TimetableState,
    UnplacedReason,
)
from matchmaker.errors import IllegalMove, InvalidInput, MeetingClash, StaleVersion, UnknownRecord
from matchmaker.formats.timetable_calendar import calendar_of
from matchmaker.services.timetables import openings
from tests.factories import make_partner
from tests.timetables import MORNING, SUMMIT_PAIRS, Accepted, make_frame, planned_timetable


class PatientPlanner:
    """A `matchmaker.services.timetables.Planner` that works until it is called off."""

    def plan(
        self,
        plan: Plan,
        progress: Callable[[Objective, float], None] | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> Planned | None:
        """None, once it was called off."""
        assert progress is not None
        assert is_cancelled is not None
        progress(Objective.GAPS, 0.5)
        while not is_cancelled():
            time.sleep(0.01)
        return None


class BrokenPlanner:
    """A `matchmaker.services.timetables.Planner` that fails."""

    def plan(self, *_args: object) -> Planned | None:
        """Never a result."""
        raise ArithmeticError("broken")


def test_a_draft_of_accepted_pairs_knows_who_needs_an_interpreter(matchmaker: Matchmaker) -> None:
    english = make_partner(external_id="sg-english", domains=(), summary=Text("Care."), offers=(), needs=())
    matchmaker.registration.register(english)
    pairs = (("kr-one", "sg-one", 0.8), ("kr-one", "sg-english", 0.7), ("kr-voice", "sg-english", 0.6))
    timetables = replace(matchmaker.timetables, source=Accepted(pairs))
    made = timetables.create_from_accepted("Summit", "Hall", make_frame(), None, "test")
    assert [each.needs_interpreter for each in made.plan.requests] == [False, False, True]
    assert made.state is TimetableState.DRAFT
    assert timetables.list_all() == [made]
    assert made.created_at.tzinfo is UTC


@pytest.mark.parametrize("pair", [("kr-chip", "sg-one"), ("sg-one", "kr-one"), ("kr-one", "nobody")])
def test_only_members_that_have_joined_meet(matchmaker: Matchmaker, pair: tuple[str, str]) -> None:
    with pytest.raises(InvalidInput, match="joined"):
        matchmaker.timetables.create("Summit", "Hall", make_frame(), [MeetingRequest(*pair)], "test")
    assert matchmaker.timetables.list_all() == []


@pytest.mark.parametrize(("name", "place"), [("", "Hall"), ("Summit", "x" * 201), ("a\nb", "Hall")])
def test_names_are_one_line(matchmaker: Matchmaker, name: str, place: str) -> None:
    with pytest.raises(InvalidInput):
        matchmaker.timetables.create(name, place, make_frame(), [], "test")


def test_planned_published_withdrawn_unplanned_removed(matchmaker: Matchmaker) -> None:
    timetables, planned = matchmaker.timetables, planned_timetable(matchmaker)
    assert planned.state is TimetableState.PLANNED
    assert planned.planned is not None
    assert len(planned.planned.meetings) == 3
    published = timetables.publish(planned.id, planned.version)
    with pytest.raises(IllegalMove):
        timetables.remove(planned.id, published.version)
    withdrawn = timetables.withdraw(planned.id, published.version)
    draft = timetables.unplan(planned.id, withdrawn.version)
    assert (draft.state, draft.planned) == (TimetableState.DRAFT, None)
    timetables.remove(planned.id, draft.version)
    with pytest.raises(UnknownRecord):
        timetables.get(planned.id)


def test_of_two_decisions_on_one_version_the_second_is_told(matchmaker: Matchmaker) -> None:
    planned = planned_timetable(matchmaker)
    matchmaker.timetables.take_out(planned.id, planned.version, "kr-one", "sg-one")
    with pytest.raises(StaleVersion):
        matchmaker.timetables.take_out(planned.id, planned.version, "kr-one", "sg-fab")


def test_planning_tells_how_far_it_is_and_can_be_called_off(matchmaker: Matchmaker) -> None:
    timetables = replace(matchmaker.timetables, planner=PatientPlanner())
    made = timetables.create_from_pairs("Summit", "Hall", make_frame(), SUMMIT_PAIRS, "test")
    timetables.plan(made.id, made.version)
    with pytest.raises(IllegalMove):
        timetables.plan(made.id, made.version + 1)
    assert timetables.progress_of(made.id) is not None
    assert timetables.cancel(made.id).state is TimetableState.DRAFT
    timetables.jobs.wait(made.id, 30)
    assert timetables.get(made.id).state is TimetableState.DRAFT
    assert timetables.progress_of(made.id) is None


def test_what_was_interrupted_elsewhere_can_be_called_off(matchmaker: Matchmaker) -> None:
    planned = planned_timetable(matchmaker)
    with matchmaker.store.writing() as work:
        work.timetables.replace(replace(planned, state=TimetableState.SOLVING), planned.version)
        work.commit()
    assert matchmaker.timetables.cancel(planned.id).state is TimetableState.PLANNED


def test_planning_that_fails_leaves_the_draft(matchmaker: Matchmaker) -> None:
    timetables = replace(matchmaker.timetables, planner=BrokenPlanner())
    made = timetables.create_from_pairs("Summit", "Hall", make_frame(), SUMMIT_PAIRS, "test")
    timetables.plan(made.id, made.version)
    timetables.jobs.wait(made.id, 30)
    assert timetables.get(made.id).state is TimetableState.DRAFT


def place_of(timetable: Timetable, kr: str, sg: str) -> tuple[int, int]:
    assert timetable.planned is not None
    meeting = timetable.planned.find(kr, sg)
    assert meeting is not None
    return meeting.slot, meeting.table


def test_a_meeting_moves_only_where_nothing_stands_against_it(matchmaker: Matchmaker) -> None:
    timetables, planned = matchmaker.timetables, planned_timetable(matchmaker)
    busy, _ = place_of(planned, "kr-one", "sg-fab")
    with pytest.raises(MeetingClash) as refused:
        timetables.move_meeting(planned.id, planned.version, "kr-one", "sg-one", busy)
    assert ("busy", "kr-one") in refused.value.clashes
    moved = timetables.move_meeting(planned.id, planned.version, "kr-one", "sg-one", 3, 1)
    assert place_of(moved, "kr-one", "sg-one") == (3, 1)
    assert moved.planned is not None
    assert moved.planned.optima == ()
    request = moved.plan.requests[0]
    assert [bool(clashes) for clashes in openings(moved, request)][busy]
    for slot, table in ((9, 0), (0, 9)):
        with pytest.raises(InvalidInput):
            timetables.move_meeting(planned.id, moved.version, "kr-one", "sg-one", slot, table)


def test_who_cannot_come_loses_the_meeting_and_is_told_why(matchmaker: Matchmaker) -> None:
    timetables, planned = matchmaker.timetables, planned_timetable(matchmaker)
    changed = timetables.set_availability(planned.id, planned.version, "kr-voice", range(4))
    assert changed.planned is not None
    assert [(each.kr, each.reason) for each in changed.planned.unplaced] == [
        ("kr-voice", UnplacedReason.NO_COMMON_SLOT)
    ]
    with pytest.raises(UnknownRecord):
        timetables.set_availability(planned.id, changed.version, "kr-chip", [])
    with pytest.raises(InvalidInput):
        timetables.set_availability(planned.id, changed.version, "kr-voice", [4])


def test_wishes_are_kept_and_planned_for(matchmaker: Matchmaker) -> None:
    timetables, planned = matchmaker.timetables, planned_timetable(matchmaker)
    changed = timetables.set_request(
        planned.id, planned.version, "kr-one", "sg-one", needs_interpreter=True, pinned=3
    )
    timetables.plan(planned.id, changed.version)
    timetables.jobs.wait(planned.id, 30)
    done = timetables.get(planned.id).planned
    assert done is not None
    meeting = done.find("kr-one", "sg-one")
    assert meeting is not None
    assert (meeting.slot, meeting.interpreter) == (3, 0)


def test_calendars_read_back(matchmaker: Matchmaker) -> None:
    planned = planned_timetable(matchmaker)
    members = matchmaker.timetables.members_of(planned)
    events = Calendar.from_ical(calendar_of(planned, members)).walk("VEVENT")
    assert len({str(event["UID"]) for event in events}) == 3
    own = Calendar.from_ical(calendar_of(planned, members, "kr-one")).walk("VEVENT")
    assert len(own) == 2
    event = next(each for each in own if "sg-one" in str(each["UID"]))
    slot, table = place_of(planned, "kr-one", "sg-one")
    assert event.decoded("DTSTART") == MORNING + timedelta(minutes=30 * slot)
    assert event.decoded("DTSTART").utcoffset() == timedelta(0)
    for words in (
        "Ward Robots (fictional) × Harbour Hospital (fictional)",
        "병동로봇 (가상) × 하버 병원 (가상)",
    ):
        assert words in str(event["SUMMARY"])
        assert words in str(event["DESCRIPTION"])
    assert event["LOCATION"] == f"Table {table + 1} · 테이블 {table + 1}, Marina Hall"
    assert "KST" in str(event["DESCRIPTION"])
    again = Calendar.from_ical(calendar_of(replace(planned, version=99), members)).walk("VEVENT")
    assert [str(event["UID"]) for event in again] == [str(event["UID"]) for event in events]
    assert {event["SEQUENCE"] for event in again} == {99}
