"""Tables in the forms that people send, made for tests."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

HEADERS = [
    "회사명",
    "영문명",
    "국가",
    "유형",
    "분야",
    "소개",
    "제공 (국문)",
    "제공 (영문)",
    "Needs",
    "홈페이지",
    "담당자 이메일",
]
ROWS: list[list[str]] = [
    [
        "병동로봇",
        "Ward Robots",
        "한국",
        "스타트업",
        "병원 로봇; 물류",
        "병동에서 약을 나르는 로봇을 만든다.",
        "배송 로봇\n정비",
        "delivery robots\nmaintenance",
        "a hospital abroad for a pilot",
        "ward.example",
        "kim@ward.example",
    ],
    [
        "하버 병원",
        "Harbour Hospital",
        "싱가포르",
        "병원",
        "",
        "",
        "",
        "",
        "robots that deliver medicine",
        "",
        "",
    ],
]
SINGAPUR = ["싱가랩", "SG Lab", "Singapur", "연구실", "AI", "", "", "", "", "", ""]


def csv_bytes(
    rows: Iterable[Sequence[str]],
    encoding: str = "utf-8",
    delimiter: str = ",",
    headers: Sequence[str] = HEADERS,
) -> bytes:
    """Rows under headers as CSV."""
    buffer = StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows([headers, *rows])
    return buffer.getvalue().encode(encoding)


def workbook_bytes(rows: Iterable[Sequence[Any]], headers: Sequence[str] = HEADERS) -> bytes:
    """Rows under headers as XLSX; what starts with = is a formula, as in a real workbook."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    for row in [list(headers), *map(list, rows)]:
        sheet.append(row)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def repacked(workbook: bytes, **parts: bytes) -> bytes:
    """A workbook with some parts put in (their names with __ for a slash and _ for a dot)."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(workbook)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        names = {key.replace("__", "/").replace("_", "."): value for key, value in parts.items()}
        for item in old.infolist():
            if item.filename not in names:
                new.writestr(item, old.read(item.filename))
        for name, content in names.items():
            new.writestr(name, content)
    return buffer.getvalue()


def written(path: Path, content: bytes) -> Path:
    """A file with this content."""
    path.write_bytes(content)
    return path


def many_rows(count: int) -> list[list[str]]:
    """Distinct organisations, in turns Korean and Singaporean."""
    countries = ("한국", "Singapore")
    return [
        [
            f"기관 {n}",
            f"Body {n}",
            countries[n % 2],
            "startup",
            f"field {n % 7}",
            "",
            "",
            "",
            f"need {n}",
            "",
            "",
        ]
        for n in range(count)
    ]
