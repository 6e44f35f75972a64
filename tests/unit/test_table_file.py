"""Tables as people have them are read; what could harm is refused before it is opened."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from matchmaker.errors import UnreadableFile
from matchmaker.formats.column_mapping import is_header
from matchmaker.formats.spreadsheet import csv_text, xlsx_bytes
from matchmaker.formats.table_file import Table, TableLimits, read_table
from tests.tables import HEADERS, ROWS, csv_bytes, repacked, workbook_bytes, written

LIMITS = TableLimits()


def read(path: Path, content: bytes, limits: TableLimits = LIMITS) -> Table:
    return read_table(written(path / "table", content), is_header, limits)


def cells(table: Table) -> list[list[str]]:
    return [list(row.cells.values()) for row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_every_encoding_with_every_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    table = read(tmp_path, csv_bytes(ROWS, encoding, delimiter))
    assert table.headers == tuple(HEADERS)
    assert cells(table) == ROWS


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    assert [row.number for row in read(tmp_path, csv_bytes([*ROWS, ROWS[1]])).rows] == [2, 3, 4]
    assert [row.number for row in read(tmp_path, b"sep=;\nname;country\n\nA;KR\n").rows] == [3]


def test_a_workbook_says_the_same(tmp_path: Path) -> None:
    table = read(tmp_path, workbook_bytes(ROWS))
    assert (table.headers, cells(table)) == (tuple(HEADERS), ROWS)
    assert [row.number for row in table.rows] == [2, 3]


def test_a_title_above_the_headers_and_empty_rows_are_passed_over(tmp_path: Path) -> None:
    content = "회원 명단 2026,,\n,,\n회사명,국가,비고\n병동로봇,한국,\n,,\n하버,싱가포르,x\n".encode()
    table = read(tmp_path, content)
    assert table.headers == ("회사명", "국가", "비고")
    assert [row.number for row in table.rows] == [4, 6]


def test_columns_without_and_with_the_same_header_are_told_apart(tmp_path: Path) -> None:
    table = read(tmp_path, b"name,need,need,\nA,b,c,d\n")
    assert table.headers == ("name", "need", "need (2)", "#4")


def test_numbers_and_dates_of_a_workbook_read_as_people_see_them(tmp_path: Path) -> None:
    from datetime import datetime

    table = read(
        tmp_path, workbook_bytes([["A", 7.0, datetime(2026, 3, 1), True]], ["name", "ID", "date", "x"])
    )
    assert cells(table) == [["A", "7", "2026-03-01", "true"]]


def test_a_formula_is_never_evaluated(tmp_path: Path) -> None:
    """Nobody calculated this workbook, so all that is known of the cell is the formula's text."""
    table = read(tmp_path, workbook_bytes([["A", '=HYPERLINK("http://evil.example")']], ["name", "summary"]))
    assert cells(table) == [["A", '=HYPERLINK("http://evil.example")']]


def test_what_we_made_inert_comes_back_as_it_was(tmp_path: Path) -> None:
    rows = [["name", "summary"], ["A", "=1+1"], ["'B", "it's"]]
    for content in (csv_text(rows).encode(), xlsx_bytes([("x", rows)])):
        assert cells(read(tmp_path, content)) == rows[1:]


def bomb(size: int = 50_000_000) -> bytes:
    return repacked(workbook_bytes(ROWS), xl__worksheets__sheet1_xml=b"<x>" + b" " * size)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (bomb(), "too tightly"),
        (repacked(workbook_bytes(ROWS), xl__vbaProject_bin=b"x"), "macros"),
        (
            repacked(workbook_bytes(ROWS), xl__media__a_xml=b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
            "entities",
        ),
        (b"PK\x03\x04 no archive", "no workbook"),
        (repacked(workbook_bytes(ROWS), xl__workbook_xml=b"<broken"), "damaged"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "neither CSV nor XLSX"),
        (b"name\n\x81\xff\xff\n", "neither UTF-8 nor CP949"),
        (b"", "empty"),
        (b"name," + b"x" * 200_000 + b"\n", "cannot be read as CSV"),
        (b",".join(b"h" for _ in range(300)) + b"\n" + b",".join(b"v" for _ in range(300)), "columns"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read(tmp_path, content)


def test_limits_hold(tmp_path: Path) -> None:
    book = workbook_bytes(ROWS)
    for limits, reason in (
        (TableLimits(rows=1), "rows"),
        (TableLimits(size=10), "bytes"),
        (TableLimits(entries=3), "parts"),
        (TableLimits(unpacked=100), "unpacks"),
    ):
        with pytest.raises(UnreadableFile, match=reason):
            read(tmp_path, book, limits)
    assert len(read(tmp_path, book, TableLimits(rows=2)).rows) == 2


def test_a_password_is_refused(tmp_path: Path) -> None:
    buffer = bytearray(workbook_bytes(ROWS))
    with zipfile.ZipFile(BytesIO(bytes(buffer))) as archive:
        start = archive.start_dir
    buffer[start + 8] |= 1
    with pytest.raises(UnreadableFile, match="password"):
        read(tmp_path, bytes(buffer))
