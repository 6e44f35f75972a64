"""Who asks, and may they? Everybody may everything for now; these are the places where that will change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import Request

from api.errors import Refusal

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Action(StrEnum):
    """What a route does, as far as permission is concerned."""

    READ_MEMBERS = "read-members"
    WRITE_MEMBERS = "write-members"
    READ_SUGGESTIONS = "read-suggestions"
    READ_PARTNERSHIPS = "read-partnerships"
    READ_OUTCOMES = "read-outcomes"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. There are no accounts yet, so everybody is anonymous."""

    kind: Literal["anonymous"] = "anonymous"


def current_principal() -> Principal:
    """The principal of a request."""
    return Principal()


CurrentPrincipal = Annotated[Principal, Depends(current_principal)]


def authorise(principal: Principal, action: Action) -> None:
    """The one place that decides who may do what. It allows everything now: the service has no accounts.

    A rule that refuses raises ``Refusal("forbidden", action=action)``.
    """


def requires(action: Action) -> Any:
    """A dependency for a route or router: the principal may do this."""

    def check(principal: CurrentPrincipal) -> None:
        authorise(principal, action)

    check.action = action  # type: ignore[attr-defined]  # read by the test that no route lacks one
    return Depends(check)


def refuse_cross_site(request: Request) -> None:
    """Let no other site's page change something through a visitor's browser.

    Browsers say where an unsafe request comes from: ``Sec-Fetch-Site``, or ``Origin`` where that is missing (plain
    http). Programs that are no browser send neither and are let through; they carry no visitor's authority.

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
        is_own = origin is None or _host_of(origin) == request.headers.get("host")
    if not is_own:
        raise Refusal("cross-site")


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
