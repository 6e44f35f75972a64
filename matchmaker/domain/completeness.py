"""How much of what partners look for a profile says, and what to add to be found better.

The weights follow what moved the ranking on the benchmark of fictional members most: concrete needs first, then offers
and a second language. The number orders advice; it is no judgement of the organisation and no part of any score.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.domain.member import LANGUAGES, Language, Member, Text

FULL = 100


class Gap(StrEnum):
    """Something that is missing."""

    PURPOSES = "purposes"
    NEEDS = "needs"
    OFFERS = "offers"
    ENGLISH = "english"
    KOREAN = "korean"
    DOMAINS = "domains"
    SUMMARY = "summary"


WEIGHTS = {
    Gap.PURPOSES: 15,
    Gap.NEEDS: 30,
    Gap.OFFERS: 20,
    Gap.ENGLISH: 8,
    Gap.KOREAN: 7,
    Gap.DOMAINS: 10,
    Gap.SUMMARY: 10,
}
"""Points that a gap costs, the gaps in the order in which advice names them; together `FULL`."""
_IN_LANGUAGE: dict[Language, Gap] = {"en": Gap.ENGLISH, "ko": Gap.KOREAN}


@dataclass(frozen=True, slots=True)
class Completeness:
    """``score`` in [0, 100]; ``gaps``: what costs points, the most useful advice first."""

    score: int
    gaps: tuple[Gap, ...]


def completeness_of(member: Member) -> Completeness:
    """What a profile lacks."""
    gaps = frozenset(_gaps(member))
    return Completeness(
        FULL - sum(WEIGHTS[gap] for gap in gaps), tuple(gap for gap in WEIGHTS if gap in gaps)
    )


def _gaps(member: Member) -> Iterator[Gap]:
    if not member.open_purposes:
        yield Gap.PURPOSES
    if not member.needs:
        yield Gap.NEEDS
    if not member.offers:
        yield Gap.OFFERS
    if not member.domains:
        yield Gap.DOMAINS
    if not member.summary:
        yield Gap.SUMMARY
    texts = list(_texts(member))
    for language in LANGUAGES:
        if not texts or not all(text.get(language) for text in texts):
            yield _IN_LANGUAGE[language]


def _texts(member: Member) -> Iterator[Text]:
    """The texts that partners are found by; those that are empty are gaps of their own."""
    yield from (statement.text for statement in (*member.needs, *member.offers))
    if member.summary:
        yield member.summary
