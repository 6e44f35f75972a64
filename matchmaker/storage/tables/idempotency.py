"""Requests that may be sent again, and how they were answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.storage.tables.base import Base


class AttemptRow(Base):
    """One request under an idempotency key. ``running_until`` is set while it runs, ``status`` when it is answered.

    ``subjects``: external_ids of the members whom it changed, as a JSON list.
    """

    __tablename__ = "attempts"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    token: Mapped[str] = mapped_column(String(32))
    running_until: Mapped[datetime | None]
    status: Mapped[int | None]
    headers: Mapped[str | None] = mapped_column(Text)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    subjects: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(index=True)
