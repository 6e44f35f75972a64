"""The tables. Their history is in ``migrations/``; tests check that both agree."""

from __future__ import annotations

from matchmaker.storage.tables.access import AccountRow, ApiKeyRow, SessionRow, SignInLinkRow
from matchmaker.storage.tables.base import Base
from matchmaker.storage.tables.desk import LeaseRow, NoteRow, SlateRow, VoiceRow
from matchmaker.storage.tables.idempotency import AttemptRow
from matchmaker.storage.tables.introductions import AnswerLinkRow, ContactRow, IntroductionRow, LetterRow
from matchmaker.storage.tables.jobs import JobRow
from matchmaker.storage.tables.members import ChangeRow, MemberRow, PartnershipRow, VectorsRow, WithdrawalRow
from matchmaker.storage.tables.review import CaseRow, TrailHeadRow, TrailRow
from matchmaker.storage.tables.rounds import AvoidReasonRow, RoundRow
from matchmaker.storage.tables.timetables import TimetableRow
from matchmaker.storage.tables.webhooks import DeliveryRow, EndpointRow, EventRow

__all__ = [
    "AccountRow",
    "AnswerLinkRow",
    "ApiKeyRow",
    "AttemptRow",
    "AvoidReasonRow",
    "Base",
    "CaseRow",
    "ChangeRow",
    "ContactRow",
    "DeliveryRow",
    "EndpointRow",
    "EventRow",
    "IntroductionRow",
    "JobRow",
    "LeaseRow",
    "LetterRow",
    "MemberRow",
    "NoteRow",
    "PartnershipRow",
    "RoundRow",
    "SessionRow",
    "SignInLinkRow",
    "SlateRow",
    "TimetableRow",
    "TrailHeadRow",
    "TrailRow",
    "VectorsRow",
    "VoiceRow",
    "WithdrawalRow",
]
