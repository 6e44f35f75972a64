"""Learning from decisions, on worlds in which the truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.errors import InvalidInput
from matchmaker.quality.decision_log import DecisionLog
from matchmaker.quality.learning import (
    MIN_DIFFERING,
    MIN_QUERIES,
    decisions_needed,
    learn,
    learn_from,
)
from matchmaker.quality.measures import Estimate
from matchmaker.quality.off_policy import TOP, best_of, compare, doubly_robust, mean_per_list
from matchmaker.quality.weights import (
    KINDS,
    STRENGTHS,
    Examples,
    calibrate,
    choose_strength,
    fit,
    folds,
    rule_of,
)
from matchmaker.scoring.exploration import logits_of
from matchmaker.scoring.rule import DEFAULT_RULE, WEIGHTS, Rule
from tests.decisions import OTHER, TODAY, decide, decisions_of, make_world
from tools.quality.simulated_world import World
from tools.quality.simulation import as_table, simulate

WORLD = make_world()
CHANCE = dict.fromkeys(WEIGHTS, 0.0)


def shares(weights: dict[str, float]) -> list[float]:
    return [weights[kind] / sum(weights.values()) for kind in KINDS]


# Weights


def test_many_decisions_show_the_true_weights() -> None:
    world = make_world(questions=2000, seed=5)
    examples = Examples.of(decide(world, OTHER, 20_000), DEFAULT_RULE)
    found = fit(examples, DEFAULT_RULE, 1e-4).weights(DEFAULT_RULE)
    assert shares(found) == pytest.approx(shares(OTHER), abs=0.06)
    assert sum(found.values()) == pytest.approx(sum(WEIGHTS.values()), abs=1e-3)


def test_a_strong_pull_keeps_the_present_weights() -> None:
    base = Rule("mine", {"needs": 2.0, "coverage": 0.5, "words": 1.0, "roles": 0.0, "breadth": 1.5})
    examples = Examples.of(decide(WORLD, OTHER, 1000), base)
    assert fit(examples, base, 1e6).weights(base) == pytest.approx(dict(base.weights), abs=1e-3)


@given(st.sampled_from(STRENGTHS), st.integers(0, 20), st.sampled_from([WEIGHTS, OTHER, CHANCE]))
@settings(deadline=None, max_examples=20)
def test_weights_are_never_negative(strength: float, seed: int, truth: dict[str, float]) -> None:
    against = {kind: -weight for kind, weight in truth.items()}
    examples = Examples.of(decide(WORLD, against, 500, seed), DEFAULT_RULE)
    found = fit(examples, DEFAULT_RULE, strength).weights(DEFAULT_RULE)
    assert set(found) == set(WEIGHTS)
    assert all(weight >= 0 for weight in found.values())
    assert sum(found.values()) > 0


def test_a_calibration_gives_the_chances_that_were_true() -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(size=20_000)
    accepted = (generator.random(20_000) < 1 / (1 + np.exp(-(0.7 * logits - 0.4)))).astype(float)
    found = calibrate(logits, accepted, np.ones(20_000))
    assert (found.slope, found.intercept) == pytest.approx((0.7, -0.4), abs=0.05)


def test_scores_against_all_decisions_keep_a_rising_calibration() -> None:
    logits = np.linspace(-2.0, 2.0, 100)
    assert calibrate(logits, (logits < 0).astype(float), np.ones(100)).slope > 0


def test_noise_is_met_with_a_stronger_pull_than_a_clear_preference() -> None:
    calm, clear = (Examples.of(decide(WORLD, truth, 2000), DEFAULT_RULE) for truth in (WEIGHTS, OTHER))
    assert choose_strength(calm, DEFAULT_RULE) > choose_strength(clear, DEFAULT_RULE)


def test_another_weighting_keeps_the_mean_and_the_spread_of_chances() -> None:
    evidence = WORLD.evidence
    rule = rule_of(OTHER, evidence, DEFAULT_RULE)
    before, after = (
        each.calibration.slope * logits_of(evidence, each) + each.calibration.intercept
        for each in (DEFAULT_RULE, rule)
    )
    assert (after.mean(), after.std()) == pytest.approx((before.mean(), before.std()), abs=1e-3)
    assert rule.calibration.ceiling == DEFAULT_RULE.calibration.ceiling
    assert rule_of(DEFAULT_RULE.weights, evidence, DEFAULT_RULE).calibration == DEFAULT_RULE.calibration


def test_folds_keep_a_query_together_and_leave_nobody_out() -> None:
    queries = np.repeat(np.arange(50), 4)
    held = np.stack(list(folds(queries)))
    assert held.sum(axis=0).tolist() == [1] * 200
    assert (held.reshape(-1, 50, 4).std(axis=2) == 0).all()


# Values


def test_the_best_of_every_list_are_found_and_equals_go_by_place() -> None:
    lists = np.asarray([0, 0, 0, 3, 3])
    assert best_of(np.asarray([1.0, 3.0, 2.0, 5.0, 5.0]), lists, 1).tolist() == [
        False,
        True,
        False,
        True,
        False,
    ]
    assert best_of(np.zeros(5), lists, 9).all()


def test_estimates_are_near_the_truth_whatever_the_model_says() -> None:
    world = make_world(questions=600, seed=3)
    chances = world.chances(OTHER, np.random.default_rng(0))
    log = world.decide(6000, chances, np.random.default_rng(1))
    chosen = best_of(logits_of(log.evidence, Rule("other", OTHER)), log.lists)
    true = chances[chosen].mean()
    for model in (chances, np.full(len(log), 0.5), np.zeros(len(log))):
        values = mean_per_list(doubly_robust(log, model), chosen, log.lists)
        assert values.mean() == pytest.approx(true, abs=0.04)


def test_a_rule_differs_from_itself_by_nothing() -> None:
    log = decide(WORLD, WEIGHTS, 1000)
    scores = logits_of(log.evidence, DEFAULT_RULE)
    found = compare(log, scores, scores, np.full(len(log), 0.3))
    assert found.difference == found.by_weighting == Estimate(0.0, 0.0, 0.0)
    assert found.differing == 0


def test_the_better_rule_wins_in_both_estimates_and_the_worse_loses() -> None:
    log = decide(WORLD, OTHER, 2000)
    present, better = (logits_of(log.evidence, Rule("", weights)) for weights in (WEIGHTS, OTHER))
    model = np.full(len(log), 0.3)
    for found, sign in (
        (compare(log, present, better, model), 1),
        (compare(log, better, present, model), -1),
    ):
        assert sign * found.difference.mean > 0
        assert sign * found.by_weighting.mean > 0
        assert found.difference.low <= found.difference.mean <= found.difference.high


# Verdicts


def test_a_clear_preference_makes_a_better_rule_that_is_documented() -> None:
    log = decide(WORLD, OTHER, 2000)
    verdict = learn_from(log, DEFAULT_RULE, TODAY)
    assert verdict.is_better
    assert verdict.learned is not None
    assert verdict.comparison is not None
    assert verdict.comparison.difference.low > 0
    assert verdict.says.startswith("Better: of the 5 best")
    rule, provenance = verdict.learned.rule, verdict.learned.provenance
    assert rule.name.startswith("2-")
    assert rule.relief == DEFAULT_RULE.relief
    assert rule.weights["needs"] > rule.weights["words"]
    assert (provenance.decisions, provenance.base_rule, provenance.trained_at) == (2000, "2", TODAY)
    assert provenance.comparison.interval[0] > 0
    chances = WORLD.chances(OTHER, np.random.default_rng(0))
    assert WORLD.value(rule, chances) > WORLD.value(DEFAULT_RULE, chances)


def test_the_same_decisions_in_any_order_give_the_same_verdict() -> None:
    decisions = decisions_of(decide(WORLD, OTHER, 1500))
    one, other = learn(decisions, DEFAULT_RULE, TODAY), learn(decisions[::-1], DEFAULT_RULE, TODAY)
    assert one == other
    assert one.is_better


@pytest.mark.parametrize("truth", [WEIGHTS, CHANCE], ids=["the same", "by chance"])
def test_without_a_difference_hardly_ever_anything_is_switched(truth: dict[str, float]) -> None:
    verdicts = [learn_from(decide(WORLD, truth, 1000, seed), DEFAULT_RULE, TODAY) for seed in range(25)]
    assert sum(verdict.is_better for verdict in verdicts) <= 2
    for verdict in verdicts:
        assert verdict.says.startswith("Better: " if verdict.is_better else "Refused: ")
        assert (verdict.learned is not None) == verdict.is_better


def test_a_difference_too_small_to_be_sure_is_refused_with_how_many_more() -> None:
    verdict = learn_from(decide(WORLD, OTHER, 500, seed=2), DEFAULT_RULE, TODAY)
    assert not verdict.is_better
    assert "includes 0" in verdict.says
    assert verdict.more_decisions is not None
    assert f"About {verdict.more_decisions} more decisions" in verdict.says


def test_few_queries_are_refused_with_how_many_more() -> None:
    verdict = learn_from(decide(WORLD, OTHER, (MIN_QUERIES - 1) * 10), DEFAULT_RULE, TODAY)
    assert f"{MIN_QUERIES - 1} members that asked" in verdict.says
    assert verdict.more_decisions == 10
    assert verdict.comparison is None


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_a_single_outcome_is_refused(outcome: float) -> None:
    log = decide(WORLD, OTHER, 1000)
    verdict = learn_from(replace(log, accepted=np.where(log.is_shown, outcome, 0.0)), DEFAULT_RULE, TODAY)
    assert "accepted" in verdict.says
    assert not verdict.is_better
    assert verdict.more_decisions is None


def without_exploration(world: World, weights: dict[str, float]) -> DecisionLog:
    """Lists that always show the present rule's best."""
    log = decide(world, weights, 2000)
    shown = best_of(logits_of(log.evidence, DEFAULT_RULE), log.lists, TOP)
    chances = np.random.default_rng(0).random(len(log))
    accepted = shown & (chances < 1 / (1 + np.exp(-3 * log.evidence.gives)))
    return replace(
        log, is_shown=shown, propensities=np.where(shown, 1.0, 1e-9), accepted=accepted.astype(float)
    )


def test_lists_that_left_nothing_to_chance_are_refused() -> None:
    shown = [row for row in decisions_of(decide(make_world(50), OTHER, 200)) if row.is_shown]
    with pytest.raises(InvalidInput, match="do not add up"):
        DecisionLog.of(shown)
    with pytest.raises(InvalidInput, match="sure to be shown"):
        DecisionLog.of([replace(row, propensity=1.0) for row in shown])


def test_every_list_is_checked_on_its_own() -> None:
    rows = decisions_of(decide(make_world(50), OTHER, 200))
    first = rows[0].list_id
    with pytest.raises(InvalidInput, match="in 1 of"):
        DecisionLog.of([row for row in rows if row.is_shown or row.list_id != first])


def test_decisions_without_exploration_are_refused() -> None:
    verdict = learn_from(without_exploration(WORLD, OTHER), DEFAULT_RULE, TODAY)
    assert "Show lists with more exploration" in verdict.says
    assert not verdict.is_better


def test_a_rule_that_hardly_differs_is_refused_although_its_interval_lies_above_zero() -> None:
    log = decide(WORLD, WEIGHTS, 1000)
    few = np.unique(log.queries)[: MIN_DIFFERING - 1]
    scores = logits_of(log.evidence, DEFAULT_RULE)
    better = np.where(np.isin(log.queries, few), 10 * log.accepted, 0.0) + scores
    found = compare(log, scores, better, np.full(len(log), 0.3))
    assert found.difference.low > 0
    assert found.differing < MIN_DIFFERING


@pytest.mark.parametrize(
    ("difference", "needed"),
    [
        (Estimate(0.0, -0.1, 0.1), None),
        (Estimate(-0.1, -0.2, 0.1), None),
        (Estimate(0.05, -0.05, 0.15), 7200),
        (Estimate(0.10, 0.02, 0.18), 310),
        (Estimate(0.10, 0.09, 0.11), 1),
    ],
)
def test_how_many_more_decisions_follows_from_the_interval(difference: Estimate, needed: int | None) -> None:
    assert decisions_needed(difference, 1000) == needed


# The simulation


def test_a_simulation_reports_what_happened_and_what_is_true() -> None:
    report = simulate(WORLD, {"none": WEIGHTS, "large": OTHER}, (500, 2000), 3)
    rows = {(row["difference"], row["decisions"]): row for row in report["settings"]}
    assert list(rows) == [("none", 500), ("none", 2000), ("large", 500), ("large", 2000)]
    assert all(rows["none", size]["switches"] == 0 for size in (500, 2000))
    assert rows["none", 500]["regret_before"] == 0
    assert rows["large", 2000]["switches"] == 1
    assert rows["large", 2000]["harmful"] == 0
    assert rows["large", 2000]["regret_after"] < rows["large", 2000]["regret_before"] / 2
    table = as_table(report).splitlines()
    assert len(table) == 2 + len(rows)
    assert table[-1].startswith("large")
