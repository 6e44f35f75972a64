"""The import in a real browser: it fits a small phone and is accessible, without JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from matchmaker.domain.access import Role
from tests.browser.test_access import assert_fits, signed_in
from tests.browser.test_browser import BOTH, barriers
from tests.tables import ROWS, SINGAPUR, csv_bytes, written
from tests.visitors import product_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@BOTH
def test_each_step_fits_and_is_accessible(
    chromium: Browser, address: str, reader: TestClient, axe: str, tmp_path: Path, language: str
) -> None:
    table = written(tmp_path / "members.csv", csv_bytes([*ROWS, SINGAPUR], "cp949"))
    with signed_in(chromium, address, product_of(reader), Role.COORDINATOR_SG, language) as page:
        page.goto("/import")
        assert_fits(page)
        assert barriers(page, axe) == []
        page.set_input_files("#file", str(table))
        for step in ("main .main", "main button.main"):
            page.click(step)
            page.wait_for_load_state()
            assert_fits(page)
            assert barriers(page, axe) == []
