"""Tables that people open in a spreadsheet: CSV and XLSX whose cells are never formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO

Cell = str | int | float

BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel takes the file for another encoding."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SHEET_NAME = 31


def inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """Rows as CSV that Excel opens in the right encoding."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return BYTE_ORDER_MARK + buffer.getvalue()


def csv_line(row: Sequence[Cell]) -> str:
    """One row as CSV, for tables that are written row by row."""
    buffer = StringIO()
    csv.writer(buffer).writerow([_safe(cell) for cell in row])
    return buffer.getvalue()


def xlsx_bytes(sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]]) -> bytes:
    """Named sheets as an XLSX workbook; texts are cells of text, whatever they start with."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.cell.cell import Cell as SheetCell

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets:
        sheet = book.create_sheet(name[:_SHEET_NAME])
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                cell = sheet.cell(number, column)
                if isinstance(cell, SheetCell) and isinstance(value, str):
                    cell.value = inert(ILLEGAL_CHARACTERS_RE.sub("", value))
                    cell.data_type = "s"
                elif isinstance(cell, SheetCell):
                    cell.value = value
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _safe(cell: Cell) -> Cell:
    return inert(cell) if isinstance(cell, str) else cell
