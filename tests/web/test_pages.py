"""What holds for every page, in both languages."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from starlette.testclient import TestClient

from api.pages.language import LOCALES
from tests.web.documents import Element, parse

PATHS = (
    "/",
    "/find",
    "/find?need=a+hospital&country=KR",
    "/members",
    "/members?q=nobody-is-called-this",
    "/members/kr-one",
    "/members/kr-one?purpose=startup&track=public",
    "/members/kr-chip",
    "/members/sg-one",
    "/members/kr-voice",
    "/pairs",
    "/pairs?purpose=research",
    "/pairs/kr-one/sg-one",
    "/pairs/kr-chip/sg-fab?purpose=startup",
    "/shortlist",
    "/about",
    "/developers",
    "/calls",
    "/calls/iitp-aisg-2027",
    "/calls/example-ward-ai?kr=kr-one",
    "/calls/example-two-companies?kr=kr-one&sg=sg-one&size=3",
)
BOTH = pytest.mark.parametrize("language", ["en", "ko"])
EVERY = pytest.mark.parametrize("path", PATHS)
_MSGID = re.compile(r'^msgid "(.+)"$', re.MULTILINE)


def page(browser: TestClient, path: str, language: str = "en") -> Element:
    response = browser.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert response.status_code == 200, response.text[:300]
    assert response.headers["Content-Language"] == language
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    return parse(response.text)


@EVERY
@BOTH
def test_page_says_its_language_and_title(browser: TestClient, path: str, language: str) -> None:
    document = page(browser, path, language)
    assert document.find("html").attributes["lang"] == language
    assert len(document.find("title").text) > 10
    assert len(document.find_all("h1")) == 1


@EVERY
@BOTH
def test_landmarks_and_skip_link(browser: TestClient, path: str, language: str) -> None:
    document = page(browser, path, language)
    first_link = document.find("body").find_all("a")[0]
    assert first_link.attributes["href"] == "#content"
    assert document.find("main").attributes["id"] == "content"
    for landmark in ("header", "footer"):
        assert document.find_all(landmark)
    names = [nav.attributes.get("aria-label") for nav in document.find_all("nav")]
    assert all(names)
    assert len(names) == len(set(names))


@EVERY
def test_nothing_that_a_strict_policy_refuses(browser: TestClient, path: str) -> None:
    for element in page(browser, path).everything():
        assert "style" not in element.attributes
        assert not [name for name in element.attributes if name.startswith("on")]
        assert element.tag != "style"
        if element.tag == "script":
            assert element.attributes["src"].startswith("/static/")
            assert not element.text


@EVERY
@BOTH
def test_controls_have_labels_and_ids_are_unique(browser: TestClient, path: str, language: str) -> None:
    document = page(browser, path, language)
    ids = [e.attributes["id"] for e in document.everything() if "id" in e.attributes]
    assert len(ids) == len(set(ids)), sorted(i for i in ids if ids.count(i) > 1)
    labelled = {label.attributes["for"] for label in document.find_all("label") if "for" in label.attributes}
    for control in [e for e in document.everything() if e.tag in ("input", "select", "textarea")]:
        if control.attributes.get("type") != "hidden":
            parent = control.parent
            assert control.attributes.get("id") in labelled or (parent and parent.tag == "label")
    for element in document.everything():
        for name in ("aria-labelledby", "aria-describedby"):
            for target in element.attributes.get(name, "").split():
                assert target in ids, f"{name}={target}"


@EVERY
def test_headings_skip_no_level(browser: TestClient, path: str) -> None:
    levels = [int(e.tag[1]) for e in page(browser, path).everything() if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@EVERY
def test_korean_page_has_no_english_words_of_ours(browser: TestClient, path: str) -> None:
    catalogue = (LOCALES / "ko" / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
    english = {message for message in _MSGID.findall(catalogue) if "%(" not in message}
    document = page(browser, path, "ko")
    for element in document.everything():
        if element.tag not in ("script", "style"):
            for text in element.own_text:
                assert text.strip() not in english, f"<{element.tag}> says “{text.strip()}”"
        for name in ("aria-label", "placeholder", "content", "title"):
            assert element.attributes.get(name) not in english


@EVERY
@BOTH
def test_switch_leads_to_the_same_page_in_the_other_language(
    browser: TestClient, path: str, language: str
) -> None:
    other = "ko" if language == "en" else "en"
    document = page(browser, path, language)
    link = document.find("header", class_="top").find("a", hreflang=other)
    assert link.attributes["lang"] == other
    response = browser.get(link.attributes["href"])
    assert response.headers["Content-Language"] == other
    assert str(response.url.path) == path.partition("?")[0]


@EVERY
def test_footer_says_that_listed_organisations_have_not_joined(browser: TestClient, path: str) -> None:
    footer = page(browser, path).find("footer").text
    assert "Listed organisations have not joined" in footer
    assert re.search(r"\d\d:\d\d KST", footer)
    assert re.search(r"\d\d:\d\d SGT", footer)


@EVERY
def test_links_lead_somewhere(browser: TestClient, path: str) -> None:
    document = page(browser, path)
    ids = {e.attributes.get("id") for e in document.everything()}
    for href in {link.attributes["href"] for link in document.find_all("a")}:
        if href.startswith("#"):
            assert href[1:] in ids, href
        elif href.startswith("/"):
            assert browser.get(href).status_code == 200, href


def test_static_files_change_their_address_with_their_content(browser: TestClient) -> None:
    document = page(browser, "/")
    for address in (
        document.find("link", rel="stylesheet").attributes["href"],
        document.find("script").attributes["src"],
        document.find("link", rel="icon").attributes["href"],
    ):
        assert re.fullmatch(r"/static/[a-z]+\.[a-z]+\?v=[0-9a-f]{12}", address)
        assert browser.get(address).status_code == 200


def test_answers_depend_on_language_and_cookie_and_are_private(browser: TestClient) -> None:
    headers = browser.get("/").headers
    assert headers["Vary"] == "Accept-Language, Cookie"
    assert headers["Cache-Control"].startswith("private")
