"""Simulate rounds, time the solvers and write it down: ``python -m tools.rounds`` (or ``make rounds``)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from tools.rounds.market import KOREAN, SINGAPORE, Market, market
from tools.rounds.plots import draw
from tools.rounds.regimes import KR_ROOM, LIST, SG_ROOM, Figures, introductions, lists
from tools.rounds.report import page
from tools.rounds.timing import given, simulated, timed


def main() -> int:
    """Measure, write, say where."""
    options = _options()
    figures = measure(options.seeds, options.benchmarks)
    options.output.mkdir(parents=True, exist_ok=True)
    draw(figures, options.output / "rounds.svg")
    (options.output / "rounds.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (options.output / "rounds.md").write_text(page(figures, "rounds.svg"), encoding="utf-8")
    _note(f"Wrote rounds.md, rounds.json and rounds.svg to {options.output}.")
    return 0


def measure(seeds: int, benchmarks: Path) -> dict[str, Any]:
    """All figures of the page."""
    markets = [market(seed) for seed in range(1, seeds + 1)]
    _note("Timing ...")
    timings = [timed(instance) for instance in (simulated(), *given(benchmarks))]
    return {
        "date": date.today().isoformat(),
        "command": "make rounds",
        "seeds": seeds,
        "members": {"kr": KOREAN, "sg": SINGAPORE},
        "room": {"list": LIST, "kr": KR_ROOM, "sg": SG_ROOM},
        "introductions": _summary("introductions", introductions, markets),
        "lists": _summary("lists", lists, markets),
        "timings": timings,
    }


def _summary(
    title: str, regime: Callable[[Market], dict[str, Figures]], markets: Sequence[Market]
) -> dict[str, Any]:
    runs = []
    for number, each in enumerate(markets, 1):
        _note(f"{title}: market {number} of {len(markets)}")
        runs.append(regime(each))
    return {
        way: {
            **{name: _interval([run[way][name] for run in runs]) for name in runs[0][way]},
            "gain": _interval([run[way]["mutual"] / run["reciprocal"]["mutual"] - 1 for run in runs]),
        }
        for way in runs[0]
    }


def _interval(values: Sequence[float]) -> dict[str, float]:
    """Mean and 95% t-interval over markets."""
    mean = float(np.mean(values))
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    half = float(stats.t.ppf(0.975, max(len(values) - 1, 1))) * spread / len(values) ** 0.5
    return {"mean": round(mean, 4), "low": round(mean - half, 4), "high": round(mean + half, 4)}


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.rounds", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="simulated markets")
    parser.add_argument(
        "--benchmarks",
        type=Path,
        default=Path("../shared/data/bench/assignment"),
        help="folder with published instances that are not in the repository",
    )
    parser.add_argument("--output", type=Path, default=Path("docs"), help="folder to write to")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
