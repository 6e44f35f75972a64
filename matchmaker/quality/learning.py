"""Learning from decisions: is there a rule that coordinators would accept more of, and is that sure enough to say so?

Every number of the comparison comes from queries that the compared weights were not learned from (cross-fitting:
queries are split in `FOLDS`, and each part is judged by what was learned from the others, strength and model of
acceptance included). The learned rule itself uses all decisions. It is refused unless the whole 95% interval of the
difference lies above 0. Where there is truly no difference that should happen in one of forty looks, and in
simulations happens in at most one of twenty, but it adds up if one looks again and again: learn when a good number of
new decisions has come in, not every day.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sklearn.linear_model import LogisticRegression

from matchmaker.domain.decision import Decision
from matchmaker.formats.rule_file import provenance
from matchmaker.quality.decision_log import DecisionLog
from matchmaker.quality.measures import Estimate, Values
from matchmaker.quality.off_policy import FLOOR, TOP, Comparison, compare
from matchmaker.quality.weights import Examples, choose_strength, fit, folds, kinds_of, rule_of
from matchmaker.scoring.exploration import logits_of
from matchmaker.scoring.rule import Rule
from matchmaker.scoring.rule_store import LearnedRule

MIN_QUERIES = 40
"""Fewer queries make no interval worth the name."""
MIN_OUTCOMES = 30
"""Of accepted and of declined candidates, each."""
MIN_DIFFERING = 20
"""With decisions on what the rules disagree about from fewer queries, intervals are too narrow: simulated, the rules
being the
same, one in twenty lay above 0."""
MOST_UNSEEN = 0.1
"""If more of the new rule's best were hardly ever shown, decisions cannot say what they are worth."""
POWER = 1.96 + 0.84
"""Standard errors between 0 and a difference that is found four times out of five (Cohen 1988)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out: ``learned`` is None where it was refused; ``says`` tells in a sentence why, or why not.

    ``more_decisions``: how many further ones would probably be needed; None where that cannot be said.
    """

    says: str
    counts: dict[str, int]
    learned: LearnedRule | None = None
    rule: Rule | None = None
    comparison: Comparison | None = None
    more_decisions: int | None = None

    @property
    def is_better(self) -> bool:
        """Whether a better rule was found."""
        return self.learned is not None


def learn(decisions: Sequence[Decision], base: Rule, today: date) -> Verdict:
    """Learn a rule from decisions and compare it with the present one.

    Raises:
        InvalidInput: the decisions contradict each other or are incomplete.
    """
    return learn_from(DecisionLog.of(decisions), base, today)


def learn_from(log: DecisionLog, base: Rule, today: date) -> Verdict:
    """The same from decisions as arrays."""
    if lack := _lack(log):
        says, more = lack
        return Verdict(f"Refused: {says}", log.counts(), more_decisions=more)
    examples = Examples.of(log, base)
    weights = fit(examples, base, choose_strength(examples, base)).weights(base)
    rule = rule_of(weights, log.evidence, base)
    comparison = compare(log, logits_of(log.evidence, base), *_held_out(log, base))
    refusal = _refusal(comparison, log.decisions)
    if refusal is not None:
        says, more = refusal
        return Verdict(f"Refused: {says}", log.counts(), None, rule, comparison, more)
    learned = _documented(rule, base, log, comparison, today)
    return Verdict(f"Better: {_figures(comparison)}.", log.counts(), learned, rule, comparison)


def _lack(log: DecisionLog) -> tuple[str, int | None] | None:
    """Why there is too little to learn from, and how many more decisions that would take."""
    counts = log.counts()
    if counts["queries"] < MIN_QUERIES:
        more = math.ceil(counts["decisions"] * (MIN_QUERIES / counts["queries"] - 1))
        return (
            f"the decisions are about {counts['queries']} members that asked; an interval needs at least "
            f"{MIN_QUERIES}. Write down lists of more members.",
            more,
        )
    accepted = int(log.accepted.sum())
    fewer = min(accepted, counts["decisions"] - accepted)
    if fewer < MIN_OUTCOMES:
        return (
            f"of {counts['decisions']} candidates {accepted} were accepted; at least {MIN_OUTCOMES} must be "
            "accepted and as many declined before the two can be told apart.",
            math.ceil(counts["decisions"] * (MIN_OUTCOMES / fewer - 1)) if fewer else None,
        )
    return None


def _held_out(log: DecisionLog, base: Rule) -> tuple[Values, Values]:
    """New scores and chances of acceptance of every row, learned from other queries; both of shape (rows,)."""
    scores, acceptance = np.zeros(len(log)), np.zeros(len(log))
    for held in folds(log.queries):
        examples, part = Examples.of(log.take(~held), base), log.take(held)
        weights = fit(examples, base, choose_strength(examples, base)).weights(base)
        scores[held] = logits_of(part.evidence, Rule("held out", weights, base.relief))
        acceptance[held] = _acceptance(examples, kinds_of(part.evidence))
    return scores, acceptance


def _acceptance(examples: Examples, evidence: Values) -> Values:
    """Chances by a model of acceptance of its own, which knows of no rule: a plain logistic regression."""
    if len(np.unique(examples.accepted)) < 2:
        return np.full(len(evidence), examples.accepted.mean())
    model = LogisticRegression().fit(examples.evidence, examples.accepted, examples.weights)
    return np.asarray(model.predict_proba(evidence)[:, 1])


def _refusal(comparison: Comparison, decisions: int) -> tuple[str, int | None] | None:
    """Why the learned rule is not taken, and how many more decisions would probably be needed; None where it is."""
    found = comparison.difference
    if comparison.unseen > MOST_UNSEEN:
        return (
            f"{comparison.unseen:.0%} of the learned rule's best candidates had a chance of less than {FLOOR:.0%} of "
            "being shown, so decisions cannot say what they are worth. Show lists with more exploration.",
            None,
        )
    if comparison.differing < MIN_DIFFERING:
        return (
            f"the learned rule hardly differs from the present one. Only {comparison.differing} of the members that "
            f"asked have decisions on candidates that the two disagree about; a comparison needs {MIN_DIFFERING}.",
            None,
        )
    if found.low > 0:
        return None
    if found.high < 0:
        return f"{_figures(comparison)}. The learned rule is worse.", None
    more = decisions_needed(found, decisions)
    hint = (
        f"About {more} more decisions would probably be needed to be sure."
        if more
        else "More decisions of this kind will probably not change that."
    )
    return f"{_figures(comparison)}, which includes 0. {hint}", more


def _figures(comparison: Comparison) -> str:
    found = comparison.difference
    return (
        f"of the {TOP} best candidates of a list coordinators would accept {comparison.value:.1%} by the learned rule "
        f"and {comparison.base_value:.1%} by the present one: a difference of {points(found)}"
    )


def points(difference: Estimate) -> str:
    """A difference of shares with its interval, for people."""
    mean, low, high = (100 * value for value in (difference.mean, difference.low, difference.high))
    return f"{mean:+.1f} points, 95% interval {low:+.1f} to {high:+.1f}"


def decisions_needed(difference: Estimate, decisions: int) -> int | None:
    """How many more decisions would probably show such a difference, to two digits; None where it is not above 0.

    The standard error shrinks with the root of the number of decisions; it must come down to the difference over
    `POWER`.
    """
    if difference.mean <= 0:
        return None
    error = (difference.high - difference.low) / (2 * 1.96)
    more = max(decisions * ((POWER * error / difference.mean) ** 2 - 1), 1.0)
    return math.ceil(float(f"{more:.1e}"))


def _documented(rule: Rule, base: Rule, log: DecisionLog, comparison: Comparison, today: date) -> LearnedRule:
    def ends(found: Estimate) -> list[float]:
        return [round(found.low, 4), round(found.high, 4)]

    figures = {
        "base_value": round(comparison.base_value, 4),
        "value": round(comparison.value, 4),
        "difference": round(comparison.difference.mean, 4),
        "interval": ends(comparison.difference),
        "difference_by_weighting": round(comparison.by_weighting.mean, 4),
        "interval_by_weighting": ends(comparison.by_weighting),
    }
    return LearnedRule(rule, provenance(today, log.counts(), base.name, figures))
