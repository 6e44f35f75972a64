"""Rules become bounds and masks, and a solver's rules become words again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matchmaker.assignment.relaxing import Rule, RuleKind
from matchmaker.domain.member import Purpose
from matchmaker.domain.round import Capacity, RoundRule, RoundRules
from matchmaker.services.round_encoding import each_left_out, groups_of, problem_of, said, soft_rules
from matchmaker.services.round_market import Market
from tests.factories import make_member, make_partner

NO = np.zeros((3, 2), dtype=np.bool_)
MARKET = Market(
    tuple(make_member(external_id=f"kr-{i}", parent="group" if i < 2 else None) for i in range(3)),
    tuple(make_partner(external_id=f"sg-{i}") for i in range(2)),
    np.array([[0.1, 0.2], [np.nan, 0.3], [0.05, 0.4]]),
    NO,
    NO,
    NO,
    NO,
    NO,
    ((0, 2),),
    (),
    "2",
    "snapshot",
)
RULES = RoundRules(Purpose.STARTUP, usual=Capacity(0, 2), capacities={"kr-1": Capacity(1, 1)})


def at(row: int, column: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    mask = np.zeros((3, 2), dtype=np.bool_)
    mask[row, column] = True
    return mask


def test_bounds_and_groups_follow_the_members() -> None:
    problem = problem_of(MARKET, RULES)
    assert problem.kr_least.tolist() == [0, 1, 0]
    assert problem.kr_most.tolist() == [2, 1, 2]
    assert problem.kr_groups is not None
    assert problem.kr_groups.tolist() == [0, 0, -1]
    assert problem.sg_groups is None
    assert problem.kr_rivals == ()
    assert groups_of(MARKET.sg) is None


def test_rules_that_are_off_are_not_encoded() -> None:
    problem = problem_of(MARKET, replace(RULES, one_per_group=False, keep_rivals_apart=True))
    assert problem.kr_groups is None
    assert problem.kr_rivals == ((0, 2),)


def test_only_what_no_rule_forbids_is_open() -> None:
    assert problem_of(MARKET, RULES).allowed.tolist() == [[True, True], [False, True], [True, True]]
    weak = problem_of(MARKET, replace(RULES, min_score=0.2))
    assert weak.allowed.tolist() == [[False, True], [False, True], [False, True]]
    for changed in (
        replace(MARKET, forbidden=at(0, 1)),
        replace(MARKET, avoided=at(0, 1)),
        replace(MARKET, cooling=at(0, 1)),
        replace(MARKET, closed=at(0, 1)),
    ):
        assert problem_of(changed, RULES).allowed.tolist() == [[True, False], [False, True], [True, True]]


def test_a_pin_overrules_the_lowest_score_but_not_eligibility() -> None:
    weak = replace(RULES, min_score=0.9)
    assert problem_of(replace(MARKET, pinned=at(0, 0)), weak).allowed[0, 0]
    assert not problem_of(replace(MARKET, pinned=at(1, 0)), weak).allowed[1, 0]


def test_each_active_rule_is_left_out_once() -> None:
    market = replace(MARKET, pinned=at(0, 0), forbidden=at(2, 0) | at(2, 1))
    found = [(without.rule, without.subject) for without in each_left_out(market, RULES)]
    assert found == [
        (RoundRule.PIN, None),
        (RoundRule.FORBIDDEN, None),
        (RoundRule.GROUP, None),
        (RoundRule.LEAST, None),
        (RoundRule.CAPACITIES, None),
        (RoundRule.FORBIDDEN, "kr-2/sg-0"),
        (RoundRule.FORBIDDEN, "kr-2/sg-1"),
    ]


def test_rules_of_a_problem_are_said_in_the_words_of_the_round() -> None:
    market = replace(MARKET, pinned=at(0, 0), forbidden=at(2, 0), avoided=at(0, 1), cooling=at(2, 1))
    spoken = {said(rule, market) for rule in soft_rules(market, problem_of(market, RULES))}
    assert {
        (RoundRule.PIN, "kr-0/sg-0"),
        (RoundRule.FORBIDDEN, "kr-2/sg-0"),
        (RoundRule.AVOID, "kr-0/sg-1"),
        (RoundRule.COOL_DOWN, "kr-2/sg-1"),
        (RoundRule.LEAST, "kr-1"),
        (RoundRule.GROUP, "group/sg-0"),
    } <= spoken
    assert said(Rule(RuleKind.KR_RIVALS, (0, 2)), market) == (RoundRule.RIVALS, "kr-0/kr-2")
    assert said(Rule(RuleKind.SG_MOST, (1,)), market) == (RoundRule.MOST, "sg-1")
