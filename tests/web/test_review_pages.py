"""The review desk without JavaScript: reading, deciding, undoing, notes, leases, lists taken along."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Role
from matchmaker.domain.member import Purpose
from matchmaker.domain.review import Case, Stage
from tests.cases import add_cases, at_the_desk
from tests.web.documents import Element, parse

BOTH = pytest.mark.parametrize("language", ["en", "ko"])


@pytest.fixture
def korea(client: TestClient) -> TestClient:
    """A coordinator in Korea."""
    return at_the_desk(client, Role.COORDINATOR_KR)


@pytest.fixture
def singapore(client: TestClient) -> TestClient:
    """A coordinator in Singapore."""
    return at_the_desk(client, Role.COORDINATOR_SG)


@pytest.fixture
def cases(matchmaker: Matchmaker) -> list[Case]:
    return add_cases(matchmaker, 5)


def main_of(response: Any, status: int = 200) -> Element:
    assert response.status_code == status, response.text
    return parse(response.text).find("main")


def erasing(main: Element) -> list[str]:
    """Where forms lead that erase notes."""
    actions = [form.attributes.get("action", "") for form in main.find_all("form")]
    return [action for action in actions if action.endswith("/erase")]


def decide(browser: TestClient, case: Case, do: str, **fields: Any) -> Any:
    return browser.post(f"/review/{case.id}", data={"do": do, "version": case.version} | fields)


def stage_of(matchmaker: Matchmaker, case: Case) -> Stage:
    return case_of(matchmaker, case).stage


def case_of(matchmaker: Matchmaker, case: Case) -> Case:
    with matchmaker.store.reading() as work:
        return work.cases.get(case.id)


@BOTH
def test_an_empty_queue_says_what_to_do(client: TestClient, language: str) -> None:
    main = main_of(at_the_desk(client, Role.COORDINATOR_KR, language).get("/review"))
    assert main.find("a", href="/rounds").text == {"en": "Open a round", "ko": "회차 열기"}[language]
    assert main.find("form", action="/review/fill").text


def test_the_queue_opens_with_its_best_case(korea: TestClient, cases: list[Case]) -> None:
    response = korea.get("/review")
    main = main_of(response)
    assert response.url.path == f"/review/{cases[0].id}"
    rows = main.find("nav").find("ol").find_all("a")
    assert [row.attributes["href"] for row in rows] == [f"/review/{case.id}" for case in cases]
    assert rows[0].attributes["aria-current"] == "true"
    assert "1 of 5" in main.text


def test_nobody_is_led_to_a_case_on_which_somebody_works(
    korea: TestClient, singapore: TestClient, cases: list[Case]
) -> None:
    korea.get(f"/review/{cases[0].id}")
    assert singapore.get("/review").url.path == f"/review/{cases[1].id}"
    held = main_of(singapore.get(f"/review/{cases[0].id}"))
    assert "Coordinator, Korea works on this case until" in held.text
    assert held.find_all("button", value="accept") == []
    assert decide(singapore, cases[0], "accept").status_code == 409


def test_a_case_can_be_left_to_others(korea: TestClient, singapore: TestClient, cases: list[Case]) -> None:
    korea.get(f"/review/{cases[0].id}")
    assert decide(korea, cases[0], "release").url.path == f"/review/{cases[1].id}"
    assert main_of(singapore.get(f"/review/{cases[0].id}")).find("button", value="accept").text


def test_accepting_goes_on_and_can_be_undone(
    korea: TestClient, matchmaker: Matchmaker, cases: list[Case]
) -> None:
    response = decide(korea, cases[0], "accept")
    assert response.url.path == f"/review/{cases[1].id}"
    (toast,) = main_of(response).with_class("toast")
    assert "Accepted. Nothing has been sent." in toast.text
    assert stage_of(matchmaker, cases[0]) is Stage.SHORTLISTED
    form = toast.find("form")
    version = form.find("input").attributes["value"]
    undone = korea.post(form.attributes["action"], data={"version": version})
    assert "Taken back" in main_of(undone).text
    assert stage_of(matchmaker, cases[0]) is Stage.SUGGESTED


def test_somebody_decided_first(
    korea: TestClient, singapore: TestClient, matchmaker: Matchmaker, cases: list[Case]
) -> None:
    korea.get(f"/review/{cases[0].id}")
    decide(korea, cases[0], "decline", reason="competitors")
    late = decide(singapore, cases[0], "accept", note="Mine")
    main = main_of(late, 409)
    assert "Somebody decided first" in main.find("p", role="alert").text
    assert "Declined: Competitors" in main.text
    assert main.find("textarea").text == "Mine"
    assert stage_of(matchmaker, cases[0]) is Stage.DECLINED


@BOTH
@pytest.mark.parametrize(
    ("do", "fields", "words"),
    [
        ("decline", {}, {"en": "Choose a reason", "ko": "이유를 고른 뒤"}),
        ("decline", {"reason": "nonsense"}, {"en": "Choose a reason", "ko": "이유를 고른 뒤"}),
        ("snooze", {"until": "2020-01-01"}, {"en": "Choose a day after today", "ko": "오늘보다 뒤의"}),
        ("snooze", {"until": "soon"}, {"en": "Choose a day after today", "ko": "오늘보다 뒤의"}),
        ("note", {"note": "  "}, {"en": "The note is empty", "ko": "메모가 비어"}),
        ("note", {"note": "x" * 2001}, {"en": "The note is too long", "ko": "메모가 너무 깁니다"}),
        ("accept", {"note": "x" * 2001}, {"en": "The note is too long", "ko": "메모가 너무 깁니다"}),
    ],
)
def test_what_is_missing_is_said_and_nothing_happens(
    client: TestClient,
    matchmaker: Matchmaker,
    cases: list[Case],
    language: str,
    do: str,
    fields: dict[str, str],
    words: dict[str, str],
) -> None:
    browser = at_the_desk(client, Role.COORDINATOR_KR, language)
    main = main_of(decide(browser, cases[0], do, **fields), 422)
    assert words[language] in main.find("p", role="alert").text
    assert main.find("textarea").text.strip() == fields.get("note", "").strip()
    assert stage_of(matchmaker, cases[0]) is Stage.SUGGESTED


def test_a_move_that_is_not_possible_any_more(korea: TestClient, cases: list[Case]) -> None:
    main = main_of(decide(korea, cases[0], "meet"), 409)
    assert "not possible from where the case is now" in main.find("p", role="alert").text


def test_snoozing_until_a_day(korea: TestClient, matchmaker: Matchmaker, cases: list[Case]) -> None:
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    response = decide(korea, cases[0], "snooze", until=day.isoformat())
    assert f"Snoozed (until {day.day} {day:%b %Y})" in main_of(response).with_class("toast")[0].text
    kept = case_of(matchmaker, cases[0]).snoozed_until
    assert kept is not None
    assert kept.isoformat() == f"{day}T00:00:00+00:00"
    assert f"until {day.day} {day:%b %Y}" in main_of(korea.get("/review?show=snoozed")).find("nav").text


def test_a_day_counts_for_a_snooze_alone(
    korea: TestClient, matchmaker: Matchmaker, cases: list[Case]
) -> None:
    decide(korea, cases[0], "accept", until="2020-01-01")
    assert stage_of(matchmaker, cases[0]) is Stage.SHORTLISTED


def test_only_its_author_or_an_administrator_erases_a_note(
    client: TestClient, korea: TestClient, singapore: TestClient, matchmaker: Matchmaker, cases: list[Case]
) -> None:
    page = decide(korea, cases[0], "note", note="Ask <their> board first")
    assert "The note is kept" in main_of(page).text
    (url,) = erasing(main_of(page))
    assert "Ask <their> board first" in main_of(page).text
    others = main_of(singapore.get(f"/review/{cases[0].id}"))
    assert "Ask <their> board first" in others.text
    assert erasing(others) == []
    assert singapore.post(url).status_code == 403
    administrator = at_the_desk(client, Role.ADMINISTRATOR)
    assert url in administrator.get(f"/review/{cases[0].id}").text
    erased = main_of(korea.post(url))
    assert "The note is erased" in erased.text
    assert "Ask <their> board first" not in erased.text
    assert "(the note was erased)" in erased.text
    assert matchmaker.auditing.verify().holds


def test_filters_live_in_the_address_and_stay(korea: TestClient, matchmaker: Matchmaker) -> None:
    cases = add_cases(matchmaker, 24)
    page = korea.get("/review?purpose=research&q=clinics")
    wanted = [c for c in cases if c.purpose is Purpose.RESEARCH and c.sg == "sg-clinic"]
    main = main_of(page)
    links = [a.attributes["href"] for a in main.find("nav").find("ol").find_all("a")]
    assert links == [f"/review/{case.id}?purpose=research&q=clinics" for case in wanted]
    after = decide_at(korea, links[0], wanted[0])
    assert after.url.params.multi_items()[:2] == [("purpose", "research"), ("q", "clinics")]


def decide_at(browser: TestClient, url: str, case: Case) -> Any:
    return browser.post(url, data={"do": "accept", "version": case.version})


@pytest.mark.parametrize(
    "query", ["show=nonsense", "purpose=nonsense", "round=x", "round=99999999999", "q=%00", "done=x"]
)
def test_a_filter_that_does_not_exist_is_left_out(korea: TestClient, cases: list[Case], query: str) -> None:
    assert korea.get(f"/review?{query}").status_code == 200


@pytest.mark.parametrize("number", ["999", str(2**31), str(2**64), "0", "-1"])
def test_a_case_that_does_not_exist(korea: TestClient, number: str) -> None:
    assert korea.get(f"/review/{number}").status_code in (404, 422)
    assert korea.post(f"/review/{number}", data={"do": "accept"}).status_code in (404, 422)


def test_a_member_who_has_left(korea: TestClient, matchmaker: Matchmaker, cases: list[Case]) -> None:
    matchmaker.registration.withdraw("sg-one")
    main = main_of(korea.get(f"/review/{cases[0].id}"))
    assert "sg-one (has left)" in main.text
    assert "has left the directory" in main.text
    assert main.find_all("button", value="accept") == []
    assert "sg-one" not in main_of(korea.get("/review")).find("nav").text
    late = main_of(korea.post(f"/review/{cases[0].id}", data={"do": "reopen", "version": 2}), 409)
    assert late.find("p", role="alert").text


def test_names_in_the_other_language_are_marked(korea: TestClient, matchmaker: Matchmaker) -> None:
    add_cases(matchmaker, 36)
    main = main_of(korea.get("/review?q=목소리연구실"))
    assert main.find("nav").find_all("span", lang="ko")[0].text == "목소리연구실"


def test_listed_organisations_are_not_introduced(korea: TestClient, matchmaker: Matchmaker) -> None:
    case = next(c for c in add_cases(matchmaker, 12) if c.kr == "kr-chip")
    decide(korea, case, "accept")
    main = main_of(korea.get(f"/review/{case.id}?show=shortlisted"))
    assert "Only members that have joined are introduced" in main.text
    assert main.find_all("a", href=f"/review/{case.id}/introduce") == []


def test_pairs_are_drawn_into_the_queue(korea: TestClient) -> None:
    page = main_of(korea.post("/review/fill", data={"purpose": "all"}))
    assert "added" in page.with_class("toast")[0].text
    assert page.find("nav").find("form", action="/review/fill").text
    again = main_of(korea.post("/review/fill", data={"purpose": "startup"}))
    assert "No pair was added" in again.with_class("toast")[0].text


def test_no_purpose_draws_nothing(korea: TestClient) -> None:
    assert "The queue is empty" in main_of(korea.post("/review/fill", data={})).text


@BOTH
def test_the_list_as_a_table(
    client: TestClient, matchmaker: Matchmaker, cases: list[Case], language: str
) -> None:
    browser = at_the_desk(client, Role.COORDINATOR_KR, language)
    response = browser.get("/review/export.csv?q=sg-one&purpose=startup")
    assert response.headers["Content-Disposition"] == 'attachment; filename="review-queue.csv"'
    rows = list(csv.reader(StringIO(response.text.removeprefix("\ufeff"))))
    assert rows[0][:2] == {"en": ["Case", "Purpose"], "ko": ["건", "목적"]}[language]
    everything = browser.get("/review/export.xlsx")
    sheet = load_workbook(BytesIO(everything.content)).worksheets[0]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [case.id for case in cases]


def test_the_trail_in_numbers_and_as_a_file(korea: TestClient, cases: list[Case]) -> None:
    decide(korea, cases[0], "accept")
    main = main_of(korea.get("/trail"))
    head = main.find("input", id="head").attributes["value"]
    checked = main_of(korea.get("/trail", params={"check": "1", "noted": head.upper()}))
    assert "The trail holds" in checked.find("div", role="status").text
    assert "is among them" in checked.text
    lines = [json.loads(line) for line in korea.get("/trail/entries.jsonl").text.splitlines()]
    assert lines[-1]["hash"] == head
    assert str(len(lines)) in main.find("dl").text


@BOTH
def test_a_trail_that_does_not_hold(
    client: TestClient, matchmaker: Matchmaker, cases: list[Case], language: str
) -> None:
    browser = at_the_desk(client, Role.COORDINATOR_KR, language)
    noted = main_of(browser.get("/trail?check=1&noted=abc"))
    words = {"en": "The trail does not hold.", "ko": "기록이 맞지 않습니다."}[language]
    assert words in noted.find("div", role="alert").text
    with matchmaker.store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER trail_keeps_content")
        connection.exec_driver_sql("UPDATE trail SET actor = 'a_other' WHERE seq = 2")
    broken = main_of(browser.get("/trail?check=1"))
    words = {"en": "broken at entry 2. Its content", "ko": "2번 기록에서 끊어졌습니다. 나중에 내용이"}[
        language
    ]
    assert words in broken.find("div", role="alert").text


@pytest.mark.parametrize("path", ["/review", "/trail", "/review/export.csv", "/rounds"])
def test_nobody_else_sees_the_desk(client: TestClient, path: str) -> None:
    assert at_the_desk(client, Role.MEMBER).get(path).status_code == 403
