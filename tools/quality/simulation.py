"""Does learning from decisions do what it says? A simulation in which the true preferences are known.

Members ask, as in the directory; lists of ten are drawn by the present rule with exploration; coordinators accept by
preferences of their own: another weighting of the same evidence, something about every pair that no evidence shows,
and chance. Then learning is run as it is, and as the truth is known, so is what its verdict was worth.

Run: ``python -m tools.quality.simulation``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from typing import Any

import numpy as np

from matchmaker.quality.learning import Verdict, learn_from
from matchmaker.scoring.rule import DEFAULT_RULE, Rule
from tools.quality.simulated_world import World, directory

TODAY = date(2026, 11, 24)
REPETITIONS = 20
SIZES = (500, 1500, 4000)
"""Decisions."""
KINDS = tuple(DEFAULT_RULE.weights)
FACTORS: Mapping[str, Mapping[str, float]] = {
    "none": dict.fromkeys(KINDS, 1.0),
    "by chance": dict.fromkeys(KINDS, 0.0),
    "small": {"needs": 1.5, "coverage": 1.0, "words": 0.5, "roles": 1.5, "breadth": 0.5},
    "large": {"needs": 2.5, "coverage": 0.5, "words": 0.0, "roles": 2.0, "breadth": 0.0},
}
"""How the true weights differ from the present ones; by chance: whom coordinators accept has nothing to do with
evidence, so that every rule is as good as any other."""
PREFERENCES: Mapping[str, Mapping[str, float]] = {
    name: {kind: factors[kind] * DEFAULT_RULE.weights[kind] for kind in KINDS}
    for name, factors in FACTORS.items()
}
"""True weights."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One repetition: what was decided, and what is true. Regret is against the true preferences' own ranking."""

    decisions: int
    accepted: float
    verdict: Verdict
    regret_before: float
    regret_after: float


def try_once(world: World, weights: Mapping[str, float], decisions: int, seed: int) -> Trial:
    """One repetition of one setting."""
    generator = np.random.default_rng([seed, decisions])
    chances = world.chances(weights, generator)
    log = world.decide(decisions, chances, generator)
    verdict = learn_from(log, world.rule, TODAY)
    best = world.value(Rule("truth", weights, world.rule.relief), chances)
    before = best - world.value(world.rule, chances)
    after = best - world.value(verdict.learned.rule, chances) if verdict.learned else before
    return Trial(log.decisions, float(log.accepted.sum() / log.decisions), verdict, before, after)


def simulate(
    world: World,
    preferences: Mapping[str, Mapping[str, float]] = PREFERENCES,
    sizes: Sequence[int] = SIZES,
    repetitions: int = REPETITIONS,
) -> dict[str, Any]:
    """All settings, each repeated: how often a new rule is accepted, and what that is truly worth.

    Returns:
        ``settings``: a row per preference and number of decisions. ``switches``: share of repetitions in which the
        learned rule was accepted; ``harmful``: in which it was accepted and is truly worse. Regrets and gains are
        shares of a list's best; means over all repetitions (``regret_after``: with the rule that is then in force).
    """
    started = time.perf_counter()
    rows = [
        _row(name, size, [try_once(world, weights, size, seed) for seed in range(repetitions)])
        for name, weights in preferences.items()
        for size in sizes
    ]
    return {
        "questions": int(world.lists.max()) + 1,
        "candidates": len(world.lists),
        "repetitions": repetitions,
        "settings": rows,
        "seconds": round(time.perf_counter() - started, 1),
    }


def _row(name: str, size: int, trials: Sequence[Trial]) -> dict[str, Any]:
    switched = [trial for trial in trials if trial.verdict.is_better]
    compared = [trial.verdict.comparison for trial in trials if trial.verdict.comparison]
    return {
        "difference": name,
        "decisions": size,
        "accepted": round(fmean(trial.accepted for trial in trials), 3),
        "switches": round(len(switched) / len(trials), 3),
        "harmful": round(sum(t.regret_after > t.regret_before for t in switched) / len(trials), 3),
        "regret_before": round(fmean(trial.regret_before for trial in trials), 4),
        "regret_after": round(fmean(trial.regret_after for trial in trials), 4),
        "gain_when_switched": round(fmean(t.regret_before - t.regret_after for t in switched), 4)
        if switched
        else None,
        "estimated_difference": round(fmean(c.difference.mean for c in compared), 4) if compared else None,
    }


def main() -> None:
    """Print the figures as a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    report = simulate(directory(), repetitions=chosen.repetitions)
    print(json.dumps(report, indent=2) if chosen.json else as_table(report))


def as_table(report: Mapping[str, Any]) -> str:
    """The figures for people: shares in per cent, regrets and gains in points."""
    lines = [
        f"{report['questions']} questions, {report['candidates']} candidates, {report['repetitions']} repetitions, "
        f"{report['seconds']} s",
        f"{'difference':12}{'decisions':>10}{'accepted':>10}{'switches':>10}{'harmful':>9}"
        f"{'regret before':>15}{'after':>7}{'gain if switched':>18}",
    ]
    for row in report["settings"]:
        gain = row["gain_when_switched"]
        lines.append(
            f"{row['difference']:12}{row['decisions']:>10}{row['accepted']:>10.0%}{row['switches']:>10.0%}"
            f"{row['harmful']:>9.0%}{100 * row['regret_before']:>15.1f}{100 * row['regret_after']:>7.1f}"
            + (f"{100 * gain:>18.1f}" if gain is not None else f"{'':>18}")
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
