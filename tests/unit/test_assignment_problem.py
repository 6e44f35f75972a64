"""A round as arrays: what is refused, and what the arrays say together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from matchmaker.assignment.problem import Assignment, Problem
from matchmaker.errors import InvalidInput

WEIGHTS = np.ones((3, 2))


def test_a_single_number_holds_for_everybody() -> None:
    problem = Problem.of(WEIGHTS, kr_most=2, sg_least=[0, 1], sg_most=3)
    assert problem.shape == (3, 2)
    assert problem.kr_most.tolist() == [2, 2, 2]
    assert problem.sg_least.tolist() == [0, 1]
    assert problem.allowed.all()
    assert not problem.pinned.any()


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"kr_most": [1, 2]}, "/kr_most"),
        ({"allowed": np.ones((2, 3), dtype=np.bool_)}, "/allowed"),
        ({"allowed": 1.0}, "/allowed"),
        ({"kr_most": 1.5}, "/kr_most"),
        ({"kr_least": [0, 2, 0]}, "/kr_least/1"),
        ({"sg_least": [0, -1]}, "/sg_least/1"),
        ({"kr_rivals": [(0, 3)]}, "/kr_rivals/0"),
        ({"sg_rivals": [(0, 1), (1, 1)]}, "/sg_rivals/1"),
        ({"kr_groups": [0, 1]}, "/kr_groups"),
    ],
)
def test_what_does_not_fit_is_named(wrong: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Problem.of(WEIGHTS, **wrong)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_weights_are_numbers(number: float) -> None:
    with pytest.raises(InvalidInput, match="finite"):
        Problem.of([[number, 1.0]])


def test_weights_form_a_table() -> None:
    with pytest.raises(InvalidInput, match="two dimensions"):
        Problem.of([1.0, 2.0])


def test_rivals_that_all_mind_each_other_are_a_capacity_and_others_a_search() -> None:
    chain, triangle = [(0, 1), (1, 2)], [(0, 1), (1, 2), (0, 2)]
    assert not Problem.of(WEIGHTS, kr_rivals=chain).is_flow
    assert Problem.of(WEIGHTS, kr_rivals=triangle).is_flow
    assert Problem.of(WEIGHTS, kr_rivals=chain, kr_groups=[4, -1, 4]).is_flow
    assert not Problem.of(WEIGHTS, kr_rivals=[(0, 1)], kr_groups=[4, -1, 4]).is_flow


def test_who_has_no_partner_left_is_not_reachable() -> None:
    allowed = np.array([[True, False], [False, False], [True, True]])
    kr, sg = Problem.of(WEIGHTS, allowed=allowed, kr_most=[1, 1, 0]).reachable
    assert kr.tolist() == [True, False, False]
    assert sg.tolist() == [True, False]


def test_an_assignment_counts_and_lists_its_pairs() -> None:
    found = Assignment(np.array([0, 2, 2]), np.array([1, 0, 1]), 2.0, False, bound=2.5)
    kr, sg = found.counts((3, 2))
    assert (kr.tolist(), sg.tolist()) == ([1, 0, 2], [1, 2])
    assert found.pairs == [(0, 1), (2, 0), (2, 1)]
    assert found.gap == 0.5
