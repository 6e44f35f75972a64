"""Writes that may be sent again: the header ``Idempotency-Key`` on whatever changes something under /v1.

(draft-ietf-httpapi-idempotency-key-header.) What a request writes and how it is answered are kept together, see
`matchmaker.services.idempotency`. Refusals are not kept: they changed nothing, so a retry is simply tried again.
"""

from __future__ import annotations

import re
from functools import partial

from anyio import CancelScope, to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Refusal
from api.security import SAFE_METHODS, current_actor
from matchmaker.domain.idempotency import Attempt, Claim, Reply, digest_of
from matchmaker.services.idempotency import Hold, Idempotency, held_by

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
MAX_KEY = 200
"""Characters of a key."""
KEEPS_NOTHING = frozenset({"/v1/suggestions", "/v1/members:import"})
"""Addresses whose answers are not kept: one writes nothing, and a file may be sent again as it is (`external_id`)."""

_KEY = re.compile(rf"[!-~]{{1,{MAX_KEY}}}")
_SENT_ANEW = ("content-length",)


class SafeRetries:
    """Carries a request out once, and answers its retries as it was answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_retriable(scope):
            return await self._app(scope, receive, send)
        request = Request(scope, receive)
        attempt = await _attempt_of(request)
        if attempt is None:
            return await self._app(scope, _again(await request.body(), receive), send)
        found = await to_thread.run_sync(_idempotency(request).claim, attempt)
        if isinstance(found, Reply):
            response = Response(found.body, found.status, {**found.headers, REPLAYED: "true"})
            return await response(scope, receive, send)
        await self._carry_out(request, found, receive, send)

    async def _carry_out(self, request: Request, claim: Claim, receive: Receive, send: Send) -> None:
        hold, recorded = Hold(), _Recorded()
        idempotency = _idempotency(request)
        try:
            with held_by(hold):
                await self._app(request.scope, _again(await request.body(), receive), recorded.take)
            if recorded.status < 400:
                await to_thread.run_sync(partial(idempotency.answer, claim, hold, recorded.reply))
            else:
                await to_thread.run_sync(idempotency.release, claim, hold)
        except BaseException:
            with CancelScope(shield=True):
                await to_thread.run_sync(idempotency.release, claim, hold)
            raise
        for message in recorded.messages:
            await send(message)


class _Recorded:
    """An answer on its way out, kept back until it is certain."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def take(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def reply(self) -> Reply:
        headers = MutableHeaders(scope=self.messages[0])
        kept = {name: value for name, value in headers.items() if name not in _SENT_ANEW}
        return Reply(self.status, kept, b"".join(each.get("body", b"") for each in self.messages[1:]))


def key_of(headers: Headers) -> str | None:
    """The request's key, with or without the quotes of a structured field; None where there is none.

    Raises:
        Refusal: ``bad-idempotency-key``.
    """
    given = headers.getlist(HEADER)
    if not given:
        return None
    key = given[0].strip()
    if len(key) > 1 and key.startswith('"') and key.endswith('"'):
        key = key[1:-1]
    if len(given) > 1 or not _KEY.fullmatch(key):
        raise Refusal("bad-idempotency-key", longest=MAX_KEY)
    return key


def _is_retriable(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] not in SAFE_METHODS
        and scope["path"].startswith("/v1/")
        and scope["path"] not in KEEPS_NOTHING
        and HEADER.lower().encode() in (name for name, _ in scope["headers"])
    )


async def _attempt_of(request: Request) -> Attempt | None:
    """None where nobody is signed in: then nothing can be written either."""
    key = key_of(request.headers)
    actor = await to_thread.run_sync(current_actor, request)
    if key is None or not actor.is_known:
        return None
    sent = [request.url.query, request.headers.get("if-match", ""), request.headers.get("content-type", "")]
    fingerprint = digest_of(*sent, await request.body())
    return Attempt(actor.id, request.method, request.url.path, key, fingerprint)


def _idempotency(request: Request) -> Idempotency:
    found: Idempotency = request.app.state.matchmaker.idempotency
    return found


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, then whatever else the client does."""
    is_read = False

    async def receive_again() -> Message:
        nonlocal is_read
        if is_read:
            return await receive()
        is_read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
