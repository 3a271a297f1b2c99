"""Key versions, the ledger of uses, secrets of client groups (revision phase_2_field_encryption)."""

from __future__ import annotations

import datetime as dt
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..crypto import fields
from ..crypto.types import Ciphertext, Secret
from .base import Base, CreatedAt

if TYPE_CHECKING:
    from .client_group import ClientGroup


class EncryptionKey(Base):
    """One version of a key and its state: pending, active, decrypt_only, retired.

    The registry knows that a key exists and how to recognise it (``key_check_value``), never the key.
    At most one version of a name is active.
    """

    __tablename__ = "encryption_keys"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="encryption_keys_pkey"),
        sa.UniqueConstraint("key_name", "key_version", name="unique_encryption_key_version"),
        sa.CheckConstraint("key_version BETWEEN 1 AND 99999", name="encryption_keys_key_version_check"),
        sa.CheckConstraint("purpose IN ('encryption', 'blind_index')", name="encryption_keys_purpose_check"),
        sa.CheckConstraint(
            "(purpose = 'encryption' AND algorithm IN ('aes-256-gcm', 'aes-256-gcm-siv'))"
            " OR (purpose = 'blind_index' AND algorithm = 'hmac-sha-256')",
            name="encryption_keys_algorithm_check",
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'active', 'decrypt_only', 'retired')", name="encryption_keys_status_check"
        ),
        sa.CheckConstraint(
            "key_check_value ~ '^[0-9a-f]{6,32}$'", name="encryption_keys_key_check_value_check"
        ),
        sa.CheckConstraint(
            "(status = 'pending') = (activated_at IS NULL)"
            " AND (status = 'retired') = (retired_at IS NOT NULL)",
            name="encryption_keys_dates_check",
        ),
        sa.Index(
            "idx_encryption_keys_active",
            "key_name",
            unique=True,
            postgresql_where=sa.text("status = 'active'"),
        ),
        {"comment": "Versions of the keys and their state; the keys themselves are never in the database"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    key_name: Mapped[str] = mapped_column(sa.String(100))
    key_version: Mapped[int] = mapped_column(
        sa.Integer, comment="The number in the envelope enc:1:<key version>:..."
    )
    purpose: Mapped[str] = mapped_column(sa.String(20))
    algorithm: Mapped[str] = mapped_column(sa.String(50))
    status: Mapped[str] = mapped_column(sa.String(20), server_default=sa.text("'pending'"))
    key_check_value: Mapped[str] = mapped_column(
        sa.String(32), comment="Tells a wrong key from the right one; no key material"
    )
    created_at: Mapped[CreatedAt]
    activated_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    retired_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    expires_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    created_by: Mapped[str] = mapped_column(sa.String(100), server_default=sa.text("SESSION_USER"))


class EncryptionAudit(Base):
    """One use of a secret, written before its value is handed out.  Append-only."""

    __tablename__ = "encryption_audit_log"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="encryption_audit_log_pkey"),
        sa.CheckConstraint(
            "operation IN ('encrypt', 'decrypt', 'access')", name="encryption_audit_log_operation_check"
        ),
        sa.CheckConstraint(
            "outcome IN ('granted', 'refused', 'failed', 'decoy')", name="encryption_audit_log_outcome_check"
        ),
        sa.CheckConstraint(
            "operation <> 'decrypt' OR (purpose IS NOT NULL AND btrim(purpose) <> '')",
            name="chk_decrypt_names_purpose",
        ),
        sa.Index("idx_encryption_audit_log_record", "table_name", "record_id", sa.text("access_time DESC")),
        sa.Index("idx_encryption_audit_log_accessed_by", "accessed_by", sa.text("access_time DESC")),
        {"comment": "Every use of a secret, written before the value is handed out; append-only"},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    table_name: Mapped[str] = mapped_column(sa.String(100))
    record_id: Mapped[int] = mapped_column(sa.BigInteger)
    field_name: Mapped[str] = mapped_column(sa.String(100))
    operation: Mapped[str] = mapped_column(sa.String(20))
    accessed_by: Mapped[str] = mapped_column(sa.String(100), comment="Actor as the application says")
    db_role: Mapped[str] = mapped_column(
        sa.String(63), server_default=sa.text("SESSION_USER"), comment="Login role"
    )
    access_time: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()")
    )
    client_ip: Mapped[IPv4Address | IPv6Address | None] = mapped_column(postgresql.INET)
    user_agent: Mapped[str | None] = mapped_column(sa.Text)
    purpose: Mapped[str | None] = mapped_column(sa.Text, comment="Why; a decrypt must say it")
    correlation_id: Mapped[str | None] = mapped_column(sa.Text)
    key_version: Mapped[int | None] = mapped_column(sa.Integer)
    outcome: Mapped[str] = mapped_column(sa.String(20), server_default=sa.text("'granted'"))


class ClientGroupSecret(Base):
    """The secrets of one client group, as ciphertext (``enc:1:<key version>:<base64>``).

    In a table of their own: the portal hands out whole ``client_groups`` rows and lets callers write
    any column of them.  Plaintext is taken only while ``encryption_enabled`` is false.
    """

    __tablename__ = "client_group_secrets"
    __table_args__ = (
        sa.PrimaryKeyConstraint("client_group_id", name="client_group_secrets_pkey"),
        sa.CheckConstraint(
            "(security_word NOT LIKE 'enc:%' OR is_field_envelope(security_word))"
            " AND (private_notes NOT LIKE 'enc:%' OR is_field_envelope(private_notes))"
            " AND (sensitive_data NOT LIKE 'enc:%' OR is_field_envelope(sensitive_data))",
            name="chk_secrets_are_whole_envelopes",
        ),
        {"comment": "Secrets of client groups; apart, because the portal hands out whole client_groups rows"},
    )

    client_group_id: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("client_groups.id", name="fk_client_group_secrets_client_group", ondelete="CASCADE"),
    )
    stored_security_word: Mapped[str | None] = mapped_column("security_word", Ciphertext, comment="Ciphertext")
    security_word = Secret(fields.SECURITY_WORD, "stored_security_word")
    stored_private_notes: Mapped[str | None] = mapped_column("private_notes", Ciphertext, comment="Ciphertext")
    private_notes = Secret(fields.PRIVATE_NOTES, "stored_private_notes")
    stored_sensitive_data: Mapped[str | None] = mapped_column("sensitive_data", Ciphertext, comment="Ciphertext")
    sensitive_data = Secret(fields.SENSITIVE_DATA, "stored_sensitive_data")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.text("now()"), server_onupdate=sa.FetchedValue()
    )
    updated_by: Mapped[str | None] = mapped_column(sa.String(100), server_onupdate=sa.FetchedValue())

    client_group: Mapped[ClientGroup] = relationship(back_populates="secrets")
