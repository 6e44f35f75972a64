"""Whom to write to at a member: shown to its own side's coordinators, and to a partner once both have accepted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from matchmaker.domain.member import LANGUAGES, Language
from matchmaker.domain.plain_text import plain
from matchmaker.errors import Fault, InvalidInput

MAX_EMAIL = 254
"""RFC 5321, 4.5.3.1.3: a path holds 256 octets with its brackets."""
MAX_NAME = 80
MAX_PHONE = 40
_EMAIL = re.compile(
    r"(?=.{6,254}\Z)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{4,38}[0-9]")


@dataclass(frozen=True, slots=True)
class Contact:
    """A member's address for letters. ``name`` is a role ("Partnership desk"), ``language`` what to write in."""

    member_id: str
    email: str
    language: Language
    name: str | None = None
    phone: str | None = None
    updated_at: datetime | None = None


def is_email(text: str) -> bool:
    """Whether a text is one plain address that every mail server takes: without a name, and in ASCII (RFC 5321)."""
    return _EMAIL.fullmatch(text) is not None


def checked(contact: Contact) -> Contact:
    """The contact if it can stand in a letter's head.

    Raises:
        InvalidInput: with one fault per field that cannot.
    """
    faults = tuple(_faults(contact))
    if faults:
        raise InvalidInput("; ".join(f"{fault.pointer}: {fault.message}" for fault in faults), faults)
    return contact


def _faults(contact: Contact) -> list[Fault]:
    found = []
    if not is_email(contact.email):
        found.append(Fault("/email", "email", "give one plain e-mail address, such as desk@example.org"))
    if contact.name is not None and not (contact.name == plain(contact.name) and _fits(contact.name)):
        found.append(Fault("/name", "name", f"give at most {MAX_NAME} visible characters on one line"))
    if contact.phone is not None and not _PHONE.fullmatch(contact.phone):
        found.append(Fault("/phone", "phone", "give digits, such as +65 6000 0000"))
    if contact.language not in LANGUAGES:
        found.append(Fault("/language", "language", "choose en or ko"))
    return found


def _fits(name: str) -> bool:
    return 0 < len(name) <= MAX_NAME
