"""What became of many members: one JSON object per row, and a workbook to mend what was refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matchmaker.domain.bulk import BulkReport, CellFault, RowResult
from matchmaker.domain.completeness import Completeness
from matchmaker.formats.fault_words import fault_text, gap_text
from matchmaker.formats.spreadsheet import Cell, xlsx_bytes
from matchmaker.formats.table_file import Table

FAULTS_EN, FAULTS_KO, ROW = "To mend", "고칠 점", "Row (행)"
_HEAD = (
    ROW,
    "external_id",
    "Result (결과)",
    FAULTS_EN,
    FAULTS_KO,
    "Completeness (완성도)",
    "To add",
    "더할 것",
)


def result_as_json(row: RowResult) -> dict[str, Any]:
    """One row's result for programs; it repeats no text of a member but the cell at fault."""
    return {
        "line": row.number,
        "external_id": row.external_id,
        "outcome": row.outcome.value,
        "faults": [_fault(fault) for fault in row.faults],
        "completeness": completeness_as_json(row.completeness) if row.completeness else None,
    }


def result_line(row: RowResult) -> str:
    """One row's result as a line of JSON."""
    return json.dumps(result_as_json(row), ensure_ascii=False) + "\n"


def counts_as_json(report: BulkReport) -> Mapping[str, int]:
    """How many rows came out how."""
    return {outcome.value: count for outcome, count in report.counts.items()}


def completeness_as_json(found: Completeness) -> dict[str, Any]:
    """A score with what to add."""
    missing = [{"code": g.value, "en": gap_text(g, "en"), "ko": gap_text(g, "ko")} for g in found.gaps]
    return {"score": found.score, "missing": missing}


def report_workbook(report: BulkReport, table: Table | None) -> bytes:
    """The refused rows with a column of what to mend, ready to be corrected and sent again; then all rows.

    Args:
        table: what was read; None for JSON Lines, whose lines do not fit cells.
    """
    sheets: list[tuple[str, Iterable[Sequence[Cell]]]] = []
    if table is not None:
        sheets.append(("To mend 고칠 행", _refused(report, table)))
    return xlsx_bytes([*sheets, ("All rows 전체", [_HEAD, *map(_summary, report.rows)])])


def _refused(report: BulkReport, table: Table) -> list[Sequence[Cell]]:
    cells = {row.number: row.cells for row in table.rows}
    rows: list[Sequence[Cell]] = [[*table.headers, ROW, FAULTS_EN, FAULTS_KO]]
    for row in report.refused:
        rows.append([*cells[row.number].values(), row.number, *_faults(row)])
    return rows


def _summary(row: RowResult) -> Sequence[Cell]:
    gaps = row.completeness.gaps if row.completeness else ()
    score: Cell = row.completeness.score if row.completeness else ""
    advice = ("\n".join(gap_text(gap, "en") for gap in gaps), "\n".join(gap_text(gap, "ko") for gap in gaps))
    return [row.number, row.external_id or "", row.outcome.value, *_faults(row), score, *advice]


def _faults(row: RowResult) -> tuple[str, str]:
    return (
        "\n".join(f"{fault.column}: {fault_text(fault, 'en')}" for fault in row.faults),
        "\n".join(f"{fault.column}: {fault_text(fault, 'ko')}" for fault in row.faults),
    )


def _fault(fault: CellFault) -> dict[str, Any]:
    return {
        "column": fault.column,
        "code": fault.code,
        "detail": {"en": fault_text(fault, "en"), "ko": fault_text(fault, "ko")},
        "suggestion": fault.suggestion or None,
    }
