"""Timetables as calendar files (RFC 5545): times in UTC, the same UID for the same pair whenever it is made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from icalendar import Calendar, Event

from matchmaker.domain.member import Language, Member
from matchmaker.domain.timetable import KST, SGT, Planned, ScheduledMeeting, Slot, Timetable

PRODUCT = "-//Korea-Singapore AI Alliance//Alliance Matchmaker//EN"
DOMAIN = "alliance-matchmaker"


def calendar_of(timetable: Timetable, members: Mapping[str, Member], member_id: str | None = None) -> bytes:
    """The meetings of one member, or of all, in both languages. ``members`` by id; who left is named by id."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", timetable.name)
    calendar.add("x-wr-timezone", timetable.zone.value)
    planned = timetable.planned or Planned()
    for meeting in planned.meetings if member_id is None else planned.of_member(member_id):
        calendar.add_component(_event(timetable, meeting, members))
    content: bytes = calendar.to_ical()
    return content


def uid_of(timetable: Timetable, meeting: ScheduledMeeting) -> str:
    """What calendars know a meeting by."""
    return f"timetable-{timetable.id}-{meeting.kr}-{meeting.sg}@{DOMAIN}"


def _event(timetable: Timetable, meeting: ScheduledMeeting, members: Mapping[str, Member]) -> Event:
    frame = timetable.plan.frame
    slot, table = frame.slots[meeting.slot], frame.tables[meeting.table].label
    event = Event()
    event.add("uid", uid_of(timetable, meeting))
    event.add("dtstamp", timetable.created_at)
    event.add("sequence", timetable.version)
    event.add("dtstart", slot.start)
    event.add("dtend", slot.end)
    event.add("summary", " / ".join(_both(meeting, members, language) for language in _languages()))
    event.add("location", f"Table {table} · 테이블 {table}, {timetable.place}")
    event.add("description", _description(timetable, meeting, members, slot))
    return event


def _description(
    timetable: Timetable, meeting: ScheduledMeeting, members: Mapping[str, Member], slot: Slot
) -> str:
    frame = timetable.plan.frame
    table = frame.tables[meeting.table].label
    lines = [
        timetable.name,
        f"{_both(meeting, members, 'en')}. Table {table}. {_times(slot)}",
        f"{_both(meeting, members, 'ko')}. 테이블 {table}. {_times(slot)}",
    ]
    if meeting.interpreter is not None:
        label = frame.interpreters[meeting.interpreter].label
        lines.append(f"Interpreter {label} · 통역 {label}")
    return "\n".join(lines)


def _both(meeting: ScheduledMeeting, members: Mapping[str, Member], language: Language) -> str:
    return " × ".join(
        members[each].names.best(language)[0] if each in members else each for each in meeting.members
    )


def _times(slot: Slot) -> str:
    def span(start: datetime, end: datetime) -> str:
        return f"{start:%Y-%m-%d %H:%M}–{end:%H:%M} {start:%Z}"

    return " · ".join(span(slot.start.astimezone(zone), slot.end.astimezone(zone)) for zone in (KST, SGT))


def _languages() -> tuple[Language, Language]:
    return "en", "ko"
