"""How introductions spread over members, and what lists of suggestions lead to.

The Gini coefficient (1912) is the usual measure of how unequally exposure is shared. Mutual matches follow the usual
model of a list: a place is looked at with a chance that falls with its rank, and a match needs both sides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matchmaker.assignment.problem import Integers, Mask, Weights
from matchmaker.domain.round import Exposure


def exposure(counts: Integers) -> Exposure:
    """How alike members are shown. ``counts``: introductions of each member, shape (members,)."""
    return Exposure(
        gini=gini(counts),
        never_shown=float(np.mean(counts == 0)) if len(counts) else 0.0,
        most=int(counts.max(initial=0)),
        participants=len(counts),
    )


def gini(counts: Integers) -> float:
    """0 if everybody has the same, towards 1 if one has all; 0 if nobody has anything."""
    total, number = int(counts.sum()), len(counts)
    if not total:
        return 0.0
    ranks = 2 * np.arange(1, number + 1) - number - 1
    return float(ranks @ np.sort(counts) / (number * total))


def top_lists(scores: Weights, size: int, allowed: Mask | None = None) -> NDArray[np.int64]:
    """The place of each column in each row's list, shape (rows, columns): 1 is the best, 0 is not in the list.

    Args:
        scores: what each row thinks of each column, shape (rows, columns); equal scores keep the order of the columns.
        size: length of a list.
        allowed: pairs that may be listed.
    """
    open_scores = scores if allowed is None else np.where(allowed, scores, -np.inf)
    order = np.argsort(-open_scores, axis=1, kind="stable")[:, :size]
    places = np.zeros(scores.shape, dtype=np.int64)
    np.put_along_axis(places, order, np.arange(1, order.shape[1] + 1)[None, :], axis=1)
    places[~np.isfinite(open_scores)] = 0
    return places


def attention(places: NDArray[np.int64]) -> Weights:
    """Chance that a place is looked at: 1 over its rank, 0 for what is not listed. Shape as ``places``."""
    looked_at: Weights = np.divide(1.0, places, out=np.zeros(places.shape), where=places > 0)
    return looked_at


def expected_mutual(kr_acts: Weights, sg_acts: Weights) -> float:
    """Expected number of pairs in which both act, independently of each other; chances of shape (kr, sg)."""
    return float((kr_acts * sg_acts).sum())
