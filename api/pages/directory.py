"""The directory: everybody, searched in both languages and filtered by the address."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response

from api.dependencies import Product
from api.pages import labels
from api.pages.choices import Choice, options, read_choice
from api.pages.rendering import Card, Reader, Reading, card_of
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.member import Country, Kind, Status, Track
from matchmaker.domain.records import MemberFilter

router = APIRouter()

PAGE = 40
MAX_WORDS = 8
MAX_QUERY = 200


@dataclass(frozen=True, slots=True)
class DirectoryPage:
    """Part of the directory, and the filter that chose it."""

    query: str
    countries: tuple[Choice, ...]
    tracks: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    statuses: tuple[Choice, ...]
    is_filtered: bool
    is_continued: bool
    total: int
    members: tuple[Card, ...]
    next_url: str | None
    first_url: str


@router.get("/members")
def show_directory(
    reader: Reading,
    matchmaker: Product,
    q: str = "",
    country: str = "",
    track: str = "",
    kind: str = "",
    status: str = "",
    after: str = "",
) -> Response:
    """The directory; values that do not exist filter nothing."""
    chosen = MemberFilter(
        read_choice(Country, country),
        read_choice(Track, track),
        read_choice(Kind, kind),
        read_choice(Status, status),
        tuple(q[:MAX_QUERY].split()[:MAX_WORDS]),
    )
    return reader.render("directory.html", directory_page(reader, matchmaker, chosen, after or None))


def directory_page(
    reader: Reader, matchmaker: Matchmaker, chosen: MemberFilter, after: str | None
) -> DirectoryPage:
    """The directory's content."""
    found = matchmaker.directory.list_page(chosen, after, PAGE)
    words = reader.words
    return DirectoryPage(
        query=" ".join(chosen.words),
        countries=options(labels.COUNTRIES, chosen.country, words),
        tracks=options(labels.TRACKS, chosen.track, words),
        kinds=options(labels.KINDS, read_choice(Kind, chosen.kind), words),
        statuses=options(labels.STATUSES, read_choice(Status, chosen.status), words),
        is_filtered=chosen != MemberFilter(),
        is_continued=after is not None,
        total=matchmaker.directory.count(chosen),
        members=tuple(card_of(stored.member, words) for stored in found.items),
        next_url=reader.with_query(lang=None, after=found.next_after) if found.next_after else None,
        first_url=reader.with_query(lang=None, after=None),
    )
