"""Weights from decisions: a regularised logistic regression that starts from the present rule.

The log-odds of acceptance are those that the present rule gives, on a scale fitted first (Platt 1999), plus a
correction that is linear in the five kinds of evidence, needs and coverage as means of both directions::

    logit = intercept + slope * logit(affinity by the present rule) + corrections . evidence

The corrections are shrunk to 0 by half their squares times a strength: the ridge pulls towards the present weights,
not towards none, and without decisions nothing changes. Since the logit of an affinity is nearly `SLOPE` times the
weighted evidence, the new weights are the present ones plus ``corrections / (slope * SLOPE)``; only their proportions
matter for a ranking, so they are scaled to the sum of the present ones. They stay at least 0 by bounds on the
corrections (L-BFGS-B, Byrd et al. 1995); the problem is convex.

Decisions count with one over the probability of being shown, at most `MOST`: what is learned is meant for every
candidate, not for those that the present rule likes to show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.model_selection import GroupKFold

from matchmaker.quality.decision_log import DecisionLog, Numbers, Rows
from matchmaker.quality.measures import SEED, Values
from matchmaker.quality.off_policy import inverse_propensities
from matchmaker.scoring.exploration import logits_of
from matchmaker.scoring.rule import CERTAIN, SLOPE, WEIGHTS, Calibration, Channels, Rule
from matchmaker.scoring.rule_store import named_after

KINDS = tuple(WEIGHTS)
STRENGTHS = (1.0, 0.1, 0.03, 0.01, 0.003)
"""Of the pull towards the present weights, from strong to weak."""
FOLDS = 5
MOST = 20.0
"""No decision counts more than this many times in training."""
LEAST_SLOPE = 0.01
"""A slope of a calibration is at least this."""
DIGITS = 4
"""Of weights and calibration in a learned rule."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Decisions on shown candidates. ``logits`` are the present rule's. Evidence (rows, 5), all others (rows,)."""

    logits: Values
    evidence: Values
    accepted: Values
    weights: Values
    queries: Numbers

    @classmethod
    def of(cls, log: DecisionLog, base: Rule) -> Examples:
        """From a log."""
        shown = log.take(log.is_shown)
        weights = inverse_propensities(shown, 1.0 / MOST)
        return cls(
            logits_of(shown.evidence, base),
            kinds_of(shown.evidence),
            shown.accepted,
            weights / weights.mean(),
            shown.queries,
        )

    def take(self, rows: Rows) -> Examples:
        """Some rows; the weights keep a mean of 1."""
        weights = self.weights[rows]
        return Examples(
            self.logits[rows],
            self.evidence[rows],
            self.accepted[rows],
            weights / weights.mean(),
            self.queries[rows],
        )


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What was decided, 0 or 1, and the share of each decision in the loss; both of shape (rows,)."""

    accepted: Values
    shares: Values


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted correction: see the module. ``corrections`` has the shape (5,)."""

    calibration: Calibration
    corrections: Values

    def logits(self, examples: Examples) -> Values:
        """Log-odds of acceptance, shape (rows,)."""
        fitted = self.calibration
        return np.asarray(
            fitted.intercept + fitted.slope * examples.logits + examples.evidence @ self.corrections
        )

    def weights(self, base: Rule) -> dict[str, float]:
        """The new weights, with the sum of the present ones; just these where no evidence goes with acceptance."""
        present = np.asarray([base.weights[kind] for kind in KINDS])
        wanted = np.maximum(self.calibration.slope * SLOPE * present + self.corrections, 0.0)
        scaled = wanted * (present.sum() / wanted.sum()) if wanted.sum() > CERTAIN else present
        return dict(zip(KINDS, scaled.round(DIGITS).tolist(), strict=True))


def kinds_of(evidence: Channels) -> Values:
    """The five kinds, both directions of needs and coverage averaged, shape (rows, 5)."""
    needs, coverage = (evidence.gives + evidence.gets) / 2, (evidence.covers + evidence.covered) / 2
    return np.stack([needs, coverage, evidence.words, evidence.roles, evidence.breadth], axis=1)


def fit(examples: Examples, base: Rule, strength: float) -> Fit:
    """Fit the corrections with one strength."""
    return _fits(examples, base, [strength])[0]


def _fits(examples: Examples, base: Rule, strengths: Sequence[float]) -> list[Fit]:
    """Fits with several strengths, each starting from the one before."""
    calibration = calibrate(examples.logits, examples.accepted, examples.weights)
    offset = calibration.slope * examples.logits
    design = np.column_stack([np.ones(len(offset)), examples.evidence])
    outcomes = Outcomes(examples.accepted, examples.weights / examples.weights.sum())
    lowest = [-calibration.slope * SLOPE * base.weights[kind] for kind in KINDS]
    bounds = [(None, None), *((low, None) for low in lowest)]
    found = np.asarray([calibration.intercept, *[0.0] * len(KINDS)])
    fits = []
    for strength in strengths:
        pull = np.asarray([0.0, *[strength] * len(KINDS)])
        found = _minimised(design, offset, outcomes, found, pull, bounds)
        fits.append(Fit(Calibration(calibration.slope, float(found[0])), found[1:]))
    return fits


def calibrate(logits: Values, accepted: Values, weights: Values) -> Calibration:
    """Slope and intercept that turn log-odds into chances of acceptance (Platt 1999); the slope stays above 0."""
    design = np.column_stack([np.ones(len(logits)), logits])
    bounds = [(None, None), (LEAST_SLOPE, None)]
    start, no_pull = np.asarray([0.0, 1.0]), np.asarray([0.0, 1e-6])
    outcomes = Outcomes(accepted, weights / weights.sum())
    intercept, slope = _minimised(design, np.zeros(len(logits)), outcomes, start, no_pull, bounds)
    return Calibration(float(slope), float(intercept))


def choose_strength(examples: Examples, base: Rule) -> float:
    """The strength with the smallest loss on queries left out, in cross-validation; the stronger on a tie."""
    losses = np.zeros(len(STRENGTHS))
    for held in folds(examples.queries):
        rest = examples.take(held)
        losses += [_loss(fitted, rest) for fitted in _fits(examples.take(~held), base, STRENGTHS)]
    return STRENGTHS[int(np.argmin(losses))]


def folds(queries: Numbers) -> Iterator[Rows]:
    """Which rows are held out, fold by fold; all rows of a query together."""
    splitter = GroupKFold(n_splits=FOLDS, shuffle=True, random_state=SEED)
    for _, held in splitter.split(queries, groups=queries):
        rows = np.zeros(len(queries), dtype=bool)
        rows[held] = True
        yield rows


def rule_of(weights: Mapping[str, float], evidence: Channels, base: Rule) -> Rule:
    """The present rule with other weights, named after them. Chances keep mean and spread, so words keep their meaning.

    Args:
        evidence: of many candidates, to see what the weights do to their affinities.
    """
    weighed = replace(base, weights=weights)
    before, after = logits_of(evidence, base), logits_of(evidence, weighed)
    slope = base.calibration.slope * float(before.std() / max(after.std(), CERTAIN))
    intercept = base.calibration.intercept + base.calibration.slope * float(before.mean())
    calibration = replace(
        base.calibration,
        slope=round(slope, DIGITS),
        intercept=round(intercept - slope * float(after.mean()), DIGITS),
    )
    return named_after(base, replace(weighed, calibration=calibration))


def _loss(fitted: Fit, examples: Examples) -> float:
    return float(examples.weights @ _losses(fitted.logits(examples), examples.accepted)) / len(
        examples.logits
    )


def _losses(logits: Values, accepted: Values) -> Values:
    """Negative log-likelihood of every outcome."""
    return np.asarray(np.logaddexp(0.0, logits) - accepted * logits)


def _minimised(
    design: Values,
    offset: Values,
    outcomes: Outcomes,
    start: Values,
    pull: Values,
    bounds: Sequence[tuple[float | None, float | None]],
) -> Values:
    """Coefficients with the smallest mean weighted loss plus half of ``pull`` times their squares."""

    def objective(coefficients: Values) -> tuple[float, Values]:
        logits = offset + design @ coefficients
        loss = outcomes.shares @ _losses(logits, outcomes.accepted) + pull @ coefficients**2 / 2
        slope = (outcomes.shares * (expit(logits) - outcomes.accepted)) @ design + pull * coefficients
        return float(loss), np.asarray(slope)

    return np.asarray(minimize(objective, start, jac=True, bounds=bounds, method="L-BFGS-B").x)
