"""The tables. Their history is in ``migrations/``; tests check that both agree."""

from __future__ import annotations

from matchmaker.storage.tables.base import Base
from matchmaker.storage.tables.members import ChangeRow, MemberRow, PartnershipRow, VectorsRow, WithdrawalRow
from matchmaker.storage.tables.review import CaseRow, TrailHeadRow, TrailRow
from matchmaker.storage.tables.rounds import AvoidReasonRow, RoundRow

__all__ = [
    "AvoidReasonRow",
    "Base",
    "CaseRow",
    "ChangeRow",
    "MemberRow",
    "PartnershipRow",
    "RoundRow",
    "TrailHeadRow",
    "TrailRow",
    "VectorsRow",
    "WithdrawalRow",
]
