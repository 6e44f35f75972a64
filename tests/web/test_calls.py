"""The pages about funding calls, without JavaScript, in both languages."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.web.documents import Element, parse

WARD = "/calls/example-ward-ai"


def page(browser: TestClient, path: str, language: str = "en") -> Element:
    response = browser.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert response.status_code == 200, response.text[:300]
    return parse(response.text)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Planned", "Closed", "31 August 2022", "23:59 SGT", "₩50,000,000,000", "US$300,000,000"]),
        ("ko", ["계획 중", "마감", "2022년 8월 31일", "23:59 SGT", "₩50,000,000,000", "S$12,000,000"]),
    ],
)
def test_the_list_shows_state_dates_and_amounts(browser: TestClient, language: str, words: list[str]) -> None:
    text = page(browser, "/calls", language).find("main").text
    assert [word for word in words if word not in text] == []


def test_every_rule_names_its_source_or_says_that_it_is_assumed(browser: TestClient) -> None:
    document = page(browser, "/calls/eureka-kr-sg-2022")
    grounds = document.find("main").with_class("ground")
    assert len(grounds) > 8
    for ground in grounds:
        assert ground.find_all("a") or ground.text.startswith("Assumption: ")


@pytest.mark.parametrize(("language", "ask"), [("en", "Ask"), ("ko", "확인 필요")])
def test_the_form_leads_to_the_proof(browser: TestClient, language: str, ask: str) -> None:
    form = page(browser, WARD, language).find("form")
    assert form.attributes["method"] == "get"
    names = [select.attributes["name"] for select in form.find_all("select")]
    assert names == ["kr", "sg"]
    document = page(browser, f"{WARD}?kr=kr-one&sg=", language)
    table = document.find("table")
    verdicts = {each.attributes["data-verdict"]: each.text for each in table.with_class("verdict")}
    assert verdicts["unknown"] == ask
    assert "sg-one" in str([a.attributes.get("href") for a in document.find_all("a")])


def test_what_is_missing_is_named_with_candidates(browser: TestClient) -> None:
    document = page(browser, f"{WARD}?kr=kr-one")
    assert [gap.text for gap in document.with_class("gap")] == [
        "A company in Singapore",
        "A research performer in Singapore",
    ]
    links = [link.attributes["href"] for link in document.find_all("a")]
    assert f"{WARD}?kr=kr-one&sg=sg-one#proof" in links


def test_a_planned_call_says_what_is_not_known(browser: TestClient) -> None:
    text = page(browser, "/calls/iitp-aisg-2027").find("main").text
    assert "What is not known" in text
    assert "have not been published" in text


@pytest.mark.parametrize("path", ["/members/kr-one", "/pairs/kr-one/sg-one"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_members_and_pairs_link_to_the_calls_they_could_answer(
    browser: TestClient, path: str, language: str
) -> None:
    document = page(browser, path, language)
    links = [link.attributes["href"] for link in document.find_all("a")]
    found = [link for link in links if link.startswith("/calls/") and "kr=kr-one" in link]
    assert found
    assert not [link for link in found if "2022" in link], "a closed call cannot be answered"
    assert page(browser, found[0].partition("#")[0], language).find_all("table")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/calls/nothing", 404),
        (f"{WARD}?kr=nobody", 404),
        (f"{WARD}?kr=sg-one", 422),
        (f"{WARD}?size=99", 200),
    ],
)
def test_wrong_addresses_are_answered_calmly(browser: TestClient, path: str, status: int) -> None:
    response = browser.get(path)
    assert response.status_code == status
    parse(response.text)
