"""A member's facets: the pieces of its profile that are compared one by one.

Every sentence of the summary, every offer, every need and the line of domains is a facet; each language that is
present is a wording of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from matchmaker.domain.member import LANGUAGES, Language, Member, Purpose, Statement, Text

MAX_SENTENCES = 64
_ABBREVIATION = re.compile(r"(?:\b(?:[A-Z]|e\.g|i\.e|vs|No|Co|Pte|Ltd|Inc|Corp|Dr|Prof|Mr|Ms|Mrs|St))\.$")
_SENTENCE_END = re.compile(r"(?<=[.!?。])\s+|\n+")


class FacetKind(StrEnum):
    OFFER = "offer"
    NEED = "need"
    SUMMARY = "summary"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True)
class Wording:
    """One facet in one language: what is encoded.

    ``number`` counts the facets of a kind within the member; a summary is split per language, so its sentences are
    facets of their own per language (Korean and English sentences need not correspond).
    """

    kind: FacetKind
    number: int
    language: Language
    text: str
    purposes: frozenset[Purpose] = frozenset()
    until: date | None = None
    is_translation: bool = False


def split_sentences(text: str) -> list[str]:
    """The sentences of a text, at most `MAX_SENTENCES`; what exceeds stays in the last one."""
    sentences: list[str] = []
    for part in filter(None, map(str.strip, _SENTENCE_END.split(text))):
        if sentences and _ABBREVIATION.search(sentences[-1]):
            sentences[-1] = f"{sentences[-1]} {part}"
        else:
            sentences.append(part)
    head, tail = sentences[: MAX_SENTENCES - 1], sentences[MAX_SENTENCES - 1 :]
    return head + ([" ".join(tail)] if tail else [])


def wordings_of(member: Member) -> tuple[Wording, ...]:
    """All wordings of a member in a fixed order: offers, needs, summary, domains."""
    return (
        *_statements(FacetKind.OFFER, member.offers),
        *_statements(FacetKind.NEED, member.needs),
        *_sentences(member.summary),
        *_domain_line(member.domains),
    )


def _statements(kind: FacetKind, statements: tuple[Statement, ...]) -> Iterator[Wording]:
    for number, statement in enumerate(statements):
        for language in statement.text.languages:
            yield Wording(
                kind,
                number,
                language,
                statement.text.get(language) or "",
                statement.purposes,
                statement.until,
                language in statement.text.translated,
            )


def _sentences(summary: Text) -> Iterator[Wording]:
    number = 0
    for language in summary.languages:
        for sentence in split_sentences(summary.get(language) or ""):
            translated = language in summary.translated
            yield Wording(FacetKind.SUMMARY, number, language, sentence, is_translation=translated)
            number += 1


def _domain_line(domains: tuple[Text, ...]) -> Iterator[Wording]:
    for language in LANGUAGES:
        words = [wording for domain in domains if (wording := domain.get(language))]
        if words:
            translated = any(language in domain.translated for domain in domains)
            yield Wording(FacetKind.DOMAIN, 0, language, ", ".join(words), is_translation=translated)
