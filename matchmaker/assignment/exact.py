"""The balanced round where rivals must not share a partner: a search, because no network describes it.

That two members share no partner forbids a pair of pairs: with arbitrary rivalries the problem holds maximum
independent set (one partner with room for everybody is enough) and is NP-hard, and its linear relaxation is no longer
integral. CP-SAT searches (see `search`); rivals that form cliques share one inequality. It starts from the flow that
ignores rivals, cut down to the pairs that may stay, and that flow's total is the first bound.
"""

from __future__ import annotations

import numpy as np
from ortools.sat.python import cp_model

from matchmaker.assignment import flow
from matchmaker.assignment.constraints import Constraints, constraints_of
from matchmaker.assignment.errors import NoAssignment
from matchmaker.assignment.pins import settled
from matchmaker.assignment.problem import Assignment, Cancelled, Mask, Problem, Progress, chosen, loosened
from matchmaker.assignment.search import Outcome, choices, keep, on_grid, places_of, run, taken, worth
from matchmaker.assignment.watch import Watch


def balanced(
    problem: Problem,
    *,
    time_limit: float,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Assignment:
    """The assignment of the largest total, or the best found in time with its bound.

    Raises:
        NoAssignment: the rules cannot all hold, or nothing was found in time.
        SolvingCancelled: ``cancelled`` said so.
    """
    watch = Watch(time_limit, progress, cancelled)
    watch.check()
    remaining = settled(problem)
    relaxed = flow.best_pairs(loosened(remaining))
    constraints = constraints_of(remaining)
    weights, unit = on_grid(remaining.weights[constraints.rows, constraints.columns])
    model = cp_model.CpModel()
    pairs = choices(model, len(weights))
    keep(model, pairs, constraints)
    for pair, is_hinted in zip(pairs, _hint(relaxed, remaining, constraints).tolist(), strict=True):
        model.add_hint(pair, is_hinted)
    model.maximize(worth(pairs, weights))
    outcome = run(model, watch, "search")
    found = problem.pinned.copy()
    found[constraints.rows, constraints.columns] = _taken(outcome, pairs)
    pinned = float(problem.weights[problem.pinned].sum())
    by_flow = pinned + float(problem.weights[relaxed].sum())
    best = chosen(problem, found)
    bound = best.total if outcome.is_proven else min(by_flow, pinned + outcome.bound * unit)
    return chosen(problem, found, is_optimal=outcome.is_proven, bound=max(best.total, bound))


def _taken(outcome: Outcome, pairs: list[cp_model.IntVar]) -> Mask:
    if not outcome.is_found:
        reason = "the rules cannot all hold" if outcome.is_proven else "no assignment was found in time"
        raise NoAssignment(reason, is_proven=outcome.is_proven)
    return taken(outcome, pairs)


def _hint(relaxed: Mask, problem: Problem, constraints: Constraints) -> Mask:
    """The flow's pairs, best first, without those whose partner a rival already has."""
    kept = np.zeros_like(relaxed)
    rows, columns = np.nonzero(relaxed)
    for at in np.argsort(-problem.weights[rows, columns], kind="stable"):
        row, column = rows[at], columns[at]
        taken_by_rival = kept[problem.kr.conflicts[row], column].any()
        if not taken_by_rival and not kept[row, problem.sg.conflicts[column]].any():
            kept[row, column] = True
    return places_of(kept, constraints)
