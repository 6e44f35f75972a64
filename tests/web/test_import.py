"""The import in a browser without JavaScript: sent, columns confirmed, looked at, imported, mended."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Role
from matchmaker.domain.records import MemberFilter
from tests.tables import ROWS, SINGAPUR, csv_bytes, repacked, workbook_bytes
from tests.visitors import application_of, new_browser, sign_in


@pytest.fixture
def visitor(client: TestClient) -> TestClient:
    """A coordinator's browser at an application of its own."""
    browser = new_browser(application_of(client))
    sign_in(browser, Role.COORDINATOR_KR)
    return browser


def send(visitor: TestClient, content: bytes) -> Any:
    return visitor.post("/import", files={"file": ("members", content)}, follow_redirects=False)


def chosen_in(html: str) -> dict[str, str]:
    """The fields of the form as they are filled in."""
    fields = {}
    for name, body in re.findall(r'<select id="\w+" name="(\w+)".*?>(.*?)</select>', html, re.DOTALL):
        selected = re.search(r'value="([^"]*)" selected', body)
        fields[name] = selected[1] if selected else ""
    return fields


def test_from_the_file_to_the_directory(visitor: TestClient, matchmaker: Matchmaker) -> None:
    before = matchmaker.directory.count(MemberFilter())
    sent = send(visitor, csv_bytes([*ROWS, SINGAPUR], "cp949"))
    assert sent.status_code == 303
    url = sent.headers["Location"]
    fields = chosen_in(visitor.get(url).text)
    assert list(fields.values())[:4] == ["names", "names.en", "country", "kind"]
    report = visitor.post(url, data=fields | {"do": "check"})
    assert report.status_code == 200
    assert "Singapur → Singapore?" in report.text
    assert "Import 2 rows and leave out the rest" in report.text
    assert matchmaker.directory.count(MemberFilter()) == before
    book = visitor.post(url, data=fields | {"do": "workbook"})
    assert len(list(load_workbook(BytesIO(book.content)).worksheets[0].rows)) == 2
    begun = visitor.post(url, data=fields | {"do": "import", "on_error": "skip"}, follow_redirects=False)
    matchmaker.job_worker.stop()
    matchmaker.jobs.run_once()
    page = visitor.get(begun.headers["Location"])
    assert "Finished" in page.text
    assert matchmaker.directory.count(MemberFilter()) == before + 2
    assert visitor.get(url).status_code == 404, "the file is gone"


def test_what_cannot_be_used_is_told(visitor: TestClient, matchmaker: Matchmaker) -> None:
    bomb = repacked(workbook_bytes(ROWS), xl__worksheets__sheet1_xml=b"<x>" + b" " * 20_000_000)
    assert send(visitor, bomb).status_code == 422
    assert visitor.post("/import").status_code == 422
    url = send(visitor, csv_bytes(ROWS)).headers["Location"]
    assert visitor.post(url, data={"do": "check"}).status_code == 422, "no column is the name"


def test_a_page_escapes_what_the_table_says(visitor: TestClient) -> None:
    url = send(visitor, csv_bytes([["<script>x</script>", *[""] * 10]])).headers["Location"]
    assert "<script>x" not in visitor.get(url).text


def test_it_reads_korean(visitor: TestClient) -> None:
    assert "회원 가져오기" in visitor.get("/import?lang=ko").text
