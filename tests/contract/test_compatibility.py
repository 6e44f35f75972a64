"""The API only grows: the present document serves whoever was served by the released one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import api
from tools.compatibility import breaks, main

RELEASED = Path(__file__).parent / "openapi.released.json"
"""The document of the last release. Renewed with a release, never to make this test pass."""
PRESENT = Path(api.__file__).parent / "openapi.json"


def test_the_present_document_breaks_nobody() -> None:
    assert breaks(*(json.loads(path.read_text(encoding="utf-8")) for path in (RELEASED, PRESENT))) == []


BASE: dict[str, Any] = {
    "paths": {
        "/things": {
            "post": {
                "operationId": "add_thing",
                "parameters": [
                    {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 10}},
                    {
                        "in": "query",
                        "name": "lang",
                        "schema": {"anyOf": [{"enum": ["en", "ko"], "type": "string"}, {"type": "null"}]},
                    },
                ],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
                },
                "responses": {
                    "200": {
                        "headers": {"ETag": {}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    },
                    "404": {"content": {"application/problem+json": {"examples": {"unknown": {}}}}},
                },
            },
            "get": {"operationId": "list_things", "responses": {"200": {}}},
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": 10},
                    "size": {"type": "integer", "minimum": 0},
                    "kind": {"type": "string", "enum": ["a", "b"]},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                },
            }
        }
    },
}
Change = Callable[[dict[str, Any]], object]


def post(document: dict[str, Any]) -> Any:
    return document["paths"]["/things"]["post"]


def thing(document: dict[str, Any]) -> Any:
    return document["components"]["schemas"]["Thing"]


def fields(document: dict[str, Any]) -> Any:
    return thing(document)["properties"]


def query(number: int) -> Callable[[dict[str, Any]], Any]:
    return lambda document: post(document)["parameters"][number]


NEW_QUERY = {"in": "query", "name": "q", "schema": {"type": "string"}}

BREAKS: list[tuple[Change, str]] = [
    (lambda d: d["paths"].pop("/things"), "POST /things: the operation is gone"),
    (lambda d: d["paths"]["/things"].pop("get"), "GET /things: the operation is gone"),
    (lambda d: post(d).update(operationId="other"), "operationId is another"),
    (lambda d: post(d).update(security=[{"Bearer": []}]), "a key is needed now"),
    (lambda d: post(d)["parameters"].pop(0), "query parameter limit is gone"),
    (lambda d: post(d)["parameters"].append({**NEW_QUERY, "required": True}), "parameter q is needed now"),
    (lambda d: query(0)(d)["schema"].update(maximum=5), "limit: maximum is 5 now"),
    (lambda d: query(0)(d)["schema"].update(minimum=1), "limit: minimum is 1 now"),
    (lambda d: query(0)(d).update(required=True), "parameter limit is needed now"),
    (lambda d: query(1)(d)["schema"]["anyOf"][0].update(enum=["en"]), "lang: ko is refused"),
    (lambda d: query(1)(d)["schema"]["anyOf"].pop(1), "lang: null is refused"),
    (lambda d: post(d)["requestBody"].update(required=True), "a body is needed now"),
    (lambda d: post(d)["requestBody"]["content"].clear(), "a body as application/json is refused"),
    (lambda d: thing(d)["required"].append("size"), "body/size is needed now"),
    (lambda d: thing(d)["required"].clear(), "answer 200/name may be missing now"),
    (lambda d: thing(d).update(additionalProperties=False), "unknown fields are refused"),
    (lambda d: fields(d).pop("size"), "body/size is gone"),
    (lambda d: fields(d).pop("size"), "answer 200/size is gone"),
    (lambda d: fields(d)["name"].update(maxLength=5), "body/name: maxLength is 5 now"),
    (lambda d: fields(d)["name"].update(pattern="^a"), "body/name: another pattern"),
    (lambda d: fields(d)["name"].update(type="integer"), "body/name: string is refused"),
    (lambda d: fields(d)["name"].update(type=["string", "null"]), "answer 200/name: may be null now"),
    (lambda d: fields(d)["kind"].update(enum=["a"]), "body/kind: b is refused"),
    (lambda d: fields(d)["size"].update(minimum=1), "body/size: minimum is 1 now"),
    (lambda d: post(d)["responses"].pop("404"), "answer 404 is gone"),
    (lambda d: post(d)["responses"]["200"]["headers"].clear(), "header ETag is gone"),
    (lambda d: post(d)["responses"]["200"]["content"].clear(), "answer 200 as application/json is gone"),
    (
        lambda d: post(d)["responses"]["404"]["content"]["application/problem+json"]["examples"].clear(),
        "code unknown is gone",
    ),
]

GROWTHS: list[Change] = [
    lambda d: d["paths"].update({"/more": {"get": {"operationId": "more", "responses": {}}}}),
    lambda d: post(d)["parameters"].append(NEW_QUERY),
    lambda d: query(0)(d)["schema"].pop("maximum"),
    lambda d: query(0)(d)["schema"].update(maximum=50),
    lambda d: query(0)(d)["schema"].update(type="number"),
    lambda d: post(d)["requestBody"]["content"].update({"text/csv": {}}),
    lambda d: fields(d).update(color={"type": "string"}),
    lambda d: fields(d)["name"].update(maxLength=20),
    lambda d: fields(d)["kind"].update(enum=["a", "b", "c"]),
    lambda d: fields(d)["size"].pop("minimum"),
    lambda d: post(d)["responses"].update({"409": {}}),
    lambda d: post(d)["responses"]["200"]["headers"].update(Link={}),
    lambda d: post(d).update(summary="Better words", deprecated=True),
]


def changed(change: Change) -> dict[str, Any]:
    document = copy.deepcopy(BASE)
    change(document)
    return document


def test_nothing_changed_breaks_nothing() -> None:
    assert breaks(BASE, BASE) == []


@pytest.mark.parametrize(("change", "told"), BREAKS, ids=[told for _, told in BREAKS])
def test_what_is_removed_or_narrowed_is_told(change: Change, told: str) -> None:
    found = breaks(BASE, changed(change))
    assert any(told in each for each in found), found


@pytest.mark.parametrize("change", GROWTHS, ids=range(len(GROWTHS)))
def test_what_is_added_or_widened_is_no_break(change: Change) -> None:
    assert breaks(BASE, changed(change)) == []


def test_the_command_says_what_breaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(BASE))
    new.write_text(json.dumps(changed(lambda d: d["paths"].clear())))
    assert main([str(old), str(old)]) == 0
    assert main([str(old), str(new)]) == 1
    assert "GET /things: the operation is gone" in capsys.readouterr().out
