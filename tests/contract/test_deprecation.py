"""A route that is to go says since when, until when, and what to read, in every answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from api.deprecation import deprecated
from api.errors import Refusal
from api.routers import calls, members, pairs, partnerships, suggestions

SINCE, SUNSET = datetime(2023, 7, 1, tzinfo=UTC), datetime(2024, 6, 30, 23, 59, 59, tzinfo=UTC)
MODULES = (calls, members, pairs, partnerships, suggestions)


@pytest.fixture
def old(app: FastAPI) -> Iterator[TestClient]:
    """A client of an application with routes that are to go."""
    router = APIRouter(dependencies=[deprecated(SINCE, sunset=SUNSET, guide="/developers")])

    @router.get("/v1/old", deprecated=True)
    def answer() -> None:
        return None

    @router.get("/v1/old/nothing", deprecated=True)
    def refuse() -> None:
        raise Refusal("not-found")

    app.include_router(router)
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize(("path", "status"), [("/v1/old", 200), ("/v1/old/nothing", 404)])
def test_every_answer_says_so(old: TestClient, path: str, status: int) -> None:
    response = old.get(path)
    assert response.status_code == status
    assert response.headers["Deprecation"] == "@1688169600"
    assert response.headers["Sunset"] == "Sun, 30 Jun 2024 23:59:59 GMT"
    assert response.headers["Link"] == '</developers>; rel="deprecation"; type="text/html"'


def test_other_routes_say_nothing(old: TestClient) -> None:
    response = old.get("/v1/calls")
    assert not {"Deprecation", "Sunset"} & set(response.headers)


def test_a_sunset_before_the_deprecation_is_refused() -> None:
    with pytest.raises(ValueError, match="before it stops"):
        deprecated(SUNSET, sunset=SINCE)


def test_a_deprecated_route_says_so_in_the_document_too() -> None:
    for module in MODULES:
        for route in module.router.routes:
            assert isinstance(route, APIRoute)
            tells = any(hasattr(each.call, "notices") for each in route.dependant.dependencies)
            assert tells is bool(route.deprecated), route.path
