"""Field encryption: key registry, decrypt ledger, encrypted fields, masking views

Phase:      phase_2
Does:       encryption_keys (versions and their state, no key material), encryption_audit_log, client_group_secrets,
            ciphertext and blind index of telephone numbers; from here on sensitive fields take ciphertext only unless the
            setting encryption_enabled is false; views that show masks.  Encrypting is the application's work: keys never
            enter the database.  Plaintext from before is left as it is and counted by sensitive_field_status
Locks:      SHARE ROW EXCLUSIVE on product_owners for two triggers, and on client_groups for a foreign key
Refuses if: a telephone number stands readable beside its own ciphertext
Down:       the three tables and the two columns of telephone numbers, ciphertext as it is; no key is needed
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "phase_2_field_encryption"
down_revision = "phase_2_liquidity"
branch_labels = None
depends_on = None

PHONES = "product_owner_phones"
ENVELOPE = "phone_number_encrypted"
INDEX = "phone_number_index"
OBJECTS = ("mask_phone_number", "mask_sensitive_text", "require_envelope", "check_phone_encryption",
           "product_owners_sensitive", "client_group_secrets_sensitive", "client_group_secrets_touch",
           "product_owner_phones_encryption", "encryption_audit_log_append_only", "history_client_group_secrets",
           "history_encryption_keys", "client_groups_secure", "product_owner_phones_secure",
           "sensitive_field_status")  # fmt: skip


def _time(name: str, *, default: str | None = None, comment: str | None = None) -> sa.Column[object]:
    given = sa.text(default) if default else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=default is None, server_default=given, comment=comment)


def upgrade() -> None:
    op.restore_table_or(
        "encryption_keys",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("key_name", sa.String(100), nullable=False),
        sa.Column("key_version", sa.Integer, nullable=False, comment="The number in the envelope enc:1:<key version>:..."),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("algorithm", sa.String(50), nullable=False),
        sa.Column("status", sa.String(20), nullable=False, server_default=sa.text("'pending'")),
        sa.Column("key_check_value", sa.String(32), nullable=False, comment="Tells a wrong key from the right one; no key material"),
        _time("created_at", default="now()"),
        _time("activated_at"),
        _time("retired_at"),
        _time("expires_at"),
        sa.Column("created_by", sa.String(100), nullable=False, server_default=sa.text("SESSION_USER")),
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
        # At most 16 bytes: too short for any of the keys it speaks of.
        sa.CheckConstraint("key_check_value ~ '^[0-9a-f]{6,32}$'", name="encryption_keys_key_check_value_check"),
        sa.CheckConstraint(
            "(status = 'pending') = (activated_at IS NULL) AND (status = 'retired') = (retired_at IS NOT NULL)",
            name="encryption_keys_dates_check",
        ),
        sa.Index("idx_encryption_keys_active", "key_name", unique=True, postgresql_where=sa.text("status = 'active'")),
        comment="Versions of the keys and their state; the keys themselves are never in the database",
    )
    op.restore_table_or(
        "encryption_audit_log",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("table_name", sa.String(100), nullable=False),
        sa.Column("record_id", sa.BigInteger, nullable=False),
        sa.Column("field_name", sa.String(100), nullable=False),
        sa.Column("operation", sa.String(20), nullable=False),
        sa.Column("accessed_by", sa.String(100), nullable=False, comment="Actor as the application says"),
        sa.Column("db_role", sa.String(63), nullable=False, server_default=sa.text("SESSION_USER"), comment="Login role"),
        _time("access_time", default="clock_timestamp()"),
        sa.Column("client_ip", postgresql.INET),
        sa.Column("user_agent", sa.Text),
        sa.Column("purpose", sa.Text, comment="Why; a decrypt must say it"),
        sa.Column("correlation_id", sa.Text),
        sa.Column("key_version", sa.Integer),
        sa.Column("outcome", sa.String(20), nullable=False, server_default=sa.text("'granted'")),
        sa.PrimaryKeyConstraint("id", name="encryption_audit_log_pkey"),
        sa.CheckConstraint("operation IN ('encrypt', 'decrypt', 'access')", name="encryption_audit_log_operation_check"),
        sa.CheckConstraint("outcome IN ('granted', 'refused', 'failed')", name="encryption_audit_log_outcome_check"),
        sa.CheckConstraint(
            "operation <> 'decrypt' OR (purpose IS NOT NULL AND btrim(purpose) <> '')", name="chk_decrypt_names_purpose"
        ),
        sa.Index("idx_encryption_audit_log_record", "table_name", "record_id", sa.text("access_time DESC")),
        sa.Index("idx_encryption_audit_log_accessed_by", "accessed_by", sa.text("access_time DESC")),
        comment="Every use of a secret, written before the value is handed out; append-only",
    )
    op.restore_table_or(
        "client_group_secrets",
        sa.Column("client_group_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("security_word", sa.Text, comment="Ciphertext"),
        sa.Column("private_notes", sa.Text, comment="Ciphertext"),
        sa.Column("sensitive_data", sa.Text, comment="Ciphertext of a JSON document"),
        _time("created_at", default="now()"),
        _time("updated_at", default="now()"),
        sa.Column("updated_by", sa.String(100)),
        sa.PrimaryKeyConstraint("client_group_id", name="client_group_secrets_pkey"),
        comment="Secrets of client groups; apart, because the portal hands out whole client_groups rows",
    )
    op.add_foreign_key_online(
        "fk_client_group_secrets_client_group", "client_group_secrets", "client_groups", ["client_group_id"]
    )
    op.add_check_online(
        "client_group_secrets",
        "chk_secrets_are_whole_envelopes",
        " AND ".join(
            f"({name} NOT LIKE 'enc:%' OR is_field_envelope({name}))"
            for name in ("security_word", "private_notes", "sensitive_data")
        ),
    )
    op.add_columns(
        PHONES,
        sa.Column(ENVELOPE, sa.Text, comment="The number as ciphertext; phone_number then holds its mask"),
        sa.Column(INDEX, sa.Text, comment="Keyed blind index for equality search: bidx:1:<key version>:<hex>"),
    )
    op.restore_columns(PHONES, ENVELOPE, INDEX)
    op.run_sql("settle_phone_ciphertexts", "0270")
    op.backfill("settle_phone_ciphertexts")
    op.add_check_online(PHONES, "chk_phone_encrypted_is_envelope", f"is_field_envelope({ENVELOPE})")
    op.add_check_online(PHONES, "chk_phone_masked_when_encrypted", f"{ENVELOPE} IS NULL OR phone_number LIKE '%X%'")
    op.add_check_online(
        PHONES,
        "chk_phone_index_format",
        f"{INDEX} IS NULL OR ({ENVELOPE} IS NOT NULL AND {INDEX} ~ '^bidx:1:[1-9][0-9]{{0,4}}:[0-9a-f]{{32}}$')",
    )
    op.create_index_online("idx_product_owner_phones_index", PHONES, [INDEX], where=f"{INDEX} IS NOT NULL")
    for name in OBJECTS:
        op.run_sql(name, "0270")


def downgrade() -> None:
    for name in reversed(OBJECTS):
        op.drop_sql(name, "0270")
    op.drop_sql("settle_phone_ciphertexts", "0270")
    op.archive_columns(PHONES, ENVELOPE, INDEX)
    op.drop_checks("client_group_secrets", "chk_secrets_are_whole_envelopes")
    op.archive_table("client_group_secrets")
    op.archive_table("encryption_audit_log")
    op.archive_table("encryption_keys")
