"""The shortlist: kept in a cookie, undone, grouped, exported."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from starlette.testclient import TestClient

from api.pages.shortlist_cookie import MAX_ENTRIES, Entry, Full, add, parse_entry, read, remove, write
from matchmaker.domain.member import Purpose
from tests.web.documents import parse

PAIR = "kr-one:sg-one"


def change(browser: TestClient, do: str, pair: str = PAIR, back: str = "/shortlist") -> str:
    response = browser.post("/shortlist", data={"do": do, "pair": pair, "back": back}, follow_redirects=False)
    assert response.status_code == 303
    return response.headers["Location"]


def test_add_remove_and_undo(browser: TestClient) -> None:
    assert change(browser, "add", back="/members/kr-one?purpose=startup#pair-sg-one") == (
        "/members/kr-one?purpose=startup&listed=kr-one%3Asg-one#pair-sg-one"
    )
    page = parse(browser.get("/members/kr-one").text)
    assert "On your shortlist" in page.text
    toast = parse(browser.get(change(browser, "remove")).text).with_class("toast")[0]
    assert "was removed" in toast.text
    undo = {field.attributes["name"]: field.attributes["value"] for field in toast.find_all("input")}
    assert "Your shortlist is empty" in browser.get("/shortlist").text
    change(browser, "add", undo["pair"], undo["back"])
    assert "Ward Robots" in browser.get("/shortlist").text


def test_cookie_is_out_of_reach_of_scripts(browser: TestClient) -> None:
    response = browser.post("/shortlist", data={"do": "add", "pair": PAIR}, follow_redirects=False)
    cookie = response.headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.parametrize(
    "back",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y", ""],
)
def test_leads_back_only_to_this_site(browser: TestClient, back: str) -> None:
    assert change(browser, "add", back=back).startswith("/shortlist?")


@pytest.mark.parametrize("pair", ["", "kr-one", "a:b:c", "a b:c", "a:b:startup:x", "<b>:x"])
def test_broken_pairs_change_nothing(browser: TestClient, pair: str) -> None:
    assert change(browser, "add", pair) == "/shortlist"
    assert "shortlist" not in browser.cookies


def test_members_that_left_are_counted_not_shown(browser: TestClient) -> None:
    change(browser, "add", "kr-gone:sg-one")
    change(browser, "add")
    text = parse(browser.get("/shortlist").text).find("main").text
    assert "1 pair is left out" in text
    assert "Harbour Hospital" in text


def test_grouped_by_the_member_that_occurs_more_often(browser: TestClient) -> None:
    for pair in ("kr-one:sg-one", "kr-chip:sg-one"):
        change(browser, "add", pair)
    groups = parse(browser.get("/shortlist").text).with_class("group")
    assert [group.find("h2").find("a").attributes["href"] for group in groups] == ["/members/sg-one"]
    assert len(groups[0].find_all("article")) == 2


@pytest.mark.parametrize(("language", "heading"), [("en", "Score"), ("ko", "점수")])
def test_table_for_spreadsheets(browser: TestClient, language: str, heading: str) -> None:
    change(browser, "add", "kr-one:sg-one:startup")
    response = browser.get(f"/shortlist.csv?lang={language}")
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    head, row = csv.reader(StringIO(response.content.decode("utf-8-sig")))
    assert heading in head
    assert len(head) == len(row)
    assert "Ward Robots (fictional)" in row
    assert "병동로봇 (가상)" in row
    assert row[head.index(heading)].isdecimal()


def test_cookie_survives_a_round_trip_and_is_checked() -> None:
    entries = (Entry("kr-one", "sg-one"), Entry("a", "b", Purpose.TALENT))
    assert read(write(entries)) == entries
    assert read("kr-one:sg-one|kr-one:sg-one:talent|<x>:y||:") == (Entry("kr-one", "sg-one", Purpose.TALENT),)
    assert read("a:b|" * 2000) == ()
    assert parse_entry("a:b:nothing") is None
    assert remove(entries, Entry("a", "b")) == entries[:1]


def test_shortlist_has_an_end(browser: TestClient) -> None:
    full = tuple(Entry(f"k{number}", "s") for number in range(MAX_ENTRIES))
    assert add(full, full[0])[-1] == full[0]
    with pytest.raises(Full):
        add(full, Entry("one-more", "s"))
    with pytest.raises(Full):
        add(tuple(Entry(f"{number:0>90}", "s" * 90) for number in range(21)), Entry("a", "b" * 90))
    browser.cookies.set("shortlist", write(full))
    assert "listed=full" in change(browser, "add")
    assert "is full" in browser.get("/shortlist?listed=full").text
