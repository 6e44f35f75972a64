"""The shortlist as a cookie: ``kr:sg`` or ``kr:sg:purpose``, joined by ``|``. Unsigned, so it is checked on reading."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from matchmaker.domain.member import Purpose

COOKIE = "shortlist"
MAX_ENTRIES = 60
MAX_LENGTH = 3800
"""Characters; browsers drop a cookie of more than 4096 bytes with its name and attributes."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Full(Exception):
    """No further pair fits."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A pair that somebody keeps, and the purpose it was suggested for."""

    kr: str
    sg: str
    purpose: Purpose | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What makes it one entry."""
        return self.kr, self.sg

    @property
    def text(self) -> str:
        """As it stands in the cookie and in addresses."""
        return ":".join(filter(None, (self.kr, self.sg, self.purpose)))


def parse_entry(text: str) -> Entry | None:
    """An entry, or None where the text is not one."""
    kr, _, rest = text.partition(":")
    sg, _, purpose = rest.partition(":")
    if not (_ID.fullmatch(kr) and _ID.fullmatch(sg)) or purpose not in ("", *Purpose):
        return None
    return Entry(kr, sg, Purpose(purpose) if purpose else None)


def read(cookie: str) -> tuple[Entry, ...]:
    """The entries of a cookie in order; what is broken, double or too much is left out."""
    if len(cookie) > MAX_LENGTH:
        return ()
    found = {entry.key: entry for part in cookie.split("|") if (entry := parse_entry(part))}
    return tuple(found.values())[:MAX_ENTRIES]


def write(entries: Iterable[Entry]) -> str:
    """The cookie that holds the entries."""
    return "|".join(entry.text for entry in entries)


def add(entries: tuple[Entry, ...], entry: Entry) -> tuple[Entry, ...]:
    """The entries and one more, once.

    Raises:
        Full: it does not fit.
    """
    more = (*remove(entries, entry), entry)
    if len(more) > MAX_ENTRIES or len(write(more)) > MAX_LENGTH:
        raise Full
    return more


def remove(entries: tuple[Entry, ...], entry: Entry) -> tuple[Entry, ...]:
    """The entries without one."""
    return tuple(kept for kept in entries if kept.key != entry.key)
