"""Cells of tables are texts and numbers, never formulas."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from matchmaker.formats.spreadsheet import csv_text, inert, xlsx_bytes

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_formulas_are_inert(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


def test_other_cells_stay_as_they_are() -> None:
    assert inert("Ward Robots") == "Ward Robots"
    assert inert("") == ""


def test_csv_keeps_numbers_and_disarms_texts() -> None:
    text = csv_text([["name", "score"], ["=1+1", -0.5]])
    assert text.startswith("\ufeff")
    assert list(csv.reader(StringIO(text[1:]))) == [["name", "score"], ["'=1+1", "-0.5"]]


def test_a_workbook_holds_texts_and_numbers_alone() -> None:
    content = xlsx_bytes([("Pairs", [["병동로봇 (가상)", 0.25], ["=HYPERLINK(1)", 2], ["a\x00b", 1]])])
    sheet = load_workbook(BytesIO(content))["Pairs"]
    assert [[cell.value for cell in row] for row in sheet] == [
        ["병동로봇 (가상)", 0.25],
        ["'=HYPERLINK(1)", 2],
        ["ab", 1],
    ]
    assert {cell.data_type for row in sheet for cell in row} == {"s", "n"}
