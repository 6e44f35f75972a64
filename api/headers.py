"""What happens to every request and every answer, whichever door it takes. Plain ASGI, outermost first.

`RequestIds`, `SecurityHeaders`, `ErrorAnswers`, `HeadRequests`, `AddressLimit`, `BodyLimit`, `SameSiteOnly`.
"""

from __future__ import annotations

import re
from uuid import uuid4

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Refusal, answer
from api.security import refuse_cross_site

REQUEST_ID = "X-Request-Id"
SECURITY: dict[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: browsers would then send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
CACHE = "private, no-cache"
"""Unless an answer says otherwise: kept by the reader's browser only, and asked for again each time (ETag)."""

LONGEST_ADDRESS = 4096
"""Characters of a path or of a query. Python reads no number of more than 4,300 digits."""

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")


class RequestIds:
    """Gives every request an id, the caller's own where it is a sane one, and sends it back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if _SANE_ID.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        return await self._app(scope, receive, send_with_id)


class SecurityHeaders:
    """Puts the headers of `SECURITY` on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SECURITY)
                headers.setdefault("Cache-Control", CACHE)
            await send(message)

        return await self._app(scope, receive, send_with_headers)


class ErrorAnswers:
    """Answers whatever was raised further in, so that such an answer also carries the headers from further out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        has_started = False

        async def watch(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:
            if has_started:
                raise
            response = await to_thread.run_sync(answer, Request(scope), error)
            await response(scope, receive, send)


class HeadRequests:
    """Answers HEAD as GET without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self._app(scope, receive, send)

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        return await self._app({**scope, "method": "GET"}, receive, send_without_body)


class AddressLimit:
    """Refuses addresses that are longer than any page gives out, before anything in them is read as a number."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if len(scope["path"]) > LONGEST_ADDRESS:
                raise Refusal("not-found")
            if len(scope["query_string"]) > LONGEST_ADDRESS:
                raise Refusal("bad-request")
        return await self._app(scope, receive, send)


class BodyLimit:
    """Refuses bodies of more than ``limit`` bytes: by their Content-Length, or while they come in."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        stated = Headers(scope=scope).get("content-length", "")
        if stated.isdecimal() and int(stated[:20]) > self._limit:
            raise Refusal("body-too-large", limit=self._limit)
        taken = 0

        async def receive_within_limit() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._limit:
                raise Refusal("body-too-large", limit=self._limit)
            return message

        return await self._app(scope, receive_within_limit, send)


class SameSiteOnly:
    """Refuses what another site's page makes a visitor's browser send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refuse_cross_site(Request(scope))
        return await self._app(scope, receive, send)
