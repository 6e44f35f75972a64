"""Timetables in a real browser: they fit every screen, work without JavaScript, print, and are accessible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Role
from tests.browser.test_access import signed_in
from tests.browser.test_browser import BOTH, SMALL_TARGETS, WIDTHS, barriers
from tests.timetables import planned_timetable
from tests.visitors import product_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PATHS = ("/timetables", "{url}", "{url}?kr=kr-one&sg=sg-one", "{url}/members/kr-one")


@pytest.fixture(scope="module")
def product(reader: TestClient) -> Matchmaker:
    return product_of(reader)


@pytest.fixture(scope="module")
def url(product: Matchmaker) -> str:
    """The page of a planned timetable."""
    return f"/timetables/{planned_timetable(product).id}"


@BOTH
@pytest.mark.parametrize("path", PATHS)
def test_quiet_and_never_wider_than_the_screen(
    chromium: Browser, address: str, product: Matchmaker, url: str, path: str, language: str
) -> None:
    with signed_in(chromium, address, product, Role.COORDINATOR_SG, language) as page:
        page.goto(path.format(url=url))
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, width
            assert page.evaluate(SMALL_TARGETS) == [], width


@BOTH
@pytest.mark.parametrize("path", PATHS)
def test_accessible(
    chromium: Browser, address: str, product: Matchmaker, axe: str, url: str, path: str, language: str
) -> None:
    with signed_in(chromium, address, product, Role.COORDINATOR_SG, language) as page:
        page.goto(path.format(url=url))
        assert barriers(page, axe) == []
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        page.reload()
        assert barriers(page, axe) == []


def test_a_draft_is_made_without_javascript(chromium: Browser, address: str, product: Matchmaker) -> None:
    with signed_in(chromium, address, product, Role.COORDINATOR_SG, java_script_enabled=False) as page:
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


def test_sheet_prints_without_controls(
    chromium: Browser, address: str, product: Matchmaker, url: str
) -> None:
    with signed_in(chromium, address, product, Role.COORDINATOR_SG) as page:
        page.goto(f"{url}/members/kr-one")
        page.emulate_media(media="print")
        assert page.locator("table.meetings").is_visible()
        for hidden in ("nav", "form", "a.button"):
            assert not page.locator(hidden).first.is_visible()
