"""What is suggested, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.domain.eligibility import Blocker
from matchmaker.domain.facets import FacetKind
from matchmaker.domain.member import Language, Member, Purpose


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

    ``gives`` is how well the asking member serves the partner, ``gets`` the reverse, ``score`` both; all in [0, 1].
    ``parts`` are the kinds of evidence, each in [0, 1]; ``blockers`` what to check first.
    """

    member: Member
    score: float
    gives: float
    gets: float
    parts: Mapping[str, float]
    reasons: tuple[Reason, ...]
    blockers: tuple[Blocker, ...]


@dataclass(frozen=True, slots=True)
class SuggestionList:
    """A ranked list, and what it was made with.

    ``known`` are partners already, listed apart and never ranked.
    """

    member: Member
    purpose: Purpose | None
    items: tuple[Suggestion, ...]
    known: tuple[Member, ...]
    model: str
    snapshot: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A Korean and a Singapore member, seen from neither side."""

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
