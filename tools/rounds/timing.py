"""The product's front door against OR-tools alone, on real instances and on the simulated market."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from matchmaker.assignment.problem import Integers, Mask, Problem, Weights
from matchmaker.assignment.solving import solve
from tools.rounds.bare_flow import bare_flow
from tools.rounds.market import market


@dataclass(frozen=True, eq=False)
class Instance:
    """Rows with capacities, columns whose demand is to be filled exactly."""

    name: str
    weights: Weights
    allowed: Mask
    kr_most: Integers
    sg_demand: Integers

    def ours(self) -> float:
        """Through the front door, the problem's making and checking included."""
        problem = Problem.of(
            self.weights,
            allowed=self.allowed,
            kr_most=self.kr_most,
            sg_least=self.sg_demand,
            sg_most=self.sg_demand,
        )
        return solve(problem).total

    def bare(self) -> float:
        """OR-tools alone."""
        return bare_flow(self.weights, self.allowed, self.kr_most, self.sg_demand)


def simulated() -> Instance:
    """A round of alliance size: everybody in Korea up to three, everybody in Singapore exactly four."""
    weights = market(1).mutual
    kr, sg = weights.shape
    allowed = np.ones(weights.shape, dtype=np.bool_)
    return Instance("simulated market", weights, allowed, np.full(kr, 3), np.full(sg, 4))


def given(folder: Path) -> Iterator[Instance]:
    """The published instances, if they are at hand."""
    if not (folder / "midl" / "scores.npy").is_file():
        return
    scores, most, demand = (np.load(folder / "midl" / f"{name}.npy") for name in ("scores", "loads", "covs"))
    yield Instance("MIDL", scores, scores != -1, most.astype(np.int64), demand.astype(np.int64))
    for number, room in ((1, 6), (2, 7), (3, 6)):
        bids = np.load(folder / "preflib" / f"preflib{number}.npz")
        weights = bids["similarity_matrix"].astype(np.float64)
        kr, sg = weights.shape
        allowed = bids["mask_matrix"] == 0
        yield Instance(f"PrefLib {number}", weights, allowed, np.full(kr, room), np.full(sg, 3))


def timed(instance: Instance, rounds: int = 31) -> dict[str, Any]:
    """Milliseconds of both, the fastest of turns taken alternately: other work on the machine only adds."""
    ours, bare = [], []
    for _ in range(rounds):
        ours.append(milliseconds(instance.ours))
        bare.append(milliseconds(instance.bare))
    first, second = min(ours), min(bare)
    return {
        "name": instance.name,
        "pairs": int(instance.allowed.sum()),
        "optimum": round(instance.ours(), 4),
        "bare_optimum": round(instance.bare(), 4),
        "ours_ms": round(first, 2),
        "bare_ms": round(second, 2),
        "ratio": round(first / second, 2),
    }


def milliseconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000
