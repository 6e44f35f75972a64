"""The congestion-aware ranking: what a market of such members would settle on.

A member that everybody wants cannot meet everybody. In the matching market with transferable utility of Choo & Siow
(2006), with random tastes, each member has a price of its own: the popular become dear, the overlooked cheap, until
nobody is planned for more introductions than there is room for. The equilibrium exists and is unique; Galichon &
Salanié (2022) show that it solves a regularised assignment problem and that iterative proportional fitting finds it:
Sinkhorn's scaling (1967) with an outside option, each step of which solves a quadratic equation per member. A member
with room for n introductions counts as n members alike, which makes it many-to-many. The mass of a pair, how many
introductions the market plans for it, ranks partners; the same idea serves reciprocal recommendation (Tomita, Togashi,
Hashizume & Ohsaka 2023). Everything is computed in logarithms, so that sharp tastes neither overflow nor vanish.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from matchmaker.assignment import exact, flow
from matchmaker.assignment.pins import settled
from matchmaker.assignment.problem import Assignment, Cancelled, Problem, Progress, Weights, chosen, loosened

TEMPERATURE = 0.5
"""Spread of random tastes, in standard deviations of the weights of the allowed pairs."""
TOLERANCE = 1e-9
ITERATIONS = 10_000


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """What the market settles on.

    Attributes:
        mass: introductions planned for each pair, shape (kr, sg); 0 where not allowed. A pair that both sides prefer to
            all others may be planned for more than one.
        kr_alone, sg_alone: room that stays empty, shapes (kr,) and (sg,). With the mass it sums to each member's room.
        iterations: passes over both sides.
        residual: the largest difference between a member's room and its mass with what stays empty.
        is_converged: whether the residual is within the tolerance.
    """

    mass: Weights
    kr_alone: Weights
    sg_alone: Weights
    iterations: int
    residual: float
    is_converged: bool


def equilibrium(
    problem: Problem,
    *,
    temperature: float = TEMPERATURE,
    tolerance: float = TOLERANCE,
    iterations: int = ITERATIONS,
) -> Equilibrium:
    """The equilibrium of a market with room ``kr_most`` and ``sg_most``; of the other rules only ``allowed`` counts.

    Args:
        temperature: near 0 only the largest total counts, large values plan alike for everybody.
        tolerance: introductions that a member's sum may be off.
    """
    kr, sg = problem.reachable
    allowed = problem.allowed[np.ix_(kr, sg)]
    kernel = _kernel(problem, temperature)[np.ix_(kr, sg)]
    kr_room, sg_room = (np.asarray(m, np.float64) for m in (problem.kr_most[kr], problem.sg_most[sg]))
    kr_scale, sg_scale = 0.5 * np.log(kr_room), 0.5 * np.log(sg_room)
    residual, done = 0.0 if not allowed.size else math.inf, 0
    while residual > tolerance and done < iterations:
        kr_scale = _scale(kernel + sg_scale, kr_room)
        sg_scale = _scale((kernel + kr_scale[:, None]).T, sg_room)
        done += 1
        residual = _residual(kernel, kr_scale, sg_scale, kr_room)
    mass = np.zeros(problem.shape)
    mass[np.ix_(kr, sg)] = np.exp(kernel + kr_scale[:, None] + sg_scale)
    return Equilibrium(
        mass,
        _spread(np.exp(2 * kr_scale), kr, problem.kr_most),
        _spread(np.exp(2 * sg_scale), sg, problem.sg_most),
        done,
        residual,
        residual <= tolerance,
    )


def following(
    problem: Problem,
    *,
    time_limit: float,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Assignment:
    """The assignment that keeps every rule and holds as much of the equilibrium's mass as possible.

    ``is_optimal`` is about that mass; ``bound`` is about the total, which this method does not aim at.

    Raises:
        NoAssignment: the rules cannot all hold.
        SolvingCancelled: ``cancelled`` said so.
    """
    planned = replace(problem, weights=equilibrium(settled(problem)).mass)
    solver = flow.balanced if problem.is_flow else exact.balanced
    found = solver(planned, time_limit=time_limit, progress=progress, cancelled=cancelled)
    pairs = np.zeros(problem.shape, dtype=np.bool_)
    pairs[found.rows, found.columns] = True
    highest = float(problem.weights[flow.best_pairs(loosened(problem))].sum())
    return chosen(problem, pairs, is_optimal=found.is_optimal, bound=highest)


def _kernel(problem: Problem, temperature: float) -> Weights:
    """Half of what a pair is worth in units of random taste; minus infinity where it is not allowed."""
    spread = float(problem.weights[problem.allowed].std()) if problem.allowed.any() else 0.0
    kernel: Weights = np.where(
        problem.allowed, problem.weights / (2 * temperature * (spread or 1.0)), -np.inf
    )
    return kernel


def _scale(logits: Weights, room: Weights) -> Weights:
    """Logarithm of each member's a with ``a**2 + a * S = room``, where S is the sum of its row's exponentials."""
    half = logsumexp(logits, axis=1) - math.log(2)
    scale: Weights = np.log(room) - np.logaddexp(half, 0.5 * np.logaddexp(np.log(room), 2 * half))
    return scale


def _residual(kernel: Weights, kr_scale: Weights, sg_scale: Weights, kr_room: Weights) -> float:
    """How far the rows are off; the columns have just been fitted."""
    planned = np.exp(kr_scale + logsumexp(kernel + sg_scale, axis=1)) + np.exp(2 * kr_scale)
    return float(np.abs(planned - kr_room).max())


def _spread(values: Weights, where: NDArray[np.bool_], otherwise: NDArray[np.int64]) -> Weights:
    everybody = otherwise.astype(np.float64)
    everybody[where] = values
    return everybody
