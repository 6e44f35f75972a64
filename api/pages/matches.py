"""A pair as pages show it: the reason first, the words it rests on, the number last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.pages import labels, phrasing
from api.pages.language import Words
from api.pages.phrasing import Person, Piece
from api.pages.rendering import Card, Reader, Said, card_of, pair_url
from api.pages.shortlist_cookie import Entry
from matchmaker.domain.eligibility import Blocker
from matchmaker.domain.facets import FacetKind
from matchmaker.domain.member import Country, Member, Purpose
from matchmaker.domain.suggestion import (
    Confidence,
    Direction,
    Pair,
    Quote,
    Reason,
    Suggestion,
    confidence_of,
    percent_of,
)

_STEPS = ((0.75, 4), (0.6, 3), (0.45, 2))
"""Cosine from which a thread is drawn this thick."""
_AVERAGE = 50
"""Of 100, where the alliance's average stands."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a pair. ``gets``: how well it is served, as a chance in percent."""

    card: Card
    name: str
    gets: int
    gets_label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One end of a thread: whose words, as what, in which language, and the original of a translation."""

    label: str
    pieces: tuple[Piece, ...]
    language: str
    is_need: bool
    note: str | None
    original: Said | None


@dataclass(frozen=True, slots=True)
class Thread:
    """Two facets that matched. ``step`` 1 to 4: how thick the line is."""

    kr: Line
    sg: Line
    similarity: str
    step: int


@dataclass(frozen=True, slots=True)
class Check:
    """Something to look at before anybody is introduced."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Chance:
    """A row of how a score was made: a chance in percent."""

    title: str
    text: str
    value: int
    colour: str


@dataclass(frozen=True, slots=True)
class Part:
    """A row of how a score was made: a kind of evidence against the alliance's average, as a bar out of the middle."""

    title: str
    text: str
    level: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Match:
    """A pair for one reader. ``score`` in percent; ``chance`` and ``meaning`` say in short and in full what it says."""

    kr: Side
    sg: Side
    partner: Side
    anchor: str
    score: int
    confidence: Confidence
    band: str
    chance: str
    meaning: str
    purpose: str | None
    sentence: str
    threads: tuple[Thread, ...]
    checks: tuple[Check, ...]
    chances: tuple[Chance, ...]
    parts: tuple[Part, ...]
    url: str | None
    entry: Entry | None
    is_listed: bool

    @property
    def is_weak(self) -> bool:
        """Whether it may be noise."""
        return self.confidence is Confidence.WEAK


def match_of_pair(
    pair: Pair,
    purpose: Purpose | None,
    reader: Reader,
    *,
    partner: Country = Country.SG,
    full: bool = False,
    is_stored: bool = True,
) -> Match:
    """A pair; ``partner`` is the side shown as found, ``full`` shows all its threads and checks.

    ``is_stored=False``: the other side is the reader, who is spoken to and keeps no shortlist.
    """
    return _match(
        _Raw(
            pair.kr,
            pair.sg,
            pair.score,
            pair.sg_to_kr,
            pair.kr_to_sg,
            pair.parts,
            pair.reasons,
            pair.blockers,
        ),
        partner,
        purpose,
        reader,
        full=full,
        is_stored=is_stored,
    )


def match_of_suggestion(
    asking: Member, suggestion: Suggestion, purpose: Purpose | None, reader: Reader, *, is_stored: bool = True
) -> Match:
    """A suggestion seen by the member who asked; ``is_stored=False`` speaks to whoever asked as “you”."""
    found = suggestion
    if asking.country is Country.KR:
        kr, sg, kr_gets, sg_gets = asking, found.member, found.gets, found.gives
    else:
        kr, sg, kr_gets, sg_gets = found.member, asking, found.gives, found.gets
    raw = _Raw(kr, sg, found.score, kr_gets, sg_gets, found.parts, found.reasons, found.blockers)
    return _match(raw, found.member.country, purpose, reader, is_stored=is_stored)


@dataclass(frozen=True, slots=True)
class _Raw:
    kr: Member
    sg: Member
    score: float
    kr_gets: float
    sg_gets: float
    parts: Mapping[str, float]
    reasons: tuple[Reason, ...]
    blockers: tuple[Blocker, ...]


def _match(
    raw: _Raw,
    partner: Country,
    purpose: Purpose | None,
    reader: Reader,
    *,
    full: bool = False,
    is_stored: bool = True,
) -> Match:
    words = reader.words
    people = _people(raw, None if is_stored else partner.other, words)
    kr = _side(raw.kr, people[Country.KR], raw.kr_gets, words)
    sg = _side(raw.sg, people[Country.SG], raw.sg_gets, words)
    entry = Entry(raw.kr.external_id, raw.sg.external_id, purpose) if is_stored else None
    percent, confidence = percent_of(raw.score), confidence_of(raw.score)
    chosen = (
        sorted(raw.reasons, key=lambda reason: -reason.similarity) if full else phrasing.told(raw.reasons)
    )
    return Match(
        kr=kr,
        sg=sg,
        partner=kr if partner is Country.KR else sg,
        anchor=f"pair-{(raw.kr if partner is Country.KR else raw.sg).external_id}",
        score=percent,
        confidence=confidence,
        band=words.gettext(labels.CONFIDENCES[confidence]),
        chance=labels.chance_of(percent, words),
        meaning=labels.meaning_of(percent, words),
        purpose=words.gettext(labels.PURPOSES[purpose]) if purpose else None,
        sentence=_sentence(raw.reasons, people, words),
        threads=tuple(_thread(reason, people, words) for reason in chosen),
        checks=_checks(raw.blockers, words, full=full),
        chances=_chances(kr, sg, percent, words),
        parts=_parts(raw.parts, words),
        url=pair_url(entry.kr, entry.sg, purpose) if entry else None,
        entry=entry,
        is_listed=entry is not None and any(kept.key == entry.key for kept in reader.shortlist),
    )


def _people(raw: _Raw, readers_side: Country | None, words: Words) -> dict[Country, Person]:
    """Both sides by name; namesakes with their country."""
    members = {Country.KR: raw.kr, Country.SG: raw.sg}
    names = {
        country: words.gettext("You")
        if country is readers_side
        else phrasing.short_name(member.names.best(words.language)[0])
        for country, member in members.items()
    }
    if names[Country.KR] == names[Country.SG]:
        names = {
            country: f"{name} ({words.gettext(labels.COUNTRIES[country])})" for country, name in names.items()
        }
    return {country: Person(name, country is readers_side) for country, name in names.items()}


def _side(member: Member, person: Person, gets: float, words: Words) -> Side:
    label = words.gettext("You get") if person.is_reader else words.gettext("%(name)s gets", name=person.name)
    return Side(card_of(member, words), person.name, percent_of(gets), label)


def _sentence(reasons: tuple[Reason, ...], people: Mapping[Country, Person], words: Words) -> str:
    reason = phrasing.leading(reasons)
    if reason is None:
        return words.gettext("No words of the two profiles are close; the score rests on their kinds alone.")
    return phrasing.sentence(reason, people[Country.KR], people[Country.SG], words)


def _thread(reason: Reason, people: Mapping[Country, Person], words: Words) -> Thread:
    from_korea = reason.direction is Direction.KR_TO_SG
    kr, sg = (reason.source, reason.target) if from_korea else (reason.target, reason.source)
    return Thread(
        _line(kr, sg, people[Country.KR], words),
        _line(sg, kr, people[Country.SG], words),
        f"{reason.similarity:.2f}",
        next((step for bound, step in _STEPS if reason.similarity >= bound), 1),
    )


def _line(quote: Quote, other: Quote, person: Person, words: Words) -> Line:
    is_statement = quote.kind in (FacetKind.NEED, FacetKind.OFFER)
    return Line(
        _label(quote.kind, person, words),
        phrasing.marked(quote.text, other.text, is_statement),
        quote.language,
        quote.kind is FacetKind.NEED,
        _language_note(quote, words),
        Said(quote.original, "ko" if quote.language == "en" else "en") if quote.original else None,
    )


def _label(kind: FacetKind, person: Person, words: Words) -> str:
    if person.is_reader:
        return {
            FacetKind.NEED: words.gettext("You need"),
            FacetKind.OFFER: words.gettext("You offer"),
            FacetKind.SUMMARY: words.gettext("About you"),
            FacetKind.DOMAIN: words.gettext("You work in"),
        }[kind]
    return {
        FacetKind.NEED: words.gettext("%(name)s needs", name=person.name),
        FacetKind.OFFER: words.gettext("%(name)s offers", name=person.name),
        FacetKind.SUMMARY: words.gettext("About %(name)s", name=person.name),
        FacetKind.DOMAIN: words.gettext("%(name)s works in", name=person.name),
    }[kind]


def _language_note(quote: Quote, words: Words) -> str | None:
    if quote.original:
        return (
            words.gettext("Korean original:")
            if quote.language == "en"
            else words.gettext("English original:")
        )
    if quote.language == words.language:
        return None
    return words.gettext("In Korean") if quote.language == "ko" else words.gettext("In English")


def _checks(blockers: tuple[Blocker, ...], words: Words, *, full: bool) -> tuple[Check, ...]:
    """All of them, or without what each card says of its member anyway."""
    shown = [blocker for blocker in blockers if full or blocker is not Blocker.NOT_A_MEMBER]
    return tuple(Check(*(words.gettext(text) for text in labels.BLOCKERS[blocker])) for blocker in shown)


def _chances(kr: Side, sg: Side, percent: int, words: Words) -> tuple[Chance, ...]:
    directed = words.gettext("The chance if both sides gained as much as this one")
    return (
        Chance(kr.gets_label, directed, kr.gets, "kr"),
        Chance(sg.gets_label, directed, sg.gets, "sg"),
        Chance(
            words.gettext("Both"),
            words.gettext("The score: the side that gains less counts more"),
            percent,
            "ink",
        ),
    )


def _parts(parts: Mapping[str, float], words: Words) -> tuple[Part, ...]:
    return tuple(
        _part(words.gettext(title), words.gettext(text), parts[name], words)
        for name, (title, text) in labels.PARTS.items()
        if name in parts
    )


def _part(title: str, text: str, value: float, words: Words) -> Part:
    end = round(value * 100)
    return Part(title, text, labels.level_of(value, words), min(end, _AVERAGE), abs(end - _AVERAGE))
