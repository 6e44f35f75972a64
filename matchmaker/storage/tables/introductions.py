"""Contacts, introductions between joined members, the links to answer with, and the letters on their way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.storage.tables.base import Base


class ContactRow(Base):
    """Whom to write to at a member. The only table with addresses."""

    __tablename__ = "contacts"

    external_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str | None] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(2))
    phone: Mapped[str | None] = mapped_column(String(40))
    updated_at: Mapped[datetime]


class IntroductionRow(Base):
    """Two members who are asked whether they want to know each other."""

    __tablename__ = "introductions"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(index=True)
    kr: Mapped[str] = mapped_column(String(100), index=True)
    sg: Mapped[str] = mapped_column(String(100), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), index=True)
    version: Mapped[int]
    created_at: Mapped[datetime]
    send_after: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    kr_answer: Mapped[str] = mapped_column(String(20))
    sg_answer: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(40))


class AnswerLinkRow(Base):
    """A link to answer with: the SHA-256 of its token. Each letter carries one of its own."""

    __tablename__ = "answer_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    introduction_id: Mapped[int] = mapped_column(index=True)
    country: Mapped[str] = mapped_column(String(2))


class LetterRow(Base):
    """A letter in the outbox; its text can be erased, its state stays."""

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    introduction_id: Mapped[int] = mapped_column(index=True)
    member_id: Mapped[str] = mapped_column(String(100), index=True)
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20), index=True)
    send_after: Mapped[datetime]
    created_at: Mapped[datetime]
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(40))
    sent_at: Mapped[datetime | None]
