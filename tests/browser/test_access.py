"""Signing in and the accounts in a real browser: it works without JavaScript, fits a small phone, is accessible."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from api.pages.rendering import NAV
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import ALLOWED, OPEN, Role
from matchmaker.domain.account import Account
from matchmaker.domain.member import Language
from tests.browser.test_browser import SMALL_TARGETS, WIDTHS, barriers, visit
from tests.visitors import product_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

BOTH = pytest.mark.parametrize("language", ["en", "ko"])


@dataclass
class Post:
    """Mail that goes nowhere, so that the page shows its form."""

    def send(self, account: Account, url: str, language: Language) -> None: ...


@pytest.fixture
def product(reader: TestClient) -> Matchmaker:
    return product_of(reader)


@pytest.fixture
def mail(product: Matchmaker) -> Iterator[None]:
    """The product can mail links."""
    silent = product.accounts
    vars(product)["accounts"] = replace(silent, mail=Post())
    yield
    vars(product)["accounts"] = silent


@contextmanager
def signed_in(
    chromium: Browser,
    address: str,
    product: Matchmaker,
    role: Role,
    language: str = "en",
    **options: Any,
) -> Iterator[Page]:
    account = product.accounts.create(role, label="Seoul desk", email=None)
    with visit(chromium, address, language, **options) as page:
        page.goto(f"/sign-in/{product.accounts.issue_link(account.id)}")
        page.click("main .main")
        page.wait_for_selector(".desk")
        yield page


def assert_fits(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        assert page.evaluate(SMALL_TARGETS) == [], width


def test_a_link_signs_in_and_a_button_signs_out_without_javascript(
    chromium: Browser, address: str, product: Matchmaker
) -> None:
    account = product.accounts.create(Role.ADMINISTRATOR)
    with visit(chromium, address, java_script_enabled=False) as page:
        page.goto(f"/sign-in/{product.accounts.issue_link(account.id)}")
        page.click("main .main")
        assert page.url.endswith("/review")
        page.click("header >> text=Sign out")
        assert page.locator("header >> text=Sign in").is_visible()
        page.goto("/accounts")
        assert page.inner_text("h1") == "Sign in"


@BOTH
def test_asking_for_a_link(chromium: Browser, address: str, axe: str, mail: None, language: str) -> None:
    with visit(chromium, address, language, expected=("422",)) as page:
        page.goto("/sign-in")
        assert_fits(page)
        assert barriers(page, axe) == []
        page.fill("#email", "nonsense")
        page.click("main .main")
        page.wait_for_selector(".fault")
        assert barriers(page, axe) == []
        page.fill("#email", "stranger@example.org")
        page.click("main .main")
        page.wait_for_selector("[role=status]")
        assert_fits(page)
        assert barriers(page, axe) == []


@BOTH
@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/nothing"])
def test_what_a_visitor_meets_is_accessible(
    chromium: Browser, address: str, axe: str, path: str, language: str
) -> None:
    with visit(chromium, address, language, expected=("410",)) as page:
        page.goto(path)
        assert_fits(page)
        assert barriers(page, axe) == []
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        page.reload()
        assert barriers(page, axe) == []


@BOTH
def test_the_accounts_are_accessible(
    chromium: Browser, address: str, axe: str, product: Matchmaker, language: str
) -> None:
    product.accounts.create(Role.MEMBER, member_id="kr-one")
    other = product.accounts.create(Role.COORDINATOR_SG, label="Singapore desk")
    with signed_in(chromium, address, product, Role.ADMINISTRATOR, language) as page:
        for path in ("/accounts", f"/accounts/{other.id}/disable"):
            page.goto(path)
            assert_fits(page)
            assert barriers(page, axe) == []
        page.goto("/accounts")
        page.locator(f"#{other.id} button").first.click()
        page.wait_for_selector("#url")
        assert_fits(page)
        assert barriers(page, axe) == []
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        page.goto("/accounts")
        assert barriers(page, axe) == []


@BOTH
def test_the_whole_menu_of_a_desk_fits_a_small_phone(
    chromium: Browser, address: str, product: Matchmaker, language: str
) -> None:
    with signed_in(chromium, address, product, Role.ADMINISTRATOR, language) as page:
        assert_fits(page)
        page.set_viewport_size({"width": 320, "height": 640})
        links = page.locator("header .desk a").all()
        allowed = ALLOWED[Role.ADMINISTRATOR] - OPEN
        assert len(links) == sum(action in allowed for _, _, action in NAV)
        assert all(each.is_visible() for each in links)
