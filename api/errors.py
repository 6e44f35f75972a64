"""Errors as answers: RFC 9457 problem documents for programs, a page for people.

One table says which status each error of the product has. A test holds it against the error tree.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Mount

from api.languages import language_of, prefers_html
from api.problems import filled
from api.rules import rule_text
from api.schemas.problems import Problem, ProblemError
from matchmaker.domain.member import Language
from matchmaker.errors import (
    AlreadyDecided,
    AttemptRunning,
    BrokenKey,
    CaseHeld,
    Conflict,
    DuplicateMember,
    Forbidden,
    IllegalMove,
    InvalidInput,
    InvalidSetting,
    KeyReused,
    LinkSpent,
    MailUnavailable,
    MatchmakerError,
    MeetingClash,
    ModelUnavailable,
    NotReady,
    SchemaOutdated,
    SignInRequired,
    SnapshotCorrupt,
    StaleVersion,
    StorageUnavailable,
    TooLate,
    TooManyRequests,
    UnknownKey,
    UnknownMember,
    UnknownRecord,
    UnreadableFile,
)

STATUS: Mapping[type[MatchmakerError], int] = {
    MatchmakerError: 500,
    InvalidInput: 422,
    UnreadableFile: 422,
    UnknownMember: 404,
    UnknownRecord: 404,
    SignInRequired: 401,
    LinkSpent: 401,
    BrokenKey: 401,
    UnknownKey: 401,
    Forbidden: 403,
    Conflict: 409,
    DuplicateMember: 409,
    StaleVersion: 412,
    AlreadyDecided: 409,
    CaseHeld: 409,
    IllegalMove: 409,
    TooLate: 409,
    TooManyRequests: 429,
    MeetingClash: 409,
    AttemptRunning: 409,
    KeyReused: 422,
    MailUnavailable: 503,
    ModelUnavailable: 503,
    SnapshotCorrupt: 503,
    StorageUnavailable: 503,
    SchemaOutdated: 503,
    InvalidSetting: 500,
    NotReady: 503,
}

REFUSALS: Mapping[str, int] = {
    "bad-request": 400,
    "broken-json": 400,
    "bad-cursor": 400,
    "bad-idempotency-key": 400,
    "cross-site": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "body-too-large": 413,
    "unsupported-media-type": 415,
    "unsupported-file": 415,
    "precondition-required": 428,
    "internal-error": 500,
}
"""Statuses of what the doors refuse on their own."""

STATUS_OF_CODE: Mapping[str, int] = {error.code: status for error, status in STATUS.items()} | dict(REFUSALS)
"""Every code that a problem document may carry."""

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "5"
"""Seconds after which a 503 is worth another try."""
MAX_ERRORS = 50
"""Broken rules that one answer lists."""
MAX_REASONS = 5
"""Broken rules that the sentence about all of them names."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_API = ("/v1", "/healthz", "/readyz", "/openapi.json", "/problems")

log = logging.getLogger(__name__)


class Refusal(HTTPException):
    """The door itself refuses: a code of `REFUSALS` and the parameters of its text."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(REFUSALS[code], code)


@dataclass(frozen=True)
class Finding:
    """What an exception means for the one who asked."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    errors: Sequence[ProblemError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The status of the answer."""
        return STATUS_OF_CODE[self.code]


PageRenderer = Callable[[Request, int, str, str], Response]
"""Makes a page of status, title and detail."""


def install(app: FastAPI, render_page: PageRenderer) -> None:
    """Answer every exception that reaches the application with `answer`."""
    app.state.render_error_page = render_page
    for kind in (HTTPException, RequestValidationError, MatchmakerError):
        app.add_exception_handler(kind, _handle)


def _handle(request: Request, error: Exception) -> Response:
    """Not a coroutine: a page's header may look the reader up in the database."""
    return answer(request, error)


def answer(request: Request, error: Exception) -> Response:
    """The answer for an exception: a problem document, or a page where a browser asked for one."""
    finding = find(request, error)
    if finding.status >= 500:
        _log(request_id(request), error)
    if _wants_page(request):
        return _page(request, finding)
    return problem_response(request, finding)


def problem_response(request: Request, finding: Finding) -> Response:
    """A finding as a problem document in the reader's language."""
    language = language_of(request)
    text = filled(finding.code, language, finding.params)
    problem = Problem(
        type=f"/problems/{finding.code}",
        title=text.title,
        status=finding.status,
        detail=text.detail,
        instance=request.url.path,
        code=finding.code,
        request_id=request_id(request),
        errors=list(finding.errors[:MAX_ERRORS]),
    )
    headers = {"Content-Language": language, "Vary": "Accept, Accept-Language", **finding.headers}
    headers |= getattr(request.state, "notices", {})
    return Response(problem.model_dump_json(), finding.status, headers, MEDIA_TYPE)


def find(request: Request, error: Exception) -> Finding:
    """What an exception means."""
    match error:
        case MatchmakerError():
            return _of_product(request, error)
        case RequestValidationError():
            return _of_validation(request, error)
        case Refusal():
            return Finding(error.code, error.params)
        case HTTPException():
            return _of_framework(request, error)
        case _:
            return Finding("internal-error", {"request_id": request_id(request)})


def request_id(request: Request) -> str:
    """The id of a request, as `api.headers.RequestIds` gave it."""
    return str(getattr(request.state, "request_id", ""))


def _of_product(request: Request, error: MatchmakerError) -> Finding:
    if not isinstance(error, InvalidInput) or not error.faults:
        return Finding(error.code, error.params, (), _headers_of(error))
    language = language_of(request)
    errors = [
        ProblemError(
            place=_place(request, fault.pointer),
            pointer=fault.pointer,
            code=fault.code,
            detail=rule_text(fault.code, language, fault.message, fault.params),
        )
        for fault in error.faults
    ]
    return Finding(error.code, {"reason": _reason(errors[:MAX_REASONS])}, errors, _headers_of(error))


def _place(request: Request, pointer: str) -> Literal["body", "query", "path"]:
    """Where a value at fault was sent: what has no body sends its values in the address."""
    if request.method not in ("GET", "HEAD", "DELETE"):
        return "body"
    return "path" if pointer.strip("/") in request.path_params else "query"


def _reason(errors: Sequence[ProblemError]) -> str:
    return "; ".join(f"{each.pointer or each.place}: {each.detail}" for each in errors)


def _headers_of(error: MatchmakerError) -> Mapping[str, str]:
    """What a client needs besides the text: how to sign in, or when to come back."""
    if "seconds" in error.params:
        return {"Retry-After": str(error.params["seconds"])}
    match STATUS[type(error)]:
        case 401:
            return {"WWW-Authenticate": "Bearer"}
        case 503:
            return {"Retry-After": RETRY_AFTER}
    return {}


def _of_validation(request: Request, error: RequestValidationError) -> Finding:
    found: Sequence[dict[str, Any]] = error.errors()
    if found and found[0]["type"] == "json_invalid":
        return Finding("broken-json", {"at": found[0]["loc"][-1], "why": found[0]["ctx"]["error"]})
    errors = [_broken_rule(each, language_of(request)) for each in found]
    return Finding("invalid-input", {"reason": _reason(errors[:1])}, errors)


def _broken_rule(found: Mapping[str, Any], language: Language) -> ProblemError:
    place, *path = found["loc"]
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    message = found["msg"].removeprefix("Value error, ")
    return ProblemError(
        place=place,
        pointer="".join(f"/{part}" for part in escaped),
        code=found["type"],
        detail=rule_text(found["type"], language, message, found.get("ctx", {})),
    )


def _of_framework(request: Request, error: HTTPException) -> Finding:
    if error.status_code == 405:
        allowed = ", ".join(allowed_methods(request))
        return Finding("method-not-allowed", {"allowed": allowed}, headers={"Allow": allowed})
    if error.status_code == 404:
        return Finding("not-found")
    if error.status_code < 500:
        return Finding("bad-request")
    return Finding("internal-error", {"request_id": request_id(request)})


def allowed_methods(request: Request) -> list[str]:
    """Every method that the address takes. (The framework names those of the first matching route alone.)"""
    routes = [route for route in request.app.router.routes if not isinstance(route, Mount)]
    found = [
        method
        for method in METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ] or ["GET"]
    return found + ["HEAD"] * ("GET" in found)


def _wants_page(request: Request) -> bool:
    path = request.url.path
    is_api = any(path == prefix or path.startswith(f"{prefix}/") for prefix in _API)
    return not is_api and prefers_html(request.headers.get("accept", ""))


def _page(request: Request, finding: Finding) -> Response:
    render: PageRenderer = request.app.state.render_error_page
    text = filled(finding.code, language_of(request), finding.params)
    response = render(request, finding.status, text.title, text.detail)
    response.headers["Vary"] = "Accept, Accept-Language, Cookie"
    if response.status_code == finding.status:
        response.headers.update(finding.headers)
    return response


def _log(request_id: str, error: Exception) -> None:
    """Where it went wrong, without the exception's words: those of a validator or a driver quote what was sent."""
    if isinstance(error, MatchmakerError):
        level = logging.INFO if isinstance(error, NotReady) else logging.ERROR
        log.log(level, "request %s: %s", request_id, error)
        return
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("request %s: %s\n%s", request_id, type(error).__name__, frames)
