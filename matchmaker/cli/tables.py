"""What `import` does with tables, and with a report for any file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from matchmaker.cli.console import errors, print_json, progress_bar

if TYPE_CHECKING:
    from matchmaker.bootstrap import Matchmaker
    from matchmaker.domain.bulk import BulkReport
    from matchmaker.formats.column_mapping import ColumnMapping
    from matchmaker.services.bulk import BulkOptions

LINES = (".jsonl", ".ndjson", ".json")
SHOWN = 50
"""Refused rows that the terminal shows; the report has all."""


def import_file(
    path: Path,
    mapping: Path | None,
    suggest: bool,
    keep_going: bool,
    dry_run: bool,
    report: Path | None,
    pairs: Path | None,
    as_json: bool,
) -> None:
    """Import a table, or any file with a report of its rows.

    Raises:
        InvalidInput: rows have faults and ``keep_going`` is off; nothing was taken.
    """
    from matchmaker.bootstrap import build_matchmaker
    from matchmaker.storage.database import migrate

    matchmaker = build_matchmaker()
    if suggest:
        _suggest(matchmaker, path)
        return
    migrate(matchmaker.store.engine)
    options = _options(path, mapping, keep_going, dry_run)
    if report is not None:
        report.write_bytes(matchmaker.bulk.workbook(path, options))
    with progress_bar("Importing members") as progress:
        found = matchmaker.bulk.run(path, options, progress)
    changed = 0
    if pairs is not None and not dry_run:
        changed = matchmaker.importing.import_partnerships(pairs)
    _tell(found, options, changed, as_json)
    if found.refused:
        raise typer.Exit(1)


def _suggest(matchmaker: Matchmaker, path: Path) -> None:
    """The mapping on standard output, how sure it is on standard error."""
    from matchmaker.formats.column_mapping import ColumnMapping, MappingFile

    found = matchmaker.bulk.preview(path).suggestions
    for each in found:
        sure = "not read: it concerns persons" if each.is_personal else f"{each.confidence:.0%}"
        errors.print(f"  {each.header} -> {each.target or '-'}  ({sure})", markup=False, highlight=False)
    mapping = ColumnMapping({each.header: each.target for each in found})
    print_json(MappingFile.of(mapping).model_dump(mode="json"))


def _options(path: Path, mapping: Path | None, keep_going: bool, dry_run: bool) -> BulkOptions:
    from matchmaker.services.bulk import BulkOptions, Format, OnError

    return BulkOptions(
        Format.JSON_LINES if path.suffix.lower() in LINES else Format.TABLE,
        _read_mapping(mapping) if mapping is not None else None,
        dry_run,
        OnError.SKIP if keep_going else OnError.STOP,
    )


def _read_mapping(path: Path) -> ColumnMapping:
    from matchmaker.errors import UnreadableFile
    from matchmaker.formats.column_mapping import parse_mapping

    try:
        return parse_mapping(json.loads(path.read_text(encoding="utf-8-sig")))
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{path} is no mapping; make one with --suggest-mapping ({error})") from error


def _tell(found: BulkReport, options: BulkOptions, partnerships: int, as_json: bool) -> None:
    from matchmaker.formats.bulk_results import counts_as_json, result_as_json
    from matchmaker.formats.fault_words import fault_text

    counts = counts_as_json(found)
    if as_json:
        lines = [result_as_json(row) for row in found.rows]
        print_json(
            {"counts": counts, "lines": lines, "partnerships": partnerships, "dry_run": options.dry_run}
        )
        return
    done = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    errors.print(
        f"{'Would be' if options.dry_run else 'Members'}: {done or 'none'}. Partnerships: {partnerships}."
    )
    for row in found.refused[:SHOWN]:
        for fault in row.faults:
            text = f"  row {row.number}, {fault.column}: {fault_text(fault, 'en')}"
            errors.print(text, markup=False, highlight=False, soft_wrap=True)
    if found.refused and not options.dry_run and "held" in counts:
        errors.print(
            "Nothing was imported. Mend the rows (--report FILE.xlsx), or take the rest with --keep-going."
        )
