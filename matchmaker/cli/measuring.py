"""evaluate, score: measures on files, without a database."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matchmaker.cli.console import AsJson, PurposeOption, out, print_json, print_json_line, progress_bar

if TYPE_CHECKING:
    from matchmaker.quality.partners import Evaluation

MembersFile = Annotated[Path, typer.Option("--members", help="Member file.")]
PairsFile = Annotated[Path, typer.Option("--pairs", help="Pair file.")]
OnlyPurpose = Annotated[
    PurposeOption | None, typer.Option("--purpose", help="Weight facets for one purpose.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(evaluate)
    app.command()(score)


def evaluate(
    members: MembersFile,
    pairs: PairsFile,
    known: Annotated[Path | None, typer.Option(help="Further known pairs, removed from lists.")] = None,
    purpose: OnlyPurpose = None,
    each: Annotated[bool, typer.Option("--each", help="Also print where every partner ranks.")] = False,
    as_json: AsJson = False,
) -> None:
    """Where true partners rank: MRR, recall and nDCG, with intervals and baselines."""
    from matchmaker.domain.member import Purpose
    from matchmaker.formats.json_lines import load_members, load_pairs

    files = load_members(members), load_pairs(pairs), load_pairs(known) if known else []
    with progress_bar("Encoding") as progress:
        report = _evaluation().evaluate(*files, Purpose(purpose) if purpose else None, progress)
    if as_json:
        print_json(report)
    else:
        _print_report(report)
        if each:
            _print_ranks(report["ranks"])


def score(members: MembersFile, pairs: PairsFile, purpose: OnlyPurpose = None) -> None:
    """The score of every pair of a file, one JSON object per line."""
    from matchmaker.domain.member import Purpose
    from matchmaker.formats.json_lines import load_members, load_pairs

    loaded = load_members(members), load_pairs(pairs)
    with progress_bar("Encoding") as progress:
        for pair in _evaluation().score_pairs(*loaded, Purpose(purpose) if purpose else None, progress):
            print_json_line(asdict(pair))


def _evaluation() -> Evaluation:
    from matchmaker.bootstrap import build_evaluation

    return build_evaluation()


def _print_report(report: dict[str, Any]) -> None:
    baselines = report["baselines"]
    rows = [
        ("this ranking", report),
        ("single vector", baselines["single_vector"]),
        ("random", baselines["random"]),
    ]
    size = f"{report['queries']} queries, {report['members']} members"
    out.print(f"{size}, model {report['model']}", markup=False, highlight=False)
    out.print(f"{'':16}{'MRR':>8}{'R@5':>8}{'R@10':>8}{'nDCG@10':>9}   MRR, 95% interval", highlight=False)
    for name, row in rows:
        low, high = row.get("intervals", {}).get("mrr", (None, None))
        interval = f"   [{low:.2f}; {high:.2f}]" if low is not None else ""
        figures = (
            f"{row['mrr']:8.3f}{row['recall_at_5']:8.3f}{row['recall_at_10']:8.3f}{row['ndcg_at_10']:9.3f}"
        )
        out.print(f"{name:16}{figures}{interval}", highlight=False, markup=False)
    for purpose, row in report["per_purpose"].items():
        out.print(
            f"  {purpose:14}{row['mrr']:8.3f}{row['recall_at_5']:8.3f}{row['recall_at_10']:8.3f}",
            highlight=False,
        )
    for country, row in report["per_organisation"].items():
        out.print(
            f"  mean per {country} organisation ({row['organisations']}): MRR {row['mrr']:.3f}",
            highlight=False,
        )


def _print_ranks(ranks: list[dict[str, Any]]) -> None:
    for row in ranks:
        line = f"  {row['query']:>24} -> {row['partner']:24} {row['rank']:>5g} of {row['candidates']}"
        out.print(line, highlight=False, markup=False)
