"""Who asks, and may they? The doors find out who; `matchmaker.domain.access` decides.

People carry a session cookie, programs an API key. A request with a key never uses the cookie.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from api.errors import Refusal
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import ANYBODY, Action, Actor, authorise

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SESSION = "session"
SECURE_SESSION = "__Host-session"
"""The session cookie on https: browsers keep it only with Secure, for this very host."""
MAX_SECRET = 200
"""Characters of a cookie or key that are looked at."""
DAY = 24 * 3600

__all__ = ["Action", "CurrentActor", "current_actor", "requires"]


def current_actor(request: Request) -> Actor:
    """Who sent a request, found out once.

    Raises:
        BrokenKey: its API key was mistyped or cut off.
        UnknownKey: its API key is none of ours, has expired or was revoked.
        StorageUnavailable: the database cannot be asked.
    """
    actor: Actor | None = getattr(request.state, "actor", None)
    if actor is None:
        actor = request.state.actor = _find_actor(request)
    return actor


CurrentActor = Annotated[Actor, Depends(current_actor)]


def requires(action: Action) -> Any:
    """A dependency for a route or router: whoever asks may do this.

    What concerns one organisation (``member_id``, ``country``) is decided again inside, by `authorise`.
    """

    def check(actor: CurrentActor) -> None:
        authorise(actor, action)

    check.action = action  # type: ignore[attr-defined]  # read by the test that no route lacks one
    return Depends(check)


def session_token(request: Request) -> str | None:
    """The secret of the browser's session, if it has one."""
    token = request.cookies.get(_cookie_name(request), "")[:MAX_SECRET]
    return token or None


def keep_session(response: Response, request: Request, token: str) -> None:
    """Give the browser its session."""
    days = _product(request).settings.session_days
    _set_cookie(response, request, token, days * DAY)


def forget_session(response: Response, request: Request) -> None:
    """Take the session from the browser."""
    _set_cookie(response, request, "", 0)


def refuse_cross_site(request: Request) -> None:
    """Let no other site's page change something through a visitor's browser.

    Browsers say where an unsafe request comes from: ``Sec-Fetch-Site``, or ``Origin`` where that is missing (plain
    http). Programs that are no browser send neither and are let through, unless they carry a session cookie: then they
    are a browser after all, one that hides where the request comes from.

    Raises:
        Refusal: ``cross-site``.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        is_own = site in ("same-origin", "none")
    else:
        is_own = (
            not _has_session(request) if origin is None else _host_of(origin) == request.headers.get("host")
        )
    if not is_own:
        raise Refusal("cross-site")


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _find_actor(request: Request) -> Actor:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _product(request).keys.actor_of(key.strip()[:MAX_SECRET])
    token = session_token(request)
    return _product(request).accounts.session(token) if token else ANYBODY


def _product(request: Request) -> Matchmaker:
    """Whether the index is ready does not matter here."""
    product: Matchmaker = request.app.state.matchmaker
    return product


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https" or _product(request).settings.base_url.startswith("https:")


def _cookie_name(request: Request) -> str:
    return SECURE_SESSION if _is_secure(request) else SESSION


def _has_session(request: Request) -> bool:
    return SESSION in request.cookies or SECURE_SESSION in request.cookies


def _set_cookie(response: Response, request: Request, value: str, seconds: int) -> None:
    response.set_cookie(
        _cookie_name(request),
        value,
        max_age=seconds,
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )
