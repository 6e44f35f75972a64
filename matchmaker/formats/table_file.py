"""Tables as people have them: CSV in the encodings of Korean and English offices, and XLSX.

A workbook is looked at as a ZIP archive before anything opens it. Formulas are never evaluated: a cell says what the
spreadsheet last showed, or, if it never showed anything, the formula's own text.
"""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import StringIO
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from matchmaker.errors import UnreadableFile
from matchmaker.formats.spreadsheet import inert

DELIMITERS = (",", ";", "\t", "|")
HEADER_WITHIN = 10
"""Rows in which the headers are looked for; titles and dates often stand above them."""
SAMPLE = 50
"""Rows that a delimiter is judged by."""
MOST_COLUMNS = 200
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_COMPRESSED_ENOUGH = 1_000_000
"""Bytes up to which a part's ratio does not matter."""
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class TableLimits:
    """What a table may hold. ``ratio``: of unpacked to packed bytes of one part of a workbook."""

    rows: int = 20_000
    size: int = 33_554_432
    entries: int = 2_000
    unpacked: int = 268_435_456
    ratio: int = 200


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its number from 1 as a spreadsheet shows it, and its cells by header."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The headers in order, each once, and the rows that are not empty."""

    headers: tuple[str, ...]
    rows: tuple[TableRow, ...]


Numbered = tuple[int, list[str]]
IsHeader = Callable[[str], bool]


def read_table(path: Path, is_header: IsHeader, limits: TableLimits = TableLimits()) -> Table:
    """A CSV or XLSX file, told apart by its first bytes.

    Args:
        is_header: whether a cell is a header that somebody would expect; finds the row of headers.

    Raises:
        UnreadableFile: it is neither, holds macros, or is larger than the limits allow.
    """
    try:
        if path.stat().st_size > limits.size:
            raise UnreadableFile(f"the file is larger than {limits.size} bytes; divide it")
        with path.open("rb") as file:
            is_archive = file.read(4) == b"PK\x03\x04"
        rows = _xlsx_rows(path, limits) if is_archive else _csv_rows(path.read_bytes())
        return _table(rows, is_header, limits.rows)
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error.strerror}") from error


def check_archive(file: IO[bytes], limits: TableLimits = TableLimits()) -> None:
    """Pass only if a workbook unpacks to something of a sane size, without macros, passwords or XML entities.

    The sizes that an archive states may be lies, but no reader unpacks more of a part than stated.

    Raises:
        UnreadableFile: it is not to be opened.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _check_sizes(parts, limits)
            _check_parts(archive, parts)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
        raise UnreadableFile("the file is no workbook; save it as .xlsx again") from error


def decoded(content: bytes) -> str:
    """The text of a CSV file: UTF-16 or UTF-8 by its mark, UTF-8 if it can be, otherwise CP949 (Korean Windows).

    Raises:
        UnreadableFile: it is none of them.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _decoded(content, (encoding,))
    if b"\0" in content:
        raise UnreadableFile("the file is neither CSV nor XLSX; save the table as one of them")
    return _decoded(content, ("utf-8", "cp949"))


def delimiter_of(text: str) -> str:
    """The delimiter that cuts most rows into the same number of cells, the more cells the better."""
    return max(DELIMITERS, key=lambda each: _evenness(text, each))


def disarmed(cell: str) -> str:
    """A cell without the mark that `spreadsheet.inert` puts before what looks like a formula."""
    return cell[1:] if cell.startswith("'") and inert(cell[1:]) != cell[1:] else cell


def _decoded(content: bytes, encodings: Sequence[str]) -> str:
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("the text is neither UTF-8 nor CP949; save the table as “CSV UTF-8” or .xlsx")


def _csv_rows(content: bytes) -> Iterator[Numbered]:
    text = decoded(content)
    given = _SEPARATOR_LINE.match(text)
    delimiter = given[1] if given else delimiter_of(text)
    reader = csv.reader(StringIO(text[given.end() :] if given else text, newline=""), delimiter=delimiter)
    number = 0
    try:
        for number, row in enumerate(reader, start=1):
            yield number, row
    except csv.Error as error:
        why = f"row {number + 1} cannot be read as CSV: {error}; look for a quotation mark without its twin"
        raise UnreadableFile(why) from error


def _evenness(text: str, delimiter: str) -> float:
    widths = []
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            widths.append(len(row))
            if len(widths) == SAMPLE:
                break
    except csv.Error:
        return 0.0
    usual = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
    return widths.count(usual) / max(len(widths), 1) * (usual > 1) * (1 + usual / MOST_COLUMNS)


def _xlsx_rows(path: Path, limits: TableLimits) -> Iterator[Numbered]:
    with path.open("rb") as file:
        check_archive(file, limits)
        try:
            yield from _sheet_rows(file)
        except (KeyError, ValueError, TypeError, AttributeError, ParseError, zipfile.BadZipFile) as error:
            raise UnreadableFile(
                "the workbook is damaged; open it, save it as .xlsx and try again"
            ) from error


def _sheet_rows(file: IO[bytes]) -> Iterator[Numbered]:
    """The first sheet that shows anything, as last calculated and, where nothing was, as written."""
    from openpyxl import load_workbook

    shown = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    written = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    for name in shown.sheetnames:
        sheet, formulas = shown[name], written[name]
        if getattr(sheet, "sheet_state", "visible") != "visible" or not hasattr(sheet, "reset_dimensions"):
            continue
        rows = zip(_values(sheet), _values(formulas), strict=False)
        has_any = False
        for number, (values, texts) in enumerate(rows, start=1):
            cells = [_cell(value if value is not None else text) for value, text in _paired(values, texts)]
            if any(cells):
                has_any = True
                yield number, cells
        if has_any:
            return


def _values(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of a sheet; how large it says it is does not matter."""
    sheet.reset_dimensions()
    return iter(sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True))


def _paired(values: tuple[Any, ...], texts: tuple[Any, ...]) -> Iterable[tuple[Any, Any]]:
    return zip(values, texts, strict=False)


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
    return str(value)


def _table(rows: Iterable[Numbered], is_header: IsHeader, most: int) -> Table:
    found: list[Numbered] = []
    for number, row in rows:
        cells = [disarmed(cell.strip()) for cell in row]
        if any(cells):
            found.append((number, cells))
        if len(found) > most + 1:
            raise UnreadableFile(f"the table has more than {most} rows; divide it")
    if not found:
        raise UnreadableFile("the table is empty")
    start = _header_row(found[:HEADER_WITHIN], is_header)
    below = found[start + 1 :]
    headers = _headers(found[start][1], max((_width(cells) for _, cells in found[start:]), default=0))
    return Table(headers, tuple(_row(number, cells, headers) for number, cells in below))


def _header_row(rows: Sequence[Numbered], is_header: IsHeader) -> int:
    """The row with most headers that one would expect; if there are none, the first with two cells."""
    known = [sum(map(is_header, filter(None, cells))) for _, cells in rows]
    if max(known):
        return known.index(max(known))
    widths = [sum(map(bool, cells)) for _, cells in rows]
    return next((number for number, width in enumerate(widths) if width > 1), 0)


def _width(cells: Sequence[str]) -> int:
    """Columns up to the last cell that is not empty."""
    return max((place for place, cell in enumerate(cells, start=1) if cell), default=0)


def _headers(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """Every column's name once: one without is named by its place, a repeated one counted."""
    if width > MOST_COLUMNS:
        raise UnreadableFile(f"the table has more than {MOST_COLUMNS} columns")
    found: list[str] = []
    for number, cell in enumerate([*cells, *[""] * (width - len(cells))][:width], start=1):
        name = base = " ".join(cell.split())[:100] or f"#{number}"
        count = 2
        while name in found:
            name, count = f"{base} ({count})", count + 1
        found.append(name)
    return tuple(found)


def _row(number: int, cells: Sequence[str], headers: Sequence[str]) -> TableRow:
    padded = [*cells, *[""] * (len(headers) - len(cells))]
    return TableRow(number, dict(zip(headers, padded, strict=False)))


def _check_sizes(parts: Sequence[zipfile.ZipInfo], limits: TableLimits) -> None:
    if len(parts) > limits.entries:
        raise UnreadableFile(f"the workbook has more than {limits.entries} parts, so it was not opened")
    if sum(part.file_size for part in parts) > limits.unpacked:
        raise UnreadableFile(
            f"the workbook unpacks to more than {limits.unpacked} bytes, so it was not opened"
        )
    for part in parts:
        is_large = part.file_size > _COMPRESSED_ENOUGH
        if is_large and part.file_size > limits.ratio * max(part.compress_size, 1):
            raise UnreadableFile("a part of the workbook is packed far too tightly, so it was not opened")


def _check_parts(archive: zipfile.ZipFile, parts: Sequence[zipfile.ZipInfo]) -> None:
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise UnreadableFile("the workbook is protected by a password; save it without one")
    names = {part.filename.casefold() for part in parts}
    if any("vbaproject" in name or "/macrosheets/" in name or "activex" in name for name in names):
        raise UnreadableFile("the workbook holds macros; save it as .xlsx without them")
    for part in parts:
        if part.filename.casefold().endswith((".xml", ".rels")):
            with archive.open(part) as file:
                head = file.read(2_048).lower().replace(b"\0", b"")
            if b"<!doctype" in head or b"<!entity" in head:
                raise UnreadableFile("the workbook defines XML entities, so it was not opened")
            if part.filename == "[Content_Types].xml" and b"macroenabled" in head:
                raise UnreadableFile("the workbook holds macros; save it as .xlsx without them")
