"""From affinities to chances: fitted on judged pairs, so that 0.6 means that six such pairs in ten were worth it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import minimize

from matchmaker.errors import InvalidInput
from matchmaker.quality.ks_match import KsMatch, chances_and_outcomes
from matchmaker.quality.measures import Values
from matchmaker.scoring.rule import DEFAULT_RULE, Calibration, Rule

FEWEST = 100
"""Fewer judged pairs than this are not fitted."""


def fit_calibration(affinities: Values, outcomes: Values) -> Calibration:
    """Platt's sigmoid by maximum likelihood, with his smoothed targets against over-confidence (Platt 1999).

    Args:
        affinities: in (0, 1), shape (pairs,).
        outcomes: 1 where the pair was worth it, else 0, shape (pairs,).

    Raises:
        InvalidInput: too few pairs, or only one kind of outcome.
    """
    worth, not_worth = float(outcomes.sum()), float((1.0 - outcomes).sum())
    if len(outcomes) < FEWEST or not worth or not not_worth:
        raise InvalidInput(
            f"{len(outcomes)} judged pairs, {worth:.0f} of them worth it: calibration needs at least {FEWEST} pairs of "
            "both kinds"
        )
    targets = np.where(outcomes > 0, (worth + 1) / (worth + 2), 1 / (not_worth + 2))
    logits = np.log(affinities / (1.0 - affinities))

    def loss(parameters: Values) -> float:
        values = parameters[0] * logits + parameters[1]
        return float((np.logaddexp(0.0, values) - targets * values).sum())

    found = minimize(loss, np.asarray([1.0, 0.0]), method="L-BFGS-B", bounds=[(0.01, None), (None, None)])
    return Calibration(round(float(found.x[0]), 4), round(float(found.x[1]), 4))


def calibrated(ks_match: KsMatch, rule: Rule = DEFAULT_RULE) -> Rule:
    """The rule with a calibration fitted on a benchmark's judgments (give it the dev split alone)."""
    raw = replace(rule, calibration=Calibration())
    scores = ks_match.ranked(raw).scores
    return replace(rule, calibration=fit_calibration(*chances_and_outcomes(ks_match.benchmark, scores)))
