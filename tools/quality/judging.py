"""KS-Match rung by rung: traps and chances, which need scores by name rather than measures by question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from matchmaker.quality.calibrating import calibrated
from matchmaker.quality.ks_match import KsMatch, Run, report_on, traps_passed
from matchmaker.scoring.rule import DEFAULT_RULE
from tools.quality.bm25 import Tokens
from tools.quality.rungs import RUNGS, Bench, Rung, Sheet
from tools.quality.yardsticks import Yardstick, judged_yardstick, own_language_yardstick

LISTED = ("tfidf", "bm25", "single", "words", "relief", "roles", "breadth", "rrf")


def traps_by_rung(ks_match: KsMatch, tokens: Tokens) -> dict[str, Any]:
    """Per rung and kind of trap, the share not fallen for."""
    both = judged_yardstick("ks", "", ks_match)
    own = own_language_yardstick("ks-own", "", ks_match)
    return {
        rung.key: {
            "title": rung.title,
            **traps_passed(
                ks_match.benchmark, _run(ks_match, both, rung, tokens), _run(ks_match, own, rung, tokens)
            ),
        }
        for rung in RUNGS
        if rung.key in LISTED
    }


def _run(ks_match: KsMatch, yardstick: Yardstick, rung: Rung, tokens: Tokens) -> Run:
    bench = Bench(yardstick, tokens)
    run = {}
    for query, question in zip(ks_match.benchmark.queries, yardstick.questions, strict=True):
        side = yardstick.pool.sides[question.profile.member.country.other]
        names = [side.entries[ordinal].member.external_id for ordinal in question.members]
        run[query.query_id] = dict(zip(names, rung.rank(Sheet(bench, question)).tolist(), strict=True))
    return run


def confidence(dev: KsMatch, test: KsMatch) -> dict[str, Any]:
    """How the chances that are shown hold on the test queries, and what fitting them anew on dev would say."""
    fitted = calibrated(dev, DEFAULT_RULE).calibration
    shown = DEFAULT_RULE.calibration
    return {
        "shown": asdict(shown),
        "fitted_on_dev": asdict(fitted),
        "dev": report_on(dev.benchmark, dev.ranked())["calibration"],
        "test": report_on(test.benchmark, test.ranked())["calibration"],
    }


def trap_kinds(report: dict[str, Any]) -> Sequence[str]:
    """All kinds of traps of a report, the total last."""
    kinds = [kind for kind in next(iter(report.values())) if kind not in ("title", "all")]
    return (*sorted(kinds), "all")
