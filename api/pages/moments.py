"""Times as pages tell them: in Seoul and in Singapore together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_datetime

from api.pages.rendering import LOCALES, SEOUL, SINGAPORE
from matchmaker.domain.member import Language

_DAY = {"en": "d MMM yyyy", "ko": "yyyy년 M월 d일"}


@dataclass(frozen=True, slots=True)
class Moment:
    """A time: ``machine`` in ISO 8601, ``text`` with both clocks, ``day`` alone as in Seoul."""

    machine: str
    text: str
    day: str


def moment_of(at: datetime, language: Language) -> Moment:
    """A time for a reader of a language. Where the days differ, Singapore's is told, too."""
    seoul, singapore = at.astimezone(SEOUL), at.astimezone(SINGAPORE)
    day = _day(seoul, language)
    there = f"{singapore:%H:%M} SGT"
    if singapore.date() != seoul.date():
        there = f"{_day(singapore, language)}, {there}"
    return Moment(seoul.isoformat(timespec="minutes"), f"{day}, {seoul:%H:%M} KST · {there}", day)


def clocks_of(at: datetime) -> str:
    """The time of day in both places."""
    return f"{at.astimezone(SEOUL):%H:%M} KST · {at.astimezone(SINGAPORE):%H:%M} SGT"


def _day(at: datetime, language: Language) -> str:
    return format_datetime(at, _DAY[language], locale=LOCALES[language])
