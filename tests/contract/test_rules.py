"""Broken rules are told in the reader's language, whoever finds them: the framework, a model or a service."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic_core import PydanticKnownError
from starlette.testclient import TestClient

from api.rules import RULES, SENTENCES, rule_text

HANGUL = re.compile("[가-힣]")
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
OURS = {"fixed", "differs-from-address", "wrong-country", "no-team"}
CONTEXT: dict[str, Any] = {
    "expected": "a",
    "gt": 1,
    "ge": 1,
    "lt": 1,
    "le": 1,
    "min_length": 1,
    "max_length": 1,
    "actual_length": 2,
    "field_type": "List",
    "pattern": "^a$",
    "class_name": "Line",
    "error": "broken",
}


@pytest.mark.parametrize("code", sorted(RULES))
def test_both_languages_say_the_same(code: str) -> None:
    english, korean = RULES[code]
    assert HANGUL.search(korean)
    assert not HANGUL.search(english)
    assert set(PLACEHOLDER.findall(english)) == set(PLACEHOLDER.findall(korean))


@pytest.mark.parametrize("code", sorted(set(RULES) - OURS))
def test_a_rule_is_one_of_pydantic_s_and_gets_its_parameters(code: str) -> None:
    """pydantic itself says whether it knows the code, and what comes with it."""
    error = PydanticKnownError(code, CONTEXT)  # type: ignore[arg-type]  # a str for its Literal
    for language in ("en", "ko"):
        told = rule_text(code, language, error.message(), error.context or {})
        assert not PLACEHOLDER.search(told)


def test_what_is_not_in_the_table_is_told_all_the_same() -> None:
    assert rule_text("odd", "en", "An odd thing", {}) == "An odd thing"
    assert HANGUL.search(rule_text("odd", "ko", "An odd thing", {}))
    assert "odd" in rule_text("odd", "ko", "An odd thing", {})
    assert rule_text("string_too_long", "en", "Too long", {}) == "Too long"


def told(client: TestClient, method: str, url: str, body: Any, language: str) -> dict[str, Any]:
    headers = {"Accept-Language": language, "If-Match": "*"}
    response = client.request(method, url, json=body, headers=headers)
    assert response.status_code == 422, response.text
    problem: dict[str, Any] = response.json()
    return problem


CASES: list[tuple[str, str, Any]] = [
    ("POST", "/v1/members", {"country": "JP", "nickname": "x", "verified": "perhaps", "domains": {}}),
    ("POST", "/v1/members", {"external_id": "a b", "names": {}, "needs": [{"text": {"en": "x" * 4001}}]}),
    ("POST", "/v1/suggestions", {"country": "KR"}),
    ("PUT", "/v1/members/kr-one", {"as_of": "soon", "sources": ["x" * 2000]}),
    ("PATCH", "/v1/members/kr-one", {"country": "JP", "nickname": "x"}),
    ("PATCH", "/v1/members/kr-one", {"consents": None, "status": "listed", "external_id": "kr-two"}),
    ("GET", "/v1/members?limit=0&country=JP", None),
    ("GET", "/v1/members?limit=many", None),
    ("GET", "/v1/pairs/sg-one/kr-one", None),
    ("GET", "/v1/calls/example-ward-ai/proof", None),
    ("GET", "/v1/calls/example-ward-ai/proof?kr=sg-one", None),
]


@pytest.mark.parametrize(("method", "url", "body"), CASES)
def test_a_refusal_is_in_one_language_throughout(
    reader: TestClient, method: str, url: str, body: Any
) -> None:
    korean, english = (told(reader, method, url, body, language) for language in ("ko", "en"))
    assert korean["errors"]
    for text in (korean["title"], korean["detail"], *(each["detail"] for each in korean["errors"])):
        assert HANGUL.search(text), text
        assert "규칙에 맞지 않는 값" not in text, text
    for text in (english["title"], english["detail"], *(each["detail"] for each in english["errors"])):
        assert not HANGUL.search(text), text
    assert [(e["code"], e["pointer"]) for e in korean["errors"]] == [
        (e["code"], e["pointer"]) for e in english["errors"]
    ]


def test_where_a_value_was_sent_is_told(reader: TestClient) -> None:
    places = {
        url: told(reader, method, url, body, "en")["errors"][0]["place"] for method, url, body in CASES[6:]
    }
    assert places["/v1/members?limit=0&country=JP"] == "query"
    assert places["/v1/pairs/sg-one/kr-one"] == "path"
    assert places["/v1/calls/example-ward-ai/proof"] == "query"


def test_every_sentence_of_the_models_is_in_the_table() -> None:
    """What a validator of the REST bodies raises has Korean words, too."""
    import inspect

    from matchmaker.formats import member_line

    raised = re.findall(r'raise ValueError\("([^"]+)"\)', inspect.getsource(member_line))
    assert set(raised) == set(SENTENCES)
