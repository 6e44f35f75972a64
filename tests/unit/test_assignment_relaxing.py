"""When not all rules can hold: the fewest to give up, as trying everything finds them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.assignment.errors import NoAssignment, SolvingCancelled
from matchmaker.assignment.problem import Problem
from matchmaker.assignment.relaxing import Rule, RuleKind, relax, rules_of
from matchmaker.errors import InvalidInput
from tests.assignments import every_table, excess_of, keepers, problems, table_of, totals


@settings(max_examples=100, deadline=None)
@given(problems(with_rivals=True), st.integers(0, 2**32 - 1))
def test_the_fewest_rules_are_given_up_then_the_least_then_the_best(problem: Problem, seed: int) -> None:
    rng = np.random.default_rng(seed)
    stated = rules_of(problem)
    blocked = [Rule(RuleKind.FORBIDDEN, (int(r), int(c))) for r, c in np.argwhere(~problem.allowed)]
    chance = rng.choice([0.5, 1.0])
    soft = tuple(rule for rule in (*stated, *blocked) if rng.random() < chance)
    hard = [rule for rule in (*stated, *blocked) if rule not in soft]
    tables = every_table(*problem.shape)
    possible = np.ones(len(tables), dtype=np.bool_)
    for rule in hard:
        possible &= excess_of(problem, rule) == 0
    if not possible.any():
        with pytest.raises(NoAssignment) as refused:
            relax(problem, soft, time_limit=60)
        assert refused.value.is_proven
        return
    excess = np.array([np.zeros(len(tables)), *(excess_of(problem, rule) for rule in soft)])
    aims = np.stack(((excess > 0).sum(axis=0), excess.sum(axis=0), -totals(problem, tables)))[:, possible]
    fewest, least, best = aims[:, np.lexsort(aims[::-1])[0]]
    found = relax(problem, soft, time_limit=60)
    assert (len(found.rules), sum(found.excess)) == (fewest, least)
    assert found.assignment.total == pytest.approx(-best, abs=1e-6)
    assert found.is_proven
    assert found.assignment.is_optimal
    mine = (tables == table_of(problem, found.assignment)).all(axis=(1, 2))
    assert possible[mine].all()
    assert [int(excess_of(problem, rule)[mine][0]) for rule in found.rules] == list(found.excess)
    if not found.rules:
        assert len(keepers(problem))


def test_nothing_is_given_up_where_all_can_hold() -> None:
    found = relax(Problem.of([[0.4, 0.9]], kr_most=1))
    assert not found.rules
    assert not found.excess
    assert found.assignment.pairs == [(0, 1)]


def test_a_maximum_gives_way_only_as_far_as_it_must() -> None:
    problem = Problem.of(np.full((4, 1), 0.5), kr_least=1, kr_most=1, sg_most=2)
    found = relax(problem, [Rule(RuleKind.SG_MOST, (0,))])
    assert found.rules == (Rule(RuleKind.SG_MOST, (0,)),)
    assert found.excess == (2,)


def test_one_rule_that_stands_in_the_way_of_many_is_given_up_rather_than_they() -> None:
    problem = Problem.of(np.full((4, 1), 0.5), kr_least=1, kr_most=1, sg_most=2)
    assert relax(problem).rules == (Rule(RuleKind.SG_MOST, (0,)),)


def test_a_pin_on_a_forbidden_pair_costs_one_of_the_two() -> None:
    problem = Problem.of([[0.7, 0.2]], allowed=[[False, True]], pinned=[[True, False]])
    soft = (*rules_of(problem), Rule(RuleKind.FORBIDDEN, (0, 0)))
    found = relax(problem, soft)
    assert found.rules == (Rule(RuleKind.FORBIDDEN, (0, 0)),)
    assert found.assignment.total == pytest.approx(0.7)


@pytest.mark.parametrize(
    "stranger",
    [
        Rule(RuleKind.PIN, (0, 0)),
        Rule(RuleKind.FORBIDDEN, (0, 0)),
        Rule(RuleKind.FORBIDDEN, (0, 5)),
        Rule(RuleKind.KR_MOST, (3,)),
        Rule(RuleKind.KR_RIVALS, (0, 1)),
        Rule(RuleKind.SG_GROUP, (0, 0)),
    ],
)
def test_only_rules_of_the_problem_can_be_given_up(stranger: Rule) -> None:
    with pytest.raises(InvalidInput, match=stranger.kind.value):
        relax(Problem.of([[1.0, 1.0], [1.0, 1.0]]), [stranger])


def test_it_can_be_cancelled() -> None:
    with pytest.raises(SolvingCancelled):
        relax(Problem.of([[1.0]]), cancelled=lambda: True)
