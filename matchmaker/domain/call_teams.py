"""The best teams for a call: exact, by branch and bound over who joins.

A team's score is the mean score of its pairs, each a Korean and a Singapore member. For a given number of members per
side the number of pairs is fixed, so the sum decides, and a branch is left as soon as the best that it could still
reach is not better than what was found (Land and Doig, 1960).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import fsum

from matchmaker.domain.call import Call, Verdict, case_of, rules_out
from matchmaker.domain.member import Country, Member

PairScore = Callable[[str, str], float | None]
"""Score of a Korean and a Singapore id; None where the two may not be brought together."""
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class ScoredTeam:
    """A complete team and the mean score of its pairs."""

    members: tuple[Member, ...]
    score: float

    @property
    def order(self) -> tuple[float, tuple[str, ...]]:
        """Best first, ties by id."""
        return -self.score, tuple(member.external_id for member in self.members)


def mean_score(members: Sequence[Member], score: PairScore) -> float | None:
    """Mean over the pairs of a team; None without a pair, or where a pair may not be brought together."""
    sides = {country: [m.external_id for m in members if m.country is country] for country in Country}
    found = [score(kr, sg) for kr in sides[Country.KR] for sg in sides[Country.SG]]
    known = [value for value in found if value is not None]
    return fsum(known) / len(found) if found and len(known) == len(found) else None


def is_complete(call: Call, members: Sequence[Member]) -> bool:
    """Whether every place is taken and no rule but the dates speaks against the team."""
    return bool(call.roles) and not case_of(call, members).missing and not rules_out(call, members)


def may_join(call: Call, member: Member) -> bool:
    """Whether a member could have any place in a call."""
    rule = call.team_rule
    return rule is not None and any(
        role.fits(member) is not Verdict.NOT_MET for role in (*rule.roles, *rule.also)
    )


@dataclass
class _Search:
    call: Call
    score: PairScore
    limit: int
    found: list[tuple[float, tuple[str, ...], ScoredTeam]] = field(default_factory=list)

    @property
    def bar(self) -> float:
        """What a team must reach to be among the best."""
        return -self.found[-1][0] if len(self.found) == self.limit else float("-inf")

    def offer(self, members: Sequence[Member]) -> None:
        value = mean_score(members, self.score)
        if value is None or value < self.bar or not is_complete(self.call, members):
            return
        team = ScoredTeam(tuple(sorted(members, key=lambda m: (m.country, m.external_id))), value)
        self.found = heapq.nsmallest(self.limit, [*self.found, (*team.order, team)])


def best_teams(
    call: Call,
    member: Member,
    everybody: Sequence[Member],
    score: PairScore,
    size: int,
    limit: int,
) -> tuple[ScoredTeam, ...]:
    """The best complete teams of ``size`` members with one member in them, best first, ties by id.

    Args:
        score: of a pair; a team with a pair of None is never given.
    """
    search = _Search(call, score, limit)
    joining = [m for m in everybody if m.external_id != member.external_id and may_join(call, m)]
    for koreans in range(1, size):
        _search_split(search, member, joining, {Country.KR: koreans, Country.SG: size - koreans})
    return tuple(team for _, _, team in search.found)


def _search_split(
    search: _Search, member: Member, joining: Sequence[Member], counts: dict[Country, int]
) -> None:
    own = [m for m in joining if m.country is member.country]
    foreign = [m for m in joining if m.country is not member.country]
    wanted = counts[member.country.other]
    places = {m.external_id: _places(search.call, m) for m in (member, *joining)}
    here, there = (
        sum(role.country is country for role in search.call.roles)
        for country in (member.country, member.country.other)
    )
    for siblings in combinations(own, counts[member.country] - 1):
        side = (member, *siblings)
        if _unfilled(_filled(side, places), here):
            continue
        valued = sorted(_valued(side, foreign, search.score), key=lambda row: (-row[0], row[1].external_id))
        branch = _Branch(search, side, valued, places, wanted, there)
        branch.descend((), 0.0, frozenset({frozenset()}))


Filling = frozenset[frozenset[int]]
"""Every set of places that some members could take together."""


def _places(call: Call, member: Member) -> tuple[int, ...]:
    """Positions of the roles that a member could take."""
    return tuple(at for at, role in enumerate(call.roles) if role.fits(member) is not Verdict.NOT_MET)


def _filled(side: Sequence[Member], places: Mapping[str, tuple[int, ...]]) -> Filling:
    filling: Filling = frozenset({frozenset()})
    for member in side:
        filling = _with(filling, places[member.external_id])
    return filling


def _with(filling: Filling, places: tuple[int, ...]) -> Filling:
    """What can be filled once somebody who could take one of some places has joined."""
    return filling | {taken | {place} for taken in filling for place in places}


def _unfilled(filling: Filling, roles: int) -> int:
    return roles - max(map(len, filling))


def _valued(
    side: Sequence[Member], foreign: Sequence[Member], score: PairScore
) -> Iterator[tuple[float, Member]]:
    """What each partner would add to the sum of a side's pairs; who may not be brought together is left out."""
    for partner in foreign:
        values = [
            score(one.external_id, partner.external_id)
            if one.country is Country.KR
            else score(partner.external_id, one.external_id)
            for one in side
        ]
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            yield fsum(known), partner


@dataclass(frozen=True)
class _Branch:
    """One side is chosen; ``wanted`` partners from abroad are to fill ``roles`` places, the worthiest come first."""

    search: _Search
    side: tuple[Member, ...]
    valued: Sequence[tuple[float, Member]]
    places: Mapping[str, tuple[int, ...]]
    wanted: int
    roles: int

    def descend(self, chosen: tuple[int, ...], total: float, filling: Filling) -> None:
        """Add partners; stop where even the next best cannot lift the team over the bar.

        Places never cross the border, so a branch that leaves more of them open than members are to come is left.
        """
        left = self.wanted - len(chosen)
        if not left:
            self.search.offer((*self.side, *(self.valued[at][1] for at in chosen)))
            return
        pairs = len(self.side) * self.wanted
        for at in range(chosen[-1] + 1 if chosen else 0, len(self.valued) - left + 1):
            value, member = self.valued[at]
            reachable = total + fsum(worth for worth, _ in self.valued[at : at + left])
            if reachable / pairs < self.search.bar - _ROUNDING:
                return
            with_member = _with(filling, self.places[member.external_id])
            if _unfilled(with_member, self.roles) < left:
                self.descend((*chosen, at), total + value, with_member)
