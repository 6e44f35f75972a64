"""Accounts of people, keys of programs, and how the secrets that open them are written.

A secret is 256 random bits in base 62. Only its SHA-256 is kept: so many bits cannot be guessed, so no slow hash is
needed. An API key ends in six check characters, so that a typing error is told apart from a key that is not known.
"""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib
from dataclasses import dataclass
from datetime import datetime

from matchmaker.domain.access import Role
from matchmaker.domain.contact import is_email
from matchmaker.domain.member import Language

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
SECRET_LENGTH = 43
"""Characters of 256 bits in base 62."""
CHECK_LENGTH = 6
"""Characters of a CRC-32 in base 62."""
KEY_MARK = "amk_"
SHOWN = len(KEY_MARK) + 6
"""Characters of a key that are kept readable, so that its owner can tell it from others."""

PEOPLE = (Role.COORDINATOR_KR, Role.COORDINATOR_SG, Role.MEMBER, Role.ADMINISTRATOR)
"""Roles of accounts."""
PROGRAMS = (
    Role.PORTAL_READ,
    Role.PORTAL_WRITE,
    Role.COORDINATOR_KR,
    Role.COORDINATOR_SG,
    Role.ADMINISTRATOR,
)
"""Roles of keys."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who signs in. ``id`` is random; ``label`` is what administrators call it, such as “Seoul desk”."""

    id: str
    role: Role
    member_id: str | None
    email: str | None
    label: str | None
    language: Language
    is_disabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key, without its secret; ``prefix`` are its first characters."""

    id: str
    prefix: str
    role: Role
    label: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def new_id(mark: str) -> str:
    """A short random id that names nobody, such as ``a_7Hq2mZ0bXc``."""
    return f"{mark}_{''.join(secrets.choice(BASE62) for _ in range(10))}"


def new_token() -> str:
    """256 random bits in base 62."""
    return base62(secrets.randbits(256), SECRET_LENGTH)


def new_key() -> str:
    """A key's text: mark, 256 random bits, check characters."""
    body = KEY_MARK + new_token()
    return body + check_of(body)


def is_intact(key: str) -> bool:
    """Whether a key's check characters fit the rest: if not, it was mistyped or cut off."""
    body, check = key[:-CHECK_LENGTH], key[-CHECK_LENGTH:]
    return body.startswith(KEY_MARK) and body.isascii() and check == check_of(body)


def check_of(body: str) -> str:
    """CRC-32 of a text in base 62."""
    return base62(zlib.crc32(body.encode()), CHECK_LENGTH)


def base62(number: int, length: int) -> str:
    """A number in base 62, most significant digit first, filled up with zeros."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(BASE62[digit])
    return "".join(reversed(digits))


def digest_of(secret: str) -> str:
    """What is kept of a secret: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def normal_email(text: str) -> str | None:
    """An e-mail address as it is kept and compared; None where the text cannot be one."""
    address = text.strip().casefold()
    return address if is_email(address) else None
