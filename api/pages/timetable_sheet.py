"""One member's sheet: its meetings in both languages, to be printed; and when it cannot come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from api.dependencies import MemberId, Product
from api.pages.language import Words, words_in
from api.pages.rendering import Reading
from api.pages.timetable_words import STATES, Times, all_times, names_in, sheet_url, times_of, timetable_url
from api.security import Action, requires
from matchmaker.domain.member import Text
from matchmaker.domain.timetable import Planned, TimetableState
from matchmaker.errors import UnknownRecord

router = APIRouter(
    prefix="/timetables/{number:int}/members/{member_id}", dependencies=[requires(Action.RUN_ROUNDS)]
)


@dataclass(frozen=True, slots=True)
class SheetWords:
    """What stands on the sheet in one language."""

    title: str
    kst: str
    sgt: str
    table: str
    partner: str
    interpreter: str
    nothing: str


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One meeting: the day in both languages, both clocks, and whom to meet."""

    day_en: str
    day_ko: str
    times: Times
    table: str
    partner: Text
    country_class: str
    interpreter: str | None

    @property
    def date(self) -> str:
        """The day in ISO 8601."""
        return self.times.date


@dataclass(frozen=True, slots=True)
class Box:
    """One slot to be ticked."""

    times: Times
    is_away: bool


@dataclass(frozen=True, slots=True)
class SheetPage:
    """A member's sheet. ``is_settled``: published, so that it may be handed out."""

    number: int
    url: str
    timetable_url: str
    version: int
    name: str
    place: str
    member: Text
    country_class: str
    rows: tuple[SheetRow, ...]
    boxes: tuple[Box, ...]
    en: SheetWords
    ko: SheetWords
    state: str
    is_settled: bool
    can_change: bool


@router.get("")
def show_sheet(reader: Reading, matchmaker: Product, number: int, member_id: MemberId) -> Response:
    """The sheet of one member."""
    timetable = matchmaker.timetables.get(number)
    if member_id not in timetable.plan.members:
        raise UnknownRecord(kind="member in this timetable", id=member_id)
    members, frame = matchmaker.timetables.members_of(timetable), timetable.plan.frame
    english, korean = words_in("en"), words_in("ko")
    rows = []
    for meeting in (timetable.planned or Planned()).of_member(member_id):
        slot = frame.slots[meeting.slot]
        partner = meeting.sg if member_id == meeting.kr else meeting.kr
        rows.append(
            SheetRow(
                day_en=times_of(meeting.slot, slot, frame.zone, english).day,
                day_ko=times_of(meeting.slot, slot, frame.zone, korean).day,
                times=times_of(meeting.slot, slot, frame.zone, reader.words),
                table=frame.tables[meeting.table].label,
                partner=names_in(members.get(partner), partner),
                country_class="sg" if member_id == meeting.kr else "kr",
                interpreter=None
                if meeting.interpreter is None
                else frame.interpreters[meeting.interpreter].label,
            )
        )
    away = timetable.plan.away.get(member_id, frozenset())
    page = SheetPage(
        number=number,
        url=sheet_url(number, member_id),
        timetable_url=timetable_url(number),
        version=timetable.version,
        name=timetable.name,
        place=timetable.place,
        member=names_in(members.get(member_id), member_id),
        country_class="kr" if any(each.kr == member_id for each in timetable.plan.requests) else "sg",
        rows=tuple(rows),
        boxes=tuple(Box(times, times.number in away) for times in all_times(frame, reader.words)),
        en=_sheet_words(english),
        ko=_sheet_words(korean),
        state=reader.words.gettext(STATES[timetable.state]),
        is_settled=timetable.state is TimetableState.PUBLISHED,
        can_change=timetable.state is not TimetableState.SOLVING,
    )
    return reader.render("timetable_sheet.html", page)


@router.post("")
def change_availability(
    matchmaker: Product,
    number: int,
    member_id: MemberId,
    version: Annotated[int, Form()],
    away: Annotated[list[int] | None, Form()] = None,
) -> Response:
    """Keep when a member cannot come."""
    matchmaker.timetables.set_availability(number, version, member_id, away or [])
    return RedirectResponse(sheet_url(number, member_id), 303)


def _sheet_words(words: Words) -> SheetWords:
    gettext = words.gettext
    return SheetWords(
        title=gettext("Your meetings"),
        kst=gettext("Time in Seoul (KST)"),
        sgt=gettext("Time in Singapore (SGT)"),
        table=gettext("Table"),
        partner=gettext("You meet"),
        interpreter=gettext("Interpreter"),
        nothing=gettext("No meeting has been placed yet."),
    )
