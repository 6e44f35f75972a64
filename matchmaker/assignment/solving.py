"""The one front door: a problem and a method in, an assignment out."""

from __future__ import annotations

from typing import Protocol

from matchmaker.assignment import equilibrium, exact, flow, linear
from matchmaker.assignment.problem import Assignment, Cancelled, Problem, Progress
from matchmaker.domain.round import Method


class Solver(Protocol):
    """What stands behind the door."""

    def __call__(
        self,
        problem: Problem,
        *,
        time_limit: float,
        progress: Progress | None,
        cancelled: Cancelled | None,
    ) -> Assignment:
        """See `solve`."""
        ...


TIME_LIMIT = 30.0
"""Seconds that a search may take unless told otherwise."""


def solve(
    problem: Problem,
    method: Method = Method.BALANCED,
    *,
    time_limit: float = TIME_LIMIT,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Assignment:
    """Choose the pairs.

    ``balanced`` is a minimum-cost flow, or a search where rivals make it one (`flow`, `exact`); ``fair`` lifts the
    member that is worst off as high as possible before it looks at the total (`linear`); ``equilibrium`` follows what
    a market of such members would settle on (`equilibrium`).

    Args:
        time_limit: seconds; only a search can need them. When they are up the best found is returned with its bound.
        progress: hears how far it is.
        cancelled: asked a few times a second.

    Raises:
        NoAssignment: the rules cannot all hold (`is_proven`), or nothing was found in time.
        SolvingCancelled: ``cancelled`` said so.
    """
    by_method: dict[Method, Solver] = {
        Method.BALANCED: flow.balanced if problem.is_flow else exact.balanced,
        Method.FAIR: linear.fair,
        Method.EQUILIBRIUM: equilibrium.following,
    }
    return by_method[method](problem, time_limit=time_limit, progress=progress, cancelled=cancelled)
