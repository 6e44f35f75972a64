"""How a route says that its days are counted: ``Deprecation`` (RFC 9745) and ``Sunset`` (RFC 8594)."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from typing import Any

from fastapi import Depends, Request, Response


def deprecated(since: datetime, *, sunset: datetime | None = None, guide: str | None = None) -> Any:
    """A dependency for a route that should be used no more; the route also says ``deprecated=True``.

    Args:
        since: when it was, or will be, deprecated.
        sunset: when it will stop to answer; never before ``since``.
        guide: address of a text on what to use instead.

    Raises:
        ValueError: it would stop before it is deprecated.
    """
    notices = notices_of(since, sunset, guide)

    def tell(request: Request, response: Response) -> None:
        request.state.notices = notices
        for name, value in notices.items():
            response.headers.append(name, value)

    tell.notices = notices  # type: ignore[attr-defined]  # read by the test that such a route says so
    return Depends(tell)


def notices_of(since: datetime, sunset: datetime | None = None, guide: str | None = None) -> dict[str, str]:
    """The headers of a route that was deprecated.

    Raises:
        ValueError: it would stop before it is deprecated.
    """
    if sunset is not None and sunset < since:
        raise ValueError("a route is deprecated before it stops to answer")
    notices = {"Deprecation": f"@{int(since.timestamp())}"}
    if sunset is not None:
        notices["Sunset"] = format_datetime(sunset, usegmt=True)
    if guide is not None:
        notices["Link"] = f'<{guide}>; rel="deprecation"; type="text/html"'
    return notices
