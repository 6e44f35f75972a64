"""Members, their vectors, partnerships, withdrawals and the list of changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "members",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("external_id", sa.String(100), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("track", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("source_hash", sa.String(64)),
        sa.Column("is_edited", sa.Boolean, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_members"),
        sa.UniqueConstraint("external_id", name="uq_members_external_id"),
    )
    op.create_index("ix_members_country", "members", ["country"])
    op.create_index("ix_members_track", "members", ["track"])
    op.create_table(
        "vectors",
        sa.Column("member_id", sa.Integer, nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("wordings_hash", sa.String(64), nullable=False),
        sa.Column("dimensions", sa.Integer, nullable=False),
        sa.Column("rows", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("member_id", name="pk_vectors"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_vectors_member_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_vectors_model", "vectors", ["model"])
    op.create_table(
        "withdrawals",
        sa.Column("external_id", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("external_id", name="pk_withdrawals"),
    )
    op.create_table(
        "partnerships",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kr", sa.String(100), nullable=False),
        sa.Column("sg", sa.String(100), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_partnerships"),
        sa.UniqueConstraint("kr", "sg", name="uq_partnerships_kr_sg"),
    )
    op.create_index("ix_partnerships_kr", "partnerships", ["kr"])
    op.create_index("ix_partnerships_sg", "partnerships", ["sg"])
    op.create_table(
        "changes",
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("subject", sa.String(220), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_changes"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for table in ("changes", "partnerships", "withdrawals", "vectors", "members"):
        op.drop_table(table)
