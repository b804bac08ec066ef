"""The tables of the store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
INDEXES = (
    ("suggestions", "at"),
    ("suggestions", "day"),
    ("suggestions", "subject"),
    ("decisions", "at"),
    ("decisions", "day"),
    ("decisions", "subject"),
    ("audit", "at"),
    ("audit", "subject"),
)


def upgrade() -> None:
    """Make the tables and their indexes."""
    _make_suggestions()
    _make_decisions()
    _make_library()
    _make_audit()
    _make_keys()
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index("ix_decisions_accepted_day", "decisions", ["accepted", "day"])


def downgrade() -> None:
    """Remove the tables and all that is in them."""
    for table in ("keys", "audit", "library", "decisions", "suggestions"):
        op.drop_table(table)


def _of_person() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("tenant", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
    )


def _make_suggestions() -> None:
    op.create_table(
        "suggestions",
        sa.Column("id", COUNT, primary_key=True),
        *_of_person(),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("request_id", sa.String(128), nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("candidates", sa.Integer, nullable=False),
        sa.Column("abstained", sa.Boolean, nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
        sa.Column("request", sa.Text),
    )


def _make_decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(36), primary_key=True),
        *_of_person(),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("request_id", sa.String(128), nullable=False),
        sa.Column("accepted", sa.Boolean, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(20)),
        sa.Column("condition", sa.Text, nullable=False),
        sa.Column("rules", sa.JSON, nullable=False),
        sa.Column("kinds", sa.JSON, nullable=False),
        sa.Column("request", sa.Text),
    )


def _make_library() -> None:
    op.create_table(
        "library",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("rules", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
    )


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", COUNT, primary_key=True),
        *_of_person(),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("object", sa.String(200), nullable=False),
    )


def _make_keys() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("digest", sa.String(200), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("tenant", sa.String(200), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("expires", MOMENT),
        sa.Column("revoked", MOMENT),
    )
