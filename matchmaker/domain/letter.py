"""Letters: every sentence is a fixed pattern, and what is filled in is known by where it comes from.

A letter is written in both languages, the recipient's first. Texts of members stand in quotation marks in their own
words; a long one is cut at a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from matchmaker.domain.facets import FacetKind
from matchmaker.domain.letter_patterns import (
    COUNTRIES,
    KINDS,
    LANGUAGE_NAMES,
    PATTERNS,
    PURPOSES,
    you_in_korean,
)
from matchmaker.domain.member import Language, Member, Need, Offer, Purpose, Statement
from matchmaker.domain.outbox import CONTACT, LINK, LetterKind
from matchmaker.domain.particles import Particle, with_particle
from matchmaker.domain.plain_text import plain, shortened
from matchmaker.domain.suggestion import Direction, Quote, Reason

MAX_TEXT = 320
"""Characters of a member's text inside a letter."""
MAX_STATEMENTS = 3
MAX_REASONS = 3
STATED_FIRST = 0.1
"""An offer that meets a need leads unless other evidence is closer by more than this cosine."""
RULE = "――――――――――――\n\n"
"""Between the two languages."""
MAX_SUBJECT = 200
_SLOT = re.compile(r"\{(~?)(\w+)(!?)(?::(\w+))?\}")
_REMARK = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a filled text stands: a facet of a member. ``kind`` "name" is the member's name."""

    member_id: str
    kind: str
    number: int
    language: Language


@dataclass(frozen=True, slots=True)
class Fill:
    """What is filled in. ``origin`` None: one of the product's own words (a date, a link, a kind, a country)."""

    text: str
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: a pattern's name, its language, and what is filled in."""

    pattern: str
    language: Language
    fills: Mapping[str, Fill] = field(default_factory=dict)
    mark: str = ""

    @property
    def text(self) -> str:
        """As it is read."""
        return _SLOT.sub(self._filled, PATTERNS[self.pattern][self.language])

    @property
    def sources(self) -> tuple[str | Origin, ...]:
        """The pattern's name, and every text of a member in it."""
        origins = {fill.origin: None for fill in self.fills.values() if fill.origin is not None}
        return (self.pattern, *origins)

    def _filled(self, slot: re.Match[str]) -> str:
        is_particle, name, is_quoted, particle = slot.groups()
        fill = self.fills[name]
        if is_particle:
            return _particle_after(fill.text, particle)
        return self._quoted(fill) if is_quoted else fill.text

    def _quoted(self, fill: Fill) -> str:
        if fill.origin is None or fill.origin.language == self.language:
            return f"“{fill.text}”"
        return f"“{fill.text}” ({LANGUAGE_NAMES[fill.origin.language][self.language]})"


def _particle_after(text: str, particle: str) -> str:
    known: Particle = particle  # type: ignore[assignment]  # the patterns name existing ones, a test proves it
    return with_particle(text, known)[len(text) :]


Paragraph = tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to one member. ``paragraphs``: first in ``language``, then in the other."""

    kind: LetterKind | None
    language: Language
    head: Sentence
    paragraphs: tuple[Paragraph, ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences in order, the subject first."""
        return (self.head, *(sentence for paragraph in self.paragraphs for sentence in paragraph))

    @property
    def subject(self) -> str:
        """One line, at most `MAX_SUBJECT` characters."""
        return shortened(plain(self.head.text), MAX_SUBJECT)

    @property
    def body(self) -> str:
        """Plain text: a sentence a line, an empty line between paragraphs."""
        return "\n\n".join("\n".join(s.mark + s.text for s in paragraph) for paragraph in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a letter is about: who gets it, whom they would meet, for what, until when; ``site`` is the product's
    address, ``reasons`` the matched texts for a reader of each language."""

    own: Member
    partner: Member | None
    purpose: Purpose
    language: Language
    site: str
    until: date | None = None
    today: date | None = None
    reasons: Mapping[Language, tuple[Reason, ...]] = field(default_factory=dict)
    note: str | None = None


def written(kind: LetterKind, occasion: Occasion) -> Letter:
    """The letter for an occasion."""
    head = "withdrawn-subject" if kind is LetterKind.WITHDRAWN else f"{kind}-subject"
    return Letter(
        kind,
        occasion.language,
        _Page(occasion, occasion.language).say(head),
        _both(_Page(occasion, language).paragraphs(kind) for language in _order(occasion.language)),
    )


def sign_in_letter(url: str, language: Language) -> Letter:
    """The letter with a link to sign in; ``url`` is the product's own."""
    fills = {"link": Fill(url)}

    def part(each: Language) -> tuple[Paragraph, ...]:
        names = ("sign-in-greeting", "sign-in", "sign-in-once")
        return tuple((Sentence(name, each, fills),) for name in names)

    return Letter(
        None, language, Sentence("sign-in-subject", language), _both(part(each) for each in _order(language))
    )


def _order(language: Language) -> tuple[Language, Language]:
    return ("ko", "en") if language == "ko" else ("en", "ko")


def _both(parts: Iterable[tuple[Paragraph, ...]]) -> tuple[Paragraph, ...]:
    first, second = parts
    other = second[0][0].language
    pointer = Sentence("other-language", other)
    opening = Sentence(second[0][0].pattern, other, second[0][0].fills, RULE)
    return ((pointer,), *first, (opening, *second[0][1:]), *second[1:])


class _Page:
    """One language of a letter."""

    def __init__(self, occasion: Occasion, language: Language) -> None:
        self._occasion = occasion
        self._language = language
        self._fills = dict(_standing_fills(occasion, language))

    def say(self, pattern: str, mark: str = "", **fills: Fill) -> Sentence:
        """A sentence with what this page knows anyway and what is given."""
        names = {found.group(2) for found in _SLOT.finditer(PATTERNS[pattern][self._language])}
        known = self._fills | fills
        return Sentence(pattern, self._language, {name: known[name] for name in sorted(names)}, mark)

    def paragraphs(self, kind: LetterKind) -> tuple[Paragraph, ...]:
        """The whole page."""
        bodies = {
            LetterKind.ASK: self._ask,
            LetterKind.REMINDER: self._reminder,
            LetterKind.ACCEPTED: self._accepted,
            LetterKind.DECLINED: lambda: self._sorry("declined"),
            LetterKind.EXPIRED: lambda: self._sorry("expired"),
            LetterKind.WITHDRAWN: self._withdrawn,
        }
        return ((self.say("greeting"),), *bodies[kind](), (self.say("signature"),))

    def _ask(self) -> tuple[Paragraph, ...]:
        note = (self.say("note", note=Fill(self._occasion.note)),) if self._occasion.note else ()
        return (
            (self.say("ask"), self.say("purpose"), self.say("ask-nothing-yet")),
            *((note,) if note else ()),
            (self.say("reasons"), *self._reasons()),
            *self._profiles(),
            (self.say("agenda"), *self._agenda()),
            (self.say("answer"), self.say("answer-link"), self.say("answer-until")),
            (
                self.say("sharing"),
                *(self.say(name, "- ") for name in ("sharing-now", "sharing-yes", "sharing-no")),
            ),
            (self.say("opt-out"),),
        )

    def _reminder(self) -> tuple[Paragraph, ...]:
        return (
            (self.say("reminder"), self.say("purpose")),
            (self.say("answer-link"), self.say("reminder-last")),
            (self.say("opt-out"),),
        )

    def _accepted(self) -> tuple[Paragraph, ...]:
        return (
            (self.say("accepted"),),
            (self.say("accepted-contact"), self.say("contact")),
            (self.say("accepted-shared"), self.say("accepted-next")),
        )

    def _sorry(self, pattern: str) -> tuple[Paragraph, ...]:
        return ((self.say(pattern), self.say("no-contact-given")), (self.say("other-suggestions"),))

    def _withdrawn(self) -> tuple[Paragraph, ...]:
        pattern = "withdrawn-unnamed" if self._occasion.partner is None else "withdrawn"
        return ((self.say(pattern), self.say("no-contact-given")),)

    def _reasons(self) -> Paragraph:
        found: list[Sentence] = []
        for number, reason in enumerate(self._told(), start=1):
            found.append(self._quote(reason.target, f"{number}. "))
            found.extend(self._original(reason.target))
            found.append(self._quote(reason.source, "   "))
            found.extend(self._original(reason.source))
        return tuple(found) or (self.say("thin"),)

    def _told(self) -> tuple[Reason, ...]:
        found = self._occasion.reasons.get(self._language, ())
        apt = [reason for reason in found if self._serves(reason.source) and self._serves(reason.target)]
        return tuple(sorted(apt or found, key=_prominence, reverse=True)[:MAX_REASONS])

    def _serves(self, quote: Quote) -> bool:
        """Whether a quoted offer or need is meant for this purpose."""
        members = filter(None, (self._occasion.own, self._occasion.partner))
        member = next((each for each in members if each.external_id == quote.member_id), None)
        statements: tuple[Statement, ...] = ()
        if member is not None and quote.kind is FacetKind.OFFER:
            statements = member.offers
        elif member is not None and quote.kind is FacetKind.NEED:
            statements = member.needs
        return quote.number >= len(statements) or statements[quote.number].serves(self._occasion.purpose)

    def _quote(self, quote: Quote, mark: str) -> Sentence:
        side = "own" if quote.member_id == self._occasion.own.external_id else "partner"
        return self.say(f"{side}-{quote.kind}", mark, text=_fill_of(quote))

    def _original(self, quote: Quote) -> Paragraph:
        if quote.original is None:
            return ()
        language: Language = "ko" if quote.language == "en" else "en"
        origin = Origin(quote.member_id, quote.kind, quote.number, language)
        return (self.say("original", "   ", text=Fill(_cut(quote.original), origin)),)

    def _profiles(self) -> tuple[Paragraph, ...]:
        partner = self._occasion.partner
        found = []
        if partner is not None and (lines := self._statements(partner)):
            found.append((self.say("partner-profile"), *lines))
        if lines := self._statements(self._occasion.own):
            found.append((self.say("own-profile"), *lines))
        return tuple(found)

    def _statements(self, member: Member) -> Paragraph:
        groups: tuple[tuple[FacetKind, tuple[Offer, ...] | tuple[Need, ...]], ...] = (
            (FacetKind.OFFER, member.offers),
            (FacetKind.NEED, member.needs),
        )
        return tuple(
            self.say(
                f"profile-{kind}", "- ", text=_statement_fill(member, kind, number, each, self._language)
            )
            for kind, statements in groups
            for number, each in _telling(statements, self._occasion)
        )

    def _agenda(self) -> Paragraph:
        points = [
            self.say("agenda-start"),
            *(self._point(reason) for reason in _one_per_direction(self._told())),
            self.say("agenda-limits"),
            self.say("agenda-end"),
        ]
        return tuple(
            Sentence(point.pattern, point.language, point.fills, f"{number}. ")
            for number, point in enumerate(points, start=1)
        )

    def _point(self, reason: Reason) -> Sentence:
        names = {self._occasion.own.external_id: self._fills["own_short"]}
        other = self._fills["partner_short"]
        return self.say(
            "agenda-match",
            source=_fill_of(reason.source),
            target=_fill_of(reason.target),
            giver=names.get(reason.source.member_id, other),
            taker=names.get(reason.target.member_id, other),
        )


def _standing_fills(occasion: Occasion, language: Language) -> Iterable[tuple[str, Fill]]:
    own, partner = occasion.own, occasion.partner
    yield "own", _name(own, language)
    yield "own_short", _short(own, language)
    yield "you", Fill(you_in_korean(own.kind))
    yield "purpose", Fill(PURPOSES[occasion.purpose][language])
    yield "site", Fill(occasion.site)
    yield "link", Fill(LINK)
    yield "contact", Fill(CONTACT)
    if occasion.until is not None:
        yield "until", Fill(day(occasion.until, language))
    if partner is not None:
        yield "partner", _full_name(partner, language)
        yield "partner_short", _short(partner, language)
        yield "kind", Fill(KINDS[partner.kind][language])
        yield "country", Fill(COUNTRIES[partner.country][language])


def _name(member: Member, language: Language) -> Fill:
    text, found = member.names.best(language)
    return Fill(_cut(text), Origin(member.external_id, "name", 0, found))


def _short(member: Member, language: Language) -> Fill:
    """A name without the remark in brackets at its end."""
    name = _name(member, language)
    return Fill(_REMARK.sub("", name.text) or name.text, name.origin)


def _full_name(member: Member, language: Language) -> Fill:
    """The name in both languages where there are two."""
    first, other = _short(member, language), _short(member, "en" if language == "ko" else "ko")
    return first if first.text == other.text else Fill(f"{first.text} ({other.text})", first.origin)


def _fill_of(quote: Quote) -> Fill:
    return Fill(_cut(quote.text), Origin(quote.member_id, quote.kind, quote.number, quote.language))


def _statement_fill(
    member: Member, kind: FacetKind, number: int, statement: Statement, language: Language
) -> Fill:
    text, found = statement.text.best(language)
    return Fill(_cut(text), Origin(member.external_id, kind, number, found))


def _telling(statements: Iterable[Statement], occasion: Occasion) -> list[tuple[int, Statement]]:
    """The first statements that serve the purpose and still hold, with their numbers."""
    found = [
        (number, each)
        for number, each in enumerate(statements)
        if each.serves(occasion.purpose) and not (occasion.today and each.has_expired(occasion.today))
    ]
    return found[:MAX_STATEMENTS]


def _prominence(reason: Reason) -> float:
    is_stated = reason.source.kind is FacetKind.OFFER and reason.target.kind is FacetKind.NEED
    return reason.similarity + STATED_FIRST * is_stated


def _one_per_direction(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    first: dict[Direction, Reason] = {}
    for reason in reasons:
        first.setdefault(reason.direction, reason)
    return tuple(first.values())


def _cut(text: str) -> str:
    return shortened(plain(text), MAX_TEXT)


_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def day(at: date, language: Language) -> str:
    """A day as people write it."""
    if language == "ko":
        return f"{at.year}년 {at.month}월 {at.day}일"
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"
