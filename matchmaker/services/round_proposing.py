"""From an assignment to a proposal: pairs, alternates, who is left out and why, exposure, and what each rule costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matchmaker.assignment.errors import NoAssignment
from matchmaker.assignment.exposure import exposure, top_lists
from matchmaker.assignment.problem import Assignment, Cancelled, Problem
from matchmaker.assignment.solving import solve
from matchmaker.domain.member import Member
from matchmaker.domain.round import (
    Exposure,
    LeftOut,
    LeftOutReason,
    ProposedPair,
    RoundRules,
    RuleCost,
)
from matchmaker.services.round_encoding import Without, each_left_out
from matchmaker.services.round_market import Market, Mask

READ_THROUGH = 50
"""Of each member's pairs that were not chosen, so many of the best are tried as alternates."""
COST_SECONDS = 60.0
"""Time for the costs of all rules together."""
ONE_COST_SECONDS = 10.0
"""Time for the cost of one rule."""


@dataclass(frozen=True, eq=False)
class Solved:
    """A round's problem and its assignment."""

    market: Market
    problem: Problem
    assignment: Assignment
    chosen: Mask = field(init=False)

    def __post_init__(self) -> None:
        chosen = np.zeros(self.problem.shape, dtype=np.bool_)
        chosen[self.assignment.rows, self.assignment.columns] = True
        object.__setattr__(self, "chosen", chosen)

    @property
    def expected(self) -> float:
        """Sum of the chosen pairs' chances."""
        return float(self.problem.weights[self.chosen].sum())

    def pair(self, row: int, column: int, rank: int) -> ProposedPair:
        """A pair by its ids."""
        kr, sg = self.market.key(row, column)
        score = float(self.problem.weights[row, column])
        return ProposedPair(kr, sg, score, rank, bool(self.problem.pinned[row, column]))


def chosen_pairs(solved: Solved) -> tuple[ProposedPair, ...]:
    """The chosen pairs, best first."""
    pairs = [solved.pair(row, column, 0) for row, column in solved.assignment.pairs]
    return tuple(sorted(pairs, key=lambda pair: (-pair.score, pair.kr, pair.sg)))


def alternates_of(solved: Solved, count: int) -> tuple[ProposedPair, ...]:
    """Pairs that could take the place of one chosen pair of each of their members: ``count`` of the best of each.

    No rule would be broken by that (see `stands_in`). A pair that stands by for both its members is listed once, with
    the better rank.
    """
    ranks: dict[tuple[int, int], int] = {}
    candidates = np.where(solved.problem.allowed & ~solved.chosen, solved.problem.weights, -np.inf)
    for member in range(candidates.shape[0]):
        places = ((member, int(column)) for column in _best(candidates[member]))
        _note_ranks(ranks, places, solved, count)
    for member in range(candidates.shape[1]):
        places = ((int(row), member) for row in _best(candidates[:, member]))
        _note_ranks(ranks, places, solved, count)
    ordered = sorted(ranks, key=lambda place: (ranks[place], -solved.problem.weights[place], place))
    return tuple(solved.pair(*place, ranks[place]) for place in ordered)


def stands_in(solved: Solved, row: int, column: int) -> bool:
    """Whether every rule holds when this pair takes the place of at most one chosen pair of each of its members."""
    own = [(row, int(other)) for other in np.flatnonzero(solved.chosen[row])]
    theirs = [(int(other), column) for other in np.flatnonzero(solved.chosen[:, column])]
    problem = solved.problem
    return any(
        _fits(problem, row, column, [p for p in own if p != ours], [p for p in theirs if p != other])
        for ours in (None, *(gone for gone in own if _can_spare(solved, gone, row, column)))
        for other in (None, *(gone for gone in theirs if _can_spare(solved, gone, row, column)))
    )


def _fits(
    problem: Problem, row: int, column: int, own: list[tuple[int, int]], theirs: list[tuple[int, int]]
) -> bool:
    partners, others = [place[1] for place in own], [place[0] for place in theirs]
    return bool(
        len(partners) < problem.kr_most[row]
        and len(others) < problem.sg_most[column]
        and not problem.kr.conflicts[row, others].any()
        and not problem.sg.conflicts[column, partners].any()
    )


def left_out_of(solved: Solved, rules: RoundRules) -> tuple[LeftOut, ...]:
    """Who got nothing, and why; Korean members first."""
    return (*_left_out(solved, rules, is_korean=True), *_left_out(solved, rules, is_korean=False))


def exposures_of(solved: Solved, rules: RoundRules) -> dict[str, Exposure]:
    """What each side is given, and what lists of everybody's best would show; see `Proposal`."""
    kr, sg = solved.assignment.counts(solved.problem.shape)
    size = max(rules.usual.most, 1)
    weights, allowed = solved.problem.weights, solved.problem.allowed
    sg_shown = (top_lists(weights, size, allowed) > 0).sum(axis=0)
    kr_shown = (top_lists(weights.T, size, allowed.T) > 0).sum(axis=0)
    return {
        "kr": exposure(kr),
        "sg": exposure(sg),
        "kr-lists": exposure(kr_shown),
        "sg-lists": exposure(sg_shown),
    }


def costs_of(
    solved: Solved,
    rules: RoundRules,
    progress: Callable[[float], None],
    cancelled: Cancelled,
) -> tuple[tuple[RuleCost, ...], bool]:
    """What each active rule costs in expected matches, and whether there was time for all of them.

    Raises:
        SolvingCancelled: somebody wanted so.
    """
    deadline = time.monotonic() + COST_SECONDS
    rounds = list(each_left_out(solved.market, rules))
    costs: list[RuleCost] = []
    for number, without in enumerate(rounds):
        left = deadline - time.monotonic()
        if left <= 0:
            return tuple(costs), False
        costs.extend(_cost(without, solved.expected, min(left, ONE_COST_SECONDS), cancelled))
        progress((number + 1) / len(rounds))
    return tuple(costs), True


def _cost(without: Without, expected: float, seconds: float, cancelled: Cancelled) -> Iterator[RuleCost]:
    problem = without.problem
    try:
        found = solve(problem, without.rules.method, time_limit=seconds, cancelled=cancelled)
    except NoAssignment:  # out of time, or the usual bounds ask for more than a member's own
        return
    alone = Solved(without.market, problem, found).expected
    yield RuleCost(without.rule, without.subject, alone, alone - expected)


def _best(scores: NDArray[np.float64]) -> NDArray[np.intp]:
    order = np.argsort(-scores, kind="stable")[:READ_THROUGH]
    return order[np.isfinite(scores[order])]


def _note_ranks(
    ranks: dict[tuple[int, int], int], places: Iterator[tuple[int, int]], solved: Solved, count: int
) -> None:
    rank = 0
    for place in places:
        if rank == count:
            return
        if stands_in(solved, *place):
            rank += 1
            ranks[place] = min(rank, ranks.get(place, rank))


def _can_spare(solved: Solved, gone: tuple[int, int], row: int, column: int) -> bool:
    """Whether a chosen pair is not pinned, and its members keep their minimum without it but with the new one."""
    kr, sg = gone
    if solved.problem.pinned[gone]:
        return False
    kr_has = int(solved.chosen[kr].sum()) - (kr != row)
    sg_has = int(solved.chosen[:, sg].sum()) - (sg != column)
    return bool(kr_has >= solved.problem.kr_least[kr] and sg_has >= solved.problem.sg_least[sg])


def _left_out(solved: Solved, rules: RoundRules, *, is_korean: bool) -> Iterator[LeftOut]:
    view = _View.of(solved, is_korean=is_korean)
    for member in np.flatnonzero(~view.chosen.any(axis=1)):
        reason, partners = _reason(view, int(member), rules.min_score)
        best = _argbest(view.scores[member], partners)
        own = view.members[member].external_id
        if best is None:
            yield LeftOut(own, reason)
        else:
            yield LeftOut(own, reason, view.others[best].external_id, float(view.scores[member, best]))


@dataclass(frozen=True, eq=False)
class _View:
    """A solved round seen from one side: its members are rows."""

    members: tuple[Member, ...]
    others: tuple[Member, ...]
    scores: NDArray[np.float64]
    allowed: Mask
    chosen: Mask
    most: NDArray[np.int64]
    others_most: NDArray[np.int64]
    conflicts: Mask

    @classmethod
    def of(cls, solved: Solved, *, is_korean: bool) -> _View:
        market, problem = solved.market, solved.problem
        if is_korean:
            tables = (market.scores, problem.allowed, solved.chosen)
            bounds = (problem.kr_most, problem.sg_most, problem.kr.conflicts)
            return cls(market.kr, market.sg, *tables, *bounds)
        tables = (market.scores.T, problem.allowed.T, solved.chosen.T)
        bounds = (problem.sg_most, problem.kr_most, problem.sg.conflicts)
        return cls(market.sg, market.kr, *tables, *bounds)


def _reason(view: _View, member: int, min_score: float) -> tuple[LeftOutReason, Mask]:
    """Why a member has nothing, and the partners among which its best one is to be named."""
    eligible = ~np.isnan(view.scores[member])
    if view.most[member] == 0:
        return LeftOutReason.NO_CAPACITY, eligible
    if not eligible.any():
        return LeftOutReason.NO_ELIGIBLE_PARTNER, eligible
    if not (np.nan_to_num(view.scores[member], nan=-1.0) >= min_score).any():
        return LeftOutReason.ALL_TOO_WEAK, eligible
    allowed = view.allowed[member]
    if not allowed.any():
        return LeftOutReason.RULED_OUT, eligible
    has_room = allowed & (view.chosen.sum(axis=0) < view.others_most)
    if not has_room.any():
        return LeftOutReason.PARTNERS_FULL, allowed
    meets_conflict = (view.conflicts[member].astype(np.int64) @ view.chosen) > 0
    if not (has_room & ~meets_conflict).any():
        return LeftOutReason.RULED_OUT, has_room
    return LeftOutReason.NOT_CHOSEN, has_room & ~meets_conflict


def _argbest(scores: NDArray[np.float64], among: Mask) -> int | None:
    if not among.any():
        return None
    return int(np.argmax(np.where(among, scores, -np.inf)))
