"""Whom to write to at the fictional members, so that a demonstration can introduce them.

Their mailboxes are in ``.example``, which exists nowhere (RFC 2606): no letter to them reaches anybody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from matchmaker.domain.access import SYSTEM
from matchmaker.domain.contact import Contact
from matchmaker.domain.member import Country, Language, Member
from matchmaker.services.contacts import Contacts

ROLES: tuple[tuple[Country, Language, str], ...] = (
    (Country.KR, "ko", "대외협력팀 (가상)"),
    (Country.SG, "en", "Partnership desk (fictional)"),
)
_NO_LABEL = re.compile(r"[^a-z0-9]+")
MAX_LABEL = 63
"""Characters of one part of a host's name (RFC 1035)."""


@dataclass(frozen=True)
class DemoContacts:
    """Makes the contacts that are missing; those that somebody entered stay."""

    contacts: Contacts

    def ensure(self) -> int:
        """Give every fictional member without a contact an invented one; how many were made."""
        made = 0
        for country, language, name in ROLES:
            for member, contact in self.contacts.of_side(country, SYSTEM):
                if member.fictional and contact is None:
                    fresh = Contact(member.external_id, address_of(member), language, name)
                    self.contacts.put(fresh, SYSTEM)
                    made += 1
        return made


def address_of(member: Member) -> str:
    """An address that cannot exist."""
    label = _NO_LABEL.sub("-", member.external_id.lower())[:MAX_LABEL].strip("-") or "member"
    return f"partnerships@{label}.example"
