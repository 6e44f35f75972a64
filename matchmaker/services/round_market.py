"""Who takes part in a round, what each pair is worth, and which pairs are out of the question, as arrays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matchmaker.domain.eligibility import KnownTies, is_eligible
from matchmaker.domain.member import Country, Member
from matchmaker.domain.review import Case
from matchmaker.domain.round import PairKey, RoundRules, is_cooling_down, is_under_way, takes_part
from matchmaker.errors import InvalidInput
from matchmaker.scoring.market import rivals_among, score_matrix
from matchmaker.scoring.pool import Pool
from matchmaker.services.catalogue import Edition
from matchmaker.services.suggestion import COMPETING

MOST_PAIRS = 4_000_000
"""Pairs of a round, in all: beyond, matrices and solvers would need gigabytes."""

Mask = NDArray[np.bool_]
Rivals = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Market:
    """A round before it is solved. Rows are Korean members, columns Singapore members.

    Attributes:
        kr, sg: the participants, in order of their ids.
        scores: shape (kr, sg), NaN where a pair is not eligible.
        forbidden, avoided, cooling: pairs that the rules name or that ended too recently, shape (kr, sg).
        closed: pairs under way already, or that a member does not want, shape (kr, sg).
        kr_rivals, sg_rivals: positions of members of one country that offer much the same; empty if nobody asked.
        rule, snapshot: what the scores were made with.
    """

    kr: tuple[Member, ...]
    sg: tuple[Member, ...]
    scores: NDArray[np.float64]
    pinned: Mask
    forbidden: Mask
    avoided: Mask
    cooling: Mask
    closed: Mask
    kr_rivals: Rivals
    sg_rivals: Rivals
    rule: str
    snapshot: str

    @cached_property
    def eligible(self) -> Mask:
        """Pairs that may be suggested at all, shape (kr, sg)."""
        return ~np.isnan(self.scores)

    def key(self, row: int, column: int) -> PairKey:
        """The ids of a pair."""
        return self.kr[row].external_id, self.sg[column].external_id


def market_of(
    edition: Edition,
    rules: RoundRules,
    cases: Iterable[Case],
    unwanted: Collection[PairKey],
    now: datetime,
    progress: Callable[[float], None] | None = None,
) -> Market:
    """Everything that a solver needs to know, taken from the present state of the alliance.

    Args:
        cases: those of the round's purpose.
        unwanted: pairs that a member does not want for this purpose.
        progress: hears the share that is scored; may raise to stop.

    Raises:
        InvalidInput: more take part than a round can hold.
    """
    pool = edition.pool
    kr, sg = (_participants(pool, country, rules) for country in Country)
    _check_size(len(kr), len(sg))
    sides = pool.sides[Country.KR], pool.sides[Country.SG]
    korea, singapore = (
        tuple(side.entries[i].member for i in ordinals)
        for side, ordinals in zip(sides, (kr, sg), strict=True)
    )
    kept = list(cases)
    masks = _Masks(_positions(korea), _positions(singapore))
    pinned = masks.of(rules.pins)
    cooling = [(case.kr, case.sg) for case in kept if is_cooling_down(case, rules, now)]
    under_way = [(case.kr, case.sg) for case in kept if is_under_way(case)]
    eligible = eligible_pairs(korea, singapore, edition.ties, rules)
    rivals: list[Rivals] = [
        tuple(rivals_among(side, ordinals, COMPETING)) if rules.keep_rivals_apart else ()
        for side, ordinals in zip(sides, (kr, sg), strict=True)
    ]
    return Market(
        korea,
        singapore,
        score_matrix(pool, kr, sg, eligible, rules.purpose, progress),
        pinned,
        masks.of(rules.forbidden),
        masks.of(each.pair for each in rules.avoid),
        masks.of(cooling) & ~pinned,
        (masks.of(under_way) & ~pinned) | masks.of(unwanted),
        rivals[0],
        rivals[1],
        pool.rule.name,
        pool.snapshot,
    )


def eligible_pairs(kr: Iterable[Member], sg: tuple[Member, ...], ties: KnownTies, rules: RoundRules) -> Mask:
    """Pairs that no hard rule speaks against, shape (kr, sg)."""
    rows = [[is_eligible(one, other, ties, rules.purpose) for other in sg] for one in kr]
    return np.asarray(rows, dtype=np.bool_).reshape(len(rows), len(sg))


def _participants(pool: Pool, country: Country, rules: RoundRules) -> NDArray[np.intp]:
    entries = pool.sides[country].entries
    return np.flatnonzero(np.asarray([takes_part(entry.member, rules) for entry in entries], dtype=np.bool_))


def _check_size(kr: int, sg: int) -> None:
    if kr * sg > MOST_PAIRS:
        raise InvalidInput(
            f"{kr} × {sg} members are more than a round can hold ({MOST_PAIRS} pairs); choose tracks, domain words "
            "or members"
        )


def _positions(members: Iterable[Member]) -> dict[str, int]:
    return {member.external_id: position for position, member in enumerate(members)}


@dataclass(frozen=True)
class _Masks:
    rows: Mapping[str, int]
    columns: Mapping[str, int]

    def of(self, pairs: Iterable[PairKey]) -> Mask:
        """Where some pairs are; those of others are passed over."""
        mask = np.zeros((len(self.rows), len(self.columns)), dtype=np.bool_)
        for kr, sg in pairs:
            if kr in self.rows and sg in self.columns:
                mask[self.rows[kr], self.columns[sg]] = True
        return mask
