"""From affinities to chances: fitted on judged pairs, so that 0.3 means that three such pairs in ten were worth it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from matchmaker.errors import InvalidInput
from matchmaker.quality.ks_match import KsMatch, chances_and_outcomes
from matchmaker.quality.measures import Values
from matchmaker.scoring.rule import CERTAIN, Calibration, Rule

STARTS = ((1.0, 0.0, 0.9), (1.0, 0.0, 0.4), (0.5, -2.0, 0.9))
"""Slope, intercept and ceiling that fits start from; the best one counts."""
FEWEST = 100
"""Fewer judged pairs than this are not fitted."""


def fit_calibration(affinities: Values, outcomes: Values) -> Calibration:
    """A sigmoid below a ceiling by maximum likelihood, with Platt's smoothed targets against over-confidence (1999).

    Args:
        affinities: in (0, 1), shape (pairs,).
        outcomes: 1 where the pair was worth it, else 0, shape (pairs,).

    Raises:
        InvalidInput: too few pairs, only one kind of outcome, or no fit.
    """
    worth, not_worth = float(outcomes.sum()), float((1.0 - outcomes).sum())
    if len(outcomes) < FEWEST or not worth or not not_worth:
        raise InvalidInput(
            f"{len(outcomes)} judged pairs, {worth:.0f} of them worth it: calibration needs at least {FEWEST} pairs of "
            "both kinds"
        )
    targets = np.where(outcomes > 0, (worth + 1) / (worth + 2), 1 / (not_worth + 2))
    logits = logit(np.clip(affinities, CERTAIN, 1.0 - CERTAIN))

    def loss(parameters: Values) -> float:
        chances = parameters[2] * expit(parameters[0] * logits + parameters[1])
        return -float((targets * np.log(chances) + (1.0 - targets) * np.log1p(-chances)).sum())

    bounds = [(0.01, 20.0), (-20.0, 20.0), (0.01, 1.0 - 1e-6)]
    fits = [minimize(loss, np.asarray(start), method="L-BFGS-B", bounds=bounds) for start in STARTS]
    if not any(fit.success for fit in fits):
        raise InvalidInput(f"no calibration could be fitted: {fits[0].message}")
    best = min(fits, key=lambda fit: float(fit.fun))
    return Calibration(*(round(float(value), 4) for value in best.x))


def calibrated(ks_match: KsMatch, rule: Rule | None = None) -> Rule:
    """The rule with a calibration fitted on a benchmark's judgments (give it the dev split alone)."""
    rule = rule or ks_match.rule
    raw = replace(rule, calibration=Calibration())
    scores = ks_match.ranked(raw).scores
    return replace(rule, calibration=fit_calibration(*chances_and_outcomes(ks_match.benchmark, scores)))
