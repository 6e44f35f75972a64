"""The trail: who decided what, when, on which score and snapshot. Append-only and chained by hashes.

An entry holds ids, codes, numbers and salted hashes, never a text: notes live in rows of their own that can be erased,
and the chain still verifies afterwards. Each entry's hash covers its content and the hash before it, so an altered,
removed or inserted entry breaks the chain (Haber & Stornetta 1991; Schneier & Kelsey 1999). Whoever keeps the latest
hash elsewhere can also tell whether the end was cut off.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

GENESIS = "0" * 64
"""What the first entry follows."""

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact. ``subject`` is for example ``case/12``; ``details`` are codes, ids and numbers by name."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Scalar]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain fails first, and how."""

    seq: int
    reason: str


def hash_of(
    seq: int,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    details: Mapping[str, Scalar],
    previous: str,
) -> str:
    """SHA-256 in hex over the canonical JSON of an entry and the hash before it."""
    content = [seq, moment(at), actor, action, subject, dict(sorted(details.items())), previous]
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def chained(
    last_seq: int,
    last_hash: str,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    details: Mapping[str, Scalar],
) -> Entry:
    """The entry that follows the last one; the first follows 0 and `GENESIS`."""
    seq, fixed = last_seq + 1, dict(sorted(details.items()))
    digest = hash_of(seq, at, actor, action, subject, fixed, last_hash)
    return Entry(seq, at, actor, action, subject, fixed, last_hash, digest)


def first_break(entries: Iterable[Entry], expected_last: str | None = None) -> Break | None:
    """Where a whole trail, in order, fails first; None if it holds.

    Args:
        expected_last: the latest hash as known from elsewhere, to notice a trail that was cut off.
    """
    seq, previous = 0, GENESIS
    for entry in entries:
        seq += 1
        if entry.seq != seq:
            return Break(seq, f"entry {seq} is missing; {entry.seq} follows")
        if entry.previous != previous:
            return Break(seq, "it does not follow the entry before it")
        if entry.hash != hash_of(
            seq, entry.at, entry.actor, entry.action, entry.subject, entry.details, previous
        ):
            return Break(seq, "its content does not match its hash")
        previous = entry.hash
    if expected_last is not None and previous != expected_last:
        return Break(seq + 1, "the trail ends before the latest known entry")
    return None


def salted_hash(text: str, salt: str) -> str:
    """What the trail keeps of a text: SHA-256 in hex over salt and text. Without the salt it says nothing."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def moment(at: datetime) -> str:
    """A time as it is hashed: UTC, microseconds, ISO 8601."""
    aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return aware.isoformat(timespec="microseconds")
