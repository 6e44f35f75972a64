"""The dashboard with a season behind it, in a real browser."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from api.app import create_app
from api.security import SESSION
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Role
from matchmaker.services.profiling import Profiler
from matchmaker.settings import Settings
from tests.browser.test_browser import BOTH, SMALL_TARGETS, WIDTHS, barriers, visit
from tests.factories import FakeEncoder
from tests.season import Season, play
from tests.visitors import new_browser, sign_in
from tests.web.test_dashboard import PAIRS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

BOXES = """async () => {
  await document.fonts.ready;
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const drawn = (letter, font) => {
    canvas.clearRect(0, 0, 40, 40);
    canvas.font = font;
    canvas.fillText(letter, 4, 30);
    return canvas.getImageData(0, 0, 40, 40).data.join();
  };
  const found = new Set();
  for (const element of document.querySelectorAll("main *")) {
    const words = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("");
    const style = getComputedStyle(element);
    const font = `${style.fontWeight} 24px ${style.fontFamily}`;
    const box = drawn("\\u{10FFFD}", font);
    for (const letter of new Set(words.replace(/\\s/g, ""))) if (drawn(letter, font) === box) found.add(letter);
  }
  return [...found];
}"""
"""Letters that are drawn as the box for what no font has."""


@pytest.fixture(scope="module")
def season_server(
    alliance_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The address of a server with a season behind it, and the session of a coordinator."""
    var = tmp_path_factory.mktemp("season") / "var"
    shutil.copytree(alliance_folder, var)
    product = Matchmaker(Settings(_env_file=None, var=var))
    vars(product)["profiler"] = Profiler(FakeEncoder())
    play(Season(product), PAIRS)
    app = create_app(product)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, name="season", daemon=True)
    thread.start()
    started = time.monotonic()
    while not server.started:
        assert thread.is_alive(), "the server stopped"
        assert time.monotonic() - started < 30, "the server does not start"
        time.sleep(0.02)
    assert app.state.startup.wait(30)
    visitor = new_browser(app)
    sign_in(visitor, Role.COORDINATOR_KR)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield address, visitor.cookies[SESSION]
    server.should_exit = True
    thread.join(30)
    product.store.engine.dispose()


@contextmanager
def reading(
    chromium: Browser, server: tuple[str, str], language: str = "en", **options: Any
) -> Iterator[Page]:
    """A coordinator's page."""
    address, session = server
    with visit(chromium, address, language, **options) as page:
        page.context.add_cookies([{"name": SESSION, "value": session, "url": address}])
        yield page


@BOTH
def test_fits_every_screen_and_draws_every_letter(
    chromium: Browser, season_server: tuple[str, str], language: str
) -> None:
    with reading(chromium, season_server, language) as page:
        page.goto("/dashboard")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, width
            assert page.evaluate(SMALL_TARGETS) == [], width
        assert page.evaluate(BOXES) == []


@BOTH
def test_accessible_with_every_table_open(
    chromium: Browser, season_server: tuple[str, str], axe: str, language: str
) -> None:
    with reading(chromium, season_server, language) as page:
        page.goto("/dashboard")
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        assert barriers(page, axe) == []
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        page.reload()
        assert barriers(page, axe) == []


def test_phones_get_drawings_of_their_own(chromium: Browser, season_server: tuple[str, str]) -> None:
    with reading(chromium, season_server) as page:
        page.goto("/dashboard")
        for width, narrow in ((320, True), (1280, False)):
            page.set_viewport_size({"width": width, "height": 900})
            for key in ("funnel", "network"):
                assert page.locator(f"#{key} .narrow").is_visible() is narrow
                assert page.locator(f"#{key} .wide").is_visible() is not narrow


def test_choosing_and_downloading_work_without_javascript(
    chromium: Browser, season_server: tuple[str, str]
) -> None:
    with reading(chromium, season_server, java_script_enabled=False) as page:
        page.goto("/dashboard")
        page.click(".chips >> text=Joint research")
        page.click("text=Only some cases")
        page.fill("#round", "1")
        page.click("form.filters button")
        assert "purpose=research" in page.url
        assert page.inner_text("h1") == "Outcomes of round 1"
        page.locator("#funnel summary").click()
        with page.expect_download() as download:
            page.locator("#funnel .files a").first.click()
        assert download.value.suggested_filename == "dashboard-funnel.csv"
