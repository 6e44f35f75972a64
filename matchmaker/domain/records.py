"""Members as they are kept, and lists of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from matchmaker.domain.member import Country, Member, Track
from matchmaker.errors import StaleVersion


@dataclass(frozen=True, slots=True)
class StoredMember:
    """A member as it is kept. ``version`` counts its writes; ``is_edited`` says that a person changed it."""

    member: Member
    version: int
    updated_at: datetime
    is_edited: bool
    source_hash: str | None


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """Which members a list shows. ``words`` must all occur, as parts of words, in Korean or English."""

    country: Country | None = None
    track: Track | None = None
    kind: str | None = None
    status: str | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Part of a list in order of external_id; ``next_after`` continues it, None at the end."""

    items: tuple[StoredMember, ...]
    next_after: str | None


Versions = int | frozenset[int] | None
"""Versions that a change may be made to: one, any of several, or whichever is there."""


def check_version(external_id: str, current: int, expected: Versions) -> None:
    """Pass only if a change may be made to the present version.

    Raises:
        StaleVersion: it was meant for another one.
    """
    versions = {expected} if isinstance(expected, int) else expected
    if versions is not None and current not in versions:
        named = ", ".join(map(str, sorted(versions))) or "?"
        raise StaleVersion(external_id=external_id, current=current, expected=named)


Counts = Mapping[tuple[Track, Country], int]
