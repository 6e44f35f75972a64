"""Rounds, and the private reasons of their avoid-lists."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.storage.tables.base import Base


class RoundRow(Base):
    """A round: its rules, proposal and way out as JSON, with the ids of members and no texts of theirs.

    Numbers are never given twice, because the trail remembers them. ``published`` lists the cases that publishing
    made, so that undoing finds them.
    """

    __tablename__ = "rounds"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(120))
    rules: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20), index=True)
    version: Mapped[int]
    opened_by: Mapped[str] = mapped_column(String(60))
    opened_at: Mapped[datetime]
    progress: Mapped[float]
    stage: Mapped[str | None] = mapped_column(String(40))
    proposal: Mapped[str | None] = mapped_column(Text)
    relaxation: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[datetime | None]
    published: Mapped[str | None] = mapped_column(Text)
    skipped: Mapped[str | None] = mapped_column(Text)
    cancel_requested: Mapped[bool]


class AvoidReasonRow(Base):
    """Why a pair is avoided: a private note that can be erased; the rule stays."""

    __tablename__ = "avoid_reasons"
    __table_args__ = (UniqueConstraint("round_id", "kr", "sg", name="uq_avoid_reasons_round_id_kr_sg"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id", ondelete="CASCADE"))
    kr: Mapped[str] = mapped_column(String(100), index=True)
    sg: Mapped[str] = mapped_column(String(100), index=True)
    reason: Mapped[str] = mapped_column(Text)
    salt: Mapped[str] = mapped_column(String(32))
