"""Hard rules: may this pair be suggested at all, and if not, why not. Separate from how well it fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.domain.member import Country, Member, Partnership, Purpose, Status


class Blocker(StrEnum):
    """Why a pair is not suggested (hard), or what to check first (soft)."""

    SAME_COUNTRY = "same-country"
    ALREADY_PARTNERS = "already-partners"
    GROUP_ALREADY_PARTNERS = "group-already-partners"
    NO_CONSENT = "no-consent"
    NOT_A_MEMBER = "not-a-member"
    UNVERIFIED = "unverified"
    THIN_EVIDENCE = "thin-evidence"
    NO_NEEDS_STATED = "no-needs-stated"
    OVERLAPPING_OFFER = "overlapping-offer"

    @property
    def is_hard(self) -> bool:
        """Whether the pair may not be suggested at all."""
        return self in _HARD


_HARD = frozenset(
    {Blocker.SAME_COUNTRY, Blocker.ALREADY_PARTNERS, Blocker.GROUP_ALREADY_PARTNERS, Blocker.NO_CONSENT}
)


@dataclass(frozen=True, slots=True)
class KnownTies:
    """The partnerships that exist, as pairs of members and as pairs of families."""

    pairs: frozenset[tuple[str, str]] = frozenset()
    families: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, partnerships: Iterable[Partnership], family_of: dict[str, str]) -> KnownTies:
        """Index partnerships by member and by family; ids that are in no family stand for themselves."""
        pairs = frozenset((tie.kr, tie.sg) for tie in partnerships)
        return cls(pairs, frozenset((family_of.get(kr, kr), family_of.get(sg, sg)) for kr, sg in pairs))


def blockers_of(
    one: Member, other: Member, ties: KnownTies, purpose: Purpose | None = None
) -> tuple[Blocker, ...]:
    """Everything that speaks against suggesting a pair, hard rules first."""
    if one.country is other.country:
        return (Blocker.SAME_COUNTRY,)
    kr, sg = (one, other) if one.country is Country.KR else (other, one)
    return (*_hard(kr, sg, ties, purpose), *_soft(kr, sg))


def is_eligible(one: Member, other: Member, ties: KnownTies, purpose: Purpose | None = None) -> bool:
    """Whether no hard rule speaks against the pair."""
    return not any(blocker.is_hard for blocker in blockers_of(one, other, ties, purpose))


def _hard(kr: Member, sg: Member, ties: KnownTies, purpose: Purpose | None) -> tuple[Blocker, ...]:
    found = []
    if (kr.external_id, sg.external_id) in ties.pairs:
        found.append(Blocker.ALREADY_PARTNERS)
    elif (kr.family, sg.family) in ties.families:
        found.append(Blocker.GROUP_ALREADY_PARTNERS)
    shared = kr.open_purposes & sg.open_purposes
    if not shared or (purpose is not None and purpose not in shared):
        found.append(Blocker.NO_CONSENT)
    return tuple(found)


def _soft(kr: Member, sg: Member) -> tuple[Blocker, ...]:
    found = []
    if Status.LISTED in (kr.status, sg.status):
        found.append(Blocker.NOT_A_MEMBER)
    if not (_is_vouched_for(kr) and _is_vouched_for(sg)):
        found.append(Blocker.UNVERIFIED)
    return tuple(found)


def _is_vouched_for(member: Member) -> bool:
    return member.verified or member.status is Status.MEMBER
