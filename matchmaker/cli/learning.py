"""learn: a rule from coordinators' decisions, written to a file and never switched on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matchmaker.cli.console import AsJson, errors, out, print_json

if TYPE_CHECKING:
    from matchmaker.quality.learning import Verdict


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(learn)


def learn(
    decisions: Annotated[Path, typer.Option(help="Decision file, one JSON object per line.")],
    output: Annotated[Path, typer.Option(help="New file for the learned rule.")],
    as_json: AsJson = False,
) -> None:
    """Learn a scoring rule from decisions; unless it is surely better, nothing is written and the exit status is 1."""
    from datetime import date

    from matchmaker.bootstrap import load_rule
    from matchmaker.errors import InvalidInput
    from matchmaker.formats.json_lines import load_decisions
    from matchmaker.formats.rule_file import never_overwritten, write_rule_file
    from matchmaker.quality.learning import learn
    from matchmaker.settings import read_settings

    try:
        exists = output.exists()
    except OSError as error:
        raise InvalidInput(
            f"{output} cannot be written: {error.strerror}; choose another --output"
        ) from error
    if exists:
        raise InvalidInput(never_overwritten(output))
    base = load_rule(read_settings())
    verdict = learn(load_decisions(decisions), base, date.today())
    if verdict.learned is not None:
        write_rule_file(output, verdict.learned.to_file())
    if as_json:
        print_json(as_report(verdict, base.name, output))
    else:
        _print(verdict, base.name, output)
    if not verdict.is_better:
        raise typer.Exit(1)


def as_report(verdict: Verdict, base: str, output: Path) -> dict[str, Any]:
    """A verdict for machines; ``output`` is null where nothing was written."""
    from dataclasses import asdict

    return {
        "is_better": verdict.is_better,
        "says": verdict.says,
        **verdict.counts,
        "more_decisions": verdict.more_decisions,
        "base_rule": base,
        "rule": verdict.rule.name if verdict.rule else None,
        "weights": dict(verdict.rule.weights) if verdict.rule else None,
        "comparison": asdict(verdict.comparison) if verdict.comparison else None,
        "output": str(output) if verdict.is_better else None,
    }


def _print(verdict: Verdict, base: str, output: Path) -> None:
    from matchmaker.quality.learning import points

    counts = verdict.counts
    out.print(
        f"{counts['decisions']} decisions in {counts['lists']} lists of {counts['queries']} members; "
        f"present rule {base}",
        highlight=False,
        markup=False,
    )
    if verdict.rule is not None:
        weights = ", ".join(f"{kind} {weight:.2f}" for kind, weight in verdict.rule.weights.items())
        out.print(f"learned weights: {weights}", highlight=False, markup=False, soft_wrap=True)
    if verdict.comparison is not None:
        found = points(verdict.comparison.by_weighting)
        out.print(f"by weighting alone: {found}", highlight=False, markup=False)
    out.print(verdict.says, highlight=False, markup=False, soft_wrap=True)
    if verdict.is_better:
        errors.print(f"Written to {output}.", highlight=False, markup=False, soft_wrap=True)
        errors.print(
            f"It is not in force. To switch it on: MATCHMAKER_RULE={output}, then start the service again.",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    else:
        errors.print("Nothing was written.", highlight=False)
