"""Which language a visitor gets, and whether every word has a Korean one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from starlette.testclient import TestClient

import api.pages
from api.pages.language import catalogue_of

PAGES = Path(api.pages.__file__).parent
_PLACE = re.compile(r"%\((\w+)\)s")
MAY_BE_DROPPED = {"name", "name_topic"}
"""Korean names somebody with or without a particle, as the sentence wants it."""


@pytest.fixture(scope="module")
def korean() -> Catalog:
    return catalogue_of("ko")


def used_messages() -> set[str]:
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    found = [message for _, _, message, _, _ in extract_from_dir(PAGES, methods)]
    return {message if isinstance(message, str) else message[0] for message in found}


def korean_words(korean: Catalog, message: str) -> str:
    found = korean.get(message)
    words = found.string if found else None
    return words if isinstance(words, str) else "".join(words or ())


def test_every_message_has_korean_words(korean: Catalog) -> None:
    used = used_messages()
    assert len(used) > 200
    assert sorted(message for message in used if not korean_words(korean, message)) == []


def test_no_korean_words_are_left_over(korean: Catalog) -> None:
    kept = {message.id if isinstance(message.id, str) else message.id[0] for message in korean if message.id}
    assert sorted(kept - used_messages()) == []


def test_korean_words_fill_in_the_same_places(korean: Catalog) -> None:
    for message in korean:
        source = message.id if isinstance(message.id, str) else message.id[0]
        if source:
            words = korean_words(korean, source)
            given, taken = set(_PLACE.findall(source)), set(_PLACE.findall(words))
            assert taken - MAY_BE_DROPPED <= given | MAY_BE_DROPPED, source
            assert given - MAY_BE_DROPPED <= taken, source
            if re.search("[a-z]", _PLACE.sub("", words)):
                assert re.search("[가-힣]", words), f"“{words}” is no Korean"


def test_address_beats_cookie_beats_browser(browser: TestClient) -> None:
    assert browser.get("/about").headers["Content-Language"] == "en"
    assert (
        browser.get("/about", headers={"Accept-Language": "ko-KR,en;q=0.5"}).headers["Content-Language"]
        == "ko"
    )
    response = browser.get("/about?lang=ko")
    cookie = response.headers["Set-Cookie"]
    assert "lang=ko" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert browser.get("/about", headers={"Accept-Language": "en"}).headers["Content-Language"] == "ko"
    assert browser.get("/about?lang=en").headers["Content-Language"] == "en"
    assert browser.get("/about").headers["Content-Language"] == "en"


@pytest.mark.parametrize("address", ["/about?lang=fr", "/about?lang="])
def test_unknown_language_changes_nothing(browser: TestClient, address: str) -> None:
    response = browser.get(address)
    assert response.headers["Content-Language"] == "en"
    assert "Set-Cookie" not in response.headers
