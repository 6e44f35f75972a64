"""benchmark, calibrate, parity: how good rankings, chances and the two languages are, measured on files."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matchmaker.cli.console import AsJson, out, print_json, progress_bar

if TYPE_CHECKING:
    from matchmaker.quality.ks_match import Benchmark, Judged

DataFolder = Annotated[Path, typer.Option("--data", help="Folder of the benchmark.")]
KS_MATCH = Path("data/ks-match")
ALLIANCE = Path("data/alliance")


class SplitOption(StrEnum):
    """Parts of a benchmark. Choose on dev, report test."""

    dev = "dev"
    test = "test"
    all = "all"


Split = Annotated[SplitOption, typer.Option("--split", help="Which queries.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(benchmark)
    app.command()(calibrate)
    app.command()(parity)


def benchmark(
    data: DataFolder = KS_MATCH,
    split: Split = SplitOption.test,
    run: Annotated[
        Path | None, typer.Option(help="Score this run (JSON lines) of any system instead.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How a ranking does on judged candidates: nDCG@10, traps, calibration."""
    from matchmaker.quality.ks_match import Benchmark, load_run, report_on

    chosen = Benchmark.load(data).part(None if split is SplitOption.all else split.value)
    judged, own = (load_run(run, chosen), None) if run is not None else _ranked(chosen)
    report = report_on(chosen, judged, own)
    if as_json:
        print_json(report)
    else:
        _print_benchmark(report, f"{chosen.about.name} {chosen.about.version}, {split.value}")


def calibrate(data: DataFolder = KS_MATCH, as_json: AsJson = False) -> None:
    """Fit the chances of the present rule on the dev queries, and check them on the test queries."""
    from matchmaker.bootstrap import build_ks_match
    from matchmaker.quality.calibrating import calibrated
    from matchmaker.quality.ks_match import Benchmark, report_on

    whole = Benchmark.load(data)
    rule = calibrated(build_ks_match(whole.part("dev")))
    test = build_ks_match(whole.part("test"))
    report = report_on(test.benchmark, test.ranked(rule))["calibration"]
    fitted = asdict(rule.calibration)
    if as_json:
        print_json({"rule": rule.name, "calibration": fitted, "test": report})
        return
    out.print(str(rule.calibration), markup=False, highlight=False)
    _print_calibration(report)


def parity(
    members: Annotated[Path, typer.Option("--members", help="Member file.")] = ALLIANCE / "members.jsonl",
    pairs: Annotated[Path, typer.Option("--pairs", help="Pair file.")] = ALLIANCE / "partnerships.jsonl",
    as_json: AsJson = False,
) -> None:
    """Whether members that write in Korean alone rank, see and are seen as they would in English."""
    from matchmaker.bootstrap import build_evaluation
    from matchmaker.formats.json_lines import load_members, load_pairs
    from matchmaker.quality.parity import Parity

    with progress_bar("Encoding") as progress:
        files = load_members(members), load_pairs(pairs)
        evaluation = build_evaluation()
        report = Parity(evaluation, *files, evaluation.rule, progress).report()
    if as_json:
        print_json(report)
        return
    head = (
        f"{report['studied']} of {report['members']} members, first in English alone, then in Korean alone;"
    )
    out.print(f"{head} model {report['model']}", markup=False, highlight=False, soft_wrap=True)
    for title, key in (
        ("everybody else as they are", "others_as_they_are"),
        ("everybody else in English", "others_in_english"),
    ):
        _print_parity(title, report[key])


def _ranked(chosen: Benchmark) -> tuple[Judged, Judged]:
    from matchmaker.bootstrap import build_ks_match

    ks_match = build_ks_match(chosen)
    return ks_match.ranked(), ks_match.ranked_in_own_languages()


def _print_benchmark(report: dict[str, Any], title: str) -> None:
    gain = report["ndcg_at_10"]
    size = f"{report['queries']} queries, {report['judgments']} judged candidates"
    out.print(f"{title}: {size}", markup=False, highlight=False)
    interval = f"[{gain['low']:.3f}; {gain['high']:.3f}]"
    out.print(f"nDCG@10   {gain['mean']:.3f}   95% interval {interval}", markup=False, highlight=False)
    for group in ("per_purpose", "per_country"):
        parts = "   ".join(f"{name} {value:.3f}" for name, value in report[group].items())
        out.print(f"          {parts}", markup=False, highlight=False)
    out.print("Traps not fallen for")
    for kind, found in report["traps"].items():
        out.print(f"  {kind:12} {found['passed']:.2f} of {found['count']}", markup=False, highlight=False)
    if "calibration" in report:
        _print_calibration(report["calibration"])


def _print_calibration(report: dict[str, Any]) -> None:
    error, brier = report["expected_calibration_error"], report["brier_score"]
    base = report["brier_score_of_base_rate"]
    out.print(
        f"Calibration over {report['pairs']} pairs, {report['worth_it']:.2f} of them worth it: expected error "
        f"{error:.3f}, Brier score {brier:.3f} (base rate alone {base:.3f})",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    for part in report["bins"]:
        out.print(
            f"  said {part['predicted']:.2f}   came true {part['observed']:.2f}   of {part['count']:>4}",
            markup=False,
            highlight=False,
        )


def _print_parity(title: str, report: dict[str, Any]) -> None:
    low, high = report["difference"][1:]
    rows = (
        f"{title}: {report['queries']} queries",
        f"  MRR {report['mrr_in_english']:.3f} in English, {report['mrr_in_korean']:.3f} in Korean:"
        f" {report['kept']:.2f} kept, difference {report['difference'][0]:+.3f} [{low:+.3f}; {high:+.3f}]",
        f"  recall@10 {report['recall_at_10_in_english']:.3f} and {report['recall_at_10_in_korean']:.3f},"
        f" median change of rank {report['median_change_of_rank']:+g}",
        f"  of their own top 10 changes {report['share_of_their_top_10_that_changes']:.2f};"
        f" of others' top 10 they take {report['exposure_in_english']:.3f} and {report['exposure_in_korean']:.3f}",
    )
    for row in rows:
        out.print(row, markup=False, highlight=False, soft_wrap=True)
