"""Partners for somebody who only describes themselves."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from api.pages.profile_form import MAX_LENGTH, Answers, profile, sentences
from matchmaker.domain.member import Country, Kind, Text, Track
from tests.web.documents import parse

FILLED = {
    "country": "KR",
    "need": "A hospital for a pilot.",
    "offer": "delivery robots",
    "about": "We build robots.",
}


def test_one_box_is_enough(browser: TestClient) -> None:
    response = browser.post("/find", data={"country": "KR", "need": "a hospital for pilots of robots"})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    document = parse(response.text)
    assert len(document.find_all("article")) == 4
    assert "You look for “a hospital for pilots of robots”" in document.with_class("reason")[0].text


def test_result_keeps_what_was_written_and_switches_language_with_it(browser: TestClient) -> None:
    document = parse(browser.post("/find", data=FILLED).text)
    assert document.find("textarea", id="offer").text == "delivery robots"
    switch = document.find("header", class_="top").find("button")
    assert switch.attributes["form"] == document.find("form", id="profile").attributes["id"]
    response = browser.post(switch.attributes["formaction"], data=FILLED)
    assert response.headers["Content-Language"] == "ko"
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"need": "", "offer": "", "about": ""}, "need"),
        ({"need": " \u200b ", "offer": "…", "about": "-"}, "need"),
        ({"country": ""}, "country"),
        ({"country": "JP"}, "country"),
        ({"offer": "x" * (MAX_LENGTH + 1)}, "offer"),
        ({"about": "One. " * 31}, "about"),
    ],
)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_faults_stand_by_their_field_and_values_stay(
    browser: TestClient, changes: dict[str, str], field: str, language: str
) -> None:
    given = FILLED | changes
    response = browser.post(f"/find?lang={language}", data=given)
    assert response.status_code == 422
    document = parse(response.text)
    fault = document.find("p", id=f"{field}-fault")
    described = [
        e for e in document.everything() if f"{field}-fault" in e.attributes.get("aria-describedby", "")
    ]
    assert len(described) == 1
    link = document.find("div", role="alert").find("a", href=f"#{field}")
    assert link.text == fault.text
    assert [e for e in document.everything() if e.attributes.get("id") == field]
    for name in ("need", "offer", "about"):
        assert document.find("textarea", id=name).text == " ".join(given[name].split())


def test_address_fills_the_form_and_nothing_runs(browser: TestClient) -> None:
    document = parse(browser.get("/find", params={"need": "</textarea><b>x", "country": "SG"}).text)
    assert document.find("textarea", id="need").text == "</textarea><b>x"
    assert "checked" in document.find("input", value="SG").attributes
    assert not document.find_all("article")


def test_nothing_is_stored(browser: TestClient) -> None:
    browser.post("/find", data=FILLED)
    assert "7 organisations" in browser.get("/members").text


def test_sentences_become_needs_in_their_language() -> None:
    text = "- 해외 병원을 찾습니다.\n2. We need data. Also approval!"
    assert sentences(text) == ["해외 병원을 찾습니다.", "We need data.", "Also approval!"]
    answers = Answers(Country.SG, Kind.UNIVERSITY, None, {"need": text, "offer": "", "about": ""})
    member = profile(answers)
    assert [need.text for need in member.needs] == [
        Text(ko="해외 병원을 찾습니다."),
        Text(en="We need data."),
        Text(en="Also approval!"),
    ]
    assert member.track is Track.RESEARCH
    assert not member.summary
