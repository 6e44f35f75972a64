"""Members' contacts in the database."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchmaker.domain.contact import Contact
from matchmaker.domain.member import Language
from matchmaker.storage.tables import ContactRow
from matchmaker.storage.times import kept, told


class Contacts:
    """At most one contact per member."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, member_id: str) -> Contact | None:
        """A member's contact."""
        row = self._session.get(ContactRow, member_id, populate_existing=True)
        return _contact(row) if row is not None else None

    def find_many(self, member_ids: Collection[str]) -> dict[str, Contact]:
        """Those of some members that exist, by member."""
        query = select(ContactRow).where(ContactRow.external_id.in_(member_ids))
        return {row.external_id: _contact(row) for row in self._session.scalars(query)}

    def put(self, contact: Contact) -> None:
        """Keep a contact in place of any before it."""
        self._session.merge(
            ContactRow(
                external_id=contact.member_id,
                email=contact.email,
                name=contact.name,
                language=contact.language,
                phone=contact.phone,
                updated_at=kept(contact.updated_at),
            )
        )
        self._session.flush()

    def remove(self, member_id: str) -> bool:
        """Forget a contact; whether there was one."""
        found = self.find(member_id) is not None
        self._session.execute(delete(ContactRow).where(ContactRow.external_id == member_id))
        return found


def _contact(row: ContactRow) -> Contact:
    return Contact(
        row.external_id, row.email, cast(Language, row.language), row.name, row.phone, told(row.updated_at)
    )
