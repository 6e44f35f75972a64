"""The review desk: who works on which case, notes, members' voices, and the lists that were drawn."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.storage.tables.base import Base


class LeaseRow(Base):
    """Who works on a case. One row per case: nobody else can hold it too."""

    __tablename__ = "leases"

    case_id: Mapped[int] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    holder: Mapped[str] = mapped_column(String(60), index=True)
    role: Mapped[str] = mapped_column(String(20))
    until: Mapped[datetime]


class NoteRow(Base):
    """A note. Numbers are never given twice, because the trail remembers those of erased notes."""

    __tablename__ = "notes"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    author: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    salt: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]


class VoiceRow(Base):
    """A member's opinion of a partner; ``country`` is the member's."""

    __tablename__ = "voices"
    __table_args__ = (
        UniqueConstraint("kr", "sg", "country", "purpose", name="uq_voices_kr_sg_country_purpose"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kr: Mapped[str] = mapped_column(String(100))
    sg: Mapped[str] = mapped_column(String(100), index=True)
    country: Mapped[str] = mapped_column(String(2))
    purpose: Mapped[str] = mapped_column(String(20))
    opinion: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[datetime]


class SlateRow(Base):
    """A list as it was drawn: its candidates as JSON, shown or not, with their probabilities and evidence."""

    __tablename__ = "slates"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    query: Mapped[str] = mapped_column(String(100), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str] = mapped_column(String(100))
    snapshot: Mapped[str] = mapped_column(String(64))
    drawn_at: Mapped[datetime]
    size: Mapped[int]
    temperature: Mapped[float]
    seq: Mapped[int]
    candidates: Mapped[str] = mapped_column(Text)
