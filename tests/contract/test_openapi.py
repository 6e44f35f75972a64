"""The OpenAPI document: frozen, complete, and true of what is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

import api
from api.app import create_app
from api.idempotency import KEEPS_NOTHING
from api.routers import bulk, calls, jobs, members, pairs, partnerships, suggestions, webhooks
from matchmaker.bootstrap import Matchmaker
from matchmaker.formats.member_line import parse_member
from matchmaker.settings import Settings

FROZEN = Path(api.__file__).parent / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(FROZEN.read_text(encoding="utf-8"))
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def test_the_frozen_document_is_the_present_one(tmp_path: Path) -> None:
    """An application that was never started makes it, without database or model."""
    present = create_app(Matchmaker(Settings(_env_file=None, var=tmp_path))).openapi()
    assert json.loads(json.dumps(present)) == DOCUMENT, "renew it with: matchmaker openapi > api/openapi.json"
    assert not list(tmp_path.iterdir())


def test_the_served_document_is_the_frozen_one(client: TestClient) -> None:
    assert client.get("/openapi.json").json() == DOCUMENT


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_an_operation_is_described(operation_id: str) -> None:
    _, _, operation = OPERATIONS[operation_id]
    assert operation["summary"]
    assert operation["description"]
    assert len(operation["tags"]) == 1
    for parameter in operation.get("parameters", []):
        assert parameter["description"], parameter["name"]
    errors = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
    assert "500" in errors
    for answer in errors.values():
        content = answer["content"]
        assert list(content) == ["application/problem+json"]
        assert content["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert content["application/problem+json"]["examples"]


@pytest.mark.parametrize(
    "operation_id", [o for o, (_, _, operation) in OPERATIONS.items() if "requestBody" in operation]
)
def test_a_body_is_described_by_an_example_that_is_valid(operation_id: str) -> None:
    _, _, operation = OPERATIONS[operation_id]
    content = operation["requestBody"]["content"]
    schema = next((each["schema"] for kind, each in content.items() if kind.endswith("json")), None)
    if schema is None:
        return _assert_a_file_is_described(content)
    name = schema["$ref"].rpartition("/")[2]
    examples = DOCUMENT["components"]["schemas"][name]["examples"]
    assert examples
    for example in examples:
        _validator(schema).validate(example)


@pytest.mark.parametrize(
    "operation_id", [o for o, (_, path, _) in OPERATIONS.items() if path.startswith("/v1/")]
)
def test_an_operation_keeps_the_rules_of_its_method(operation_id: str) -> None:
    """What changes a record names its version, what writes may be sent again, and everything is limited."""
    method, path, operation = OPERATIONS[operation_id]
    headers = {each["name"].lower() for each in operation.get("parameters", []) if each["in"] == "header"}
    statuses = set(operation["responses"])
    assert "429" in statuses
    has_version = method in ("PUT", "PATCH", "DELETE") and not path.startswith("/v1/jobs/")
    assert ("if-match" in headers) is ({"412", "428"} <= statuses) is has_version
    writes = method != "GET" and path not in KEEPS_NOTHING
    assert ("idempotency-key" in headers) is writes
    assert writes is ("409" in statuses)


def _assert_a_file_is_described(content: dict[str, Any]) -> None:
    """A line by one that is valid, a table by its first rows."""
    parse_member(json.loads(content["application/jsonl"]["example"]))
    assert "," in content["text/csv"]["example"]


def test_every_schema_is_described() -> None:
    undescribed = [
        name
        for name, schema in DOCUMENT["components"]["schemas"].items()
        if "description" not in schema and "enum" not in schema
    ]
    assert undescribed == []


def test_every_route_under_v1_asks_for_permission() -> None:
    routes = [
        route
        for module in (members, bulk, jobs, suggestions, pairs, partnerships, calls, webhooks)
        for route in module.router.routes
        if isinstance(route, APIRoute)
    ]
    assert len(routes) == sum(path.startswith("/v1/") for _, path, _ in OPERATIONS.values())
    assert [route.path for route in routes if not any(_actions(route.dependant))] == []


SAMPLES: list[tuple[str, str, dict[str, Any], int]] = [
    ("list_members", "/v1/members?limit=2", {}, 200),
    ("list_members", "/v1/members?cursor=AAAA", {}, 400),
    ("list_members", "/v1/members?limit=0", {}, 422),
    ("register_member", "/v1/members", {"json": {"country": "KR"}}, 422),
    ("register_member", "/v1/members", {"content": b"{"}, 400),
    ("register_member", "/v1/members", {"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415),
    ("register_member", "/v1/members", {"json": {}, "headers": {"Origin": "https://elsewhere.example"}}, 403),
    (
        "import_members",
        "/v1/members:import",
        {"content": "", "headers": {"Content-Type": "application/jsonl"}},
        200,
    ),
    (
        "import_members",
        "/v1/members:import",
        {"content": "{}", "headers": {"Content-Type": "application/jsonl"}},
        422,
    ),
    ("import_members", "/v1/members:import", {"content": "{}"}, 415),
    (
        "import_members",
        "/v1/members:import",
        {"content": "", "headers": {"Content-Type": "text/csv", "Prefer": "respond-async"}},
        202,
    ),
    ("export_members", "/v1/members:export", {}, 200),
    ("export_members", "/v1/members:export?format=pdf", {}, 422),
    ("read_job", "/v1/jobs/999", {}, 404),
    ("cancel_job", "/v1/jobs/999", {}, 404),
    ("read_job_results", "/v1/jobs/999/results", {}, 404),
    ("read_member", "/v1/members/kr-one", {}, 200),
    ("read_member", "/v1/members/kr-one", {"headers": {"If-None-Match": '"1"'}}, 304),
    ("read_member", "/v1/members/nobody", {}, 404),
    ("revise_member", "/v1/members/kr-one", {"json": {}}, 428),
    ("amend_member", "/v1/members/kr-one", {"json": {"website": None}}, 428),
    (
        "amend_member",
        "/v1/members/kr-one",
        {"json": {"website": None}, "headers": {"If-Match": '"7", "1"'}},
        200,
    ),
    ("withdraw_member", "/v1/members/kr-one", {"headers": {"If-Match": '"7"'}}, 412),
    ("withdraw_member", "/v1/members/kr-one", {"headers": {"If-Match": '"1"'}}, 204),
    ("suggest_for_member", "/v1/members/kr-one/suggestions", {}, 200),
    ("suggest_for_member", "/v1/members/nobody/suggestions", {}, 404),
    (
        "suggest_for_profile",
        "/v1/suggestions",
        {"json": {"country": "KR", "domains": [{"en": "chips"}]}},
        200,
    ),
    ("suggest_for_profile", "/v1/suggestions", {"json": {"country": "JP"}}, 422),
    ("list_best_pairs", "/v1/pairs", {}, 200),
    ("explain_pair", "/v1/pairs/kr-chip/sg-fab", {}, 200),
    ("explain_pair", "/v1/pairs/sg-fab/kr-chip", {}, 422),
    ("list_partnerships", "/v1/partnerships", {}, 200),
    ("list_calls", "/v1/calls", {}, 200),
    ("read_call", "/v1/calls/eureka-kr-sg-2022", {}, 200),
    ("read_call", "/v1/calls/nothing", {}, 404),
    ("prove_call", "/v1/calls/example-ward-ai/proof?kr=kr-one&sg=sg-one", {}, 200),
    ("prove_call", "/v1/calls/kiat-astar-2019/proof?sg=sg-one&lang=ko", {}, 200),
    ("prove_call", "/v1/calls/kiat-astar-2019/proof?sg=nobody", {}, 404),
    ("prove_call", "/v1/calls/kiat-astar-2019/proof", {}, 422),
    ("list_webhooks", "/v1/webhooks", {}, 200),
    (
        "create_webhook",
        "/v1/webhooks",
        {"json": {"url": "https://hooks.example.org/", "events": ["member.revised"]}},
        201,
    ),
    (
        "create_webhook",
        "/v1/webhooks",
        {"json": {"url": "https://hooks.example.org/", "events": ["case.moved"]}},
        403,
    ),
    ("create_webhook", "/v1/webhooks", {"json": {"url": "https://10.0.0.1/", "events": []}}, 422),
    ("read_webhook", "/v1/webhooks/wh_nobody", {}, 404),
    ("revise_webhook", "/v1/webhooks/wh_nobody", {"json": {}}, 428),
    ("revise_webhook", "/v1/webhooks/wh_nobody", {"json": {}, "headers": {"If-Match": '"1"'}}, 404),
    ("remove_webhook", "/v1/webhooks/wh_nobody", {"headers": {"If-Match": '"1"'}}, 404),
    ("rotate_webhook_secret", "/v1/webhooks/wh_nobody/rotate", {}, 404),
    ("test_webhook", "/v1/webhooks/wh_nobody/test", {}, 404),
    ("list_webhook_deliveries", "/v1/webhooks/wh_nobody/deliveries", {}, 404),
    ("list_webhook_deliveries", "/v1/webhooks/wh_nobody/deliveries?cursor=AAAA", {}, 400),
    ("replay_webhook_delivery", "/v1/webhooks/wh_nobody/deliveries/1/replay", {}, 404),
    ("check_health", "/healthz", {}, 200),
    ("check_readiness", "/readyz", {}, 200),
    ("describe_problem", "/problems/unknown-member", {}, 200),
    ("describe_problem", "/problems/nonsense", {}, 404),
]


@pytest.mark.parametrize(("operation_id", "url", "sent", "status"), SAMPLES)
def test_an_answer_is_the_one_that_is_described(
    client: TestClient, operation_id: str, url: str, sent: dict[str, Any], status: int
) -> None:
    method, _, operation = OPERATIONS[operation_id]
    headers = {"Content-Type": "application/json"} if "content" in sent else {}
    response = client.request(method, url, **sent | {"headers": headers | sent.get("headers", {})})
    assert response.status_code == status
    described = operation["responses"][str(status)]
    if described.get("content"):
        media_type = response.headers["Content-Type"].partition(";")[0]
        schema = described["content"][media_type]["schema"]
        is_json = media_type.endswith("json")
        _validator(schema).validate(response.json() if is_json else response.text)
    for name in described.get("headers", {}):
        assert name in response.headers or (name == "Link" and response.json()["next"] is None)
    if "content" not in described:
        assert response.content == b""


def test_every_operation_is_sampled() -> None:
    assert {operation_id for operation_id, *_ in SAMPLES} == OPERATIONS.keys()


def test_a_registered_member_is_answered_as_described(client: TestClient) -> None:
    body = DOCUMENT["components"]["schemas"]["MemberCreate"]["examples"][0]
    response = client.post("/v1/members", json=body)
    _, _, operation = OPERATIONS["register_member"]
    assert response.status_code == 201
    _validator(operation["responses"]["201"]["content"]["application/json"]["schema"]).validate(
        response.json()
    )
    assert operation["responses"]["201"]["headers"].keys() <= {"Location", "ETag"}


def test_the_interactive_pages_of_the_framework_are_off(client: TestClient) -> None:
    """They load scripts from elsewhere."""
    app = client.app
    assert isinstance(app, FastAPI)
    assert (app.docs_url, app.redoc_url) == (None, None)


def test_the_framework_reports_nothing_about_requests(client: TestClient) -> None:
    app = client.app
    assert isinstance(app, FastAPI)
    assert not app._native_telemetry.enabled()
    assert not any(app._telemetry[name] for name in ("tracing", "metrics", "logs", "auto_configure"))


def _validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def _actions(dependant: Dependant) -> Iterator[object]:
    for each in dependant.dependencies:
        if (action := getattr(each.call, "action", None)) is not None:
            yield action
        yield from _actions(each)
