"""Real instances with known optima, through the front door. The files are not in the repository.

MIDL (Kobren, Saha & McCallum 2019) and three conferences of PrefLib MD-00002: reviewers are rows, papers columns.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from matchmaker.assignment.linear import fair, upper_bound
from matchmaker.assignment.problem import Assignment, Problem
from matchmaker.assignment.solving import solve
from matchmaker.domain.round import Method

GIVEN = Path(__file__).parents[3] / "shared" / "data" / "bench" / "assignment"
BENCH = Path(os.environ.get("MATCHMAKER_ASSIGNMENT_BENCH") or GIVEN)
CLOSE = 1e-4


@pytest.fixture(scope="module")
def bench() -> Path:
    if not (BENCH / "midl" / "scores.npy").is_file():
        pytest.skip(
            f"absent: the instances of {BENCH.name} (MATCHMAKER_ASSIGNMENT_BENCH says where they are)"
        )
    return BENCH


def midl(bench: Path, least: int = 0) -> Problem:
    scores, most, demand = (np.load(bench / "midl" / f"{name}.npy") for name in ("scores", "loads", "covs"))
    return Problem.of(
        scores, allowed=scores != -1, kr_least=least, kr_most=most, sg_least=demand, sg_most=demand
    )


def preflib(bench: Path, number: int, most: int) -> Problem:
    bids = np.load(bench / "preflib" / f"preflib{number}.npz")
    allowed = bids["mask_matrix"] == 0
    return Problem.of(bids["similarity_matrix"], allowed=allowed, kr_most=most, sg_least=3, sg_most=3)


def keeps_the_rules(problem: Problem, found: Assignment) -> bool:
    kr, sg = found.counts(problem.shape)
    return bool(
        problem.allowed[found.rows, found.columns].all()
        and len(set(found.pairs)) == len(found.pairs)
        and ((kr >= problem.kr_least) & (kr <= problem.kr_most)).all()
        and (sg == problem.sg_least).all()
    )


@pytest.mark.parametrize(("least", "optimum"), [(0, 201.8849), (2, 150.0431)])
def test_midl(bench: Path, least: int, optimum: float) -> None:
    problem = midl(bench, least)
    found = solve(problem)
    assert found.total == pytest.approx(optimum, abs=CLOSE)
    assert keeps_the_rules(problem, found)
    assert upper_bound(problem) == pytest.approx(optimum, abs=CLOSE)


@pytest.mark.parametrize(("number", "most", "optimum"), [(1, 6, 497), (2, 7, 566), (3, 6, 1817)])
def test_preflib(bench: Path, number: int, most: int, optimum: float) -> None:
    problem = preflib(bench, number, most)
    found = solve(problem)
    assert found.total == pytest.approx(optimum, abs=CLOSE)
    assert keeps_the_rules(problem, found)


def test_midl_is_solved_fairly_up_to_the_bound_of_its_relaxation(bench: Path) -> None:
    problem = midl(bench)
    found = fair(problem, time_limit=60, kr=False)
    assert found.floor == pytest.approx(0.944839, abs=CLOSE)
    assert found.is_optimal
    assert keeps_the_rules(problem, found)


def test_a_round_that_follows_the_equilibrium_fills_every_demand(bench: Path) -> None:
    problem = midl(bench)
    found = solve(problem, Method.EQUILIBRIUM)
    assert keeps_the_rules(problem, found)
    assert 0.9 * 201.8849 < found.total <= 201.8849
