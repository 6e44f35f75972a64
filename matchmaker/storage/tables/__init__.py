"""The tables. Their history is in ``migrations/``; tests check that both agree."""

from __future__ import annotations

from matchmaker.storage.tables.base import Base
from matchmaker.storage.tables.members import ChangeRow, MemberRow, PartnershipRow, VectorsRow, WithdrawalRow
from matchmaker.storage.tables.timetables import TimetableRow

__all__ = ["Base", "ChangeRow", "MemberRow", "PartnershipRow", "TimetableRow", "VectorsRow", "WithdrawalRow"]
