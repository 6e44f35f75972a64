"""Contacts, introductions, the links to answer with, and the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("external_id", sa.String(100), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(80)),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("phone", sa.String(40)),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("external_id", name="pk_contacts"),
    )
    op.create_table(
        "introductions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("case_id", sa.Integer, nullable=False),
        sa.Column("kr", sa.String(100), nullable=False),
        sa.Column("sg", sa.String(100), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("send_after", sa.DateTime, nullable=False),
        sa.Column("asked_at", sa.DateTime),
        sa.Column("reminded_at", sa.DateTime),
        sa.Column("ended_at", sa.DateTime),
        sa.Column("kr_answer", sa.String(20), nullable=False),
        sa.Column("sg_answer", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(40)),
        sa.PrimaryKeyConstraint("id", name="pk_introductions"),
    )
    for column in ("case_id", "kr", "sg", "state"):
        op.create_index(f"ix_introductions_{column}", "introductions", [column])
    op.create_table(
        "answer_links",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("introduction_id", sa.Integer, nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_answer_links"),
    )
    op.create_index("ix_answer_links_introduction_id", "answer_links", ["introduction_id"])
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("introduction_id", sa.Integer, nullable=False),
        sa.Column("member_id", sa.String(100), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("send_after", sa.DateTime, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", sa.DateTime),
        sa.Column("leased_until", sa.DateTime),
        sa.Column("error", sa.String(40)),
        sa.Column("sent_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_letters"),
    )
    for column in ("introduction_id", "member_id", "state"):
        op.create_index(f"ix_letters_{column}", "letters", [column])


def downgrade() -> None:
    for table in ("letters", "answer_links", "introductions", "contacts"):
        op.drop_table(table)
