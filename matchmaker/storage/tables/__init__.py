"""The tables. Their history is in ``migrations/``; tests check that both agree."""

from __future__ import annotations

from matchmaker.storage.tables.base import Base
from matchmaker.storage.tables.introductions import AnswerLinkRow, ContactRow, IntroductionRow, LetterRow
from matchmaker.storage.tables.members import ChangeRow, MemberRow, PartnershipRow, VectorsRow, WithdrawalRow
from matchmaker.storage.tables.review import CaseRow, TrailHeadRow, TrailRow

__all__ = [
    "AnswerLinkRow",
    "Base",
    "CaseRow",
    "ChangeRow",
    "ContactRow",
    "IntroductionRow",
    "LetterRow",
    "MemberRow",
    "PartnershipRow",
    "TrailHeadRow",
    "TrailRow",
    "VectorsRow",
    "WithdrawalRow",
]
