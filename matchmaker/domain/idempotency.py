"""Safe retries: what a repeated request is recognised by, and what it is answered with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that may be sent again.

    Args:
        owner: who sends it: the id of a key or an account. Two owners may use the same key.
        fingerprint: of everything else that was sent; a retry has the same one.
    """

    owner: str
    method: str
    path: str
    key: str
    fingerprint: str

    @property
    def id(self) -> str:
        """Names the attempt and all its retries; the key itself is not kept."""
        return digest_of(self.owner, self.method, self.path, self.key)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry out an attempt; ``token`` tells it from a claim that somebody took over later."""

    attempt_id: str
    token: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it was sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def digest_of(*parts: str | bytes) -> str:
    """SHA-256 of some parts, 64 hexadecimal digits; no two different lists of parts look alike."""
    found = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        found.update(len(raw).to_bytes(8, "big") + raw)
    return found.hexdigest()
