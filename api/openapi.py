"""The OpenAPI document: what a router declares of its refusals, and the finishing touches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.errors import MEDIA_TYPE, STATUS_OF_CODE
from api.idempotency import HEADER, KEEPS_NOTHING, MAX_KEY
from api.problems import problem_text
from api.schemas.problems import Problem

Responses = dict[int | str, dict[str, Any]]

DESCRIPTION = """\
Suggests partners between Korea and Singapore, with reasons, in Korean and English.

- Errors are problem documents (RFC 9457). `code` is for programs; `title` and `detail` are in the reader's language.
- The reader's language comes from `?lang=`, else from `Accept-Language`, else it is English.
- A limit that is too large is taken for the largest one that is allowed.
- A score is a chance: of a hundred pairs with 0.24, about 24 were judged worth an introduction when it was tested, on a
  benchmark of fictional members that its makers judged with a large language model. It is no chance of success. A pair
  that is in no file is unknown, not bad.
- Reading needs no key. What changes something needs one, as `Authorization: Bearer amk_…`; an administrator makes it
  with `matchmaker keys create`. A key that is broken, expired or revoked is refused even where none is needed.
- Whatever writes may be sent again safely with an `Idempotency-Key`: a retry within 24 hours is answered as the first
  request was, marked `Idempotency-Replayed: true`. Refusals are not kept; a retry of one is simply tried again.
- Requests are limited per key, account or network address, writes more than reading: `RateLimit-Policy` and `RateLimit`
  say how much there is and how much is left. Too many are answered with 429; wait as long as `Retry-After` says.
- Output only ever grows: expect fields that you do not know.
"""
TAGS = [
    {"name": "members", "description": "The directory: who there is, who joins, changes and leaves."},
    {"name": "jobs", "description": "Long work: how far it is, what came of it, calling it off."},
    {"name": "suggestions", "description": "Partners for one member, with reasons."},
    {"name": "pairs", "description": "Pairs seen from neither side."},
    {"name": "partnerships", "description": "Collaborations that exist already."},
    {"name": "calls", "description": "Funding calls, and who could answer them."},
    {"name": "webhooks", "description": "Be told what happens, instead of asking again and again."},
    {"name": "service", "description": "How the service is, and what its problems mean."},
]
ALWAYS = (
    "bad-request",
    "broken-key",
    "unknown-key",
    "too-many-requests",
    "storage-unavailable",
    "not-ready",
    "internal-error",
)
"""Codes that any operation on the product may answer with."""
GUARDED = ("sign-in-required", "broken-key", "unknown-key", "cross-site", "forbidden")
"""Codes of an operation that not everybody may call."""
SECURED: dict[str, Any] = {"security": [{"Bearer": []}]}
"""What such an operation says of itself: ``openapi_extra=SECURED``."""
_SCHEMES = {
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key: `amk_` and 49 letters and digits. To write members, its role is `portal-write`.",
    }
}


_RETRIABLE = ("post", "put", "patch", "delete")
_KEY: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[!-~]+$"},
    "description": "Names this request, so that a retry is not carried out twice: a random UUID, for example.",
}


def refusals(*codes: str) -> Responses:
    """The ``responses`` of an operation that may refuse with some codes: one per status, one example per code."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in codes:
        by_status[STATUS_OF_CODE[code]].append(code)
    return {status: _response(status, found) for status, found in sorted(by_status.items())}


def _response(status: int, codes: list[str]) -> dict[str, Any]:
    titles = [problem_text(code, "en").title for code in codes]
    return {
        "description": "; ".join(titles) + ".",
        "model": Problem,
        "content": {MEDIA_TYPE: {"examples": {code: _example(status, code) for code in codes}}},
    }


def _example(status: int, code: str) -> dict[str, Any]:
    text = problem_text(code, "en")
    problem = Problem(
        type=f"/problems/{code}",
        title=text.title,
        status=status,
        detail=text.detail,
        instance="/v1/members/nobody",
        code=code,
        request_id="4be1c0f2a5d94a0f8a54c9a3b1a7d0e6",
        errors=[],
    )
    return {"summary": text.title, "value": problem.model_dump()}


def describe(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """The function that makes the application's document, once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _finished(
                get_openapi(
                    title=app.title,
                    version=app.version,
                    summary=app.summary,
                    description=app.description,
                    tags=TAGS,
                    routes=app.routes,
                )
            )
        return app.openapi_schema

    return document


def _finished(document: dict[str, Any]) -> dict[str, Any]:
    """Keys are described, and problems are ``application/problem+json`` alone: the framework adds plain JSON."""
    document["components"]["securitySchemes"] = _SCHEMES
    for address, path in document["paths"].items():
        for method, operation in path.items():
            if method in _RETRIABLE and address.startswith("/v1/") and address not in KEEPS_NOTHING:
                _describe_retries(operation)
            for status, response in operation["responses"].items():
                if status >= "400":
                    content = response["content"]
                    content.pop("application/json", None)
                    content[MEDIA_TYPE]["schema"] = {"$ref": "#/components/schemas/Problem"}
    return document


def _describe_retries(operation: dict[str, Any]) -> None:
    operation.setdefault("parameters", []).append(_KEY)
    for status, added in refusals("bad-idempotency-key", "attempt-running", "key-reused").items():
        response = operation["responses"].setdefault(str(status), {"description": "", "content": {}})
        titles = f"{response['description']} {added['description']}".strip()
        response["description"] = titles
        examples = response["content"].setdefault(MEDIA_TYPE, {}).setdefault("examples", {})
        examples.update(added["content"][MEDIA_TYPE]["examples"])
