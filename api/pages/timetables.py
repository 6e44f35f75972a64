"""Timetables of summits: the list, a new one, one as a grid, and everything that is done to it. Plain forms only."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Annotated, TypeVar

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from api.dependencies import Product
from api.pages import labels
from api.pages.choices import Choice, options, read_choice
from api.pages.language import Words
from api.pages.rendering import Card, Reader, Reading, address, card_of
from api.pages.timetable_words import (
    CLASHES,
    OBJECTIVES,
    REASONS,
    STATES,
    ZONES,
    Times,
    all_times,
    names_in,
    sheet_url,
    timetable_url,
)
from api.security import CurrentActor, requires
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Action
from matchmaker.domain.member import Member, Purpose
from matchmaker.domain.timetable import (
    Clash,
    ClashKind,
    Frame,
    Interpreter,
    MeetingRequest,
    Planned,
    ScheduledMeeting,
    Table,
    Timetable,
    TimetableState,
    Zone,
    slots_between,
)
from matchmaker.errors import IllegalMove, InvalidInput, MeetingClash, StaleVersion
from matchmaker.services.timetables import openings

router = APIRouter(prefix="/timetables", dependencies=[requires(Action.RUN_ROUNDS)])

Moment = TypeVar("Moment", date, time)
MAX_DAYS = 5
ACCEPTED = "accepted"
YEARS = range(2000, 3000)
"""Of the days that a timetable may have: far from where calendars end."""
_PAIR_LINE = re.compile(r"\s*([^\s,;]+)[\s,;]+([^\s,;]+)(?:[\s,;]+([0-9.]+))?\s*")
DEFAULTS: dict[str, str] = {
    "name": "",
    "place": "",
    "zone": "",
    "day": "",
    "days": "1",
    "start": "09:00",
    "end": "17:00",
    "lunch_from": "12:00",
    "lunch_to": "13:00",
    "minutes": "25",
    "pause": "5",
    "tables": "8",
    "interpreters": "2",
    "most_per_day": "",
    "break_minutes": "0",
    "source": ACCEPTED,
    "purpose": "",
    "pairs": "",
}


@dataclass(frozen=True, slots=True)
class Summary:
    """A timetable as the list shows it."""

    url: str
    name: str
    place: str
    days: str
    state: str
    wanted: int
    placed: int | None


@dataclass(frozen=True, slots=True)
class TimetablesPage:
    """The list and the form; ``fault`` is what to mend in it."""

    items: tuple[Summary, ...]
    texts: Mapping[str, str]
    zones: tuple[Choice, ...]
    purposes: tuple[Choice, ...]
    fault: str | None
    max_days: int = MAX_DAYS


@dataclass(frozen=True, slots=True)
class Side:
    """One of two who meet."""

    card: Card | None
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A meeting in the grid."""

    key: str
    kr: Side
    sg: Side
    interpreter: str | None
    is_pinned: bool
    url: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """One slot: its meetings table by table, None where a table is free."""

    times: Times
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """The grid of one day."""

    title: str
    rows: tuple[GridRow, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A meeting without a place, and why."""

    kr: Side
    sg: Side
    reason: str
    url: str


@dataclass(frozen=True, slots=True)
class Opening:
    """A slot to move a meeting to; ``obstacle`` says why it cannot be."""

    times: Times
    obstacle: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """The meeting that is being changed."""

    kr: Side
    sg: Side
    kr_id: str
    sg_id: str
    is_placed: bool
    table: int | None
    needs_interpreter: bool
    pinned: int | None
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """How far an objective came."""

    title: str
    value: str
    bound: str
    is_proven: bool


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member of the timetable: how many meetings it has."""

    side: Side
    count: int


@dataclass(frozen=True, slots=True)
class TimetablePage:
    """One timetable."""

    number: int
    url: str
    name: str
    place: str
    zone: str
    state: str
    code: str
    version: int
    tables: tuple[str, ...]
    days: tuple[Day, ...]
    wanted: int
    placed: int
    left_out: tuple[LeftOut, ...]
    requests: tuple[LeftOut, ...]
    members: tuple[MemberRow, ...]
    qualities: tuple[Quality, ...]
    progress: int | None
    progress_note: str
    chosen: Chosen | None
    fault: str | None

    @property
    def is_solving(self) -> bool:
        """Whether it is being planned right now."""
        return self.code == TimetableState.SOLVING

    @property
    def can_move(self) -> bool:
        """Whether there are meetings to move."""
        return self.code in (TimetableState.PLANNED, TimetableState.PUBLISHED)


@router.get("")
def list_timetables(reader: Reading, matchmaker: Product) -> Response:
    """All timetables, and a form for a new one."""
    return reader.render("timetables.html", _list_page(reader, matchmaker, DEFAULTS, None))


@router.post("")
def create_timetable(
    reader: Reading,
    matchmaker: Product,
    actor: CurrentActor,
    name: Annotated[str, Form()] = "",
    place: Annotated[str, Form()] = "",
    zone: Annotated[str, Form()] = "",
    day: Annotated[str, Form()] = "",
    days: Annotated[str, Form()] = "",
    start: Annotated[str, Form()] = "",
    end: Annotated[str, Form()] = "",
    lunch_from: Annotated[str, Form()] = "",
    lunch_to: Annotated[str, Form()] = "",
    minutes: Annotated[str, Form()] = "",
    pause: Annotated[str, Form()] = "",
    tables: Annotated[str, Form()] = "",
    interpreters: Annotated[str, Form()] = "",
    most_per_day: Annotated[str, Form()] = "",
    break_minutes: Annotated[str, Form()] = "",
    source: Annotated[str, Form()] = "",
    purpose: Annotated[str, Form()] = "",
    pairs: Annotated[str, Form()] = "",
) -> Response:
    """A new draft, or the form again with what to mend (422)."""
    texts = {key: value for key, value in locals().items() if key in DEFAULTS}
    timetables = matchmaker.timetables
    try:
        frame = frame_of(texts)
        if source == ACCEPTED:
            chosen = read_choice(Purpose, purpose)
            made = timetables.create_from_accepted(name, place, frame, chosen, actor.id)
        else:
            made = timetables.create_from_pairs(name, place, frame, pairs_of(pairs), actor.id)
    except InvalidInput as error:
        fault = reader.words.gettext("This cannot be used yet: %(reason)s", reason=error)
        return reader.render("timetables.html", _list_page(reader, matchmaker, texts, fault), 422, keep=False)
    return RedirectResponse(timetable_url(made.id), 303)


@router.get("/{number:int}")
def show_timetable(reader: Reading, matchmaker: Product, number: int, kr: str = "", sg: str = "") -> Response:
    """One timetable; ``kr`` and ``sg`` name the meeting that is being changed."""
    return reader.render("timetable.html", _page(reader, matchmaker, number, (kr, sg)))


@router.post("/{number:int}")
def act(
    reader: Reading,
    matchmaker: Product,
    number: int,
    version: Annotated[int, Form()],
    do: Annotated[str, Form()] = "",
) -> Response:
    """Plan, cancel, publish, withdraw, unplan or remove."""
    timetables = matchmaker.timetables
    actions: dict[str, Callable[[], object]] = {
        "plan": lambda: timetables.plan(number, version),
        "cancel": lambda: timetables.cancel(number),
        "publish": lambda: timetables.publish(number, version),
        "withdraw": lambda: timetables.withdraw(number, version),
        "unplan": lambda: timetables.unplan(number, version),
        "remove": lambda: timetables.remove(number, version),
    }
    target = "/timetables" if do == "remove" else timetable_url(number)
    return _done(reader, matchmaker, number, actions.get(do, lambda: None), target)


@router.post("/{number:int}/meeting")
def change_meeting(
    reader: Reading,
    matchmaker: Product,
    number: int,
    version: Annotated[int, Form()],
    kr: Annotated[str, Form()],
    sg: Annotated[str, Form()],
    do: Annotated[str, Form()] = "",
    slot: Annotated[str, Form()] = "",
    table: Annotated[str, Form()] = "",
    pinned: Annotated[str, Form()] = "",
    interpreter: Annotated[str, Form()] = "",
) -> Response:
    """Move a meeting, take it out, or change what it needs."""
    timetables = matchmaker.timetables
    actions: dict[str, Callable[[], object]] = {
        "move": lambda: timetables.move_meeting(
            number, version, kr, sg, _whole(slot, "slot"), _optional(table, "table")
        ),
        "take-out": lambda: timetables.take_out(number, version, kr, sg),
        "wish": lambda: timetables.set_request(
            number,
            version,
            kr,
            sg,
            needs_interpreter=interpreter == "yes",
            pinned=_optional(pinned, "pinned"),
        ),
    }
    action = actions.get(do, lambda: None)
    return _done(reader, matchmaker, number, action, timetable_url(number), (kr, sg))


def frame_of(texts: Mapping[str, str]) -> Frame:
    """The frame that the form describes.

    Raises:
        InvalidInput: a field cannot be read.
    """
    zone = read_choice(Zone, texts["zone"])
    if zone is None:
        raise InvalidInput("zone: choose Korea or Singapore")
    first, days = _moment(date.fromisoformat, texts["day"], "day"), _whole(texts["days"], "days")
    if first.year not in YEARS:
        raise InvalidInput(f"day: in the years {YEARS.start} to {YEARS.stop - 1}")
    if not 1 <= days <= MAX_DAYS:
        raise InvalidInput(f"days: 1 to {MAX_DAYS}")
    clock = {
        name: _moment(time.fromisoformat, texts[name], name).replace(tzinfo=None)
        for name in ("start", "end", "lunch_from", "lunch_to")
        if texts[name] or name in ("start", "end")
    }
    lunch = (clock["lunch_from"], clock["lunch_to"]) if {"lunch_from", "lunch_to"} <= clock.keys() else None
    slots = slots_between(
        zone,
        [first + timedelta(days=number) for number in range(days)],
        clock["start"],
        clock["end"],
        _whole(texts["minutes"], "minutes"),
        _whole(texts["pause"], "pause"),
        lunch,
    )
    every = frozenset(range(len(slots)))
    return Frame(
        zone=zone,
        slots=slots,
        tables=tuple(Table(str(n)) for n in range(1, _whole(texts["tables"], "tables") + 1)),
        interpreters=tuple(
            Interpreter(str(n), every) for n in range(1, _whole(texts["interpreters"], "interpreters") + 1)
        ),
        most_per_day=_optional(texts["most_per_day"], "most_per_day"),
        break_minutes=_whole(texts["break_minutes"], "break_minutes"),
    )


def pairs_of(text: str) -> list[tuple[str, str, float]]:
    """One pair per line: Korean id, Singapore id and, if one is given, a score.

    Raises:
        InvalidInput: a line is not a pair.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        read = _PAIR_LINE.fullmatch(line)
        if read is None:
            raise InvalidInput(f"pairs, line {number}: write two ids and, if you like, a score")
        try:
            found.append((read[1], read[2], float(read[3] or 0)))
        except ValueError:
            raise InvalidInput(f"pairs, line {number}: the score is no number") from None
    return found


def _moment(read: Callable[[str], Moment], text: str, name: str) -> Moment:
    try:
        return read(text.strip())
    except ValueError:
        raise InvalidInput(f"{name}: “{text[:40]}” cannot be read") from None


def _whole(text: str, name: str) -> int:
    if not re.fullmatch(r"\s*[0-9]{1,4}\s*", text):
        raise InvalidInput(f"{name}: a whole number from 0 to 9999")
    return int(text)


def _optional(text: str, name: str) -> int | None:
    return _whole(text, name) if text.strip() else None


def _done(
    reader: Reader,
    matchmaker: Matchmaker,
    number: int,
    action: Callable[[], object],
    target: str,
    chosen: tuple[str, str] = ("", ""),
) -> Response:
    """Do it and lead on, or show the timetable with what stands against it (409, 422)."""
    gettext = reader.words.gettext
    try:
        action()
    except MeetingClash as error:
        members = matchmaker.timetables.members_of(matchmaker.timetables.get(number))
        clashes = [Clash(ClashKind(kind), member_id) for kind, member_id in error.clashes]
        reason = obstacles(clashes, members, reader.words)
        fault = gettext("The meeting does not fit there: %(reason)s.", reason=reason)
        return reader.render("timetable.html", _page(reader, matchmaker, number, chosen, fault), 409)
    except (StaleVersion, IllegalMove):
        fault = gettext("Somebody changed this timetable first. This is how it is now; decide again.")
        return reader.render("timetable.html", _page(reader, matchmaker, number, ("", ""), fault), 409)
    return RedirectResponse(target, 303)


def obstacles(clashes: list[Clash] | tuple[Clash, ...], members: Mapping[str, Member], words: Words) -> str:
    """What stands against a meeting, in words."""

    def said(clash: Clash) -> str:
        message = words.gettext(CLASHES[clash.kind])
        if clash.member_id is None:
            return message
        return message % {
            "name": names_in(members.get(clash.member_id), clash.member_id).best(words.language)[0]
        }

    return ", ".join(said(clash) for clash in clashes)


def _list_page(
    reader: Reader, matchmaker: Matchmaker, texts: Mapping[str, str], fault: str | None
) -> TimetablesPage:
    return TimetablesPage(
        items=tuple(_summary(each, reader.words) for each in matchmaker.timetables.list_all()),
        texts=texts,
        zones=options(ZONES, read_choice(Zone, texts["zone"]), reader.words),
        purposes=options(labels.PURPOSES, read_choice(Purpose, texts["purpose"]), reader.words),
        fault=fault,
    )


def _summary(timetable: Timetable, words: Words) -> Summary:
    days = list(dict.fromkeys(each.day for each in all_times(timetable.plan.frame, words)))
    return Summary(
        url=timetable_url(timetable.id),
        name=timetable.name,
        place=timetable.place,
        days=days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}",
        state=words.gettext(STATES[timetable.state]),
        wanted=len(timetable.plan.requests),
        placed=None if timetable.planned is None else len(timetable.planned.meetings),
    )


@dataclass(frozen=True, eq=False)
class _View:
    """A timetable for a reader: what every part of the page is made of."""

    timetable: Timetable
    members: Mapping[str, Member]
    reader: Reader

    def side(self, member_id: str) -> Side:
        """A member as the page names it."""
        member = self.members.get(member_id)
        name = names_in(member, member_id).best(self.reader.language)[0]
        card = card_of(member, self.reader.words) if member is not None else None
        return Side(card, name, sheet_url(self.timetable.id, member_id))

    def change_url(self, kr: str, sg: str) -> str:
        """The page with the form that changes a meeting."""
        return address(timetable_url(self.timetable.id), kr=kr, sg=sg) + "#change"

    def cell(self, meeting: ScheduledMeeting) -> Cell:
        """A meeting in the grid."""
        interpreters = self.timetable.plan.frame.interpreters
        request = self.timetable.plan.request(*meeting.key)
        return Cell(
            key=f"{meeting.kr}:{meeting.sg}",
            kr=self.side(meeting.kr),
            sg=self.side(meeting.sg),
            interpreter=None if meeting.interpreter is None else interpreters[meeting.interpreter].label,
            is_pinned=request is not None and request.pinned is not None,
            url=self.change_url(*meeting.key),
        )

    def days(self) -> tuple[Day, ...]:
        """The grid, day by day."""
        frame, planned = self.timetable.plan.frame, self.timetable.planned or Planned()
        at = {(meeting.slot, meeting.table): self.cell(meeting) for meeting in planned.meetings}
        found: dict[str, list[GridRow]] = {}
        for times in all_times(frame, self.reader.words):
            cells = tuple(at.get((times.number, table)) for table in range(len(frame.tables)))
            found.setdefault(times.day, []).append(GridRow(times, cells))
        return tuple(Day(title, tuple(rows)) for title, rows in found.items())

    def listed(self, request: MeetingRequest, reason: str) -> LeftOut:
        """A meeting as a line."""
        return LeftOut(self.side(request.kr), self.side(request.sg), reason, self.change_url(*request.key))

    def left_out(self) -> tuple[LeftOut, ...]:
        """What has no place, and why."""
        gettext, plan = self.reader.words.gettext, self.timetable.plan
        reasons = {(e.kr, e.sg): e.reason for e in (self.timetable.planned or Planned()).unplaced}
        return tuple(
            self.listed(request, gettext(REASONS[reasons[request.key]]))
            for request in plan.requests
            if request.key in reasons
        )

    def wishes(self) -> tuple[LeftOut, ...]:
        """What is wanted, before anything has been planned."""
        if self.timetable.planned is not None:
            return ()
        gettext = self.reader.words.gettext
        needs = {True: gettext("with an interpreter"), False: ""}
        return tuple(
            self.listed(each, needs[each.needs_interpreter]) for each in self.timetable.plan.requests
        )

    def member_rows(self) -> tuple[MemberRow, ...]:
        """Everybody, with the number of their meetings."""
        planned = self.timetable.planned or Planned()
        return tuple(
            MemberRow(self.side(each), len(planned.of_member(each))) for each in self.timetable.plan.members
        )

    def qualities(self) -> tuple[Quality, ...]:
        """How good the plan is."""
        gettext = self.reader.words.gettext
        return tuple(
            Quality(gettext(OBJECTIVES[e.objective]), f"{e.value:g}", f"{e.bound:g}", e.is_proven)
            for e in (self.timetable.planned or Planned()).optima
        )

    def chosen(self, kr: str, sg: str) -> Chosen | None:
        """The form for one meeting."""
        request = self.timetable.plan.request(kr, sg)
        if request is None or self.timetable.state is TimetableState.SOLVING:
            return None
        meeting = (self.timetable.planned or Planned()).find(kr, sg)
        return Chosen(
            kr=self.side(kr),
            sg=self.side(sg),
            kr_id=kr,
            sg_id=sg,
            is_placed=meeting is not None,
            table=meeting.table if meeting else None,
            needs_interpreter=request.needs_interpreter,
            pinned=request.pinned,
            openings=self.openings(request, meeting),
        )

    def openings(self, request: MeetingRequest, meeting: ScheduledMeeting | None) -> tuple[Opening, ...]:
        """Every slot, and what stands against the meeting there."""
        times = all_times(self.timetable.plan.frame, self.reader.words)
        return tuple(
            Opening(
                at,
                obstacles(clashes, self.members, self.reader.words),
                meeting is not None and meeting.slot == at.number,
            )
            for at, clashes in zip(times, openings(self.timetable, request), strict=True)
        )


def _page(
    reader: Reader, matchmaker: Matchmaker, number: int, chosen: tuple[str, str], fault: str | None = None
) -> TimetablePage:
    timetable = matchmaker.timetables.get(number)
    view = _View(timetable, matchmaker.timetables.members_of(timetable), reader)
    progress = matchmaker.timetables.progress_of(number)
    gettext, planned = reader.words.gettext, timetable.planned
    return TimetablePage(
        number=number,
        url=timetable_url(number),
        name=timetable.name,
        place=timetable.place,
        zone=gettext(ZONES[timetable.zone]),
        state=gettext(STATES[timetable.state]),
        code=timetable.state.value,
        version=timetable.version,
        tables=tuple(table.label for table in timetable.plan.frame.tables),
        days=view.days(),
        wanted=len(timetable.plan.requests),
        placed=len(planned.meetings) if planned else 0,
        left_out=view.left_out(),
        requests=view.wishes(),
        members=view.member_rows(),
        qualities=view.qualities(),
        progress=None if progress is None else round(100 * progress.share),
        progress_note="" if progress is None else gettext(OBJECTIVES[progress.objective]),
        chosen=view.chosen(*chosen),
        fault=fault,
    )
