"""Members, their vectors, partnerships, and the list of changes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.storage.tables.base import Base


class MemberRow(Base):
    """A member: its line as JSON, and what lists filter and search by."""

    __tablename__ = "members"

    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(String(100), unique=True)
    country: Mapped[str] = mapped_column(String(2), index=True)
    track: Mapped[str] = mapped_column(String(20), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    document: Mapped[str] = mapped_column(Text)
    search: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    source_hash: Mapped[str | None] = mapped_column(String(64))
    is_edited: Mapped[bool]
    updated_at: Mapped[datetime]
    vectors: Mapped[VectorsRow | None] = relationship(
        back_populates="member", cascade="all, delete-orphan", lazy="raise", passive_deletes=True
    )


class VectorsRow(Base):
    """A member's vectors: float16 on the grid, row by row in the order of its wordings."""

    __tablename__ = "vectors"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    model: Mapped[str] = mapped_column(String(200), index=True)
    wordings_hash: Mapped[str] = mapped_column(String(64))
    dimensions: Mapped[int]
    rows: Mapped[bytes] = mapped_column(LargeBinary)
    member: Mapped[MemberRow] = relationship(back_populates="vectors", lazy="raise")


class WithdrawalRow(Base):
    """A member that was withdrawn: only its id is kept, so that no import brings it back, and its last version."""

    __tablename__ = "withdrawals"

    external_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    version: Mapped[int]
    at: Mapped[datetime]


class PartnershipRow(Base):
    """A collaboration that is publicly known."""

    __tablename__ = "partnerships"
    __table_args__ = (UniqueConstraint("kr", "sg", name="uq_partnerships_kr_sg"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kr: Mapped[str] = mapped_column(String(100), index=True)
    sg: Mapped[str] = mapped_column(String(100), index=True)
    document: Mapped[str] = mapped_column(Text)


class ChangeRow(Base):
    """What happened, in order: the index follows this list."""

    __tablename__ = "changes"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    subject: Mapped[str] = mapped_column(String(220))
    action: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    __table_args__ = ({"sqlite_autoincrement": True},)
