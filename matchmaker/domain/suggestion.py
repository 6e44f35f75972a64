"""What is suggested, why, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from matchmaker.domain.eligibility import Blocker
from matchmaker.domain.facets import FacetKind
from matchmaker.domain.member import Language, Member, Purpose


class Confidence(StrEnum):
    """A score in one word.

    ``strong``: almost one such pair in three was judged worth an introduction, and no score says more; ``good``: one
    in four or five; ``possible``: at least one in ten, worth reading; ``weak``: fewer, little more than noise. Judged
    by the makers of the product with a large language model, on fictional members; no outcome is behind it.
    """

    STRONG = "strong"
    GOOD = "good"
    POSSIBLE = "possible"
    WEAK = "weak"


LOWEST = {Confidence.STRONG: 0.30, Confidence.GOOD: 0.20, Confidence.POSSIBLE: 0.10, Confidence.WEAK: 0.0}
"""The lowest score of each word, best first."""


def percent_of(chance: float) -> int:
    """A chance as people see it: of 100 such pairs, how many. From 1 to 99, because nothing is certain."""
    return min(max(round(chance * 100), 1), 99)


def confidence_of(score: float) -> Confidence:
    """A score in one word, by the whole percent that people see, so that word and number never disagree."""
    shown = percent_of(score) / 100
    return next(word for word, lowest in LOWEST.items() if shown >= lowest)


class Rated(Protocol):
    """Something that a confidence is known of."""

    @property
    def confidence(self) -> Confidence:
        """In one word."""


def is_all_weak(found: Iterable[Rated]) -> bool:
    """Whether a list has something in it, but nothing better than weak."""
    return {each.confidence for each in found} == {Confidence.WEAK}


class Direction(StrEnum):
    """Who profits from a matched pair of facets."""

    KR_TO_SG = "kr_to_sg"
    SG_TO_KR = "sg_to_kr"


@dataclass(frozen=True, slots=True)
class Quote:
    """A facet in its member's words, shown in one language.

    ``original`` is the wording in the other language where the shown one is a translation.
    """

    member_id: str
    kind: FacetKind
    number: int
    text: str
    language: Language
    is_translation: bool = False
    original: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Two facets that matched: what one side has (``source``) and what the other wants (``target``).

    ``similarity`` is a cosine, 1 = same meaning; between the closest wordings of both, in any language.
    """

    direction: Direction
    source: Quote
    target: Quote
    similarity: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One partner for one member.

    ``score`` is the chance that the pair is judged worth an introduction. ``gives`` is what that chance would be if
    both sides were served as the partner is, ``gets`` if both were served as the asking member is. ``parts`` are the
    kinds of evidence, each in [0, 1], 0.5 being the alliance's average; ``blockers`` what to check first.
    """

    member: Member
    score: float
    gives: float
    gets: float
    parts: Mapping[str, float]
    reasons: tuple[Reason, ...]
    blockers: tuple[Blocker, ...]

    @property
    def confidence(self) -> Confidence:
        """The score in one word."""
        return confidence_of(self.score)


@dataclass(frozen=True, slots=True)
class SuggestionList:
    """A ranked list, and what it was made with.

    ``known`` are partners already, listed apart and never ranked. ``next_after`` continues the list; None at the end.
    """

    member: Member
    purpose: Purpose | None
    items: tuple[Suggestion, ...]
    known: tuple[Member, ...]
    model: str
    snapshot: str
    next_after: tuple[float, str] | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A Korean and a Singapore member, seen from neither side; its numbers are a `Suggestion`'s."""

    kr: Member
    sg: Member
    score: float
    kr_to_sg: float
    sg_to_kr: float
    parts: Mapping[str, float]
    reasons: tuple[Reason, ...]
    blockers: tuple[Blocker, ...]
    model: str
    snapshot: str

    @property
    def confidence(self) -> Confidence:
        """The score in one word."""
        return confidence_of(self.score)
