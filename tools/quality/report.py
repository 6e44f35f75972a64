"""The page about quality: tables from figures. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools.quality.judging import trap_kinds

SHOWN = {"mrr": "MRR", "ndcg_at_10": "nDCG@10", "recall_at_10": "recall@10"}


def page(figures: Mapping[str, Any], picture: str) -> str:
    """Markdown of the whole page."""
    parts = [
        _head(figures, picture),
        *(_ladder(yardstick) for yardstick in figures["ladder"].values()),
        _partners(figures["partners"]),
        _parity(figures["parity"]),
        _traps(figures["traps"]),
        _confidence(figures["confidence"]),
        _learning(figures["learning"]),
        _skipped(figures["skipped"]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(figures: Mapping[str, Any], picture: str) -> str:
    return "\n".join(
        (
            "# How well it ranks, rung by rung",
            "",
            f"Measured on {figures['date']} with `make quality`, which writes this page, the same figures as",
            f"[JSON](quality.json) and the picture. Model: `{figures['model']}`. Rule: `{figures['rule']}`.",
            "Intervals are 95% percentile bootstrap intervals over whole pairs or queries; a difference is paired,",
            "question by question, from the single vector. Seeds are fixed; random orders are the mean of twenty. Every",
            "rung runs through the product's own scoring code (`matchmaker/scoring`), with parts of the rule left out.",
            "",
            f"![Rungs of the ladder with their intervals, and how chances come true]({picture})",
        )
    )


def _ladder(yardstick: Mapping[str, Any]) -> str:
    measure = yardstick["measure"]
    extra = next((name for name in ("recall_at_10",) if name in _first(yardstick["rungs"])), None)
    columns = [
        SHOWN[measure],
        "95% interval",
        *([SHOWN[extra]] if extra else []),
        "difference from the single vector",
    ]
    rows = [_rung_row(rung, measure, extra) for rung in yardstick["rungs"].values()]
    title = f"## {yardstick['title']}"
    size = f"{yardstick['questions']} questions, {yardstick['members']} members."
    return "\n".join((title, "", size, "", *_table(["", *columns], rows)))


def _rung_row(rung: Mapping[str, Any], measure: str, extra: str | None) -> list[str]:
    found, difference = rung[measure], rung["difference_from_single_vector"]
    cells = [f"{found['mean']:.3f}", f"[{found['low']:.3f}; {found['high']:.3f}]"]
    if extra:
        cells.append(f"{rung[extra]['mean']:.3f}")
    cells.append(f"{difference['mean']:+.3f} [{difference['low']:+.3f}; {difference['high']:+.3f}]")
    title = rung["title"] if rung["kind"] != "alternative" else f"*{rung['title']}*"
    return [title, *cells]


def _partners(report: Mapping[str, Any]) -> str:
    left, per = report["chosen_leaving_one_out"], report["per_organisation"]
    chosen = ", ".join(f"{key} {count} times" for key, count in left["chosen"].items())
    return "\n".join(
        (
            "### Known partners, more closely",
            "",
            f"Mean per Korean organisation ({report['organisations']}), so that one with many partners does not speak for",
            f"all: MRR {per['mrr']:.3f}, recall@10 {per['recall_at_10']:.3f}. Which rung is the default was chosen with",
            "these rows in view. Chosen anew for every Korean organisation on the pairs of all others alone, the rungs",
            f"and alternatives give MRR {left['mrr']:.3f} and recall@10 {left['recall_at_10']:.3f} ({chosen}).",
            "Popularity counts known partners, which nobody new has: it is shown for comparison and never used.",
        )
    )


def _parity(report: Mapping[str, Any]) -> str:
    settings = {
        "everybody else as they are": report["others_as_they_are"],
        "everybody else in English": report["others_in_english"],
    }

    rows = [
        [
            title,
            f"{found['mrr_in_english']:.3f}",
            f"{found['mrr_in_korean']:.3f}",
            f"{found['kept']:.2f}",
            "{:+.3f} [{:+.3f}; {:+.3f}]".format(*found["difference"]),
            f"{found['share_of_their_top_10_that_changes']:.2f}",
            f"{found['exposure_in_english']:.3f} / {found['exposure_in_korean']:.3f}",
        ]
        for title, found in settings.items()
    ]
    columns = [
        "",
        "MRR, English",
        "MRR, Korean",
        "kept",
        "difference",
        "own top 10 that changes",
        "places in others' top 10",
    ]
    intro = (
        f"The {report['studied']} organisations that have a Korean summary of their own, shown in English alone and in Korean alone\n"
        f"(`matchmaker parity`); both sides of their known pairs. Of their Korean wordings {report['translated']:.0%} are our translation."
    )
    return "\n".join(("## Parity of the languages", "", intro, "", *_table(columns, rows)))


def _traps(report: Mapping[str, Any]) -> str:
    kinds = trap_kinds(dict(report))
    counts = _first(report)
    columns = ["", *(f"{kind} ({counts[kind]['count']})" for kind in kinds)]
    rows = [[row["title"], *(f"{row[kind]['passed']:.2f}" for kind in kinds)] for row in report.values()]
    intro = "Share of the traps of the test queries that are not fallen for: the better candidate stands above the trap."
    return "\n".join(("## Traps of KS-Match, test", "", intro, "", *_table(columns, rows)))


def _confidence(report: Mapping[str, Any]) -> str:
    test = report["test"]
    rows = [[f"{b['predicted']:.2f}", f"{b['observed']:.2f}", str(b["count"])] for b in test["bins"]]
    shown = report["shown"]
    return "\n".join(
        (
            "## Chances",
            "",
            "The score that is shown is the chance of a grade of at least 2, fitted on the dev queries (a sigmoid below a ceiling,",
            f"slope {shown['slope']}, intercept {shown['intercept']}, ceiling {shown['ceiling']}; `matchmaker calibrate`). On the {test['pairs']} judged",
            f"pairs of the test queries: expected calibration error {test['expected_calibration_error']:.3f}, Brier score",
            f"{test['brier_score']:.3f} (the base rate of {test['worth_it']:.2f} alone: {test['brier_score_of_base_rate']:.3f}).",
            "Pairs that nobody judged are unknown, not bad.",
            "",
            *_table(["said", "came true", "pairs"], rows),
        )
    )


def _learning(report: Mapping[str, Any] | None) -> str:
    if report is None:
        return ""
    rows = [
        [
            row["difference"],
            f"{row['decisions']:,}",
            f"{row['accepted']:.0%}",
            f"{row['switches']:.0%}",
            f"{row['harmful']:.0%}",
            f"{100 * row['regret_before']:.1f}",
            f"{100 * row['regret_after']:.1f}",
        ]
        for row in report["settings"]
    ]
    columns = [
        "true preferences differ",
        "decisions",
        "of those shown, accepted",
        "new rule taken",
        "taken, but worse",
        "regret before",
        "after",
    ]
    intro = (
        "Decisions of coordinators whose true preferences are known, drawn by chance and turned into a rule by `matchmaker learn`\n"
        f"([decision 7](decisions/0007-learning-from-decisions.md)): {report['repetitions']} repetitions a row; regret in points of\n"
        "acceptance among the best five."
    )
    return "\n".join(("## Learning from decisions, simulated", "", intro, "", *_table(columns, rows)))


def _skipped(skipped: Sequence[str]) -> str:
    return "\n".join(("## Left out here", "", *(f"- {line}" for line in skipped))) if skipped else ""


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(columns) + " |"
    yield "|---" + "|---:" * (len(columns) - 1) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _first(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    first: Mapping[str, Any] = next(iter(mapping.values()))
    return first
