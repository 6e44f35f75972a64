"""Tables that people open in a spreadsheet: CSV and XLSX whose cells are never formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Cell = str | int | float

BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel takes the file for another encoding."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SHEET_NAME = 31
_LETTER, _WIDEST = 1.3, 48.0
"""Of a column, in the widths of a digit: what a letter takes (Hangul is wide), and the most."""


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
    """Named sheets as an XLSX workbook, each with a heading that stays in sight; texts are never formulas."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets:
        _fill(book.create_sheet(name[:_SHEET_NAME]), rows)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _fill(sheet: Worksheet, rows: Iterable[Sequence[Cell]]) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.cell.cell import Cell as SheetCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    widths: dict[int, float] = {}
    heading, body, placed = Font(bold=True), Font(), Alignment(vertical="top", wrap_text=True)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column)
            if not isinstance(cell, SheetCell):
                continue
            if isinstance(value, str):
                cell.value, cell.data_type = inert(ILLEGAL_CHARACTERS_RE.sub("", value)), "s"
            else:
                cell.value = value
            cell.font, cell.alignment = heading if number == 1 else body, placed
            widths[column] = max(widths.get(column, 0.0), len(str(value)) * _LETTER + 2)
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = min(_WIDEST, width)
    sheet.freeze_panes = "A2"


def _safe(cell: Cell) -> Cell:
    return inert(cell) if isinstance(cell, str) else cell
