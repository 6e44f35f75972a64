"""import, schema, openapi."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from matchmaker.cli import tables
from matchmaker.cli.console import AsJson, errors, print_json, progress_bar

TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls")
"""Endings of tables; what such a file really is, its first bytes say."""


class Line(StrEnum):
    """Which line format."""

    member = "member"
    pair = "pair"
    decision = "decision"
    call = "call"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("import")(import_file)
    app.command()(schema)
    app.command()(openapi)


def import_file(
    members: Annotated[Path, typer.Argument(help="Members: .jsonl with one object per line, .csv or .xlsx.")],
    pairs: Annotated[Path | None, typer.Option(help="Pair file of known partnerships.")] = None,
    keep_going: Annotated[
        bool, typer.Option(help="Take the good lines of a file that has broken ones.")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="Say what would happen; write nothing.")] = False,
    mapping: Annotated[
        Path | None, typer.Option(help="For tables: which column says what (JSON, see --suggest-mapping).")
    ] = None,
    suggest_mapping: Annotated[
        bool, typer.Option(help="Print what a table's headers suggest, to be corrected, and stop.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write a workbook of all rows, and of those to mend, to this .xlsx.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import members. Unchanged lines are passed over; what a person edited is never overwritten."""
    if suggest_mapping or members.suffix.lower() in TABLES or report is not None:
        tables.import_file(members, mapping, suggest_mapping, keep_going, dry_run, report, pairs, as_json)
        return
    if mapping is not None:
        raise typer.BadParameter("a mapping is for tables: .csv, .xlsx", param_hint="--mapping")
    _import_lines(members, pairs, keep_going, dry_run, as_json)


def _import_lines(members: Path, pairs: Path | None, keep_going: bool, dry_run: bool, as_json: bool) -> None:
    from matchmaker.bootstrap import build_matchmaker
    from matchmaker.formats.json_lines import load_pairs
    from matchmaker.storage.database import migrate

    matchmaker = build_matchmaker()
    migrate(matchmaker.store.engine)
    if pairs is not None:
        load_pairs(pairs)  # a broken pair file is noticed before anything is written
    with progress_bar("Importing members") as progress:
        report = matchmaker.importing.import_members(members, keep_going, dry_run, progress)
    changed = matchmaker.importing.import_partnerships(pairs) if pairs and not dry_run else 0
    if as_json:
        print_json({**report.as_dict(), "partnerships": changed, "dry_run": dry_run})
    else:
        done = ", ".join(f"{count} {outcome.value}" for outcome, count in report.counts.items() if count)
        errors.print(f"{'Would be' if dry_run else 'Members'}: {done or 'none'}. Partnerships: {changed}.")
        for line in report.broken:
            errors.print(
                f"  line {line.number}: {line.reason}", markup=False, highlight=False, soft_wrap=True
            )
    if report.broken:
        raise typer.Exit(1)


def schema(line: Annotated[Line, typer.Argument(help="Which format.")] = Line.member) -> None:
    """Print the JSON Schema of a line of a member, pair or decision file, or of a call file."""
    from matchmaker.formats.schemas import json_schema

    print_json(json_schema(line.value))


def openapi() -> None:
    """Print the OpenAPI document of the REST interface."""
    from importlib import import_module

    print_json(import_module("api.app").create_app().openapi())
