"""Leases and notes in the database."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchmaker.domain.access import Role
from matchmaker.domain.desk import Lease, Note
from matchmaker.errors import UnknownRecord
from matchmaker.storage.tables import CaseRow, LeaseRow, NoteRow
from matchmaker.storage.times import kept, told


class Leases:
    """Who works on which case. A lease whose time is over counts as none."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find_many(self, case_ids: Collection[int], now: datetime) -> dict[int, Lease]:
        """The leases that hold now, by case."""
        query = select(LeaseRow).where(LeaseRow.case_id.in_(case_ids), LeaseRow.until > kept(now))
        return {row.case_id: _lease(row) for row in self._session.scalars(query)}

    def find(self, case_id: int, now: datetime) -> Lease | None:
        """The lease of a case, if one holds now."""
        return self.find_many([case_id], now).get(case_id)

    def put(self, lease: Lease) -> None:
        """Give a case to somebody, whoever had it before; hold the case first (see `Cases.hold`)."""
        self._session.merge(LeaseRow(**_fields(lease)))
        self._session.flush()

    def remove(self, case_id: int, holder: str | None = None) -> None:
        """Let a case go; only if this holder has it, where one is named."""
        query = delete(LeaseRow).where(LeaseRow.case_id == case_id)
        self._session.execute(query if holder is None else query.where(LeaseRow.holder == holder))


class Notes:
    """What coordinators wrote about cases."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, case_id: int, author: str, text: str, at: datetime) -> Note:
        """Keep a note, with a salt of its own."""
        salt = secrets.token_hex(16)
        row = NoteRow(case_id=case_id, author=author, text=text, salt=salt, created_at=kept(at))
        self._session.add(row)
        self._session.flush()
        return _note(row)

    def get(self, note_id: int) -> Note:
        """One note.

        Raises:
            UnknownRecord: there is none of this number, or it was erased.
        """
        return _note(self._row(note_id))

    def list_of(self, case_id: int) -> list[Note]:
        """The notes of a case, the oldest first."""
        query = select(NoteRow).where(NoteRow.case_id == case_id).order_by(NoteRow.id)
        return [_note(row) for row in self._session.scalars(query)]

    def remove(self, note_id: int) -> None:
        """Erase a note.

        Raises:
            UnknownRecord: there is none of this number, or it was erased.
        """
        self._session.delete(self._row(note_id))
        self._session.flush()

    def remove_about(self, member_id: str) -> int:
        """Erase the notes of all cases of a member; returns how many there were."""
        about = select(CaseRow.id).where((CaseRow.kr == member_id) | (CaseRow.sg == member_id))
        query = delete(NoteRow).where(NoteRow.case_id.in_(about)).returning(NoteRow.id)
        return len(self._session.scalars(query).all())

    def _row(self, note_id: int) -> NoteRow:
        row = self._session.get(NoteRow, note_id)
        if row is None:
            raise UnknownRecord(kind="note", id=note_id)
        return row


def _fields(lease: Lease) -> dict[str, object]:
    return {
        "case_id": lease.case_id,
        "holder": lease.holder,
        "role": lease.role.value,
        "until": kept(lease.until),
    }


def _lease(row: LeaseRow) -> Lease:
    return Lease(row.case_id, row.holder, Role(row.role), told(row.until))


def _note(row: NoteRow) -> Note:
    return Note(row.id, row.case_id, row.author, row.text, row.salt, told(row.created_at))
