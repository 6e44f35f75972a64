"""A round's rules as a problem for the solvers, whole or without one of them, and the way back to the round's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matchmaker.assignment.problem import ALONE, Problem
from matchmaker.assignment.relaxing import Rule, RuleKind, rules_of
from matchmaker.domain.member import Member
from matchmaker.domain.round import Capacity, RoundRule, RoundRules, subject_of
from matchmaker.services.round_market import Market, Mask

MOST_SINGLE = 20
"""Up to so many pins, forbidden or avoided pairs each have a cost of their own."""

Integers = NDArray[np.int64]


def allowed_pairs(market: Market, rules: RoundRules) -> Mask:
    """Pairs that may be chosen, shape (kr, sg). A pin overrules the lowest score and the cool-down, nothing else."""
    strong = np.nan_to_num(market.scores, nan=-1.0) >= rules.min_score
    ruled_out = market.forbidden | market.avoided | market.cooling | market.closed
    return market.eligible & (strong | market.pinned) & ~ruled_out


def problem_of(market: Market, rules: RoundRules) -> Problem:
    """The round as arrays."""
    kr_least, kr_most = bounds_of(market.kr, rules)
    sg_least, sg_most = bounds_of(market.sg, rules)
    return Problem(
        weights=np.nan_to_num(market.scores, nan=0.0),
        allowed=allowed_pairs(market, rules),
        kr_least=kr_least,
        kr_most=kr_most,
        sg_least=sg_least,
        sg_most=sg_most,
        pinned=market.pinned,
        kr_groups=groups_of(market.kr) if rules.one_per_group else None,
        sg_groups=groups_of(market.sg) if rules.one_per_group else None,
        kr_rivals=market.kr_rivals if rules.keep_rivals_apart else (),
        sg_rivals=market.sg_rivals if rules.keep_rivals_apart else (),
    )


def bounds_of(members: Sequence[Member], rules: RoundRules) -> tuple[Integers, Integers]:
    """Introductions of each member at least and at most, shapes (members,)."""
    capacities = [rules.capacities.get(member.external_id, rules.usual) for member in members]
    least = np.asarray([capacity.least for capacity in capacities], dtype=np.int64)
    return least, np.asarray([capacity.most for capacity in capacities], dtype=np.int64)


def groups_of(members: Sequence[Member]) -> Integers | None:
    """The number of each member's family, shape (members,); alone where no sibling takes part, None if all are."""
    families = [member.family for member in members]
    numbers = {family: number for number, family in enumerate(siblings_of(members))}
    if not numbers:
        return None
    return np.asarray([numbers.get(family, ALONE) for family in families], dtype=np.int64)


def siblings_of(members: Sequence[Member]) -> list[str]:
    """The families with more than one participant; a family's place is its group number."""
    families = [member.family for member in members]
    return sorted({family for family in families if families.count(family) > 1})


@dataclass(frozen=True, eq=False)
class Without:
    """A round with one rule left out."""

    rule: RoundRule
    subject: str | None
    market: Market
    rules: RoundRules

    @property
    def problem(self) -> Problem:
        """The round as arrays."""
        return problem_of(self.market, self.rules)


def each_left_out(market: Market, rules: RoundRules) -> Iterator[Without]:
    """The round without each of its active rules: whole kinds first, then single pairs where they are few."""
    nothing = np.zeros_like(market.pinned)
    if market.pinned.any():
        yield Without(RoundRule.PIN, None, replace(market, pinned=nothing), rules)
    if market.forbidden.any():
        yield Without(RoundRule.FORBIDDEN, None, replace(market, forbidden=nothing), rules)
    if market.avoided.any():
        yield Without(RoundRule.AVOID, None, replace(market, avoided=nothing), rules)
    if market.cooling.any():
        yield Without(RoundRule.COOL_DOWN, None, replace(market, cooling=nothing), rules)
    for rule, is_active, changed in _switched_off(market, rules):
        if is_active:
            yield Without(rule, None, market, changed)
    yield from _single_pairs(market, rules)


def _switched_off(market: Market, rules: RoundRules) -> Iterator[tuple[RoundRule, bool, RoundRules]]:
    eager = Capacity(0, rules.usual.most)
    own = {member: Capacity(0, each.most) for member, each in rules.capacities.items()}
    has_least = any(each.least for each in (rules.usual, *rules.capacities.values()))
    has_groups = bool(siblings_of(market.kr) or siblings_of(market.sg))
    has_rivals = bool(market.kr_rivals or market.sg_rivals)
    yield RoundRule.MIN_SCORE, rules.min_score > 0, replace(rules, min_score=0.0)
    yield RoundRule.GROUP, rules.one_per_group and has_groups, replace(rules, one_per_group=False)
    yield RoundRule.RIVALS, rules.keep_rivals_apart and has_rivals, replace(rules, keep_rivals_apart=False)
    yield RoundRule.LEAST, has_least, replace(rules, usual=eager, capacities=own)
    yield RoundRule.CAPACITIES, bool(rules.capacities), replace(rules, capacities={})


def _single_pairs(market: Market, rules: RoundRules) -> Iterator[Without]:
    for row, column in _few(market.pinned):
        less = replace(market, pinned=_except(market.pinned, row, column))
        yield Without(RoundRule.PIN, subject_of(market.key(row, column)), less, rules)
    for row, column in _few(market.forbidden):
        less = replace(market, forbidden=_except(market.forbidden, row, column))
        yield Without(RoundRule.FORBIDDEN, subject_of(market.key(row, column)), less, rules)
    for row, column in _few(market.avoided):
        less = replace(market, avoided=_except(market.avoided, row, column))
        yield Without(RoundRule.AVOID, subject_of(market.key(row, column)), less, rules)


def _few(mask: Mask) -> list[list[int]]:
    places: list[list[int]] = np.argwhere(mask).tolist()
    return places if 1 < len(places) <= MOST_SINGLE else []


def _except(mask: Mask, row: int, column: int) -> Mask:
    less = mask.copy()
    less[row, column] = False
    return less


def soft_rules(market: Market, problem: Problem) -> list[Rule]:
    """What may be given up when not all can hold: everything that the coordinator stated, except the lowest score.

    What no coordinator decides stays: eligibility, a member's no, cases under way.
    """
    named = (market.forbidden | market.avoided | market.cooling) & market.eligible & ~market.closed
    rules = [Rule(RuleKind.FORBIDDEN, (row, column)) for row, column in np.argwhere(named).tolist()]
    return [*rules_of(problem), *rules]


def said(rule: Rule, market: Market) -> tuple[RoundRule, str]:
    """A problem's rule by its name in the round, and its subject."""
    return _SAID[rule.kind](rule.subject, market)


def _pair(rule: RoundRule) -> Callable[[tuple[int, ...], Market], tuple[RoundRule, str]]:
    return lambda subject, market: (rule, subject_of(market.key(subject[0], subject[1])))


def _ruled_out(subject: tuple[int, ...], market: Market) -> tuple[RoundRule, str]:
    masks = {
        RoundRule.FORBIDDEN: market.forbidden,
        RoundRule.AVOID: market.avoided,
        RoundRule.COOL_DOWN: market.cooling,
    }
    rule = next(rule for rule, mask in masks.items() if mask[subject])
    return rule, subject_of(market.key(subject[0], subject[1]))


def _member(rule: RoundRule, side: str) -> Callable[[tuple[int, ...], Market], tuple[RoundRule, str]]:
    return lambda subject, market: (rule, getattr(market, side)[subject[0]].external_id)


def _group(side: str, partners: str) -> Callable[[tuple[int, ...], Market], tuple[RoundRule, str]]:
    def name(subject: tuple[int, ...], market: Market) -> tuple[RoundRule, str]:
        family = siblings_of(getattr(market, side))[subject[0]]
        return RoundRule.GROUP, f"{family}/{getattr(market, partners)[subject[1]].external_id}"

    return name


def _rivals(side: str) -> Callable[[tuple[int, ...], Market], tuple[RoundRule, str]]:
    def name(subject: tuple[int, ...], market: Market) -> tuple[RoundRule, str]:
        members = getattr(market, side)
        return RoundRule.RIVALS, subject_of(
            (members[subject[0]].external_id, members[subject[1]].external_id)
        )

    return name


_SAID: dict[RuleKind, Callable[[tuple[int, ...], Market], tuple[RoundRule, str]]] = {
    RuleKind.PIN: _pair(RoundRule.PIN),
    RuleKind.FORBIDDEN: _ruled_out,
    RuleKind.KR_LEAST: _member(RoundRule.LEAST, "kr"),
    RuleKind.SG_LEAST: _member(RoundRule.LEAST, "sg"),
    RuleKind.KR_MOST: _member(RoundRule.MOST, "kr"),
    RuleKind.SG_MOST: _member(RoundRule.MOST, "sg"),
    RuleKind.KR_GROUP: _group("kr", "sg"),
    RuleKind.SG_GROUP: _group("sg", "kr"),
    RuleKind.KR_RIVALS: _rivals("kr"),
    RuleKind.SG_RIVALS: _rivals("sg"),
}
