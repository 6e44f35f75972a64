"""A browser without JavaScript: it keeps cookies and asks for HTML."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.visitors import application_of, new_browser


@pytest.fixture
def browser(reader: TestClient) -> TestClient:
    """A visitor with cookies of their own at the shared application."""
    return new_browser(application_of(reader))


@pytest.fixture
def visitor(client: TestClient) -> TestClient:
    """A visitor at an application of their own."""
    return new_browser(application_of(client))
