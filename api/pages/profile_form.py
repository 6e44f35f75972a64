"""Partners for somebody who is not in the directory: described in a form, answered at once, never stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from api.dependencies import Product
from api.pages import labels
from api.pages.choices import Choice, options, read_choice
from api.pages.home import likely_country
from api.pages.language import Words
from api.pages.matches import Match, match_of_suggestion
from api.pages.rendering import Reader, Reading
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.facets import split_sentences
from matchmaker.domain.member import Country, Kind, Member, Purpose, Track
from matchmaker.domain.suggestion import is_all_weak
from matchmaker.formats.member_line import clean, parse_member

router = APIRouter()

FIELDS = ("need", "offer", "about")
MAX_LENGTH = 3000
MAX_SENTENCES = 30
LIMIT = 10
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_BULLET = re.compile(r"^(?:[-*•·]|\d{1,2}[.)])\s+")
_TRACKS = {
    Track.RESEARCH: (Kind.UNIVERSITY, Kind.SCHOOL, Kind.INSTITUTE, Kind.LAB),
    Track.PUBLIC: (Kind.MINISTRY, Kind.AGENCY, Kind.FUND, Kind.ASSOCIATION),
}


@dataclass(frozen=True, slots=True)
class Answers:
    """What was filled in, as it was filled in."""

    country: Country | None = None
    kind: Kind | None = None
    purpose: Purpose | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormPage:
    """The form, and what came of it: faults by field, or matches (None before the first try).

    ``is_weak``: even the best match is, so a more concrete description would help.
    """

    texts: Mapping[str, str]
    countries: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    purposes: tuple[Choice, ...]
    faults: Mapping[str, str]
    matches: tuple[Match, ...] | None
    is_weak: bool
    partner_country: str


@router.get("/find")
def show_form(
    reader: Reading,
    need: str = "",
    offer: str = "",
    about: str = "",
    country: str = "",
    purpose: str = "",
    kind: str = "",
) -> Response:
    """The form, filled in as far as the address says."""
    answers = _answers(country, kind, purpose, need=need, offer=offer, about=about)
    return reader.render("find.html", form_page(reader, answers, {}, None))


@router.post("/find")
def find_partners(
    reader: Reading,
    matchmaker: Product,
    need: Annotated[str, Form()] = "",
    offer: Annotated[str, Form()] = "",
    about: Annotated[str, Form()] = "",
    country: Annotated[str, Form()] = "",
    purpose: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "",
) -> Response:
    """Suggestions for what was filled in, or the form again with what to mend (422)."""
    answers = _answers(country, kind, purpose, need=need, offer=offer, about=about)
    faults = faults_in(answers, reader.words)
    if faults:
        return reader.render("find.html", form_page(reader, answers, faults, None), 422, keep=False)
    matches = _matches(reader, matchmaker, answers)
    return reader.render("find.html", form_page(reader, answers, {}, matches), keep=False)


def form_page(
    reader: Reader, answers: Answers, faults: Mapping[str, str], matches: tuple[Match, ...] | None
) -> FormPage:
    """The content of the form's page."""
    words = reader.words
    country = answers.country or likely_country(reader.language)
    return FormPage(
        texts=answers.texts,
        countries=options(labels.COUNTRIES, country, words),
        kinds=options(labels.KINDS, answers.kind, words),
        purposes=options(labels.PURPOSES, answers.purpose, words),
        faults=faults,
        matches=matches,
        is_weak=is_all_weak(matches or ()),
        partner_country=words.gettext(labels.COUNTRIES[country.other]),
    )


def faults_in(answers: Answers, words: Words) -> dict[str, str]:
    """What to mend, by field."""
    faults = {}
    for name, text in answers.texts.items():
        if len(text) > MAX_LENGTH:
            faults[name] = words.gettext(
                "This text has %(length)s characters; shorten it to %(limit)s.",
                length=len(text),
                limit=MAX_LENGTH,
            )
        elif len(sentences(text)) > MAX_SENTENCES:
            faults[name] = words.gettext("Write at most %(limit)s sentences.", limit=MAX_SENTENCES)
    if not any(sentences(text) for text in answers.texts.values()):
        faults["need"] = words.gettext("Write at least one sentence about what you need.")
    if answers.country is None:
        faults["country"] = words.gettext("Choose the country you are in.")
    return faults


def sentences(text: str) -> list[str]:
    """The sentences of a text, cleaned of invisible characters and list marks."""
    lines = (_BULLET.sub("", line.strip()) for line in str(clean(text) or "").splitlines())
    return [sentence for sentence in split_sentences("\n".join(lines)) if any(map(str.isalnum, sentence))]


def profile(answers: Answers) -> Member:
    """A member for this one question, under an id that no page leads to."""
    kind = answers.kind or Kind.STARTUP
    return parse_member(
        {
            "external_id": "you",
            "names": {"en": "You", "ko": "귀 기관"},
            "country": answers.country or Country.KR,
            "track": next((track for track, kinds in _TRACKS.items() if kind in kinds), Track.INDUSTRY),
            "kind": kind,
            "status": "member",
            "needs": _statements(answers.texts["need"]),
            "offers": _statements(answers.texts["offer"]),
            "summary": _text(" ".join(sentences(answers.texts["about"])))
            if answers.texts["about"].strip()
            else {},
        }
    )


def _answers(country: str, kind: str, purpose: str, **texts: str) -> Answers:
    return Answers(
        read_choice(Country, country), read_choice(Kind, kind), read_choice(Purpose, purpose), texts
    )


def _statements(text: str) -> list[dict[str, Any]]:
    return [{"text": _text(sentence)} for sentence in sentences(text)]


def _text(text: str) -> dict[str, str]:
    return {"ko" if _HANGUL.search(text) else "en": text}


def _matches(reader: Reader, matchmaker: Matchmaker, answers: Answers) -> tuple[Match, ...]:
    found = matchmaker.suggestions.for_profile(
        profile(answers), answers.purpose, None, LIMIT, reader.language
    )
    return tuple(
        match_of_suggestion(found.member, item, answers.purpose, reader, is_stored=False)
        for item in found.items
    )
