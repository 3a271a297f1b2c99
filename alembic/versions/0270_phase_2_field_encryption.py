"""Field encryption: key registry, decrypt ledger, encrypted fields, masking views

Phase:      phase_2
Does:       encryption_keys (versions and their state, no key material), encryption_audit_log,
            client_group_secrets, ciphertext and blind index of telephone numbers; from here on sensitive
            fields take ciphertext only unless the setting encryption_enabled is false; views that show masks.
            Encrypting is the application's work, keys never enter the database.  Plaintext from before is
            left as it is and counted by sensitive_field_status
Locks:      SHARE ROW EXCLUSIVE on product_owners for two triggers, and on client_groups for a foreign key;
            ACCESS EXCLUSIVE on product_owner_phones for two columns and three checks (catalogue only)
Refuses if: a telephone number stands readable beside its own ciphertext
Down:       the three tables, two columns of telephone numbers, ciphertext as it is; no key is needed
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "phase_2_field_encryption"
down_revision = "phase_2_liquidity"
branch_labels = None
depends_on = None

KEYS, LEDGER, SECRETS = "encryption_keys", "encryption_audit_log", "client_group_secrets"
PHONES, CIPHERTEXT, INDEX = "product_owner_phones", "phone_number_encrypted", "phone_number_index"
FUNCTIONS = ("mask_phone_number", "mask_sensitive_text", "require_envelope", "check_phone_encryption")
TRIGGERS = (
    (SECRETS, ("client_group_secrets_sensitive", "client_group_secrets_touch", "history_client_group_secrets")),
    (LEDGER, ("encryption_audit_log_append_only",)), (KEYS, ("history_encryption_keys",)),
)  # fmt: skip
VIEWS = ("client_groups_secure", "product_owner_phones_secure", "sensitive_field_status")
KEY_RULES = {
    "key_version": "key_version BETWEEN 1 AND 99999",
    "purpose": "purpose IN ('encryption', 'blind_index')",
    "algorithm": "(purpose = 'encryption' AND algorithm IN ('aes-256-gcm', 'aes-256-gcm-siv'))"
    " OR (purpose = 'blind_index' AND algorithm = 'hmac-sha-256')",
    "status": "status IN ('pending', 'active', 'decrypt_only', 'retired')",
    # At most 16 bytes: too short for any key it speaks of.
    "key_check_value": "key_check_value ~ '^[0-9a-f]{6,32}$'",
    "dates": "(status = 'pending') = (activated_at IS NULL) AND (status = 'retired') = (retired_at IS NOT NULL)",
}
PURPOSE = "operation <> 'decrypt' OR (purpose IS NOT NULL AND btrim(purpose) <> '')"
FIELDS = ("security_word", "private_notes", "sensitive_data")
WHOLE = " AND ".join(f"({name} NOT LIKE 'enc:%' OR is_field_envelope({name}))" for name in FIELDS)
PHONE_RULES = {
    "chk_phone_encrypted_is_envelope": f"is_field_envelope({CIPHERTEXT})",
    "chk_phone_masked_when_encrypted": f"{CIPHERTEXT} IS NULL OR phone_number LIKE '%X%'",
    "chk_phone_index_format": f"{INDEX} IS NULL OR ({CIPHERTEXT} IS NOT NULL"
    f" AND {INDEX} ~ '^bidx:1:[1-9][0-9]{{0,4}}:[0-9a-f]{{32}}$')",
}
BIG, NAME, WORD, MOMENT = sa.BigInteger, sa.String(100), sa.String(20), sa.DateTime(timezone=True)
VERSION = "The number in the envelope enc:1:<key version>:..."
NO_KEY = "Tells a wrong key from the right one; no key material"
HIDDEN = "The number as ciphertext; phone_number then holds its mask"
BLIND = "Keyed blind index for equality search: bidx:1:<key version>:<hex>"


def upgrade() -> None:
    op.restore_table_or(
        KEYS, sa.Column("id", BIG, sa.Identity(always=True), nullable=False), _must("key_name", NAME),
        _must("key_version", sa.Integer, comment=VERSION), _must("purpose", WORD), _must("algorithm", sa.String(50)),
        _must("status", WORD, "'pending'"), _must("key_check_value", sa.String(32), comment=NO_KEY),
        _must("created_at", MOMENT, "now()"), sa.Column("activated_at", MOMENT), sa.Column("retired_at", MOMENT),
        sa.Column("expires_at", MOMENT), _must("created_by", NAME, "SESSION_USER"),
        sa.PrimaryKeyConstraint("id", name="encryption_keys_pkey"),
        sa.UniqueConstraint("key_name", "key_version", name="unique_encryption_key_version"),
        *(sa.CheckConstraint(rule, name=f"encryption_keys_{name}_check") for name, rule in KEY_RULES.items()),
        sa.Index("idx_encryption_keys_active", "key_name", unique=True, postgresql_where=sa.text("status = 'active'")),
        comment="Versions of the keys and their state; the keys themselves are never in the database",
    )  # fmt: skip
    op.restore_table_or(
        LEDGER, sa.Column("id", BIG, sa.Identity(always=True), nullable=False), _must("table_name", NAME),
        _must("record_id", BIG), _must("field_name", NAME), _must("operation", WORD),
        _must("accessed_by", NAME, comment="Actor as the application says"),
        _must("db_role", sa.String(63), "SESSION_USER", "Login role"), _must("access_time", MOMENT, "clock_timestamp()"),
        sa.Column("client_ip", postgresql.INET),
        sa.Column("user_agent", sa.Text), sa.Column("purpose", sa.Text, comment="Why; a decrypt must say it"),
        sa.Column("correlation_id", sa.Text), sa.Column("key_version", sa.Integer),
        _must("outcome", WORD, "'granted'"), sa.PrimaryKeyConstraint("id", name="encryption_audit_log_pkey"),
        sa.CheckConstraint("operation IN ('encrypt', 'decrypt', 'access')", name="encryption_audit_log_operation_check"),
        sa.CheckConstraint("outcome IN ('granted', 'refused', 'failed', 'decoy')", name="encryption_audit_log_outcome_check"),
        sa.CheckConstraint(PURPOSE, name="chk_decrypt_names_purpose"),
        sa.Index("idx_encryption_audit_log_record", "table_name", "record_id", sa.text("access_time DESC")),
        sa.Index("idx_encryption_audit_log_accessed_by", "accessed_by", sa.text("access_time DESC")),
        comment="Every use of a secret, written before the value is handed out; append-only",
    )  # fmt: skip
    op.restore_table_or(
        SECRETS, sa.Column("client_group_id", BIG, autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text, comment="Ciphertext") for name in FIELDS),
        _must("created_at", MOMENT, "now()"), _must("updated_at", MOMENT, "now()"), sa.Column("updated_by", NAME),
        sa.PrimaryKeyConstraint("client_group_id", name="client_group_secrets_pkey"),
        comment="Secrets of client groups; apart, because the portal hands out whole client_groups rows",
    )  # fmt: skip
    for name in FUNCTIONS:
        op.run_sql(name, "0270")
    # With the table: nobody finds it without its triggers.
    with op.lock_tables(*(table for table, _ in TRIGGERS)):
        for _, triggers in TRIGGERS:
            for name in triggers:
                op.run_sql(name, "0270")
    op.add_foreign_key_online(f"fk_{SECRETS}_client_group", SECRETS, "client_groups", ["client_group_id"])
    op.add_check_online(SECRETS, "chk_secrets_are_whole_envelopes", WHOLE)
    op.add_columns(PHONES, sa.Column(CIPHERTEXT, sa.Text, comment=HIDDEN), sa.Column(INDEX, sa.Text, comment=BLIND))
    op.restore_columns(PHONES, CIPHERTEXT, INDEX)
    op.run_sql("settle_phone_ciphertexts", "0270")
    op.backfill("settle_phone_ciphertexts")
    for name, rule in PHONE_RULES.items():
        op.add_check_online(PHONES, name, rule)
    op.create_index_online("idx_product_owner_phones_index", PHONES, [INDEX], where=f"{INDEX} IS NOT NULL")
    for name in ("product_owners_sensitive", "product_owner_phones_encryption", *VIEWS):
        op.run_sql(name, "0270")
    op.grant_roles(KEYS, LEDGER, SECRETS, *VIEWS)


def downgrade() -> None:
    for name in reversed(VIEWS):
        op.drop_sql(name, "0270")
    op.drop_sql("product_owners_sensitive", "0270")
    op.drop_sql("settle_phone_ciphertexts", "0270")
    op.copy_columns(PHONES, CIPHERTEXT, INDEX)
    with op.lock_tables(PHONES):
        op.drop_sql("product_owner_phones_encryption", "0270")
        op.archive_columns(PHONES, CIPHERTEXT, INDEX)
    op.drop_checks(SECRETS, "chk_secrets_are_whole_envelopes")
    for table, triggers in TRIGGERS:
        with op.lock_tables(table, keys=True):
            for name in triggers:
                op.drop_sql(name, "0270")
            op.archive_table(table)
    for name in reversed(FUNCTIONS):
        op.drop_sql(name, "0270")


def _must(name: str, kind: Any, default: str | None = None, comment: str | None = None) -> sa.Column[Any]:
    given = None if default is None else sa.text(default)
    return sa.Column(name, kind, nullable=False, server_default=given, comment=comment)
