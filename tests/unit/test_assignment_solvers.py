"""Every solver keeps every rule and finds what trying all assignments finds."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.assignment.equilibrium import equilibrium
from matchmaker.assignment.errors import NoAssignment, SolvingCancelled
from matchmaker.assignment.linear import fair, upper_bound
from matchmaker.assignment.problem import Assignment, Mask, Problem
from matchmaker.assignment.solving import solve
from matchmaker.domain.round import Method
from tests.assignments import Tables, keepers, keeps_all, problems, table_of, totals

SEEDS = st.integers(0, 2**32 - 1)
CLOSE = 1e-5


def solved(problem: Problem, method: Method) -> Assignment | None:
    """None if there is none, which must then be proven."""
    try:
        return solve(problem, method, time_limit=60)
    except NoAssignment as none:
        if not none.is_proven:
            raise
        return None


@settings(max_examples=150, deadline=None)
@given(problems())
def test_a_flow_finds_the_largest_total_of_all_assignments(problem: Problem) -> None:
    assert problem.is_flow
    found, possible = solved(problem, Method.BALANCED), keepers(problem)
    assert (found is None) == (len(possible) == 0)
    if found is not None:
        assert keeps_all(problem, found)
        assert found.total == pytest.approx(totals(problem, possible).max(), abs=1e-7)
        assert found.is_optimal
        assert upper_bound(problem) == pytest.approx(found.total, abs=CLOSE)


@settings(max_examples=60, deadline=None)
@given(problems(with_rivals=True))
def test_a_search_finds_it_where_rivals_keep_apart(problem: Problem) -> None:
    found, possible = solved(problem, Method.BALANCED), keepers(problem)
    assert (found is None) == (len(possible) == 0)
    if found is not None:
        assert keeps_all(problem, found)
        assert found.total == pytest.approx(totals(problem, possible).max(), abs=CLOSE)
        assert found.bound == pytest.approx(found.total, abs=CLOSE)
        assert upper_bound(problem) >= found.total - CLOSE


@settings(max_examples=60, deadline=None)
@given(problems(with_rivals=True))
def test_a_fair_round_lifts_the_worst_off_then_the_total(problem: Problem) -> None:
    found, possible = solved(problem, Method.FAIR), keepers(problem)
    assert (found is None) == (len(possible) == 0)
    if found is None or found.floor is None:
        return
    assert keeps_all(problem, found)
    served, floors = served_and_floors(problem, possible)
    ours, floor = served_and_floors(problem, table_of(problem, found)[None])
    assert ours[0] == served.max()
    assert found.floor == pytest.approx(floor[0], abs=CLOSE)
    assert found.floor == pytest.approx(floors[served == served.max()].max(), abs=1e-3)
    among = (served == served.max()) & (floors >= found.floor - CLOSE)
    assert found.total == pytest.approx(totals(problem, possible[among]).max(), abs=1e-3)


def served_and_floors(problem: Problem, tables: Tables) -> tuple[np.ndarray, np.ndarray]:
    """How many reachable members have a pair, and the smallest total among those."""
    worth = np.where(tables, problem.weights, 0.0)
    sums = np.concatenate((worth.sum(axis=2), worth.sum(axis=1)), axis=1)
    counts = np.concatenate((tables.sum(axis=2), tables.sum(axis=1)), axis=1)
    cared: Mask = np.concatenate(problem.reachable) & (counts > 0)
    floors = np.where(cared, sums, np.inf).min(axis=1)
    return cared.sum(axis=1), np.where(np.isfinite(floors), floors, 0.0)


@settings(max_examples=30, deadline=None)
@given(problems(with_rivals=True))
def test_an_equilibrium_round_keeps_every_rule(problem: Problem) -> None:
    found = solved(problem, Method.EQUILIBRIUM)
    assert (found is None) == (len(keepers(problem)) == 0)
    if found is not None:
        assert keeps_all(problem, found)
        assert found.bound is not None
        assert found.bound >= found.total - CLOSE


@settings(max_examples=60, deadline=None)
@given(problems(largest=8), st.sampled_from([0.2, 0.5, 2.0]))
def test_an_equilibrium_fills_each_members_room(problem: Problem, temperature: float) -> None:
    found = equilibrium(problem, temperature=temperature)
    assert found.is_converged
    assert (found.mass >= 0).all()
    assert (found.mass[~problem.allowed] == 0).all()
    np.testing.assert_allclose(found.mass.sum(axis=1) + found.kr_alone, problem.kr_most, atol=1e-8)
    np.testing.assert_allclose(found.mass.sum(axis=0) + found.sg_alone, problem.sg_most, atol=1e-8)


def test_an_equilibrium_is_the_known_one_for_a_single_pair() -> None:
    found = equilibrium(Problem.of([[0.0]], kr_most=1, sg_most=1))
    assert found.mass[0, 0] == pytest.approx(0.5)


def test_sharp_tastes_do_not_overflow() -> None:
    weights = np.random.default_rng(5).normal(size=(6, 5)) * 1e6
    found = equilibrium(Problem.of(weights, kr_most=2, sg_most=2), temperature=0.01, iterations=50)
    assert np.isfinite(found.mass).all()
    assert not found.is_converged
    assert found.residual > 0


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_at_a_larger_size_no_rule_is_broken(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = Problem.of(
        rng.random((30, 20)),
        allowed=rng.random((30, 20)) < 0.7,
        kr_most=rng.integers(1, 4, 30),
        sg_most=rng.integers(2, 5, 20),
        kr_groups=rng.integers(-1, 8, 30),
        sg_groups=rng.integers(-1, 6, 20),
    )
    for method in (Method.BALANCED, Method.EQUILIBRIUM):
        table = table_of(problem, solve(problem, method))
        assert not (table & ~problem.allowed).any()
        assert (table.sum(axis=1) <= problem.kr_most).all()
        assert (table.sum(axis=0) <= problem.sg_most).all()
        meetings = table.astype(np.int64)
        assert not ((meetings @ meetings.T > 0) & problem.kr.conflicts).any()
        assert not ((meetings.T @ meetings > 0) & problem.sg.conflicts).any()


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.floats(1e-9, 1e9))
def test_the_largest_total_does_not_depend_on_the_unit(seed: int, unit: float) -> None:
    weights = np.random.default_rng(seed).normal(size=(12, 9))
    one, other = (solve(Problem.of(weights * scale, kr_most=2, sg_most=3)) for scale in (1.0, unit))
    assert other.total == pytest.approx(one.total * unit, rel=1e-9)


def test_a_demand_is_filled_even_by_pairs_that_cost() -> None:
    problem = Problem.of([[-1.0, -5.0], [-2.0, -3.0]], kr_most=2, sg_least=1)
    assert solve(problem).pairs == [(0, 0), (1, 1)]


def test_without_members_there_is_nothing_to_choose() -> None:
    for method in Method:
        assert solve(Problem.of(np.zeros((0, 3))), method).pairs == []
        assert solve(Problem.of(np.zeros((2, 0))), method).pairs == []


def test_fairness_may_look_after_one_side_alone() -> None:
    problem = Problem.of([[0.9, 0.2], [0.8, 0.1]], kr_most=1, sg_most=2)
    korean, everybody = fair(problem, time_limit=10, sg=False), fair(problem, time_limit=10)
    assert (korean.pairs, everybody.pairs) == ([(0, 0), (1, 0)], [(0, 1), (1, 0)])
    assert (korean.floor, everybody.floor) == pytest.approx((0.8, 0.2))


def test_where_not_everybody_can_be_served_the_served_are_still_treated_fairly() -> None:
    allowed = np.array([[True, False, False], [True, False, False], [False, True, True]])
    problem = Problem.of([[0.3, 0, 0], [0.6, 0, 0], [0, 0.9, 0.4]], allowed=allowed, kr_most=2)
    found = solve(problem, Method.FAIR)
    assert found.pairs == [(1, 0), (2, 1), (2, 2)]
    assert found.floor == pytest.approx(0.4)
    assert found.is_optimal


def test_contradicting_pins_are_told_apart() -> None:
    pinned = np.array([[True, True]])
    with pytest.raises(NoAssignment, match="more often") as refused:
        solve(Problem.of([[1.0, 1.0]], kr_most=1, pinned=pinned))
    assert refused.value.is_proven
    with pytest.raises(NoAssignment, match="not allowed"):
        solve(Problem.of([[1.0, 1.0]], kr_most=2, pinned=pinned, allowed=~pinned))
    with pytest.raises(NoAssignment, match="share a partner"):
        solve(Problem.of([[1.0, 1.0]], kr_most=2, pinned=pinned, sg_groups=[1, 1]))


@pytest.mark.parametrize("method", list(Method))
def test_whoever_cancels_gets_no_assignment(method: Method) -> None:
    with pytest.raises(SolvingCancelled):
        solve(hard(), method, cancelled=lambda: True)


def test_a_search_that_runs_stops_when_it_is_cancelled() -> None:
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(threading.get_ident())
        return len(asked) > 3

    with pytest.raises(SolvingCancelled):
        solve(hard(), time_limit=120, cancelled=cancelled)
    assert set(asked) == {threading.get_ident()}, "the callbacks belong to the thread that asked"


def test_progress_is_a_share_and_a_step() -> None:
    heard: list[tuple[float, str]] = []
    for method in Method:
        solve(Problem.of(np.eye(3)), method, progress=lambda share, stage: heard.append((share, stage)))
    assert {stage for _, stage in heard} >= {"flow", "serving", "fairness"}
    assert all(0 <= share <= 1 for share, _ in heard)


def test_when_time_is_up_the_best_found_comes_with_its_bound() -> None:
    found = solve(hard(), time_limit=2)
    assert not found.is_optimal
    assert found.bound is not None
    assert found.bound > found.total > 0


def hard() -> Problem:
    """Many rivals: far too many cases for a proof in seconds."""
    rng = np.random.default_rng(1)
    rivals = [(one, other) for one in range(70) for other in range(one) if rng.random() < 0.15]
    return Problem.of(rng.random((70, 60)), kr_most=12, sg_most=30, kr_rivals=rivals)
