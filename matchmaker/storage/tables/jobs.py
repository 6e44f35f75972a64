"""Long work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.storage.tables.base import Base


class JobRow(Base):
    """A job. What it reads and writes lies in files; here are ids, numbers and codes, no texts of members."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_state_heartbeat", "state", "heartbeat"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    parameters: Mapped[str] = mapped_column(Text)
    progress: Mapped[int]
    total: Mapped[int | None]
    source: Mapped[str | None] = mapped_column(String(120))
    result: Mapped[str | None] = mapped_column(String(120))
    summary: Mapped[str | None] = mapped_column(Text)
    cancel_requested: Mapped[bool]
    attempt: Mapped[int]
    claim: Mapped[str | None] = mapped_column(String(32))
    created_by: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    heartbeat: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
