"""Nobody may ask too much: quotas per API key, account or network address, told in every answer.

The headers are those of draft-ietf-httpapi-ratelimit-headers: ``RateLimit-Policy`` names what there is (``q``) per so
many seconds (``w``), ``RateLimit`` what is left (``r``) and after how many seconds there is more (``t``).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import answer
from api.security import SAFE_METHODS, current_actor
from matchmaker.domain.access import ANYBODY, Actor
from matchmaker.errors import MatchmakerError, TooManyRequests
from matchmaker.services.throttle import Allowance, Quotas

FREE = ("/static", "/healthz", "/readyz", "/openapi.json", "/problems")
"""What orchestrators and browsers ask for by themselves, and what explains a refusal."""
NETWORK = 64
"""Bits of an IPv6 address that name a network: the rest of it is its owner's to vary."""


class RateLimits:
    """Counts requests and refuses what is too much; every answer says what is left."""

    def __init__(self, app: ASGIApp, quotas: Quotas) -> None:
        self._app = app
        self._quotas = quotas

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_free(scope["path"]):
            return await self._app(scope, receive, send)
        request = Request(scope)
        request.state.quotas = self._quotas

        async def send_with_rates(message: Message) -> None:
            if message["type"] == "http.response.start":
                _tell(MutableHeaders(scope=message), request.state.allowances)
            await send(message)

        request.state.allowances = await to_thread.run_sync(self._take, request)
        if (refusal := _refusal(request.state.allowances)) is not None:
            response = await to_thread.run_sync(answer, request, refusal)
            return await response(scope, receive, send_with_rates)
        return await self._app(scope, receive, send_with_rates)

    def _take(self, request: Request) -> list[Allowance]:
        quotas, subject = self._quotas, _subject(request)
        asked = [quotas.requests, quotas.writes if request.method not in SAFE_METHODS else None]
        return [quota.take(subject) for quota in asked if quota is not None]


def charge_rows(request: Request, rows: int) -> None:
    """Count the rows of a bulk request as so many writes; the first one is counted already.

    Raises:
        TooManyRequests: that is too much.
    """
    quota: Quotas | None = getattr(request.state, "quotas", None)
    if quota is None or quota.writes is None or rows < 2:
        return
    allowance = quota.writes.take(_subject(request), rows - 1)
    others = [each for each in request.state.allowances if each.name != allowance.name]
    request.state.allowances = [*others, allowance]
    if (refusal := _refusal([allowance])) is not None:
        raise refusal


def network_of(address: str) -> str:
    """What is counted as one visitor: an IPv4 address, or the network of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network(f"{address.partition('%')[0]}/{NETWORK}", strict=False))


def _is_free(path: str) -> bool:
    return any(path == free or path.startswith(f"{free}/") for free in FREE)


def _subject(request: Request) -> str:
    """Whoever shows no valid key or session counts by address, so that made-up keys win nothing."""
    actor = _actor(request)
    if actor.is_known:
        return actor.id
    return f"address:{network_of(request.client.host if request.client else '')}"


def _actor(request: Request) -> Actor:
    try:
        return current_actor(request)
    except MatchmakerError:
        return ANYBODY


def _refusal(allowances: Sequence[Allowance]) -> TooManyRequests | None:
    spent = [allowance.resets for allowance in allowances if allowance.is_spent]
    return TooManyRequests(seconds=max(spent)) if spent else None


def _tell(headers: MutableHeaders, allowances: Sequence[Allowance]) -> None:
    if allowances:
        headers["RateLimit-Policy"] = ", ".join(
            f'"{each.name}";q={each.quota};w={each.window}' for each in allowances
        )
        headers["RateLimit"] = ", ".join(
            f'"{each.name}";r={each.remaining};t={each.resets}' for each in allowances
        )
