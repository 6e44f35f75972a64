"""The review desk and the rounds in a real browser: keyboard alone, two coordinators, no JavaScript, every screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import SYSTEM, Actor, Role
from matchmaker.domain.member import Purpose
from matchmaker.domain.review import Case, Move, Stage
from matchmaker.domain.round import Capacity, Round, RoundRules, RoundState
from tests.browser.test_browser import BOTH, SMALL_TARGETS, WIDTHS, barriers, visit
from tests.cases import add_cases

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

RULES = RoundRules(Purpose.STARTUP)
DECIDED = {"KeyA": Stage.SHORTLISTED, "KeyX": Stage.DECLINED, "KeyS": Stage.SNOOZED}
PRESS = """([key, code, isComposing]) => document.body.dispatchEvent(
  new KeyboardEvent("keydown", { key, code, isComposing, bubbles: true, cancelable: true }))"""
EMPTY_GLYPHS = """() => {
  const pixels = (font, letter) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 40 });
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.font = font;
    pen.fillText(letter, 4, 30);
    return pen.getImageData(0, 0, 40, 40).data.join();
  };
  const isEmpty = (font) => pixels(font, "가") === pixels(font, "힣");
  if (isEmpty('20px "Noto Sans CJK KR", NanumGothic, sans-serif')) return null;
  const fontOf = (each) => {
    const { fontStyle, fontWeight, fontFamily } = getComputedStyle(each);
    return `${fontStyle} ${fontWeight} 20px ${fontFamily}`;
  };
  const fonts = new Map();
  for (const each of document.querySelectorAll("body *")) {
    if (each.offsetParent) fonts.set(fontOf(each), each.outerHTML.slice(0, 80));
  }
  return [...fonts].filter(([font]) => isEmpty(font)).map(([, html]) => html);
}"""
"""Elements in whose font two different syllables look alike, as boxes do; null where no Korean font is installed."""


@contextmanager
def at_desk(
    chromium: Browser,
    address: str,
    product: Matchmaker,
    role: Role = Role.COORDINATOR_KR,
    language: str = "en",
    **options: Any,
) -> Iterator[tuple[Page, Actor]]:
    """A coordinator's browser, signed in, and whom the product takes it for."""
    account = product.accounts.create(role)
    with visit(chromium, address, language, **options) as page:
        page.goto(f"/sign-in/{product.accounts.issue_link(account.id)}")
        page.click("main .main")
        page.wait_for_selector(".desk")
        yield page, Actor(account.id, role)


def press(page: Page, code: str, *, key: str = "", composing: bool = False) -> None:
    page.evaluate(PRESS, [key or code, code, composing])


def open_case(page: Page, case: Case, query: str = "") -> None:
    page.goto(f"/review/{case.id}{query}")
    page.wait_for_selector("[data-keys]:visible, [data-keys]:not([hidden])", state="attached")


def wait_for_path(page: Page, path: str) -> None:
    page.wait_for_function(
        "(path) => location.pathname === path && !document.querySelector('[aria-busy]')", arg=path
    )


def stages(product: Matchmaker) -> Counter[Stage]:
    with product.store.reading() as work:
        return Counter(case.stage for case in work.cases.list_of())


def assert_fits_and_is_accessible(page: Page, axe: str) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)
        assert page.evaluate(SMALL_TARGETS) == [], (page.url, width)
    assert barriers(page, axe) == [], page.url
    empty = page.evaluate(EMPTY_GLYPHS)
    if empty is None:
        pytest.skip("absent: a Korean font")
    assert empty == [], page.url


def test_a_morning_with_the_keyboard_alone(
    chromium: Browser, own_address: str, matchmaker: Matchmaker
) -> None:
    cases = add_cases(matchmaker, 25)
    codes = ("KeyA", "KeyX", "KeyS")
    with at_desk(chromium, own_address, matchmaker) as (page, _):
        page.goto("/review")
        wait_for_path(page, f"/review/{cases[0].id}")
        for place in range(25):
            code = codes[place % 3]
            page.keyboard.press(code)
            if code == "KeyX":
                page.keyboard.press("Digit3")
            following = f"/review/{cases[place + 1].id}" if place < 24 else "/review"
            wait_for_path(page, following)
            assert page.evaluate("document.activeElement.id") == "content"
        assert "No case is left" in page.inner_text("main") or "queue is empty" in page.inner_text("main")
    assert stages(matchmaker) == {Stage.SHORTLISTED: 9, Stage.DECLINED: 8, Stage.SNOOZED: 8}


def test_keys_move_undo_search_and_help(chromium: Browser, own_address: str, matchmaker: Matchmaker) -> None:
    first, second, *_ = add_cases(matchmaker, 4)
    with at_desk(chromium, own_address, matchmaker) as (page, _):
        open_case(page, first)
        page.keyboard.press("KeyJ")
        wait_for_path(page, f"/review/{second.id}")
        page.keyboard.press("KeyK")
        wait_for_path(page, f"/review/{first.id}")
        page.keyboard.press("KeyA")
        wait_for_path(page, f"/review/{second.id}")
        assert "Nothing has been sent" in page.inner_text("#spoken")
        page.keyboard.press("KeyU")
        wait_for_path(page, f"/review/{first.id}")
        assert stages(matchmaker) == {Stage.SUGGESTED: 4}
        page.keyboard.press("Slash")
        assert page.evaluate("document.activeElement.id") == "q"
        page.keyboard.press("Escape")
        page.keyboard.press("Shift+Slash")
        assert page.locator("dialog[open]").is_visible()
        page.keyboard.press("KeyA")
        page.keyboard.press("Escape")
        assert not page.locator("dialog[open]").is_visible()
        page.go_back()
        page.wait_for_load_state()
        assert stages(matchmaker) == {Stage.SUGGESTED: 4}


def test_what_is_written_is_no_key(chromium: Browser, own_address: str, matchmaker: Matchmaker) -> None:
    first, second, *_ = add_cases(matchmaker, 3)
    with at_desk(chromium, own_address, matchmaker) as (page, _):
        open_case(page, first)
        page.keyboard.press("KeyN")
        assert page.evaluate("document.activeElement.id") == "note"
        page.keyboard.type("a xj su")
        assert page.input_value("#note") == "a xj su"
        assert stages(matchmaker) == {Stage.SUGGESTED: 3}
        page.keyboard.press("Escape")
        page.keyboard.press("KeyA")
        wait_for_path(page, f"/review/{second.id}")
        assert matchmaker.reviews.look(first.id, SYSTEM).notes[0].text == "a xj su"


def test_a_korean_keyboard_has_the_same_keys(
    chromium: Browser, own_address: str, matchmaker: Matchmaker
) -> None:
    first, second, *_ = add_cases(matchmaker, 3)
    with at_desk(chromium, own_address, matchmaker, language="ko") as (page, _):
        open_case(page, first)
        press(page, "KeyA", key="ㅁ", composing=True)
        press(page, "KeyZ", key="ㅋ")
        assert stages(matchmaker) == {Stage.SUGGESTED: 3}
        press(page, "KeyA", key="ㅁ")
        wait_for_path(page, f"/review/{second.id}")
        assert stages(matchmaker)[Stage.SHORTLISTED] == 1


def test_keys_can_be_switched_off(chromium: Browser, own_address: str, matchmaker: Matchmaker) -> None:
    first, second, *_ = add_cases(matchmaker, 3)
    with at_desk(chromium, own_address, matchmaker) as (page, _):
        open_case(page, first)
        page.click("[data-keys]")
        page.check("[data-keys-off]")
        page.click("dialog .main")
        page.keyboard.press("KeyA")
        page.reload()
        page.keyboard.press("KeyA")
        page.keyboard.press("KeyJ")
        assert stages(matchmaker) == {Stage.SUGGESTED: 3}
        page.click("button[value=accept]")
        wait_for_path(page, f"/review/{second.id}")


def test_two_coordinators_never_work_on_one_card(
    chromium: Browser, own_address: str, matchmaker: Matchmaker
) -> None:
    first, second, *_ = add_cases(matchmaker, 3)
    with (
        at_desk(chromium, own_address, matchmaker) as (page, actor),
        at_desk(chromium, own_address, matchmaker, Role.COORDINATOR_SG, expected=("409",)) as (other, _),
    ):
        open_case(page, first)
        other.goto("/review")
        wait_for_path(other, f"/review/{second.id}")
        open_case(other, first)
        assert "works on this case" in other.inner_text(".alert")
        other.keyboard.press("KeyA")
        assert stages(matchmaker) == {Stage.SUGGESTED: 3}
        matchmaker.reviews.release(first.id, actor)
        open_case(other, first)
        matchmaker.reviews.release(first.id, Actor(_holder(matchmaker, first), Role.COORDINATOR_SG))
        matchmaker.reviews.decide(first.id, Move.SHORTLIST, actor, first.version)
        other.keyboard.press("KeyA")
        other.wait_for_selector("[role=alert]")
        assert "Somebody decided first" in other.inner_text("[role=alert]")
        assert "Somebody decided first" in other.inner_text("#spoken")
        assert stages(matchmaker)[Stage.SHORTLISTED] == 1


def _holder(product: Matchmaker, case: Case) -> str:
    lease = product.reviews.look(case.id, SYSTEM).lease
    assert lease is not None
    return lease.holder


def test_everything_works_without_javascript(
    chromium: Browser, own_address: str, matchmaker: Matchmaker
) -> None:
    _, second, *_ = add_cases(matchmaker, 3)
    with at_desk(chromium, own_address, matchmaker, java_script_enabled=False, expected=("422",)) as (
        page,
        _,
    ):
        page.goto("/review")
        page.click("button[value=decline]")
        assert "Choose a reason" in page.inner_text("[role=alert]")
        page.locator(".chips label", has_text="Competitors").click()
        page.click("button[value=decline]")
        assert page.url.split("?")[0].endswith(f"/review/{second.id}")
        page.click(".toast button")
        assert "Taken back" in page.inner_text(".toast")
        page.click("details.rest summary")
        page.fill("#note", "Ask first")
        page.click("button[value=note]")
        assert "Ask first" in page.inner_text(".history")
        page.click("text=Erase this note")
        assert "Ask first" not in page.inner_text("main")
        page.fill("#q", "clinics")
        page.click("[role=search] button")
        assert "q=clinics" in page.url


@BOTH
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_fits_and_is_accessible(
    chromium: Browser, own_address: str, matchmaker: Matchmaker, axe: str, language: str, scheme: str
) -> None:
    options: dict[str, Any] = {"color_scheme": scheme, "reduced_motion": "reduce", "expected": ("422", "409")}
    with at_desk(chromium, own_address, matchmaker, language=language, **options) as (page, _):
        page.goto("/review")
        assert_fits_and_is_accessible(page, axe)
        first, second, *_ = add_cases(matchmaker, 30)
        open_case(page, first)
        assert_fits_and_is_accessible(page, axe)
        page.click("button[value=decline]")
        page.wait_for_selector("[role=alert]")
        assert_fits_and_is_accessible(page, axe)
        matchmaker.reviews.open(second.id, Actor("a_other", Role.COORDINATOR_SG))
        open_case(page, second)
        assert_fits_and_is_accessible(page, axe)
        page.keyboard.press("Shift+Slash")
        assert_fits_and_is_accessible(page, axe)
        matchmaker.registration.withdraw("sg-one")
        for path in (f"/review/{first.id}", "/review?show=mine", "/trail", "/trail?check=1&noted=abc"):
            page.goto(path)
            assert_fits_and_is_accessible(page, axe)


def rounds_in_every_state(product: Matchmaker) -> list[Round]:
    """Solved, infeasible, published, being solved, failed."""
    solved = [
        product.rounds.solve_now(product.rounds.open("봄 회차", rules, SYSTEM).id, SYSTEM)
        for rules in (RULES, replace(RULES, usual=Capacity(1, 1)), RULES)
    ]
    product.rounds.publish(solved[2].id, SYSTEM)
    opened = product.rounds.open("A round with a name that goes on and on", RULES, SYSTEM)
    failed = product.rounds.open("Failed", RULES, SYSTEM)
    with product.store.writing() as work:
        solving = replace(opened, state=RoundState.SOLVING, stage="scoring", progress=0.3)
        work.rounds.save(solving, opened.version)
        work.rounds.save(replace(failed, state=RoundState.FAILED, stage="out-of-time"), failed.version)
        work.commit()
    return [*solved, opened, failed]


@BOTH
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_rounds_fit_and_are_accessible(
    chromium: Browser, own_address: str, matchmaker: Matchmaker, axe: str, language: str, scheme: str
) -> None:
    options: dict[str, Any] = {"color_scheme": scheme, "reduced_motion": "reduce", "expected": ("422",)}
    with at_desk(chromium, own_address, matchmaker, language=language, **options) as (page, _):
        page.goto("/rounds")
        assert_fits_and_is_accessible(page, axe)
        found = rounds_in_every_state(matchmaker)
        paths = [f"/rounds/{each.id}" for each in found]
        for path in ("/rounds", "/rounds/new", *paths, f"{paths[0]}/rules"):
            page.goto(path)
            assert_fits_and_is_accessible(page, axe)
        page.goto("/rounds/new")
        page.fill("#least", "9")
        page.fill("#only", "nobody")
        page.click(".sheet .main")
        page.wait_for_selector(".fault")
        assert_fits_and_is_accessible(page, axe)


def test_a_round_tells_how_far_it_is_and_what_came_of_it(
    chromium: Browser, own_address: str, matchmaker: Matchmaker
) -> None:
    opened = matchmaker.rounds.open("Spring", RULES, SYSTEM)

    def save(**changes: Any) -> None:
        with matchmaker.store.writing() as work:
            held = work.rounds.hold(opened.id)
            work.rounds.save(replace(held, **changes), held.version)
            work.commit()

    save(state=RoundState.SOLVING, stage="scoring", progress=0.2)
    with at_desk(chromium, own_address, matchmaker) as (page, _):
        page.goto(f"/rounds/{opened.id}")
        page.wait_for_selector("[data-again][hidden]", state="attached")
        page.focus("button[value=cancel]")
        save(state=RoundState.SOLVING, stage="solving", progress=0.6)
        page.wait_for_function("() => document.querySelector('progress')?.value === 60")
        assert page.inner_text("#progress") == "Looking for the best pairs"
        assert page.evaluate("document.activeElement.value") == "cancel"
        save(state=RoundState.FAILED, stage="out-of-time")
        page.wait_for_selector("button[value=solve]")
        assert page.inner_text("p[role=status]:not(:empty)") == "Spring: Not solved"


def test_a_round_without_javascript(chromium: Browser, own_address: str, matchmaker: Matchmaker) -> None:
    with at_desk(chromium, own_address, matchmaker, java_script_enabled=False) as (page, _):
        page.goto("/rounds/new")
        page.click(".sheet .main")
        number = int(page.url.rsplit("/", 1)[1])
        assert matchmaker.rounds.wait(number, 30).state is RoundState.PROPOSED
        if page.locator("[data-again]").count():
            page.click("[data-again]")
        page.click("button[value=publish]")
        assert "wait in the review queue" in page.inner_text(".toast")
        page.click(".toast a")
        assert page.locator("button[value=accept]").is_visible()
