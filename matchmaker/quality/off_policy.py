"""What another rule would have been worth, estimated from lists that were made with this one.

The value of a rule is the share of the best `TOP` of its lists that coordinators would accept. Candidates were shown
with a known probability, so those that were shown can stand for those that were not:

- *Weighting*: every decision counts with one over its probability, normalised by the sum of these weights (the
  self-normalised estimator of Swaminathan & Joachims 2015; per candidate, as lists are judged one candidate at a time).
- *Doubly robust*: a model of acceptance speaks for everybody, and the weighted error of the model on those that were
  shown is added: right on average if either the probabilities or the model are (Dudík, Langford & Li 2011).

Both assume that a decision depends on the pair, not on the place at which it was shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matchmaker.quality.decision_log import DecisionLog, Numbers, Rows, numbered
from matchmaker.quality.measures import RESAMPLES, SEED, Estimate, Values, bootstrap

TOP = 5
"""Places of a list whose acceptance counts."""
FLOOR = 0.01
"""Smaller probabilities are taken for this one: no decision counts more than a hundred times."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two rules on the same lists. ``difference`` is the doubly robust one, and decides; ``by_weighting`` is its check.

    ``differing``: queries with a decision on a candidate that is among the best by one rule only. Where there are
    few, the interval of the difference is of little worth. ``unseen``: share of the new rule's best whose probability
    of being shown was below `FLOOR`.
    """

    base_value: float
    value: float
    difference: Estimate
    by_weighting: Estimate
    differing: int
    unseen: float


def compare(log: DecisionLog, base_scores: Values, scores: Values, acceptance: Values) -> Comparison:
    """Compare two rules.

    Args:
        base_scores: of the present rule, shape (rows,); scores: of the new one.
        acceptance: chances of acceptance by a model that has not seen these decisions, shape (rows,).
    """
    base, new = best_of(base_scores, log.lists), best_of(scores, log.lists)
    values = doubly_robust(log, acceptance)
    base_values, new_values = (mean_per_list(values, chosen, log.lists) for chosen in (base, new))
    return Comparison(
        float(base_values.mean()),
        float(new_values.mean()),
        bootstrap((new_values - base_values).tolist(), log.asked_by.tolist()),
        weighted_difference(log, base, new),
        len(np.unique(log.queries[(base ^ new) & log.is_shown])),
        float((log.propensities[new] < FLOOR).mean()),
    )


def best_of(scores: Values, lists: Numbers, top: int = TOP) -> Rows:
    """Which rows are among the best of their list; equal scores in the order of the rows."""
    order = np.lexsort((np.arange(len(scores)), -scores, lists))
    _, first, count = np.unique(lists, return_index=True, return_counts=True)
    place = np.arange(len(lists)) - np.repeat(first, count)
    chosen = np.zeros(len(lists), dtype=bool)
    chosen[order[place < top]] = True
    return chosen


def inverse_propensities(log: DecisionLog, floor: float = FLOOR) -> Values:
    """One over the probability of being shown where a candidate was shown, 0 elsewhere, shape (rows,)."""
    return np.asarray(np.where(log.is_shown, 1.0 / np.maximum(log.propensities, floor), 0.0))


def doubly_robust(log: DecisionLog, acceptance: Values) -> Values:
    """What every candidate is worth, shape (rows,): the model's chance, corrected where somebody decided."""
    return np.asarray(acceptance + inverse_propensities(log) * (log.accepted - acceptance))


def mean_per_list(values: Values, chosen: Rows, lists: Numbers) -> Values:
    """Means over the chosen rows of every list, shape (lists,)."""
    number = numbered(lists.tolist())
    counts = np.bincount(number, chosen.astype(np.float64))
    return np.asarray(np.bincount(number, np.where(chosen, values, 0.0)) / counts)


def weighted_difference(log: DecisionLog, base: Rows, new: Rows) -> Estimate:
    """Difference of the self-normalised values, with a percentile interval; queries are drawn whole and for both."""
    weights, group = inverse_propensities(log), numbered(log.queries.tolist())
    count = int(group.max()) + 1
    drawn = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), RESAMPLES).astype(float)

    def shares(chosen: Rows) -> tuple[Values, Values]:
        weight = np.bincount(group, np.where(chosen, weights, 0.0))
        won = np.bincount(group, np.where(chosen, weights * log.accepted, 0.0))
        return _share(won.sum(keepdims=True), weight.sum(keepdims=True)), _share(drawn @ won, drawn @ weight)

    (base_share, base_drawn), (new_share, new_drawn) = shares(base), shares(new)
    low, high = np.percentile(new_drawn - base_drawn, [2.5, 97.5])
    return Estimate(float(new_share[0] - base_share[0]), float(low), float(high))


def _share(won: Values, weight: Values) -> Values:
    """0 where nothing of a rule's best was ever shown."""
    return np.asarray(np.divide(won, weight, out=np.zeros_like(weight, dtype=np.float64), where=weight > 0))
