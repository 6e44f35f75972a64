"""The pages in a real browser: quiet console, no sideways scroll, keyboard, no JavaScript needed, accessible."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PATHS = (
    "/",
    "/find?need=a+hospital&country=KR",
    "/members",
    "/members?q=nobody-is-called-this",
    "/members/kr-one",
    "/members/kr-chip?purpose=startup",
    "/members/kr-voice",
    "/pairs",
    "/pairs/kr-one/sg-one",
    "/pairs/kr-chip/sg-fab",
    "/shortlist",
    "/about",
    "/developers",
    "/calls",
    "/calls/iitp-aisg-2027",
    "/calls/example-ward-ai?kr=kr-one",
    "/calls/example-two-companies?kr=kr-one&sg=sg-one&size=3",
)
WIDTHS = (320, 768, 1280)
BOTH = pytest.mark.parametrize("language", ["en", "ko"])
SMALL_TARGETS = """() =>
  [...document.querySelectorAll("button, select, input:not([type=hidden]), .chips a, .tabs a, nav a")]
    .map((each) => each.closest("label") || each)
    .filter((each) => each.offsetParent && each.getBoundingClientRect().height < 24)
    .map((each) => each.outerHTML.slice(0, 120))"""
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def visit(
    chromium: Browser, address: str, language: str = "en", expected: tuple[str, ...] = (), **options: Any
) -> Iterator[Page]:
    """A page that fails the test for anything the browser complains about, save what is expected."""
    context = chromium.new_context(
        base_url=address, locale="ko-KR" if language == "ko" else "en-GB", **options
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"{request.url}: {request.failure}"))
    expected = (*expected, "net::ERR_ABORTED")  # the visitor went on before everything had come
    yield page
    context.close()
    assert [each for each in complaints if not any(word in each for word in expected)] == []


@BOTH
@pytest.mark.parametrize("path", PATHS)
def test_quiet_and_never_wider_than_the_screen(
    chromium: Browser, address: str, path: str, language: str
) -> None:
    with visit(chromium, address, language) as page:
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == language
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, width
            assert page.evaluate(SMALL_TARGETS) == [], width


def test_result_and_shortlist_fit_a_small_phone(chromium: Browser, address: str) -> None:
    with visit(chromium, address, viewport={"width": 320, "height": 640}) as page:
        page.goto("/find")
        page.fill("#need", "a hospital for pilots of robots")
        page.click("form .main")
        page.wait_for_selector("article")
        page.wait_for_load_state()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.goto("/members/kr-one")
        page.locator("button[value=add]").first.click()
        page.wait_for_selector(".toast")
        page.wait_for_load_state()
        page.goto("/shortlist")
        assert page.locator("article").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_first_tab_reaches_the_skip_link_and_it_skips(chromium: Browser, address: str) -> None:
    with visit(chromium, address) as page:
        page.goto("/members")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.locator(".skip").is_visible()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "q"


def test_focus_is_visible(chromium: Browser, address: str) -> None:
    with visit(chromium, address) as page:
        page.goto("/")
        for _ in range(12):
            page.keyboard.press("Tab")
            outline = page.evaluate(
                "() => { const at = document.activeElement.closest('label') ?? document.activeElement;"
                " return parseFloat(getComputedStyle(at).outlineWidth); }"
            )
            assert outline >= 2, page.evaluate("document.activeElement.outerHTML")


def test_everything_works_without_javascript(chromium: Browser, address: str) -> None:
    with visit(chromium, address, java_script_enabled=False) as page:
        page.goto("/")
        page.locator(".chips a").first.click()
        assert page.input_value("#need")
        page.click(".ask .main")
        assert page.locator("article").count() > 0
        page.goto("/members?country=KR")
        page.locator(".members a").first.click()
        page.locator("button[value=add]").first.click()
        assert "is on your shortlist" in page.inner_text(".toast")
        page.click("text=See the shortlist")
        page.locator("button[value=remove]").first.click()
        page.click(".toast button")
        assert page.locator("article").count() == 1
        page.click("header >> text=한국어")
        assert page.locator("html").get_attribute("lang") == "ko"


def test_script_adds_comfort(chromium: Browser, address: str) -> None:
    with visit(chromium, address, viewport={"width": 900, "height": 500}) as page:
        page.goto("/members")
        page.select_option("#country", "SG")
        page.wait_for_url("**/members?*country=SG*")
        page.wait_for_load_state()
        page.goto("/members/kr-one")
        last = page.locator("button[value=add]").last
        last.scroll_into_view_if_needed()
        before = page.evaluate("scrollY")
        assert before > 0
        last.click()
        page.wait_for_selector(".toast")
        page.wait_for_selector("p.vh[role=status]:not(:empty)", state="attached")
        assert abs(page.evaluate("scrollY") - before) < 200
        assert "listed=" not in page.url
        page.goto("/shortlist")
        assert page.locator("[data-print]").is_visible()


def test_shortlist_prints_without_controls(chromium: Browser, address: str) -> None:
    with visit(chromium, address) as page:
        page.goto("/members/kr-one")
        page.locator("button[value=add]").first.click()
        page.wait_for_selector(".toast")
        page.wait_for_load_state()
        page.goto("/shortlist")
        page.emulate_media(media="print")
        assert page.locator("article .reason").is_visible()
        for hidden in ("nav", "article button", ".after"):
            assert not page.locator(hidden).first.is_visible()


@BOTH
@pytest.mark.parametrize("path", PATHS)
def test_accessible(chromium: Browser, address: str, axe: str, path: str, language: str) -> None:
    with visit(chromium, address, language) as page:
        page.context.add_cookies([{"name": "shortlist", "value": "kr-one:sg-one", "url": address}])
        page.goto(path)
        assert barriers(page, axe) == []
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        page.reload()  # colours that are still changing would be measured half way
        assert barriers(page, axe) == []


@pytest.mark.parametrize("need", ["a hospital for pilots of robots", ""])
def test_answers_to_the_form_are_accessible(chromium: Browser, address: str, axe: str, need: str) -> None:
    with visit(chromium, address, expected=("422",)) as page:
        page.goto("/find")
        page.fill("#need", need)
        page.click("form .main")
        page.wait_for_selector("article, [role=alert]")
        assert barriers(page, axe) == []


def barriers(page: Page, axe: str) -> list[tuple[str, str]]:
    """What axe-core finds: the rule and the element."""
    page.evaluate(axe)
    found = page.evaluate("(standards) => axe.run({ runOnly: standards })", STANDARDS)
    return [(rule["id"], node["html"]) for rule in found["violations"] for node in rule["nodes"]]
