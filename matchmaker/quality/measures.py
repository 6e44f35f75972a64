"""Measures of rankings and of probabilities, and how sure one can be of them. Plain functions of arrays."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

RESAMPLES = 2000
SEED = 20260302
BINS = 10
CUT = 10

MEASURES: dict[str, Callable[[Values], Values]] = {
    "mrr": lambda ranks: 1 / ranks,
    "recall_at_5": lambda ranks: (ranks <= 5).astype(np.float64),
    "recall_at_10": lambda ranks: (ranks <= 10).astype(np.float64),
    "ndcg_at_10": lambda ranks: np.where(ranks <= CUT, 1 / np.log2(ranks + 1), 0.0),
}
"""Of the rank of a single true partner, so the ideal gain is 1 (nDCG: Järvelin & Kekäläinen 2002)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95% interval."""

    mean: float
    low: float
    high: float


def rank_of(value: float, others: Iterable[float]) -> float:
    """One, plus the better ones, plus half of the equal ones."""
    others = list(others)
    return 1 + sum(other > value for other in others) + sum(other == value for other in others) / 2


def ndcg_at(scores: Values, grades: Values, cut: int = CUT) -> float:
    """Discounted gain of the best ``cut`` by score over the best possible, with gains 2^grade - 1 (Burges et al. 2005).

    Equal scores share their places: each gets the mean discount of the places they take together (McSherry & Najork
    2008). 0 where no grade is above 0.
    """
    gains = 2.0**grades - 1.0
    discounts = np.where(np.arange(len(gains)) < cut, 1 / np.log2(np.arange(len(gains)) + 2), 0.0)
    ideal = float(np.sort(gains)[::-1] @ discounts)
    if ideal == 0.0:
        return 0.0
    order = np.argsort(-scores, kind="stable")
    _, group = np.unique(-scores[order], return_inverse=True)
    shared = np.bincount(group, discounts) / np.bincount(group)
    return float(gains[order] @ shared[group]) / ideal


def bootstrap(values: Sequence[float], groups: Sequence[Hashable] | None = None) -> Estimate:
    """The mean of values with a percentile interval; whole groups are drawn, as values within one are not independent.

    Efron & Tibshirani 1993; seed and number of draws are fixed.
    """
    array = np.asarray(values, dtype=np.float64)
    places: dict[Hashable, int] = {}
    number = np.asarray([places.setdefault(group, len(places)) for group in groups or range(len(array))])
    sums, counts = np.bincount(number, array), np.bincount(number)
    drawn = np.random.default_rng(SEED).integers(len(counts), size=(RESAMPLES, len(counts)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Estimate(float(array.mean()), float(low), float(high))


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of about the same size: how many, what they said on average, and what came true."""

    count: int
    predicted: float
    observed: float


def reliability(chances: Values, outcomes: Values, bins: int = BINS) -> tuple[Bin, ...]:
    """Equally wide bins of predictions, the empty ones left out (Niculescu-Mizil & Caruana 2005)."""
    place = np.minimum((chances * bins).astype(np.intp), bins - 1)
    return tuple(
        Bin(int(chosen.sum()), float(chances[chosen].mean()), float(outcomes[chosen].mean()))
        for number in range(bins)
        if (chosen := place == number).any()
    )


def expected_calibration_error(chances: Values, outcomes: Values, bins: int = BINS) -> float:
    """Mean distance of prediction and outcome over the bins, weighted by size (Naeini et al. 2015)."""
    found = reliability(chances, outcomes, bins)
    return sum(part.count * abs(part.predicted - part.observed) for part in found) / len(chances)


def brier_score(chances: Values, outcomes: Values) -> float:
    """Mean squared error of predicted chances (Brier 1950)."""
    return float(((chances - outcomes) ** 2).mean())


def weighted_kappa(ones: Sequence[int], others: Sequence[int], grades: int = 4) -> float:
    """Agreement of two judges beyond chance, large differences counting by their square (Cohen 1968)."""
    table = np.zeros((grades, grades))
    np.add.at(table, (np.asarray(ones), np.asarray(others)), 1)
    expected = table.sum(axis=1)[:, None] * table.sum(axis=0)[None, :] / table.sum()
    weight = (np.arange(grades)[:, None] - np.arange(grades)[None, :]) ** 2
    return 1.0 - float((weight * table).sum() / (weight * expected).sum())
