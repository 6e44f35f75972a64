"""Timetables in a browser without JavaScript: made, planned, mended, printed, taken along."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import BytesIO, StringIO
from typing import Any

import pytest
from icalendar import Calendar
from openpyxl import load_workbook
from starlette.testclient import TestClient

from api.pages.timetables import DEFAULTS, pairs_of
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Role
from matchmaker.domain.member import Text
from matchmaker.domain.timetable import Timetable, TimetableState
from matchmaker.errors import InvalidInput
from tests.factories import make_member
from tests.timetables import SUMMIT_PAIRS, Accepted, planned_timetable
from tests.visitors import application_of, new_browser, sign_in
from tests.web.documents import Element, parse

FILLED = DEFAULTS | {
    "name": "Alliance Summit",
    "place": "Marina Hall",
    "zone": "Asia/Singapore",
    "day": "2027-03-01",
    "source": "pairs",
    "pairs": "kr-one sg-one 0.8\nkr-voice, sg-clinic\n",
}


@pytest.fixture
def visitor(client: TestClient) -> TestClient:
    """A coordinator's browser at an application of its own."""
    browser = new_browser(application_of(client))
    sign_in(browser, Role.COORDINATOR_KR)
    return browser


@pytest.fixture
def planned(visitor: TestClient, matchmaker: Matchmaker) -> Timetable:
    return planned_timetable(matchmaker)


def main_of(visitor: TestClient, path: str) -> Element:
    response = visitor.get(path)
    assert response.status_code == 200
    return parse(response.text).find("main")


def post(visitor: TestClient, path: str, **fields: Any) -> Any:
    return visitor.post(path, data=fields, follow_redirects=False)


def test_from_the_form_to_a_published_timetable(visitor: TestClient, matchmaker: Matchmaker) -> None:
    made = post(visitor, "/timetables", **FILLED)
    assert made.status_code == 303
    url = made.headers["Location"]
    assert "2 meetings wanted" in main_of(visitor, url).text
    number = int(url.rpartition("/")[2])
    assert post(visitor, url, version=1, do="plan").status_code == 303
    matchmaker.timetables.jobs.wait(number, 30)
    assert "2 of 2 meetings have a place" in main_of(visitor, url).text
    assert post(visitor, url, version=3, do="publish").headers["Location"] == url
    assert "Published" in main_of(visitor, url).text
    assert "Alliance Summit" in main_of(visitor, "/timetables").text


def test_pairs_that_accepted_are_taken_from_where_they_are_kept(
    visitor: TestClient, matchmaker: Matchmaker
) -> None:
    vars(matchmaker)["timetables"] = replace(matchmaker.timetables, source=Accepted(SUMMIT_PAIRS))
    made = post(visitor, "/timetables", **FILLED | {"source": "accepted"})
    assert "3 meetings wanted" in main_of(visitor, made.headers["Location"]).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"zone": "Mars"},
        {"day": "tomorrow"},
        {"day": "9999-12-31", "days": "3"},
        {"day": "0001-01-01"},
        {"days": "9"},
        {"start": "9"},
        {"tables": "0"},
        {"tables": "many"},
        {"minutes": "0"},
        {"end": "08:00"},
        {"pairs": "kr-one"},
        {"pairs": "kr-one sg-one 1.2.3"},
        {"pairs": "kr-chip sg-one"},
    ],
)
def test_a_form_with_a_fault_comes_back_as_it_was_filled_in(
    visitor: TestClient, wrong: dict[str, str]
) -> None:
    response = post(visitor, "/timetables", **FILLED | wrong)
    assert response.status_code == 422
    page = parse(response.text)
    assert page.with_class("alert")
    assert page.find("input", id="place").attributes["value"] == "Marina Hall"


def test_grid_shows_both_clocks_and_every_meeting(visitor: TestClient, planned: Timetable) -> None:
    main = main_of(visitor, f"/timetables/{planned.id}")
    first = main.find_all("tbody")[0]
    assert "10:00–10:25" in first.children[0].text
    assert "09:00–09:25" in first.children[0].text
    grid = main.with_class("grid")[0]
    assert grid.text.count("Ward Robots") == 4  # twice in the grid, twice in the links that change it
    assert "Interpreter 1" in grid.text


@pytest.mark.parametrize(("language", "words"), [("en", "Change"), ("ko", "바꾸기")])
def test_every_page_in_both_languages(
    visitor: TestClient, planned: Timetable, language: str, words: str
) -> None:
    page = main_of(visitor, f"/timetables/{planned.id}?lang={language}")
    assert words in page.text
    for path in ("/timetables", f"/timetables/{planned.id}/members/kr-one"):
        assert visitor.get(f"{path}?lang={language}").headers["Content-Language"] == language


def test_a_meeting_is_moved_and_taken_out_by_form(visitor: TestClient, planned: Timetable) -> None:
    url = f"/timetables/{planned.id}"
    form = main_of(visitor, f"{url}?kr=kr-one&sg=sg-one")
    options = form.find("select", id="slot").find_all("option")
    assert any("Ward Robots (fictional) has another meeting" in option.text for option in options)
    free = next(o.attributes["value"] for o in options[::-1] if "disabled" not in o.attributes)
    who = {"kr": "kr-one", "sg": "sg-one", "version": planned.version}
    assert post(visitor, f"{url}/meeting", **who, do="move", slot=free).status_code == 303
    who["version"] = planned.version + 1
    assert post(visitor, f"{url}/meeting", **who, do="take-out").status_code == 303
    left_out = main_of(visitor, url).with_class("left-out")[0]
    assert "It still fits" in left_out.text


def test_a_clash_is_told_in_words(visitor: TestClient, planned: Timetable) -> None:
    assert planned.planned is not None
    other = planned.planned.find("kr-one", "sg-fab")
    assert other is not None
    who = {"kr": "kr-one", "sg": "sg-one", "version": planned.version}
    refused = post(visitor, f"/timetables/{planned.id}/meeting", **who, do="move", slot=other.slot)
    assert refused.status_code == 409
    assert "Ward Robots (fictional) has another meeting" in parse(refused.text).with_class("alert")[0].text


def test_who_comes_second_is_told(visitor: TestClient, planned: Timetable) -> None:
    refused = post(visitor, f"/timetables/{planned.id}", version=planned.version - 1, do="publish")
    assert refused.status_code == 409
    assert "changed this timetable first" in parse(refused.text).with_class("alert")[0].text


def test_while_it_is_planned_the_page_says_so_and_leads_on(
    visitor: TestClient, matchmaker: Matchmaker, planned: Timetable
) -> None:
    with matchmaker.store.writing() as work:
        work.timetables.replace(replace(planned, state=TimetableState.SOLVING), planned.version)
        work.commit()
    solving = main_of(visitor, f"/timetables/{planned.id}").with_class("solving")[0]
    assert "See how far it is" in solving.text
    assert post(visitor, f"/timetables/{planned.id}", version=0, do="cancel").status_code == 303
    assert matchmaker.timetables.get(planned.id).state is TimetableState.PLANNED


def test_sheet_speaks_both_languages_and_takes_availability(visitor: TestClient, planned: Timetable) -> None:
    path = f"/timetables/{planned.id}/members/kr-one"
    sheet = main_of(visitor, path)
    for words in (
        "Your meetings",
        "면담 일정",
        "Harbour Hospital (fictional)",
        "하버 병원 (가상)",
        "KST",
        "SGT",
    ):
        assert words in sheet.text
    assert sheet.find_all("span", lang="ko")
    assert post(visitor, path, version=planned.version, away=["0", "1", "2"]).status_code == 303
    changed = main_of(visitor, path)
    assert len([box for box in changed.find_all("input") if "checked" in box.attributes]) == 3


@pytest.mark.parametrize(
    "path",
    [
        "/timetables/999",
        "/timetables/abc",
        "/timetables/{id}/members/kr-chip",
        "/timetables/999/meetings.ics",
    ],
)
def test_what_does_not_exist(visitor: TestClient, planned: Timetable, path: str) -> None:
    assert visitor.get(path.format(id=planned.id)).status_code == 404


def test_calendars_are_downloads(visitor: TestClient, planned: Timetable) -> None:
    every = visitor.get(f"/timetables/{planned.id}/meetings.ics")
    assert every.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert len(Calendar.from_ical(every.content).walk("VEVENT")) == 3
    own = visitor.get(f"/timetables/{planned.id}/members/kr-voice/meetings.ics")
    assert len(Calendar.from_ical(own.content).walk("VEVENT")) == 1


@pytest.mark.parametrize(("language", "heading"), [("en", "Time in Seoul (KST)"), ("ko", "서울 시각 (KST)")])
def test_tables_read_back(visitor: TestClient, planned: Timetable, language: str, heading: str) -> None:
    plain = visitor.get(f"/timetables/{planned.id}/meetings.csv?lang={language}")
    rows = list(csv.reader(StringIO(plain.content.decode("utf-8-sig"))))
    assert heading in rows[0]
    assert len(rows) == 4
    book = load_workbook(
        BytesIO(visitor.get(f"/timetables/{planned.id}/meetings.xlsx?lang={language}").content)
    )
    meetings, unplaced = book.worksheets
    assert [[cell.value or "" for cell in row] for row in meetings.iter_rows()] == rows
    assert unplaced.max_row == 1


def test_formulas_are_inert_in_tables(visitor: TestClient, matchmaker: Matchmaker) -> None:
    sly = make_member(external_id="kr-sly", names=Text("=1+1", "@이름 (가상)"))
    matchmaker.registration.register(sly)
    url = post(visitor, "/timetables", **FILLED | {"pairs": "kr-sly sg-one"}).headers["Location"]
    number = int(url.rpartition("/")[2])
    matchmaker.timetables.plan(number, 1)
    matchmaker.timetables.jobs.wait(number, 30)
    sheet = load_workbook(BytesIO(visitor.get(f"{url}/meetings.xlsx").content)).worksheets[0]
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert {"'=1+1", "'@이름 (가상)"} <= {cell.value for cell in cells}
    assert not any(cell.data_type == "f" for cell in cells)


def test_pairs_are_read_line_by_line() -> None:
    assert pairs_of("a b\n\n c, d ; 0.5") == [("a", "b", 0.0), ("c", "d", 0.5)]
    with pytest.raises(InvalidInput, match="line 2"):
        pairs_of("a b\nc")
