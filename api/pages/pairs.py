"""The best pairs of the alliance, and one pair side by side."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response

from api.dependencies import Product
from api.pages import labels
from api.pages.calls import CallLink, call_links
from api.pages.choices import Choice, links, read_choice
from api.pages.matches import Match, match_of_pair
from api.pages.member import Profile, profile_of
from api.pages.notices import Notice, notice_of
from api.pages.rendering import Reading
from matchmaker.domain.member import Purpose
from matchmaker.domain.suggestion import is_all_weak

router = APIRouter()

LIMIT = 24
"""Pairs on the page."""


@dataclass(frozen=True, slots=True)
class PairsPage:
    """The best pairs for a purpose. ``is_weak``: even the best of them is."""

    purposes: tuple[Choice, ...]
    matches: tuple[Match, ...]
    is_weak: bool
    notice: Notice | None


@dataclass(frozen=True, slots=True)
class PairPage:
    """One pair, explained."""

    kr: Profile
    sg: Profile
    match: Match
    purposes: tuple[Choice, ...]
    is_blocked: bool
    calls: tuple[CallLink, ...]
    notice: Notice | None


@router.get("/pairs")
def show_pairs(reader: Reading, matchmaker: Product, purpose: str = "") -> Response:
    """The best pairs, each member once."""
    chosen = read_choice(Purpose, purpose)
    pairs = matchmaker.suggestions.best_pairs(chosen, LIMIT, reader.language, per_member=1)
    page = PairsPage(
        links("purpose", reader.words.gettext("All purposes"), labels.PURPOSES, chosen, reader),
        tuple(match_of_pair(pair, chosen, reader) for pair in pairs),
        is_all_weak(pairs),
        notice_of(reader, matchmaker),
    )
    return reader.render("pairs.html", page)


@router.get("/pairs/{kr}/{sg}")
def show_pair(reader: Reading, matchmaker: Product, kr: str, sg: str, purpose: str = "") -> Response:
    """Everything about one pair, also about one that is not suggested.

    Raises:
        UnknownMember: one of them is not registered.
        InvalidInput: the sides are not Korea and Singapore.
    """
    chosen = read_choice(Purpose, purpose)
    pair = matchmaker.suggestions.explain(kr, sg, chosen, reader.language)
    page = PairPage(
        profile_of(pair.kr, reader.words),
        profile_of(pair.sg, reader.words),
        match_of_pair(pair, chosen, reader, full=True),
        links("purpose", reader.words.gettext("All purposes"), labels.PURPOSES, chosen, reader),
        any(blocker.is_hard for blocker in pair.blockers),
        call_links(matchmaker.calls.for_pair(kr, sg), reader),
        notice_of(reader, matchmaker),
    )
    return reader.render("pair.html", page)
