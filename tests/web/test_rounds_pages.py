"""Rounds without JavaScript: rules, faults, proposals, exceptions, publishing, tables."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import SYSTEM, Role
from matchmaker.domain.member import Purpose
from matchmaker.domain.round import Avoid, Capacity, Round, RoundRule, RoundRules, RoundState
from tests.cases import at_the_desk
from tests.web.documents import Element, parse

BOTH = pytest.mark.parametrize("language", ["en", "ko"])
RULES = RoundRules(Purpose.STARTUP)
FILLED = {
    "name": "Spring",
    "purpose": "startup",
    "method": "balanced",
    "least": "0",
    "most": "2",
    "min_score": "0",
    "cool_down_days": "180",
    "alternates": "1",
    "one_per_group": "on",
}


@pytest.fixture
def browser(client: TestClient) -> TestClient:
    """A coordinator."""
    return at_the_desk(client, Role.COORDINATOR_KR)


def solved(matchmaker: Matchmaker, **rules: Any) -> Round:
    opened = matchmaker.rounds.open("Spring", replace(RULES, **rules), SYSTEM)
    return matchmaker.rounds.solve_now(opened.id, SYSTEM)


def main_of(response: Any, status: int = 200) -> Element:
    assert response.status_code == status, response.text
    return parse(response.text).find("main")


def act(browser: TestClient, found: Round, do: str, version: int | None = None) -> Any:
    stands = found.version if version is None else version
    return browser.post(f"/rounds/{found.id}", data={"do": do, "version": stands})


def offered(main: Element) -> set[str]:
    """What the page's buttons do."""
    return {button.attributes["value"] for button in main.find_all("button", name="do")}


@BOTH
def test_no_round_yet(client: TestClient, language: str) -> None:
    main = main_of(at_the_desk(client, Role.COORDINATOR_KR, language).get("/rounds"))
    words = {"en": "No round has been opened yet.", "ko": "아직 연 회차가 없습니다."}[language]
    assert words in main.text


def test_from_the_form_to_the_queue_and_back(browser: TestClient, matchmaker: Matchmaker) -> None:
    made = browser.post("/rounds/new", data=FILLED)
    number = int(made.url.path.rsplit("/", 1)[1])
    found = matchmaker.rounds.wait(number, 30)
    assert found.state is RoundState.PROPOSED
    main = main_of(browser.get(f"/rounds/{number}"))
    assert offered(main) == {"publish", "solve", "discard"}
    published = main_of(act(browser, found, "publish"))
    assert "Nobody has been written to" in published.text
    assert main_of(browser.get(f"/review?round={number}")).find("nav").find("ol").text
    taken_back = main_of(act(browser, matchmaker.rounds.get(number), "undo"))
    assert "Taken back" in taken_back.text
    assert "The queue is empty" in main_of(browser.get("/review")).text


@BOTH
@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"least": "3"}, "most", {"en": "“At least” is more", "ko": "최소가 최대보다 큽니다"}),
        ({"least": "x"}, "least", {"en": "Give a whole number", "ko": "정수를 적으십시오"}),
        ({"most": "51"}, "most", {"en": "This number is too large", "ko": "수가 너무 큽니다"}),
        ({"min_score": "120"}, "min_score", {"en": "from 0 to 100", "ko": "0부터 100까지의"}),
        ({"min_score": "much"}, "min_score", {"en": "from 0 to 100", "ko": "0부터 100까지의"}),
        ({"cool_down_days": "-1"}, "cool_down_days", {"en": "whole number", "ko": "정수를"}),
        ({"purpose": "fun"}, "purpose", {"en": "Choose one of", "ko": "보기 가운데"}),
        ({"method": ""}, "method", {"en": "Choose one of", "ko": "보기 가운데"}),
        ({"only": "nobody"}, "only", {"en": "There is no such member", "ko": "그런 회원이 없습니다"}),
        ({"name": "x" * 121}, "name", {"en": "at most 120", "ko": "120자 이내로"}),
        (
            {"pair-0-kr": "kr-one", "pair-0-sg": "nobody", "pair-0-kind": "pins"},
            "pair-0-sg",
            {"en": "There is no such member", "ko": "그런 회원이 없습니다"},
        ),
        (
            {"pair-1-kr": "sg-one", "pair-1-sg": "kr-one", "pair-1-kind": "forbidden"},
            "pair-0-kr",
            {"en": "from the other country", "ko": "상대 나라의 회원"},
        ),
        (
            {"pair-0-kr": "kr-one", "pair-0-kind": "avoid"},
            "pair-0-sg",
            {"en": "Fill in both members", "ko": "두 회원을 모두"},
        ),
        (
            {"own-0-member": "kr-one", "own-0-least": "4", "own-0-most": "1"},
            "own-0-member",
            {"en": "“At least” is more", "ko": "최소가 최대보다 큽니다"},
        ),
    ],
)
def test_a_fault_stands_beside_its_field(
    client: TestClient, language: str, fields: dict[str, str], field: str, words: dict[str, str]
) -> None:
    browser = at_the_desk(client, Role.COORDINATOR_KR, language)
    main = main_of(browser.post("/rounds/new", data=FILLED | fields), 422)
    assert words[language] in main.find("p", id=f"{field}-fault").text
    assert words[language] in main.find("div", role="alert").text
    assert [e for e in main.everything() if e.attributes.get("id") == field]


def test_faults_of_pairs_find_their_rows(browser: TestClient) -> None:
    """Rows stand in any order; the rules' own order is alphabetical."""
    rows = {
        "pair-0-kr": "kr-voice",
        "pair-0-sg": "nobody",
        "pair-0-kind": "pins",
        "pair-1-kr": "kr-chip",
        "pair-1-sg": "sg-fab",
        "pair-1-kind": "pins",
        "pair-2-kr": "kr-chip",
        "pair-2-sg": "sg-fab",
        "pair-2-kind": "forbidden",
    }
    main = main_of(browser.post("/rounds/new", data=FILLED | rows), 422)
    both = "This pair must meet and must not meet"
    assert both in main.find("p", id="pair-1-kr-fault").text
    del rows["pair-2-kr"], rows["pair-2-sg"]
    main = main_of(browser.post("/rounds/new", data=FILLED | rows), 422)
    assert "There is no such member" in main.find("p", id="pair-0-sg-fault").text


def test_a_pair_twice(browser: TestClient) -> None:
    rows = {f"pair-{n}-{side}": f"{side}-one" for n in (0, 1) for side in ("kr", "sg")}
    rows |= {"pair-0-kind": "avoid", "pair-1-kind": "avoid"}
    main = main_of(browser.post("/rounds/new", data=FILLED | rows), 422)
    assert "stands here twice" in main.find("p", id="pair-1-kr-fault").text


@BOTH
def test_exceptions_are_said_in_sentences(client: TestClient, matchmaker: Matchmaker, language: str) -> None:
    found = solved(matchmaker, usual=Capacity(1, 1))
    assert found.state is RoundState.INFEASIBLE
    browser = at_the_desk(client, Role.COORDINATOR_KR, language)
    main = main_of(browser.get(f"/rounds/{found.id}"))
    sentences = [item.text for item in main.with_class("exceptions")[0].find_all("li")]
    assert found.relaxation is not None
    assert len(sentences) == len(found.relaxation.rules)
    end = {"en": "in this round instead of", "ko": "대신 이번 회차에는"}[language]
    assert all(end in sentence for sentence in sentences)
    relaxed = act(browser, found, "relax")
    assert relaxed.status_code == 200
    assert matchmaker.rounds.wait(found.id, 30).state is RoundState.PROPOSED


@BOTH
@pytest.mark.parametrize("rule", RoundRule)
def test_every_rule_can_be_given_up_in_words(
    client: TestClient, matchmaker: Matchmaker, language: str, rule: RoundRule
) -> None:
    """Each kind is a sentence of its own, in both languages, without a code in it."""
    found = solved(matchmaker, usual=Capacity(1, 1))
    assert found.relaxation is not None
    subject = {
        RoundRule.LEAST: "kr-one",
        RoundRule.MOST: "kr-one",
        RoundRule.RIVALS: "kr-one/kr-chip",
    }.get(rule, "kr-one/sg-one")
    other = replace(found.relaxation, rules=((rule, subject),), excess=(1,))
    with matchmaker.store.writing() as work:
        work.rounds.save(replace(found, relaxation=other), found.version)
        work.commit()
    browser = at_the_desk(client, Role.COORDINATOR_KR, language)
    (sentence,) = main_of(browser.get(f"/rounds/{found.id}")).with_class("exceptions")[0].find_all("li")
    assert sentence.text.endswith((".", "다."))
    assert "kr-one" not in sentence.text


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        (RoundState.DRAFT, {"solve", "discard"}),
        (RoundState.SOLVING, {"cancel"}),
        (RoundState.FAILED, {"solve", "discard"}),
        (RoundState.PUBLISHED, {"undo"}),
        (RoundState.WITHDRAWN, set()),
    ],
)
@BOTH
def test_every_state_offers_what_is_possible(
    client: TestClient, matchmaker: Matchmaker, language: str, state: RoundState, buttons: set[str]
) -> None:
    opened = matchmaker.rounds.open("Spring", RULES, SYSTEM)
    stage = {RoundState.SOLVING: "solving", RoundState.FAILED: "out-of-time"}.get(state)
    with matchmaker.store.writing() as work:
        work.rounds.save(replace(opened, state=state, stage=stage, progress=0.4), opened.version)
        work.commit()
    page = at_the_desk(client, Role.COORDINATOR_KR, language).get(f"/rounds/{opened.id}")
    assert offered(main_of(page)) == buttons
    assert 'http-equiv="refresh"' not in page.text
    again = parse(page.text).find("main").find_all("a", href=f"/rounds/{opened.id}")
    assert bool(again) is (state is RoundState.SOLVING)


def test_somebody_changed_the_round_first(browser: TestClient, matchmaker: Matchmaker) -> None:
    found = solved(matchmaker)
    main = main_of(act(browser, found, "publish", version=found.version - 1), 409)
    assert "Somebody changed this round first" in main.text
    stale = browser.post(
        f"/rounds/{found.id}/rules", data=FILLED | {"version": str(found.version - 1), "name": "Mine"}
    )
    form = main_of(stale, 409)
    assert "Somebody else changed these rules" in form.text
    assert form.find("input", id="name").attributes["value"] == "Mine"


def test_a_step_that_is_over(browser: TestClient, matchmaker: Matchmaker) -> None:
    found = solved(matchmaker)
    act(browser, found, "discard")
    main = main_of(act(browser, found, "cancel"), 409)
    assert "the round has moved on" in main.text


@BOTH
def test_the_pairs_as_tables(client: TestClient, matchmaker: Matchmaker, language: str) -> None:
    found = solved(matchmaker)
    assert found.proposal is not None
    browser = at_the_desk(client, Role.COORDINATOR_KR, language)
    rows = list(
        csv.reader(StringIO(browser.get(f"/rounds/{found.id}/pairs.csv").text.removeprefix("\ufeff")))
    )
    assert len(rows) == 1 + len(found.proposal.pairs)
    assert rows[0][2] == {"en": "Korean member", "ko": "한국 회원"}[language]
    response = browser.get(f"/rounds/{found.id}/pairs.xlsx")
    assert f'filename="round-{found.id}.xlsx"' in response.headers["Content-Disposition"]
    book = load_workbook(BytesIO(response.content))
    assert (book.sheetnames[0], len(book.sheetnames)) == ({"en": "Pairs", "ko": "추천 조합"}[language], 4)


def test_there_is_no_table_before_there_is_a_proposal(browser: TestClient, matchmaker: Matchmaker) -> None:
    opened = matchmaker.rounds.open("Spring", RULES, SYSTEM)
    assert browser.get(f"/rounds/{opened.id}/pairs.csv").status_code == 409


def test_the_file_of_rules_holds_no_private_reason(browser: TestClient, matchmaker: Matchmaker) -> None:
    rules = replace(RULES, avoid=(Avoid(("kr-one", "sg-one"), "A quarrel."),))
    opened = matchmaker.rounds.open("Spring", rules, SYSTEM)
    text = browser.get(f"/rounds/{opened.id}/rules.json").text
    assert "sg-one" in text
    assert "quarrel" not in text
    assert "A quarrel." in browser.get(f"/rounds/{opened.id}/rules").text


@pytest.mark.parametrize("number", ["999", str(2**64), "x"])
def test_a_round_that_does_not_exist(browser: TestClient, number: str) -> None:
    assert browser.get(f"/rounds/{number}").status_code in (404, 422)
