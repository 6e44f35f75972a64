"""What tests of learning are made of: a world without a model, and decisions made in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from matchmaker.domain.decision import Decision, Evidence
from matchmaker.domain.member import Purpose
from matchmaker.formats.decision_line import DecisionLine
from matchmaker.quality.decision_log import DecisionLog
from matchmaker.scoring.rule import Channels
from matchmaker.scoring.shown import written
from tools.quality.simulated_world import World

TODAY = date(2026, 11, 24)
OTHER = {"needs": 3.0, "coverage": 0.5, "words": 0.0, "roles": 1.5, "breadth": 0.0}
"""True preferences that differ much from equal weights."""


def make_world(questions: int = 200, candidates: int = 25, seed: int = 1) -> World:
    """Questions of as many members, with evidence drawn at random."""
    generator = np.random.default_rng(seed)
    count = questions * candidates
    similar = generator.normal(size=count)

    def channel(share: float) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.asarray(share * similar + np.sqrt(1 - share**2) * generator.normal(size=count))

    lists = np.repeat(np.arange(questions), candidates)
    evidence = Channels(*(channel(share) for share in (0.6, 0.6, 0.6, 0.6, 0.5, 0.0, 0.0)))
    return World(evidence, lists, lists, np.arange(count))


def decide(world: World, weights: Mapping[str, float], decisions: int, seed: int = 0) -> DecisionLog:
    """Decisions by coordinators with some preferences."""
    generator = np.random.default_rng(seed)
    return world.decide(decisions, world.chances(weights, generator), generator)


def decisions_of(log: DecisionLog) -> list[Decision]:
    """A log as the records that it could have been read from."""
    evidence = written(log.evidence)
    ranks = np.zeros(len(log), dtype=np.intp)
    for number in np.unique(log.lists):
        shown = np.flatnonzero((log.lists == number) & log.is_shown)
        ranks[shown] = np.arange(1, len(shown) + 1)
    return [
        make_decision(
            decision_id=f"d-{row:05}",
            list_id=f"l-{log.lists[row]:04}",
            query=f"kr-{log.queries[row]:04}",
            candidate=f"sg-{row:05}",
            accepted=bool(log.accepted[row]) if log.is_shown[row] else None,
            rank=int(ranks[row]) if log.is_shown[row] else None,
            propensity=float(log.propensities[row]),
            evidence=evidence[row],
        )
        for row in range(len(log))
    ]


def make_decision(**overrides: Any) -> Decision:
    """A candidate that was shown and accepted; any field may be given instead."""
    fields: dict[str, Any] = {
        "decision_id": "d-1",
        "list_id": "l-1",
        "query": "kr-one",
        "candidate": "sg-one",
        "purpose": Purpose.STARTUP,
        "accepted": True,
        "rank": 1,
        "propensity": 0.5,
        "evidence": Evidence(1.0, 0.5, 0.25, -0.5, 0.0, 1.5, -1.0),
        "rule": "2",
        "snapshot": "1802bdf52a60",
        "decided_on": TODAY,
    }
    return Decision(**fields | overrides)


def line_of(decision: Decision) -> dict[str, Any]:
    """A decision as decoded JSON, without what it does not say."""
    return json.loads(DecisionLine.of(decision).model_dump_json(exclude_none=True))  # type: ignore[no-any-return]


def write_decisions(path: Path, decisions: Iterable[Decision]) -> Path:
    """A decision file."""
    lines = (json.dumps(line_of(decision)) for decision in decisions)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
