"""When a round's rules cannot all hold: the fewest to give up, in the round's words, and the rules without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from matchmaker.assignment.problem import Cancelled, Problem
from matchmaker.assignment.relaxing import relax
from matchmaker.domain.round import Capacity, PairKey, Relaxation, RoundRule, RoundRules
from matchmaker.services.round_encoding import said, soft_rules
from matchmaker.services.round_market import Market
from matchmaker.services.round_proposing import Solved, chosen_pairs

SECONDS = 30.0
"""Time for the search."""


def way_out(
    market: Market,
    problem: Problem,
    progress: Callable[[float], None],
    cancelled: Cancelled,
    seconds: float = SECONDS,
) -> Relaxation:
    """The fewest rules to give up, and what that would give.

    Raises:
        NoAssignment: nothing was found in time, or what nobody may give up stands in the way.
        SolvingCancelled: somebody wanted so.
    """
    found = relax(
        problem,
        soft_rules(market, problem),
        time_limit=seconds,
        progress=lambda share, _: progress(share),
        cancelled=cancelled,
    )
    solved = Solved(market, problem, found.assignment)
    return Relaxation(
        tuple(said(rule, market) for rule in found.rules),
        solved.expected,
        found.is_proven,
        chosen_pairs(solved),
        found.excess,
    )


def relaxed(rules: RoundRules, relaxation: Relaxation) -> RoundRules:
    """The rules with everything given up that a way out names.

    One sibling or rival too many lifts that rule for the whole round; a pair that is still cooling down is pinned,
    which overrules its cool-down.
    """
    excess = relaxation.excess or (1,) * len(relaxation.rules)
    for (rule, subject), by in zip(relaxation.rules, excess, strict=True):
        rules = _without(rules, rule, subject or "", by)
    return rules


def _without(rules: RoundRules, rule: RoundRule, subject: str, by: int) -> RoundRules:
    match rule:
        case RoundRule.PIN:
            return replace(rules, pins=rules.pins - {_pair(subject)})
        case RoundRule.FORBIDDEN:
            return replace(rules, forbidden=rules.forbidden - {_pair(subject)})
        case RoundRule.AVOID:
            avoid = tuple(each for each in rules.avoid if each.pair != _pair(subject))
            return replace(rules, avoid=avoid)
        case RoundRule.COOL_DOWN:
            return replace(rules, pins=rules.pins | {_pair(subject)})
        case RoundRule.LEAST:
            return _with_bounds(rules, subject, lambda own: Capacity(max(own.least - by, 0), own.most))
        case RoundRule.MOST:
            return _with_bounds(rules, subject, lambda own: Capacity(own.least, own.most + by))
        case RoundRule.GROUP:
            return replace(rules, one_per_group=False)
        case RoundRule.RIVALS:
            return replace(rules, keep_rivals_apart=False)
        case RoundRule.MIN_SCORE:
            return replace(rules, min_score=0.0)
        case RoundRule.CAPACITIES:
            return replace(rules, capacities={})


def _with_bounds(rules: RoundRules, member: str, change: Callable[[Capacity], Capacity]) -> RoundRules:
    own = rules.capacities.get(member, rules.usual)
    return replace(rules, capacities={**rules.capacities, member: change(own)})


def _pair(subject: str) -> PairKey:
    kr, sg = subject.split("/")
    return kr, sg
