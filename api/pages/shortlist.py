"""The reader's shortlist: kept in their browser, shown by member, printed or taken along as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from api.dependencies import Product
from api.pages import shortlist_cookie
from api.pages.matches import Match, match_of_pair
from api.pages.notices import Notice, notice_of
from api.pages.rendering import Card, Reader, Reading, card_of, local_or, set_cookie
from api.pages.shortlist_cookie import COOKIE, Entry, Full, parse_entry
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.member import Language, Member
from matchmaker.domain.suggestion import Pair
from matchmaker.errors import InvalidInput, UnknownMember
from matchmaker.formats.spreadsheet import csv_text

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Group:
    """One member and the partners kept for it."""

    member: Card
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class ShortlistPage:
    """The shortlist; ``missing`` counts pairs whose members have left the directory."""

    groups: tuple[Group, ...]
    total: int
    missing: int
    notice: Notice | None


@router.get("/shortlist")
def show_shortlist(reader: Reading, matchmaker: Product) -> Response:
    """The shortlist, grouped by member."""
    kept = list(_explained(reader.shortlist, matchmaker, reader.language))
    page = ShortlistPage(
        groups_of(kept, reader), len(kept), len(reader.shortlist) - len(kept), notice_of(reader, matchmaker)
    )
    return reader.render("shortlist.html", page)


@router.post("/shortlist")
def change_shortlist(
    reader: Reading,
    pair: Annotated[str, Form()] = "",
    do: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "/shortlist",
) -> Response:
    """Add or remove a pair, then lead back to where the reader was."""
    entry = parse_entry(pair)
    if entry is None or do not in ("add", "remove"):
        return RedirectResponse("/shortlist", 303)
    target = local_or(back, "/shortlist")
    if do == "remove":
        return _kept(reader, shortlist_cookie.remove(reader.shortlist, entry), target, removed=entry.text)
    try:
        entries = shortlist_cookie.add(reader.shortlist, entry)
    except Full:
        return RedirectResponse(_with_notice(target, listed="full"), 303)
    return _kept(reader, entries, target, listed=entry.text)


@router.get("/shortlist.csv")
def export_shortlist(reader: Reading, matchmaker: Product) -> Response:
    """The shortlist as a table for a spreadsheet, headed in the reader's language."""
    return Response(
        csv_text(rows_of(_explained(reader.shortlist, matchmaker, reader.language), reader)),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="shortlist.csv"',
            "Cache-Control": "private, no-cache",
            "Vary": "Accept-Language, Cookie",
        },
    )


def groups_of(kept: list[tuple[Entry, Pair]], reader: Reader) -> tuple[Group, ...]:
    """Pairs grouped by the side that occurs more often; the Korean one where both occur alike."""
    occurs = Counter(external_id for entry, _ in kept for external_id in entry.key)
    groups: dict[str, tuple[Member, list[Match]]] = {}
    for entry, pair in kept:
        owner, partner = (pair.kr, pair.sg) if occurs[entry.kr] >= occurs[entry.sg] else (pair.sg, pair.kr)
        _, matches = groups.setdefault(owner.external_id, (owner, []))
        matches.append(match_of_pair(pair, entry.purpose, reader, partner=partner.country))
    return tuple(Group(card_of(owner, reader.words), tuple(matches)) for owner, matches in groups.values())


def rows_of(kept: Iterable[tuple[Entry, Pair]], reader: Reader) -> Iterator[list[str]]:
    """A heading and one row per pair."""
    gettext = reader.words.gettext
    yield [
        gettext("Korean side (English)"),
        gettext("Korean side (Korean)"),
        gettext("Korean side: status"),
        gettext("Singapore side (English)"),
        gettext("Singapore side (Korean)"),
        gettext("Singapore side: status"),
        gettext("Purpose"),
        gettext("Score"),
        gettext("Confidence"),
        gettext("What the score says"),
        gettext("Korean side gets"),
        gettext("Singapore side gets"),
        gettext("Reason"),
        gettext("Matched words"),
        gettext("Check first"),
    ]
    for entry, pair in kept:
        match = match_of_pair(pair, entry.purpose, reader)
        yield [
            pair.kr.names.en or "",
            pair.kr.names.ko or "",
            match.kr.card.note,
            pair.sg.names.en or "",
            pair.sg.names.ko or "",
            match.sg.card.note,
            match.purpose or gettext("All purposes"),
            str(match.score),
            match.band,
            match.meaning,
            str(match.kr.gets),
            str(match.sg.gets),
            match.sentence,
            " / ".join(f"{reason.source.text} ↔ {reason.target.text}" for reason in pair.reasons),
            " / ".join(check.title for check in match.checks),
        ]


def _explained(
    entries: Iterable[Entry], matchmaker: Matchmaker, language: Language
) -> Iterator[tuple[Entry, Pair]]:
    """The entries whose members exist, explained."""
    for entry in entries:
        try:
            yield entry, matchmaker.suggestions.explain(entry.kr, entry.sg, entry.purpose, language)
        except (UnknownMember, InvalidInput):
            continue


def _kept(reader: Reader, entries: tuple[Entry, ...], target: str, **notice: str) -> Response:
    response = RedirectResponse(_with_notice(target, **notice), 303)
    set_cookie(response, reader.request, COOKIE, shortlist_cookie.write(entries))
    return response


def _with_notice(target: str, **notice: str) -> str:
    """An address of ours with a message for the page that follows."""
    parts = urlsplit(target)
    query = [pair for pair in parse_qsl(parts.query) if pair[0] not in ("listed", "removed", "lang")]
    return parts._replace(query=urlencode([*query, *notice.items()])).geturl()
