"""Rounds, and the private reasons of their avoid-lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "rounds",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("opened_by", sa.String(60), nullable=False),
        sa.Column("opened_at", sa.DateTime, nullable=False),
        sa.Column("progress", sa.Double, nullable=False),
        sa.Column("stage", sa.String(40)),
        sa.Column("proposal", sa.Text),
        sa.Column("relaxation", sa.Text),
        sa.Column("published_at", sa.DateTime),
        sa.Column("published", sa.Text),
        sa.Column("skipped", sa.Text),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rounds"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rounds_state", "rounds", ["state"])
    op.create_table(
        "avoid_reasons",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("round_id", sa.Integer, nullable=False),
        sa.Column("kr", sa.String(100), nullable=False),
        sa.Column("sg", sa.String(100), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_avoid_reasons"),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name="fk_avoid_reasons_round_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("round_id", "kr", "sg", name="uq_avoid_reasons_round_id_kr_sg"),
    )
    for column in ("kr", "sg"):
        op.create_index(f"ix_avoid_reasons_{column}", "avoid_reasons", [column])


def downgrade() -> None:
    op.drop_table("avoid_reasons")
    op.drop_table("rounds")
