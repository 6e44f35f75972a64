"""Timetables in a real browser: they fit every screen, work without JavaScript, print, and are accessible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from tests.browser.test_browser import BOTH, SMALL_TARGETS, WIDTHS, barriers, visit
from tests.timetables import planned_timetable

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PATHS = ("/timetables", "{url}", "{url}?kr=kr-one&sg=sg-one", "{url}/members/kr-one")


@pytest.fixture(scope="module")
def url(reader: TestClient) -> str:
    """The page of a planned timetable."""
    return f"/timetables/{planned_timetable(reader.app.state.matchmaker).id}"  # type: ignore[attr-defined]


@BOTH
@pytest.mark.parametrize("path", PATHS)
def test_quiet_and_never_wider_than_the_screen(
    chromium: Browser, address: str, url: str, path: str, language: str
) -> None:
    with visit(chromium, address, language) as page:
        page.goto(path.format(url=url))
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, width
            assert page.evaluate(SMALL_TARGETS) == [], width


@BOTH
@pytest.mark.parametrize("path", PATHS)
def test_accessible(chromium: Browser, address: str, axe: str, url: str, path: str, language: str) -> None:
    with visit(chromium, address, language) as page:
        page.goto(path.format(url=url))
        assert barriers(page, axe) == []
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        page.reload()
        assert barriers(page, axe) == []


def test_a_draft_is_made_without_javascript(chromium: Browser, address: str) -> None:
    with visit(chromium, address, java_script_enabled=False) as page:
        page.goto("/timetables")
        page.fill("#name", "A summit")
        page.fill("#place", "A hall")
        page.locator("label", has_text="Singapore (SGT)").click()
        page.fill("#day", "2027-03-01")
        page.locator("input[value=pairs]").check()
        page.fill("#pairs", "kr-one sg-one 0.8")
        page.click("form .main")
        assert page.inner_text("h1") == "A summit"
        assert page.locator("button[value=plan]").is_visible()


def test_sheet_prints_without_controls(chromium: Browser, address: str, url: str) -> None:
    with visit(chromium, address) as page:
        page.goto(f"{url}/members/kr-one")
        page.emulate_media(media="print")
        assert page.locator("table.meetings").is_visible()
        for hidden in ("nav", "form", "a.button"):
            assert not page.locator(hidden).first.is_visible()
