"""A timetable taken along: calendar files, and tables for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fastapi import APIRouter, Response

from api.dependencies import MemberId, Product
from api.pages.downloads import file_of, table_of, workbook_of
from api.pages.language import Words
from api.pages.rendering import Reading
from api.pages.timetable_words import REASONS
from api.security import Action, requires
from matchmaker.domain.member import Member, Text
from matchmaker.domain.timetable import KST, SGT, Planned, ScheduledMeeting, Timetable
from matchmaker.errors import UnknownRecord
from matchmaker.formats.timetable_calendar import calendar_of

router = APIRouter(prefix="/timetables/{number:int}", dependencies=[requires(Action.RUN_ROUNDS)])

Row = list[str]


@router.get("/meetings.ics")
def calendar(number: int, matchmaker: Product) -> Response:
    """All meetings as a calendar."""
    timetable = matchmaker.timetables.get(number)
    content = calendar_of(timetable, matchmaker.timetables.members_of(timetable))
    return file_of(content, "text/calendar; charset=utf-8", f"timetable-{number}.ics")


@router.get("/members/{member_id}/meetings.ics")
def calendar_of_member(number: int, member_id: MemberId, matchmaker: Product) -> Response:
    """One member's meetings as a calendar."""
    timetable = matchmaker.timetables.get(number)
    if member_id not in timetable.plan.members:
        raise UnknownRecord(kind="member in this timetable", id=member_id)
    content = calendar_of(timetable, matchmaker.timetables.members_of(timetable), member_id)
    place = timetable.plan.members.index(member_id) + 1  # an id may hold letters that a file name must not
    return file_of(content, "text/calendar; charset=utf-8", f"timetable-{number}-member-{place}.ics")


@router.get("/meetings.csv")
def table(number: int, reader: Reading, matchmaker: Product) -> Response:
    """All meetings as a table."""
    timetable = matchmaker.timetables.get(number)
    members = matchmaker.timetables.members_of(timetable)
    return table_of(meeting_rows(timetable, members, reader.words), f"timetable-{number}")


@router.get("/meetings.xlsx")
def workbook(number: int, reader: Reading, matchmaker: Product) -> Response:
    """Meetings, and what has no place, as a workbook."""
    timetable = matchmaker.timetables.get(number)
    sheets = sheets_of(timetable, matchmaker.timetables.members_of(timetable), reader.words)
    return workbook_of(sheets, f"timetable-{number}")


def sheets_of(
    timetable: Timetable, members: Mapping[str, Member], words: Words
) -> list[tuple[str, Iterator[Row]]]:
    """Two sheets, headed in the reader's language."""
    return [
        (words.gettext("Meetings"), meeting_rows(timetable, members, words)),
        (words.gettext("Without a place"), unplaced_rows(timetable, members, words)),
    ]


def meeting_rows(timetable: Timetable, members: Mapping[str, Member], words: Words) -> Iterator[Row]:
    """A heading and one row per meeting."""
    gettext = words.gettext
    yield [
        gettext("Day at the place"),
        gettext("Time in Seoul (KST)"),
        gettext("Time in Singapore (SGT)"),
        gettext("Table"),
        gettext("Korean side (English)"),
        gettext("Korean side (Korean)"),
        gettext("Singapore side (English)"),
        gettext("Singapore side (Korean)"),
        gettext("Interpreter"),
    ]
    for meeting in (timetable.planned or Planned()).meetings:
        yield _meeting_row(timetable, meeting, members)


def _meeting_row(timetable: Timetable, meeting: ScheduledMeeting, members: Mapping[str, Member]) -> Row:
    frame = timetable.plan.frame
    slot = frame.slots[meeting.slot]
    spans = [f"{slot.start.astimezone(zone):%H:%M}–{slot.end.astimezone(zone):%H:%M}" for zone in (KST, SGT)]
    interpreter = "" if meeting.interpreter is None else frame.interpreters[meeting.interpreter].label
    names = [name for each in meeting.members for name in _names(each, members)]
    return [
        slot.day(frame.zone).isoformat(),
        *spans,
        frame.tables[meeting.table].label,
        *names,
        interpreter,
    ]


def unplaced_rows(timetable: Timetable, members: Mapping[str, Member], words: Words) -> Iterator[Row]:
    """A heading and one row per meeting without a place."""
    gettext = words.gettext
    yield [
        gettext("Korean side (English)"),
        gettext("Korean side (Korean)"),
        gettext("Singapore side (English)"),
        gettext("Singapore side (Korean)"),
        gettext("Why"),
    ]
    for each in (timetable.planned or Planned()).unplaced:
        yield [*_names(each.kr, members), *_names(each.sg, members), gettext(REASONS[each.reason])]


def _names(member_id: str, members: Mapping[str, Member]) -> tuple[str, str]:
    names = members[member_id].names if member_id in members else Text(member_id)
    return names.en or "", names.ko or ""
