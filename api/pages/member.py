"""One member: profile, suggestions with their reasons, known ties, and where all this is known from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from fastapi import APIRouter, Response

from api.dependencies import Product
from api.pages import labels
from api.pages.calls import CallLink, call_links
from api.pages.choices import Choice, links, read_choice
from api.pages.language import Words
from api.pages.matches import Match, match_of_suggestion
from api.pages.notices import Notice, notice_of
from api.pages.rendering import Card, Reader, Reading, Said, Source, card_of, day, said, source_of
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.member import Member, Partnership, Purpose, Statement, Track
from matchmaker.domain.suggestion import is_all_weak

router = APIRouter()

FIRST, MOST = 10, 50
_MONTH = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Stated:
    """A need or an offer as the profile lists it."""

    said: Said
    until: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """What a member says of itself, or is said of it."""

    card: Card
    summary: Said | None
    summary_is_translation: bool
    needs: tuple[Stated, ...]
    offers: tuple[Stated, ...]
    needs_are_inferred: bool
    website: str | None
    sources: tuple[Source, ...]
    as_of: str | None
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Tie:
    """A collaboration that exists already."""

    partner: Card
    kind: str | None
    what: str | None
    at: str | None
    from_summit: bool
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class MemberPage:
    """What a member's page shows. ``is_weak``: even the best match is."""

    profile: Profile
    partner_country: str
    purposes: tuple[Choice, ...]
    tracks: tuple[Choice, ...]
    matches: tuple[Match, ...]
    is_weak: bool
    more_url: str | None
    unfiltered_url: str
    ties: tuple[Tie, ...]
    calls: tuple[CallLink, ...]
    notice: Notice | None


@router.get("/members/{external_id}")
def show_member(
    reader: Reading,
    matchmaker: Product,
    external_id: str,
    purpose: str = "",
    track: str = "",
    limit: str = "",
) -> Response:
    """A member's page.

    Raises:
        UnknownMember: nobody has this id.
    """
    wanted = min(int(limit), MOST) if limit.isdecimal() and len(limit) < 4 else FIRST
    page = member_page(
        reader,
        matchmaker,
        external_id,
        read_choice(Purpose, purpose),
        read_choice(Track, track),
        max(wanted, 1),
    )
    return reader.render("member.html", page)


def member_page(
    reader: Reader,
    matchmaker: Matchmaker,
    external_id: str,
    purpose: Purpose | None,
    track: Track | None,
    limit: int,
) -> MemberPage:
    """The content of a member's page."""
    words = reader.words
    found = matchmaker.suggestions.for_member(external_id, purpose, track, limit, reader.language)
    partners = {partner.external_id: partner for partner in found.known}
    is_more = len(found.items) == limit < MOST
    return MemberPage(
        profile=profile_of(found.member, words),
        partner_country=words.gettext(labels.COUNTRIES[found.member.country.other]),
        purposes=links("purpose", words.gettext("All purposes"), labels.PURPOSES, purpose, reader),
        tracks=links("track", words.gettext("All tracks"), labels.TRACKS, track, reader),
        matches=tuple(match_of_suggestion(found.member, item, purpose, reader) for item in found.items),
        is_weak=is_all_weak(found.items),
        more_url=reader.with_query(lang=None, listed=None, removed=None, limit=str(limit + FIRST))
        if is_more
        else None,
        unfiltered_url=reader.path,
        ties=_ties(found.member, matchmaker.catalogue.current().partnerships, partners, words),
        calls=call_links(matchmaker.calls.for_member(external_id), reader),
        notice=notice_of(reader, matchmaker),
    )


def profile_of(member: Member, words: Words) -> Profile:
    """A member's profile for a reader."""
    summary = said(member.summary, words.language) if member.summary else None
    return Profile(
        card=card_of(member, words),
        summary=summary,
        summary_is_translation=summary is not None and summary.language in member.summary.translated,
        needs=tuple(_stated(need, words) for need in member.needs),
        offers=tuple(_stated(offer, words) for offer in member.offers),
        needs_are_inferred=labels.is_listed(member) and bool(member.needs),
        website=member.website,
        sources=tuple(source_of(source) for source in member.sources if source != "fictional"),
        as_of=day(member.as_of, words.language) if member.as_of else None,
        is_verified=member.verified,
    )


def _stated(statement: Statement, words: Words) -> Stated:
    shown = said(statement.text, words.language)
    until = day(statement.until, words.language) if statement.until else None
    return Stated(shown, until)


def _ties(
    member: Member, partnerships: tuple[Partnership, ...], partners: Mapping[str, Member], words: Words
) -> tuple[Tie, ...]:
    """A member's ties, the latest first."""
    own = [tie for tie in partnerships if tie.id_in(member.country) == member.external_id]
    latest = sorted(own, key=lambda tie: tie.at or "", reverse=True)
    return tuple(
        _tie(tie, partners[partner], words)
        for tie in latest
        if (partner := tie.id_in(member.country.other)) in partners
    )


def _tie(tie: Partnership, partner: Member, words: Words) -> Tie:
    kind = labels.TIES.get(tie.kind or "")
    return Tie(
        card_of(partner, words),
        words.gettext(kind) if kind else None,
        tie.what,
        _month(tie.at, words) if tie.at else None,
        tie.from_summit,
        tuple(source_of(source) for source in tie.sources),
    )


def _month(value: str, words: Words) -> str:
    """``2026-03`` in words; what is no month stays as it is."""
    found = _MONTH.fullmatch(value)
    if not found:
        return value
    pattern = "yyyy년 M월" if words.language == "ko" else "MMM yyyy"
    return format_date(date(int(found[1]), int(found[2]), 1), pattern, locale=words.language)
