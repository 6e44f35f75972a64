"""Words and addresses that every page of a timetable shares."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from babel.dates import format_date

from api.pages.labels import N_
from api.pages.language import Words
from api.pages.rendering import LOCALES
from matchmaker.domain.member import Member, Text
from matchmaker.domain.timetable import (
    KST,
    SGT,
    ClashKind,
    Frame,
    Objective,
    Slot,
    TimetableState,
    UnplacedReason,
    Zone,
)

REASONS = {
    UnplacedReason.NO_COMMON_SLOT: N_("There is no slot in which both can come."),
    UnplacedReason.MEMBER_FULL: N_("One of the two has meetings whenever both could come."),
    UnplacedReason.NO_TABLE_LEFT: N_("No table is left in the slots that both have free."),
    UnplacedReason.NO_INTERPRETER_LEFT: N_("No interpreter is left in the slots that both have free."),
    UnplacedReason.DROPPED_FOR_BETTER: N_("The times both could come went to other meetings of theirs."),
    UnplacedReason.STILL_FITS: N_("It still fits: place it by hand, or plan again."),
}
CLASHES = {
    ClashKind.PINNED_ELSEWHERE: N_("pinned to another slot"),
    ClashKind.AWAY: N_("%(name)s cannot come"),
    ClashKind.BUSY: N_("%(name)s has another meeting"),
    ClashKind.TOO_CLOSE: N_("%(name)s would have no break"),
    ClashKind.FULL: N_("%(name)s has enough meetings that day"),
    ClashKind.NO_TABLE: N_("no table is free"),
    ClashKind.TABLE_TAKEN: N_("this table is taken"),
    ClashKind.NO_INTERPRETER: N_("no interpreter is free"),
}
STATES = {
    TimetableState.DRAFT: N_("Draft"),
    TimetableState.SOLVING: N_("Being planned"),
    TimetableState.PLANNED: N_("Planned"),
    TimetableState.PUBLISHED: N_("Published"),
}
OBJECTIVES = {
    Objective.PINNED: N_("Pinned meetings"),
    Objective.MEETINGS: N_("Meetings with a place"),
    Objective.PRIORITY: N_("Sum of their scores"),
    Objective.GAPS: N_("Idle slots between meetings"),
    Objective.TABLES: N_("Different tables per member, in all"),
}
ZONES = {Zone.SEOUL: N_("Korea (KST)"), Zone.SINGAPORE: N_("Singapore (SGT)")}


@dataclass(frozen=True, slots=True)
class Times:
    """A slot by both clocks; ``machine`` in ISO 8601."""

    number: int
    machine: str
    day: str
    kst: str
    sgt: str

    @property
    def date(self) -> str:
        """The day at the place in ISO 8601."""
        return self.machine[:10]

    @property
    def text(self) -> str:
        """Both clocks in one line."""
        return f"{self.kst} KST · {self.sgt} SGT"


def times_of(number: int, slot: Slot, zone: Zone, words: Words) -> Times:
    """A slot for a reader; the day is the place's."""
    day = format_date(slot.day(zone), "full", locale=LOCALES[words.language])
    kst, sgt = (
        f"{slot.start.astimezone(clock):%H:%M}–{slot.end.astimezone(clock):%H:%M}" for clock in (KST, SGT)
    )
    return Times(number, slot.start.astimezone(zone.clock).isoformat(timespec="minutes"), day, kst, sgt)


def all_times(frame: Frame, words: Words) -> list[Times]:
    """Every slot of a frame."""
    return [times_of(number, slot, frame.zone, words) for number, slot in enumerate(frame.slots)]


def timetable_url(number: int) -> str:
    """A timetable's page."""
    return f"/timetables/{number}"


def sheet_url(number: int, member_id: str) -> str:
    """A member's sheet."""
    return f"{timetable_url(number)}/members/{quote(member_id, safe='')}"


def names_in(member: Member | None, member_id: str) -> Text:
    """A member's names; its id where it has left."""
    return member.names if member is not None else Text(member_id)
