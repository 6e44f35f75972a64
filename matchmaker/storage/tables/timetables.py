"""Timetables of summits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.storage.tables.base import Base


class TimetableRow(Base):
    """A timetable: what is wanted and what came out of it, as JSON."""

    __tablename__ = "timetables"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(20))
    plan: Mapped[str] = mapped_column(Text)
    result: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
