"""What every CP-SAT search shares: a yes or no for each pair, the problem's rules, and a run that can be stopped.

CP-SAT (Perron & Didier, Google OR-tools) learns from conflicts like a SAT solver and bounds like a linear programme; it
proves optima of whole-number problems that no network describes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from matchmaker.assignment.constraints import Constraints
from matchmaker.assignment.problem import Integers, Mask, Weights
from matchmaker.assignment.watch import Watch

GRID_BITS = 30
"""Weights become whole numbers of at most this many bits."""
WORKERS = 8
"""CP-SAT searches in as many ways at once; with fewer it leaves out some kinds of proof, however few the cores."""


@dataclass(frozen=True)
class Outcome:
    """How a search ended. ``bound``: on the objective, in its own units."""

    solver: cp_model.CpSolver
    is_found: bool
    is_proven: bool
    bound: float


def run(model: cp_model.CpModel, watch: Watch, stage: str) -> Outcome:
    """Search until proven or out of time.

    Raises:
        SolvingCancelled: nobody wants it any more.
    """
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = WORKERS
    solver.parameters.max_time_in_seconds = watch.remaining
    solver.parameters.random_seed = 1
    status = watch.attend(lambda: solver.solve(model), stage, solver.stop_search)
    is_found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    is_proven = status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    return Outcome(solver, is_found, is_proven, solver.best_objective_bound if is_found else np.inf)


def choices(model: cp_model.CpModel, count: int) -> list[cp_model.IntVar]:
    """A yes or no for each pair."""
    return [model.new_bool_var("") for _ in range(count)]


def keep(model: cp_model.CpModel, pairs: Sequence[cp_model.IntVar], constraints: Constraints) -> None:
    """Demand every rule."""
    matrix = constraints.matrix
    for place, (low, high) in enumerate(
        zip(constraints.low.tolist(), constraints.high.tolist(), strict=True)
    ):
        members = matrix.indices[matrix.indptr[place] : matrix.indptr[place + 1]]
        model.add_linear_constraint(cp_model.LinearExpr.sum([pairs[at] for at in members]), low, high)


def worth(pairs: Sequence[cp_model.IntVar], weights: Integers) -> cp_model.LinearExpr:
    """The total of the chosen pairs."""
    return cp_model.LinearExpr.weighted_sum(list(pairs), weights.tolist())


def taken(outcome: Outcome, pairs: Sequence[cp_model.IntVar]) -> Mask:
    """Which pairs the search chose, shape (pairs,)."""
    return np.fromiter((outcome.solver.boolean_value(pair) for pair in pairs), np.bool_, len(pairs))


def on_grid(weights: Weights, bits: int = GRID_BITS) -> tuple[Integers, float]:
    """Weights as whole numbers, and what one unit is worth."""
    largest = float(np.abs(weights).max(initial=0.0))
    if largest < 2.0**bits and np.array_equal(weights, np.rint(weights)):
        return weights.astype(np.int64), 1.0
    exponent = bits - int(np.frexp(largest)[1])
    return np.rint(np.ldexp(weights, exponent)).astype(np.int64), float(2.0**-exponent)


def places_of(mask: Mask, constraints: Constraints) -> NDArray[np.bool_]:
    """A mask of shape (kr, sg) at the open pairs."""
    return mask[constraints.rows, constraints.columns]
