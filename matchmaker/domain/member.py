"""Members of the alliance and what they say of themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Literal

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = ("en", "ko")


class Country(StrEnum):
    KR = "KR"
    SG = "SG"

    @property
    def other(self) -> Country:
        """The partner country."""
        return Country.SG if self is Country.KR else Country.KR


class Track(StrEnum):
    PUBLIC = "public"
    INDUSTRY = "industry"
    RESEARCH = "research"


class Purpose(StrEnum):
    """Why two members would meet.

    startup: market entry, customers, PoCs, investment; research: joint R&D; talent: exchange and hiring.
    """

    STARTUP = "startup"
    RESEARCH = "research"
    TALENT = "talent"


class Kind(StrEnum):
    AGENCY = "agency"
    MINISTRY = "ministry"
    ASSOCIATION = "association"
    FUND = "fund"
    INVESTOR = "investor"
    ACCELERATOR = "accelerator"
    STARTUP = "startup"
    SME = "sme"
    CORPORATE = "corporate"
    OPERATOR = "operator"
    HOSPITAL = "hospital"
    UNIVERSITY = "university"
    SCHOOL = "school"
    INSTITUTE = "institute"
    LAB = "lab"


class Status(StrEnum):
    """``listed``: known from public sources only; never written to, never introduced. ``member``: has joined."""

    LISTED = "listed"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in English, Korean or both; ``translated`` names the languages that are not the original wording."""

    en: str | None = None
    ko: str | None = None
    translated: frozenset[Language] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.en or self.ko)

    def get(self, language: Language) -> str | None:
        """The wording in one language, or None."""
        return self.en if language == "en" else self.ko

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages present, English first."""
        return tuple(language for language in LANGUAGES if self.get(language))

    def best(self, language: Language) -> tuple[str, Language]:
        """The wording for a reader of ``language`` and the language it is in; empty text gives ``("", language)``."""
        for candidate in (language, *LANGUAGES):
            if wording := self.get(candidate):
                return wording, candidate
        return "", language


@dataclass(frozen=True, slots=True)
class Statement:
    """Something a member offers or needs. No purposes means: any purpose. ``until`` is the last day it holds."""

    text: Text
    purposes: frozenset[Purpose] = frozenset()
    until: date | None = None

    def has_expired(self, today: date) -> bool:
        """Whether the last day is over."""
        return self.until is not None and self.until < today

    def serves(self, purpose: Purpose) -> bool:
        """Whether the statement counts under a purpose."""
        return not self.purposes or purpose in self.purposes


class Need(Statement):
    __slots__ = ()


class Offer(Statement):
    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Member:
    """One organisation. ``external_id`` names it in every address and file; ``parent`` is its group."""

    external_id: str
    names: Text
    country: Country
    track: Track
    kind: Kind
    status: Status = Status.LISTED
    parent: str | None = None
    domains: tuple[Text, ...] = ()
    summary: Text = field(default_factory=Text)
    offers: tuple[Offer, ...] = ()
    needs: tuple[Need, ...] = ()
    website: str | None = None
    sources: tuple[str, ...] = ()
    as_of: date | None = None
    verified: bool = False
    fictional: bool = False
    consents: frozenset[Purpose] = frozenset(Purpose)

    @property
    def family(self) -> str:
        """What siblings share: the parent's id, or the member's own."""
        return self.parent or self.external_id

    @property
    def open_purposes(self) -> frozenset[Purpose]:
        """What the member may be suggested for: consent is a rule for those who joined."""
        return frozenset(Purpose) if self.status is Status.LISTED else self.consents


def in_language(member: Member, language: Language) -> Member:
    """The member as if it had written in one language; a text that is not there in it stays as it is."""

    def only(text: Text) -> Text:
        wording = text.get(language)
        if wording is None:
            return text
        translated = text.translated & {language}
        return (
            Text(en=wording, translated=translated)
            if language == "en"
            else Text(ko=wording, translated=translated)
        )

    return replace(
        member,
        domains=tuple(only(domain) for domain in member.domains),
        summary=only(member.summary),
        offers=tuple(replace(offer, text=only(offer.text)) for offer in member.offers),
        needs=tuple(replace(need, text=only(need.text)) for need in member.needs),
    )


@dataclass(frozen=True, slots=True)
class Partnership:
    """A collaboration that exists already. Never evidence of fit: an explanation and a filter."""

    kr: str
    sg: str
    purposes: frozenset[Purpose] = frozenset()
    kind: str | None = None
    what: str | None = None
    at: str | None = None
    sources: tuple[str, ...] = ()
    from_summit: bool = False

    def id_in(self, country: Country) -> str:
        """The external_id of the side in ``country``."""
        return self.kr if country is Country.KR else self.sg


def merged(partnerships: Iterable[Partnership]) -> list[Partnership]:
    """Each pair once, with all its purposes: an MoU and a later pilot are one partnership."""
    found: dict[tuple[str, str], Partnership] = {}
    for each in partnerships:
        first = found.get((each.kr, each.sg), each)
        found[each.kr, each.sg] = replace(first, purposes=first.purposes | each.purposes)
    return list(found.values())
