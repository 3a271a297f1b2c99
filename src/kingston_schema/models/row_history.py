"""What rows were: one history for all tables that carry its triggers (revision phase_2_audit)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base

# As PostgreSQL prints it, so that `alembic check` finds no difference.
ROW_ID = (
    "CASE WHEN (jsonb_typeof((row_key -> 'id'::text)) = 'number'::text)"
    " THEN ((row_key ->> 'id'::text))::bigint ELSE NULL::bigint END"
)


class RowHistory(Base):
    """One change of one row.  Append-only, without keys, in the order of ``id`` (not of time).

    ``changes`` of an update is ``{column: [old, new]}`` for the columns that changed; of a delete or
    truncate the row as it was; of an insert nothing.  Sensitive values appear as ciphertext or as the
    marker ``[redacted]``.  A TRUNCATE has one line with ``row_key`` ``{}`` beside those of its rows.
    """

    __tablename__ = "row_history"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="row_history_pkey"),
        sa.CheckConstraint(
            "action IN ('insert', 'update', 'delete', 'truncate')", name="row_history_action_check"
        ),
        sa.Index("idx_row_history_row", "table_name", "row_id", sa.text("occurred_at DESC")),
        sa.Index(
            "idx_row_history_client_group",
            "client_group_id",
            sa.text("occurred_at DESC"),
            postgresql_where=sa.text("client_group_id IS NOT NULL"),
        ),
        sa.Index(
            "idx_row_history_former",
            "changes",
            postgresql_using="gin",
            postgresql_ops={"changes": "jsonb_path_ops"},
            postgresql_where=sa.text(
                "client_group_id IS NULL AND action IN ('delete', 'truncate') OR action = 'update'"
                " AND changes ?| ARRAY['client_group_id', 'client_id', 'product_id', 'product_owner_id']"
            ),
        ),
        sa.Index(
            "idx_row_history_recovery",
            "correlation_id",
            postgresql_where=sa.text("correlation_id LIKE 'recover %'"),
        ),
        sa.Index(
            "idx_row_history_time",
            "occurred_at",
            postgresql_using="brin",
            postgresql_with={"pages_per_range": 16, "autosummarize": "on"},
        ),
        {
            "comment": "What rows were: append-only, no key to any table,"
            " sensitive values only as ciphertext or marker"
        },
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    table_name: Mapped[str] = mapped_column(
        sa.String(63), comment="Logical name: stays when a table is renamed"
    )
    row_key: Mapped[dict[str, Any]] = mapped_column(
        postgresql.JSONB, comment="Primary key; {} for a TRUNCATE as a whole"
    )
    row_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.Computed(ROW_ID, persisted=True), comment="The key id, where it is one number"
    )
    client_group_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, comment="Client group of the row, where its table names one"
    )
    action: Mapped[str] = mapped_column(sa.String(10))
    changes: Mapped[dict[str, Any] | None] = mapped_column(
        postgresql.JSONB,
        comment="update: {column: [old, new]} of what changed; delete, truncate: the row as it was;"
        " insert: nothing",
    )
    actor: Mapped[str] = mapped_column(
        sa.String(100), comment="app.current_user_id as the application said, else the role"
    )
    db_role: Mapped[str] = mapped_column(
        sa.String(63), server_default=sa.text("SESSION_USER"), comment="Login role"
    )
    correlation_id: Mapped[str | None] = mapped_column(sa.Text, comment="app.correlation_id")
    reason: Mapped[str | None] = mapped_column(sa.Text, comment="app.justification")
    transaction_id: Mapped[int] = mapped_column(sa.BigInteger)
    occurred_at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()")
    )
