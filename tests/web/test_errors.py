"""Errors as a browser sees them: one sentence, one action."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.testclient import TestClient

from api.pages.errors import render_error
from matchmaker.domain.access import Role
from tests.visitors import sign_in
from tests.web.documents import parse


@pytest.mark.parametrize("path", ["/members/nobody", "/pairs/kr-one/nobody", "/no-such-page"])
@pytest.mark.parametrize(
    ("language", "title"), [("en", "There is nothing here"), ("ko", "페이지를 찾을 수 없습니다")]
)
def test_what_is_not_there(browser: TestClient, path: str, language: str, title: str) -> None:
    response = browser.get(f"{path}?lang={language}")
    assert response.status_code == 404
    document = parse(response.text)
    assert document.find("h1").text == title
    assert document.find("html").attributes["lang"] == language
    assert len(document.find("main").find_all("a")) == 1


def test_pair_of_one_country_is_refused_calmly(browser: TestClient) -> None:
    response = browser.get("/pairs/sg-one/kr-one")
    assert response.status_code == 422
    assert parse(response.text).find("h1").text == "This request cannot be read"


def test_forms_of_other_sites_are_refused_calmly(browser: TestClient) -> None:
    response = browser.post("/shortlist", data={"do": "add"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert parse(response.text).find("h1").text == "This is not allowed"


def test_too_much_text_is_refused_calmly(browser: TestClient) -> None:
    response = browser.post("/find", data={"need": "x" * 300_000})
    assert response.status_code == 413
    assert parse(response.text).find("h1").text == "That is too much text"


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 422, 429, 500, 503])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_status_has_a_page(app: FastAPI, status: int, language: str) -> None:
    request = Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/x",
            "query_string": f"lang={language}".encode(),
            "headers": [],
            "server": ("127.0.0.1", 80),
            "scheme": "http",
            "app": app,
        }
    )
    response = render_error(request, status, "A <title>", "A detail & more")
    assert response.status_code == status
    document = parse(bytes(response.body).decode())
    assert document.find("h1").text
    assert document.find("html").attributes["lang"] == language
    if status == 409:
        assert document.find("h1").text == "A <title>"


@pytest.mark.parametrize("number", ["9" * 19, "9" * 400, "9" * 5000, "-" + "9" * 19])
@pytest.mark.parametrize(
    "path", ["/review/{}", "/rounds/{}", "/timetables/{}", "/introductions/{}", "/outbox/{}"]
)
def test_a_number_that_nothing_has_leads_nowhere_calmly(browser: TestClient, path: str, number: str) -> None:
    sign_in(browser, Role.ADMINISTRATOR)
    response = browser.get(path.format(number))
    assert response.status_code in (404, 422)
    assert len(parse(response.text).find("main").find_all("a")) == 1


def test_an_address_longer_than_any_of_ours_is_refused_calmly(browser: TestClient) -> None:
    assert browser.get("/members", params={"q": "x" * 5000}).status_code == 400
    assert browser.get("/members/" + "x" * 5000).status_code == 404
