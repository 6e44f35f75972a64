"""Cases under review, and the trail of everything that was decided."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.storage.tables.base import Base


class CaseRow(Base):
    """A pair under review for one purpose: its present stage. How it came there is in the trail."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("kr", "sg", "purpose", name="uq_cases_kr_sg_purpose"),
        {"sqlite_autoincrement": True},  # a number is never given again: the trail speaks of it
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kr: Mapped[str] = mapped_column(String(100), index=True)
    sg: Mapped[str] = mapped_column(String(100), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(20), index=True)
    version: Mapped[int]
    score: Mapped[float]
    rule: Mapped[str] = mapped_column(String(100))
    snapshot: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    round_id: Mapped[int | None] = mapped_column(index=True)
    code: Mapped[str | None] = mapped_column(String(40))
    snoozed_until: Mapped[datetime | None]


class TrailRow(Base):
    """One entry of the trail. The database itself refuses to change or remove one (see the migration)."""

    __tablename__ = "trail"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120), index=True)
    details: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class TrailHeadRow(Base):
    """Where the trail ends: one row, which writers lock so that they append one after the other."""

    __tablename__ = "trail_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
