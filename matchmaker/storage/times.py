"""Times: aware UTC in the domain, naive UTC in the database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload


@overload
def kept(at: datetime) -> datetime: ...
@overload
def kept(at: None) -> None: ...
def kept(at: datetime | None) -> datetime | None:
    """A time as the database keeps it."""
    return at.astimezone(UTC).replace(tzinfo=None) if at is not None else None


@overload
def told(at: datetime) -> datetime: ...
@overload
def told(at: None) -> None: ...
def told(at: datetime | None) -> datetime | None:
    """A time of the database as the domain tells it."""
    return at.replace(tzinfo=UTC) if at is not None else None
