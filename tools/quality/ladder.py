"""Climb: every rung on every yardstick, with intervals and paired differences from the single vector."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from matchmaker.quality.measures import SEED, Estimate, bootstrap
from tools.quality.bm25 import Tokens
from tools.quality.late_interaction import LateInteraction
from tools.quality.rungs import RUNGS, Bench, Rung, Sheet
from tools.quality.yardsticks import Yardstick

REFERENCE = "single"
SEEDED = "random"
RANDOM_ORDERS = 20
Note = Callable[[str], None]


@dataclass(frozen=True)
class Climb:
    """One yardstick climbed: per rung, the measures of every question in order."""

    yardstick: Yardstick
    values: Mapping[str, Sequence[Mapping[str, float]]]

    def column(self, rung: str, measure: str | None = None) -> list[float]:
        """One measure of every question; the yardstick's own by default."""
        return [values[measure or self.yardstick.measure] for values in self.values[rung]]

    def estimate(self, rung: str, measure: str | None = None) -> Estimate:
        """Mean and interval of a measure."""
        return bootstrap(
            self.column(rung, measure), [question.group for question in self.yardstick.questions]
        )

    def difference(self, rung: str, other: str = REFERENCE) -> Estimate:
        """Paired difference of the yardstick's measure from another rung's."""
        pairs = zip(self.column(rung), self.column(other), strict=True)
        return bootstrap(
            [one - another for one, another in pairs],
            [question.group for question in self.yardstick.questions],
        )

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        measures = list(next(iter(self.values.values()))[0])
        return {
            "title": self.yardstick.title,
            "measure": self.yardstick.measure,
            "questions": len(self.yardstick.questions),
            "members": len(self.yardstick.pool),
            "rungs": {
                rung.key: {
                    "title": rung.title,
                    "kind": rung.kind,
                    **{name: _rounded(self.estimate(rung.key, name)) for name in measures},
                    "difference_from_single_vector": _rounded(self.difference(rung.key)),
                }
                for rung in RUNGS
                if rung.key in self.values
            },
        }


def climb(yardstick: Yardstick, tokens: Tokens, reranker: LateInteraction | None, note: Note) -> Climb:
    """Every rung on one yardstick; those that cannot be tried on it are left out."""
    bench = Bench(yardstick, tokens, reranker)
    rungs = [rung for rung in RUNGS if _can_try(rung, bench)]
    values: dict[str, list[Mapping[str, float]]] = defaultdict(list)
    for number, question in enumerate(yardstick.questions, start=1):
        sheet = Sheet(bench, question)
        for rung in rungs:
            values[rung.key].append(_judged(rung, sheet))
        if number % 100 == 0:
            note(f"{yardstick.title}: {number} of {len(yardstick.questions)}")
    return Climb(yardstick, values)


def _judged(rung: Rung, sheet: Sheet) -> Mapping[str, float]:
    if rung.key != SEEDED:
        return sheet.question.judge(rung.rank(sheet))
    generator = np.random.default_rng([SEED, *sheet.question.profile.member.external_id.encode()])
    orders = [
        sheet.question.judge(generator.random(len(sheet.question.members))) for _ in range(RANDOM_ORDERS)
    ]
    return {name: float(np.mean([order[name] for order in orders])) for name in orders[0]}


def _can_try(rung: Rung, bench: Bench) -> bool:
    questions = bench.yardstick.questions
    if rung.key in ("popularity", "with_popularity"):
        return all(question.popularity is not None for question in questions)
    if rung.key == "reranked":
        return bench.reranker is not None and len(bench.pool) < 1000
    return rung.key != "centred" or len(bench.pool) < 1000


def left_out(found: Climb, candidates: Sequence[str]) -> dict[str, Any]:
    """What choosing a rung by these very questions would give: for each organisation, the rung best on all others.

    Returns:
        Means over the questions, and how often each rung was chosen.
    """
    owners = np.asarray([str(question.organisation) for question in found.yardstick.questions])
    table = {key: np.asarray(found.column(key)) for key in candidates}
    chosen = {
        owner: max(candidates, key=lambda key: table[key][owners != owner].mean()) for owner in set(owners)
    }
    picked = [found.values[chosen[owner]][number] for number, owner in enumerate(owners)]
    means = {name: round(float(np.mean([row[name] for row in picked])), 4) for name in picked[0]}
    counts = {key: list(chosen.values()).count(key) for key in candidates}
    return {**means, "chosen": {key: count for key, count in counts.items() if count}}


def per_organisation(found: Climb, rung: str) -> dict[str, float]:
    """Mean of the measures per asking organisation, then over the organisations."""
    rows: dict[str, list[Mapping[str, float]]] = defaultdict(list)
    for question, values in zip(found.yardstick.questions, found.values[rung], strict=True):
        rows[str(question.organisation)].append(values)
    names = list(found.values[rung][0])
    return {
        name: round(float(np.mean([np.mean([v[name] for v in values]) for values in rows.values()])), 4)
        for name in names
    }


def _rounded(estimate: Estimate) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(estimate).items()}
