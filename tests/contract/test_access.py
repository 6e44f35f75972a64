"""Who may call what: every route and every role. A route without a row fails, and so does a row without a route.

To add a route, add a row to `TABLE`: its method and path, and the roles that it lets in (`EVERYBODY` needs no account).
Which organisation somebody may see or change is tested with the services.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from matchmaker.domain.access import Role
from matchmaker.domain.account import PEOPLE
from tests.visitors import application_of, make_key, sign_in

EVERYBODY = frozenset({None, *Role})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
COORDINATORS = frozenset({Role.COORDINATOR_KR, Role.COORDINATOR_SG, Role.ADMINISTRATOR})
MEMBERS = frozenset({Role.MEMBER})
WRITERS = COORDINATORS | {Role.PORTAL_WRITE}
LISTENERS = frozenset({Role.PORTAL_WRITE, Role.ADMINISTRATOR})

TABLE: dict[tuple[str, str], frozenset[Role | None]] = {
    ("GET", "/v1/members"): EVERYBODY,
    ("POST", "/v1/members"): WRITERS,
    ("POST", "/v1/members:import"): WRITERS,
    ("GET", "/v1/members:export"): EVERYBODY,
    ("GET", "/v1/jobs/{job_id}"): WRITERS,
    ("DELETE", "/v1/jobs/{job_id}"): WRITERS,
    ("GET", "/v1/jobs/{job_id}/results"): WRITERS,
    ("GET", "/import"): WRITERS,
    ("POST", "/import"): WRITERS,
    ("GET", "/import/jobs/{job_id:int}"): WRITERS,
    ("POST", "/import/jobs/{job_id:int}"): WRITERS,
    ("GET", "/import/{upload}"): WRITERS,
    ("POST", "/import/{upload}"): WRITERS,
    ("GET", "/v1/members/{external_id}"): EVERYBODY,
    ("PUT", "/v1/members/{external_id}"): WRITERS,
    ("PATCH", "/v1/members/{external_id}"): WRITERS,
    ("DELETE", "/v1/members/{external_id}"): WRITERS,
    ("GET", "/v1/members/{external_id}/suggestions"): EVERYBODY,
    ("POST", "/v1/suggestions"): EVERYBODY,
    ("GET", "/v1/pairs"): EVERYBODY,
    ("GET", "/v1/pairs/{kr}/{sg}"): EVERYBODY,
    ("GET", "/v1/partnerships"): EVERYBODY,
    ("GET", "/healthz"): EVERYBODY,
    ("GET", "/readyz"): EVERYBODY,
    ("GET", "/problems/{code}"): EVERYBODY,
    ("GET", "/openapi.json"): EVERYBODY,
    ("GET", "/"): EVERYBODY,
    ("GET", "/find"): EVERYBODY,
    ("POST", "/find"): EVERYBODY,
    ("GET", "/members"): EVERYBODY,
    ("GET", "/members/{external_id}"): EVERYBODY,
    ("GET", "/pairs"): EVERYBODY,
    ("GET", "/pairs/{kr}/{sg}"): EVERYBODY,
    ("GET", "/shortlist"): EVERYBODY,
    ("POST", "/shortlist"): EVERYBODY,
    ("GET", "/shortlist.csv"): EVERYBODY,
    ("GET", "/about"): EVERYBODY,
    ("GET", "/developers"): EVERYBODY,
    ("GET", "/calls"): EVERYBODY,
    ("GET", "/calls/{call_id}"): EVERYBODY,
    ("GET", "/v1/calls"): EVERYBODY,
    ("GET", "/v1/calls/{call_id}"): EVERYBODY,
    ("GET", "/v1/calls/{call_id}/proof"): EVERYBODY,
    ("GET", "/v1/webhooks"): LISTENERS,
    ("POST", "/v1/webhooks"): LISTENERS,
    ("GET", "/v1/webhooks/{webhook_id}"): LISTENERS,
    ("PATCH", "/v1/webhooks/{webhook_id}"): LISTENERS,
    ("DELETE", "/v1/webhooks/{webhook_id}"): LISTENERS,
    ("POST", "/v1/webhooks/{webhook_id}/rotate"): LISTENERS,
    ("POST", "/v1/webhooks/{webhook_id}/test"): LISTENERS,
    ("GET", "/v1/webhooks/{webhook_id}/deliveries"): LISTENERS,
    ("POST", "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay"): LISTENERS,
    ("GET", "/sign-in"): EVERYBODY,
    ("POST", "/sign-in"): EVERYBODY,
    ("GET", "/sign-in/{token}"): EVERYBODY,
    ("POST", "/sign-in/{token}"): EVERYBODY,
    ("POST", "/sign-out"): EVERYBODY,
    ("GET", "/accounts"): ADMINISTRATORS,
    ("POST", "/accounts"): ADMINISTRATORS,
    ("POST", "/accounts/{account_id}/link"): ADMINISTRATORS,
    ("GET", "/accounts/{account_id}/disable"): ADMINISTRATORS,
    ("POST", "/accounts/{account_id}/disable"): ADMINISTRATORS,
    ("POST", "/accounts/{account_id}/enable"): ADMINISTRATORS,
    ("GET", "/review/{case_id}/introduce"): COORDINATORS,
    ("POST", "/review/{case_id}/introduce"): COORDINATORS,
    ("GET", "/introductions"): COORDINATORS,
    ("GET", "/introductions.csv"): COORDINATORS,
    ("GET", "/introductions.xlsx"): COORDINATORS,
    ("GET", "/introductions/{introduction_id}"): COORDINATORS,
    ("POST", "/introductions/{introduction_id}/cancel"): COORDINATORS,
    ("GET", "/outbox"): COORDINATORS,
    ("GET", "/outbox/{letter_id}"): COORDINATORS,
    ("POST", "/outbox/{letter_id}/eml"): COORDINATORS,
    ("POST", "/outbox/{letter_id}/sent"): COORDINATORS,
    ("POST", "/outbox/{letter_id}/resend"): COORDINATORS,
    ("GET", "/contacts"): COORDINATORS,
    ("GET", "/contacts/{member_id}"): COORDINATORS,
    ("POST", "/contacts/{member_id}"): COORDINATORS,
    ("GET", "/me"): MEMBERS,
    ("GET", "/me/profile"): MEMBERS,
    ("POST", "/me/profile"): MEMBERS,
    ("GET", "/me/contact"): MEMBERS,
    ("POST", "/me/contact"): MEMBERS,
    ("GET", "/me/suggestions"): MEMBERS,
    ("POST", "/me/suggestions"): MEMBERS,
    ("GET", "/me/introductions"): MEMBERS,
    ("GET", "/me/introductions/{introduction_id}"): MEMBERS,
    ("POST", "/me/introductions/{introduction_id}"): MEMBERS,
    ("GET", "/answers/{token}"): EVERYBODY,
    ("POST", "/answers/{token}"): EVERYBODY,
    ("GET", "/dashboard"): COORDINATORS,
    ("GET", "/dashboard/{picture}.{kind}"): COORDINATORS,
    ("GET", "/review"): COORDINATORS,
    ("GET", "/review/export.csv"): COORDINATORS,
    ("GET", "/review/export.xlsx"): COORDINATORS,
    ("POST", "/review/fill"): COORDINATORS,
    ("GET", "/review/{case_id}"): COORDINATORS,
    ("POST", "/review/{case_id}"): COORDINATORS,
    ("POST", "/review/{case_id}/undo"): COORDINATORS,
    ("POST", "/review/{case_id}/notes/{note_id}/erase"): COORDINATORS,
    ("GET", "/rounds"): COORDINATORS,
    ("GET", "/rounds/new"): COORDINATORS,
    ("POST", "/rounds/new"): COORDINATORS,
    ("GET", "/rounds/{round_id}"): COORDINATORS,
    ("POST", "/rounds/{round_id}"): COORDINATORS,
    ("GET", "/rounds/{round_id}/rules"): COORDINATORS,
    ("POST", "/rounds/{round_id}/rules"): COORDINATORS,
    ("GET", "/rounds/{round_id}/rules.json"): COORDINATORS,
    ("GET", "/rounds/{round_id}/pairs.csv"): COORDINATORS,
    ("GET", "/rounds/{round_id}/pairs.xlsx"): COORDINATORS,
    ("GET", "/trail"): COORDINATORS,
    ("GET", "/trail/entries.jsonl"): COORDINATORS,
    ("GET", "/timetables"): COORDINATORS,
    ("POST", "/timetables"): COORDINATORS,
    ("GET", "/timetables/{number:int}"): COORDINATORS,
    ("POST", "/timetables/{number:int}"): COORDINATORS,
    ("POST", "/timetables/{number:int}/meeting"): COORDINATORS,
    ("GET", "/timetables/{number:int}/members/{member_id}"): COORDINATORS,
    ("POST", "/timetables/{number:int}/members/{member_id}"): COORDINATORS,
    ("GET", "/timetables/{number:int}/members/{member_id}/meetings.ics"): COORDINATORS,
    ("GET", "/timetables/{number:int}/meetings.ics"): COORDINATORS,
    ("GET", "/timetables/{number:int}/meetings.csv"): COORDINATORS,
    ("GET", "/timetables/{number:int}/meetings.xlsx"): COORDINATORS,
}
"""What each route lets in. Nothing here changes anything: bodies and ids are such that the work itself fails."""

PLACES = {
    "external_id": "nobody",
    "kr": "kr-one",
    "sg": "sg-one",
    "code": "error",
    "token": "nothing",
    "account_id": "a_nobody",
    "call_id": "none",
    "case_id": "999",
    "introduction_id": "999",
    "letter_id": "999",
    "picture": "funnel",
    "kind": "csv",
    "number": "999",
    "note_id": "999",
    "round_id": "999",
    "member_id": "nobody",
    "job_id": "999",
    "upload": "nothing",
    "webhook_id": "wh_nobody",
    "delivery_id": "999",
}
"""What stands for each part of an address."""

Visitors = dict[Role | None, TestClient]


@pytest.fixture(scope="module")
def visitors(reader: TestClient) -> Visitors:
    """A client for each role: people with a session, programs with a key."""
    return {role: _visitor(application_of(reader), role) for role in EVERYBODY}


def _visitor(app: FastAPI, role: Role | None) -> TestClient:
    visitor = TestClient(app, follow_redirects=False, headers={"Sec-Fetch-Site": "same-origin"})
    if role in PEOPLE:
        sign_in(visitor, role)
    elif role is not None:
        visitor.headers["Authorization"] = f"Bearer {make_key(app, role)}"
    return visitor


def routes_of(routes: Sequence[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of every route, also of those in routers."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from routes_of(route.original_router.routes, prefix + route.include_context.prefix)
        elif path := getattr(route, "path", ""):
            methods = sorted(getattr(route, "methods", None) or ())
            yield from ((method, prefix + path) for method in methods if method != "HEAD")


def test_every_route_has_a_row_and_every_row_a_route(app: FastAPI) -> None:
    found = list(routes_of(app.routes))
    assert len(found) == len(set(found))
    assert set(found) == set(TABLE)


@pytest.mark.parametrize(("method", "path"), TABLE, ids=" ".join)
def test_a_route_lets_in_whom_it_should(visitors: Visitors, method: str, path: str) -> None:
    url = filled(path)
    accept = "application/json" if path.startswith("/v1") else "text/html"
    for role in sorted(EVERYBODY, key=str):
        client = visitors[role]
        if path == "/sign-out":
            client = _visitor(application_of(client), role)
        body: dict[str, Any] = (
            {"json": {}} if path.startswith("/v1") and method in ("POST", "PUT", "PATCH") else {}
        )
        response = client.request(method, url, headers={"Accept": accept}, **body)
        assert outcome(response) == expected(role, TABLE[method, path]), role


@pytest.mark.parametrize(("method", "path"), [row for row, roles in TABLE.items() if None not in roles])
def test_who_is_refused_learns_nothing_else(visitors: Visitors, method: str, path: str) -> None:
    """Neither whether the record exists, nor what is wrong with the request."""
    url = filled(path)
    response = visitors[Role.PORTAL_READ].request(method, url, headers={"Accept": "application/json"})
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")


def filled(path: str) -> str:
    """An address of a route."""
    return re.sub(r"{(\w+)(?::\w+)?}", lambda part: PLACES[part[1]], path)


def outcome(response: Any) -> str:
    """What happened at the door: ``in``, ``sign in`` or ``forbidden``."""
    assert response.status_code < 500, response.text
    leads_to_sign_in = response.headers.get("Location", "").split("?")[0] == "/sign-in"
    if response.status_code == 401 or (response.status_code == 303 and leads_to_sign_in):
        return "sign in"
    return "forbidden" if response.status_code == 403 else "in"


def expected(role: Role | None, let_in: frozenset[Role | None]) -> str:
    if role in let_in:
        return "in"
    return "forbidden" if role else "sign in"


def test_no_route_hides_in_the_schema_alone(app: FastAPI) -> None:
    """What the OpenAPI document lists stands in the table."""
    described = {
        (method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods
    }
    assert described <= set(TABLE)


def test_a_protected_operation_says_so(app: FastAPI) -> None:
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            is_open = None in TABLE[method.upper(), path]
            assert ("security" in operation) is not is_open, (method, path)
            if not is_open:
                for status, code in (("401", "sign-in-required"), ("403", "forbidden")):
                    examples = operation["responses"][status]["content"]["application/problem+json"][
                        "examples"
                    ]
                    assert code in examples, (method, path)
