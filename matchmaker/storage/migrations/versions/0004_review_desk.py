"""The review desk: leases, notes, members' voices, and the lists that were drawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("case_id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(60), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("until", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_leases"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_leases_case_id", ondelete="CASCADE"),
    )
    op.create_index("ix_leases_holder", "leases", ["holder"])
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.Integer, nullable=False),
        sa.Column("author", sa.String(60), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_notes_case_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notes_case_id", "notes", ["case_id"])
    op.create_table(
        "voices",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kr", sa.String(100), nullable=False),
        sa.Column("sg", sa.String(100), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("opinion", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(40)),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_voices"),
        sa.UniqueConstraint("kr", "sg", "country", "purpose", name="uq_voices_kr_sg_country_purpose"),
    )
    op.create_index("ix_voices_sg", "voices", ["sg"])
    op.create_table(
        "slates",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("query", sa.String(100), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("rule", sa.String(100), nullable=False),
        sa.Column("snapshot", sa.String(64), nullable=False),
        sa.Column("drawn_at", sa.DateTime, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("temperature", sa.Double, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("candidates", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_slates"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_slates_query", "slates", ["query"])


def downgrade() -> None:
    for table in ("slates", "voices", "notes", "leases"):
        op.drop_table(table)
