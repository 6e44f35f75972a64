"""Introductions, letters, contacts and a member's own pages in a real browser."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import SYSTEM, Role
from matchmaker.domain.introduction import State
from matchmaker.domain.member import Purpose
from matchmaker.domain.outbox import LetterState
from tests.browser.test_access import assert_fits
from tests.browser.test_browser import barriers, visit
from tests.correspondence import KR_CONTACT, SG_CONTACT, shortlisted
from tests.visitors import product_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

BOTH = pytest.mark.parametrize("language", ["en", "ko"])
DESK = (
    "/review/{ready}/introduce",
    "/review/{missing}/introduce",
    "/introductions",
    "/introductions?state=expired",
    "/introductions/{held}",
    "/introductions/{asked}",
    "/outbox",
    "/outbox/{letter}",
    "/contacts",
    "/contacts/kr-one",
    "/contacts/kr-chip",
)
OWN = (
    "/me",
    "/me/suggestions",
    "/me/introductions",
    "/me/introductions/{asked}",
    "/me/contact",
    "/me/profile",
)


@pytest.fixture(scope="module")
def product(reader: TestClient) -> Matchmaker:
    """With contacts, so that two members can be introduced."""
    product = product_of(reader)
    for contact in (KR_CONTACT, SG_CONTACT):
        product.contacts.put(contact, SYSTEM)
    return product


@pytest.fixture(scope="module")
def numbers(product: Matchmaker) -> dict[str, int]:
    """Numbers of what the pages show: cases to introduce, introductions that are held and asked, a letter."""
    at_once = replace(product.introductions, hold=timedelta(0))
    case = shortlisted(product)
    asked = at_once.introduce(case.id, SYSTEM, case.version)
    product.introductions.follow_up()
    letters = product.outbox.list_of(SYSTEM, [LetterState.WAITING], asked.id)
    for letter in letters:
        product.outbox.mark_sent(letter.id, SYSTEM)
    talent = shortlisted(product, purpose=Purpose.TALENT)
    held = product.introductions.introduce(talent.id, SYSTEM, talent.version)
    return {
        "asked": asked.id,
        "held": held.id,
        "letter": letters[0].id,
        "ready": shortlisted(product, purpose=Purpose.RESEARCH).id,
        "missing": shortlisted(product, sg="sg-quiet").id,
    }


def enter(page: Page, product: Matchmaker, role: Role, member_id: str | None = None) -> None:
    account = product.accounts.create(role, member_id=member_id)
    page.goto(f"/sign-in/{product.accounts.issue_link(account.id)}")
    page.click("main .main")
    page.wait_for_selector(".desk")


def assert_good(page: Page, axe: str, path: str) -> None:
    page.goto(path)
    assert_fits(page)
    assert barriers(page, axe) == [], path
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.reload()
    assert barriers(page, axe) == [], path
    page.emulate_media(color_scheme="light")


@BOTH
def test_the_desk_s_pages_fit_and_are_accessible(
    chromium: Browser, address: str, axe: str, product: Matchmaker, numbers: dict[str, int], language: str
) -> None:
    with visit(chromium, address, language) as page:
        enter(page, product, Role.COORDINATOR_KR)
        for path in DESK:
            assert_good(page, axe, path.format(**numbers))


@BOTH
def test_a_member_s_pages_fit_and_are_accessible(
    chromium: Browser, address: str, axe: str, product: Matchmaker, numbers: dict[str, int], language: str
) -> None:
    with visit(chromium, address, language) as page:
        enter(page, product, Role.MEMBER, "kr-one")
        for path in OWN:
            assert_good(page, axe, path.format(**numbers))


@BOTH
def test_a_link_that_no_longer_answers(chromium: Browser, address: str, axe: str, language: str) -> None:
    with visit(chromium, address, language, expected=("410",)) as page:
        assert_good(page, axe, "/answers/nothing")


def test_faults_are_accessible(
    chromium: Browser, address: str, axe: str, product: Matchmaker, numbers: dict[str, int]
) -> None:
    with visit(chromium, address, expected=("422",)) as page:
        enter(page, product, Role.MEMBER, "kr-one")
        page.goto(f"/me/introductions/{numbers['asked']}")
        page.click("summary >> text=No, decline")
        page.click("button[value=decline]")
        page.wait_for_selector(".fault")
        assert barriers(page, axe) == []
        page.goto("/me/contact")
        page.fill("#email", "nonsense")
        page.click("button[value=save]")
        page.wait_for_selector(".fault")
        assert_fits(page)
        assert barriers(page, axe) == []


def test_from_the_case_to_both_letters_without_javascript(
    chromium: Browser, address: str, product: Matchmaker
) -> None:
    case = shortlisted(product, kr="kr-one", sg="sg-clinic")
    product.contacts.put(replace(SG_CONTACT, member_id="sg-clinic"), SYSTEM)
    with visit(chromium, address, java_script_enabled=False) as page:
        enter(page, product, Role.COORDINATOR_KR)
        page.goto(f"/review/{case.id}/introduce")
        page.fill("#note", "Both of you were at the summit.")
        page.click("button[value=preview]")
        assert page.locator(".letter >> text=Both of you were at the summit.").count() == 4
        page.click("button[value=introduce]")
        assert page.locator(".toast").is_visible()
        number = int(page.url.split("?")[0].rpartition("/")[2])
        assert product.introductions.view(number, SYSTEM).introduction.state is State.HELD
        page.click(".toast button")
        assert product.introductions.view(number, SYSTEM).introduction.state is State.CANCELLED
