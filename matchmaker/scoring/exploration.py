"""Showing not always the same: lists drawn at random in proportion to their scores, with known probabilities.

A list is drawn from a Plackett-Luce model (Luce 1959; Plackett 1975): the next place goes to each candidate that is
left in proportion to its weight, here the odds of its affinity to the power of one over the temperature. That is the
same as a race in which every candidate arrives after an exponential time of that rate, and the same as taking the
largest scores after adding Gumbel noise (Yellott 1977; Kool, van Hoof & Welling 2019).

The race gives the probability that a candidate is on a list of ``size``: it arrives at some time before which fewer
than ``size`` of the others have. Given the time the others are independent, so their number has a Poisson-binomial
distribution; the integral over time is computed by the trapezoid rule in its logarithm, which is exact to six digits
and more because the integrand is analytic and dies out on both sides (Trefethen & Weideman 2014). No simulation is
needed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matchmaker.errors import InvalidInput
from matchmaker.scoring.comparison import Array
from matchmaker.scoring.rule import CERTAIN, Calibration, Channels, Rule, score

STEP = 0.25
"""Of the trapezoid rule, in the logarithm of time."""
BEFORE, AFTER = 20.0, 4.0
"""Nobody arrives earlier than this (in logarithms) before the fastest's usual time, nor later after the slowest's."""
SETTLED = 1e-10
"""What is less likely than this does not happen."""
SPREAD = 300.0
"""Between the logarithms of the largest and the smallest weight; smaller ones are taken for this."""
TINY = 1e-12
"""No probability is smaller."""


@dataclass(frozen=True, eq=False)
class Slate:
    """A list that was drawn: rows of the candidates in the order shown, and every candidate's chance to be on it."""

    rows: tuple[int, ...]
    propensities: Array


def logits_of(evidence: Channels, rule: Rule) -> Array:
    """Log-odds of the affinities, both directions joined and before any calibration, shape (candidates,)."""
    affinities = score(evidence, replace(rule, calibration=Calibration())).score
    bounded = np.clip(affinities, CERTAIN, 1.0 - CERTAIN)
    return np.asarray(np.log(bounded / (1.0 - bounded)))


def draw_slate(logits: Array, size: int, temperature: float, generator: np.random.Generator) -> Slate:
    """Draw a list.

    Args:
        logits: of the candidates by the rule (see `logits_of`), shape (candidates,).
        size: length of the list; all candidates if there are no more.
        temperature: near 0 the order of the scores, 1 follows their odds, large values show everybody alike.

    Raises:
        InvalidInput: the size is not at least 1 or the temperature not above 0.
    """
    if size < 1 or not 0.0 < temperature < np.inf:
        raise InvalidInput("a list needs a size of at least 1 and a temperature above 0")
    logs = logits / temperature
    order = np.argsort(-(logs + generator.gumbel(size=len(logs))), kind="stable")[:size]
    return Slate(tuple(order.tolist()), inclusion(logs, size))


def inclusion(logs: Array, size: int) -> Array:
    """Probability of every candidate to be among the first ``size``, shape (candidates,); they sum to ``size``.

    Args:
        logs: logarithms of the weights, shape (candidates,).
    """
    if len(logs) <= size:
        return np.ones(len(logs))
    logs = np.maximum(logs - logs.max(), -SPREAD)
    times = np.exp(np.arange(-BEFORE, AFTER - logs.min(), STEP))
    rates = np.exp(logs)[:, None] * times
    arrived = -np.expm1(-rates)
    usual = arrived.sum(axis=0)
    early = np.broadcast_to(usual < size, arrived.shape).astype(np.float64)
    unsettled = _is_unsettled(usual, size)
    early[:, unsettled] = _fewer_than(size, arrived[:, unsettled])
    return np.asarray(np.clip((rates * np.exp(-rates) * early).sum(axis=1) * STEP, TINY, 1.0))


def _is_unsettled(usual: Array, size: int) -> NDArray[np.bool_]:
    """At which times it is not settled whether the list is full, given how many have arrived by then on average."""
    surely_not = usual < SETTLED ** (1 / size)
    surely = usual > size + 9 * np.sqrt(size) + 9
    return np.asarray(~(surely_not | surely))


def _fewer_than(size: int, arrived: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability that fewer than ``size`` of the others have arrived, shape (candidates, times)."""
    count, times = arrived.shape
    counts = np.zeros((size, count, times))
    counts[0] = 1.0
    for other in range(count):
        chance = np.broadcast_to(arrived[other], (count, times)).copy()
        chance[other] = 0.0  # nobody waits for itself
        counts[1:] += (counts[:-1] - counts[1:]) * chance
        counts[0] *= 1.0 - chance
    return np.asarray(counts.sum(axis=0))
