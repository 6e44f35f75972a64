"""Files to take along."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fastapi import Response

from matchmaker.formats.spreadsheet import Cell, csv_text, xlsx_bytes

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def file_of(content: bytes | str, media_type: str, name: str) -> Response:
    """A file that the browser saves under a name; no cache keeps it."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


def table_of(rows: Iterable[Sequence[Cell]], name: str) -> Response:
    """One table as CSV."""
    return file_of(csv_text(rows), CSV, f"{name}.csv")


def workbook_of(sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]], name: str) -> Response:
    """Named tables as one workbook."""
    return file_of(xlsx_bytes(sheets), XLSX, f"{name}.xlsx")
