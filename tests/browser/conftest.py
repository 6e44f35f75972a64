"""A real server on the loopback and a real browser to visit it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.visitors import application_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
DEADLINE = 30.0
"""Seconds until the server must listen."""


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of a server with an application that has been started."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_level="warning", ws="none")
    )
    thread = threading.Thread(target=server.run, name="server", daemon=True)
    thread.start()
    started = time.monotonic()
    while not server.started:
        assert thread.is_alive(), "the server stopped"
        assert time.monotonic() - started < DEADLINE, "the server does not start"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(DEADLINE)


@pytest.fixture(scope="session")
def address(reader: TestClient) -> Iterator[str]:
    """The address of a server with the small alliance."""
    with served(application_of(reader)) as address:
        yield address


@pytest.fixture
def own_address(client: TestClient) -> Iterator[str]:
    """The address of a server of one's own, for tests that change something."""
    with served(application_of(client)) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium, without a window."""
    if not Path(CHROMIUM).exists():
        pytest.skip("absent: chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.skip("absent: playwright")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core; `npm ci` in this folder brings it."""
    if not AXE.exists():
        pytest.skip("absent: axe-core")
    return AXE.read_text(encoding="utf-8")
