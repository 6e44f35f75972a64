"""A browser without JavaScript: it keeps cookies and asks for HTML."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient


@pytest.fixture
def browser(reader: TestClient) -> TestClient:
    """A visitor with cookies of their own at the shared application."""
    return TestClient(reader.app, headers={"Accept": "text/html", "Accept-Language": "en"})
