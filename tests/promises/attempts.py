"""What each role must not do: statements of its login, and why they fail (42501: it lacks the right)."""

from __future__ import annotations

LACKS = "42501"

# Everybody but an operator.
NOBODY = (
    "SELECT * FROM monitoring_results",
    "UPDATE migration_control SET value = 'false' WHERE setting = 'rollback_enabled'",
    "DELETE FROM migration_log",
    "UPDATE alembic_version SET version_num = 'legacy'",
    "INSERT INTO encryption_keys (key_name, key_version, purpose, algorithm, key_check_value)"
    " VALUES ('client_notes_key', 9, 'encryption', 'aes-256-gcm', 'abcdef')",
    "DELETE FROM encryption_keys",
    "DELETE FROM row_history",
    "UPDATE row_history SET actor = 'somebody else'",
    "TRUNCATE row_history",
    "DELETE FROM product_owners_audit_log",
    "UPDATE ownership_audit_log SET actor = 'somebody else'",
    "DELETE FROM encryption_audit_log",
    "UPDATE client_complete_summary SET total_client_value = 0",
    "DELETE FROM kingston.event_log",
    "CREATE TABLE kingston_archive.mine (id bigint)",
    "ALTER TABLE row_history DISABLE TRIGGER ALL",
    "DROP TABLE client_actions",
    "TRUNCATE client_groups",
    "CREATE ROLE another",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "SET ROLE postgres",
    "SET session_replication_role = replica",
    "SELECT pg_read_file('postgresql.conf')",
    "COPY client_groups TO PROGRAM 'true'",
)
# Written by triggers, refresh functions and operators only.
APP = (
    "SELECT changes FROM row_history",
    "SELECT * FROM row_history",
    "INSERT INTO row_history (table_name, row_key, action, actor, transaction_id) VALUES ('profiles', '{}', 'insert', 'me', 1)",
    "SELECT * FROM product_owners_audit_log",
    "INSERT INTO product_owners_audit_log (product_owner_id, field_changed, change_type, changed_by, subject_id)"
    " VALUES (1, 'notes', 'update', 'me', 1)",
    "INSERT INTO ownership_audit_log (subject_table, subject_id, cause, actor, transaction_id) VALUES ('client_products', 1, 'links', 'me', 1)",
    "SELECT * FROM encryption_audit_log",
    "SELECT purpose FROM encryption_audit_log",
    "UPDATE encryption_audit_log SET outcome = 'refused'",
    # Who logged in and when is for the server to say.
    "INSERT INTO encryption_audit_log (table_name, record_id, field_name, operation, accessed_by, purpose, db_role)"
    " VALUES ('product_owners', 1, 'notes', 'decrypt', 'me', 'x', 'postgres')",
    "INSERT INTO encryption_audit_log (table_name, record_id, field_name, operation, accessed_by, purpose, access_time)"
    " VALUES ('product_owners', 1, 'notes', 'decrypt', 'me', 'x', '2000-01-01')",
    "UPDATE encryption_keys SET status = 'retired', retired_at = now()",
    "DELETE FROM client_dense_summary",
    "INSERT INTO summary_dirty (client_group_id) VALUES (1)",
    "SELECT * FROM summary_dirty",
    "SELECT refresh_summary('client_dense_summary', NULL)",
    "UPDATE networth_statements SET total_assets = 0",
    "DELETE FROM networth_statements",
    "DELETE FROM ownership_memory",
    "SELECT * FROM product_owner_phone_sources",
    "DELETE FROM product_owner_phone_rejects",
    "UPDATE product_owner_phone_rejects SET source_text = ''",
    "DELETE FROM performance_baselines",
    "SELECT rebuild_ownership('{1}')",
    "SELECT * FROM kingston.event_log",
    "SELECT kingston.log_event(gen_random_uuid(), 'noted', 'x', 'x', '{}')",
    "SELECT kingston.grant_roles(NULL)",
    "CREATE TABLE mine (id bigint)",
    "CREATE FUNCTION feature_enabled(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "ALTER TABLE client_actions DISABLE TRIGGER USER",
    "DROP TRIGGER history_update ON client_groups",
    "CREATE TRIGGER t AFTER UPDATE ON client_groups EXECUTE FUNCTION touch_updated_at()",
    "ALTER VIEW client_groups_secure SET (security_invoker = false)",
    "CREATE OR REPLACE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "SET ROLE portal_migrator",
    "GRANT portal_auditor TO CURRENT_USER",
)
READONLY = (
    "UPDATE client_groups SET name = name",
    "INSERT INTO client_actions (client_group_id, action_name, owner, created_by) VALUES (1, 'x', 'client', 1)",
    "DELETE FROM product_owner_products",
    "SELECT id FROM client_groups FOR UPDATE",
    "SELECT nextval('client_groups_id_seq')",
    "SELECT make_networth_statement(1, 1)",
    "SELECT set_global_action_status(1, 1, 'completed')",
    "SELECT refresh_dirty_summaries()",
    "SELECT password_hash FROM authentication",
    "SELECT session_id FROM session",
    "SELECT security_words FROM product_owners",
    "SELECT notes FROM product_owners",
    "SELECT * FROM product_owners",
    "SELECT * FROM client_group_secrets",
    "SELECT * FROM client_groups_secure",
    "SELECT phone_number_encrypted FROM product_owner_phones",
    "SELECT phone_number_index FROM product_owner_phones",
    "SELECT data_content FROM client_information_items WHERE item_type = 'vulnerability_health'",
    "SELECT source_text FROM product_owner_phone_rejects",
    "SELECT occurred_at FROM row_history",
    "SELECT * FROM product_owners_audit_log",
    "SELECT * FROM ownership_audit_log",
    "SELECT * FROM encryption_audit_log",
    "SELECT * FROM encryption_keys",
    "SELECT * FROM kingston.event_log",
    "CREATE TABLE mine (id bigint)",
    "SET ROLE portal_app",
)
AUDITOR = (
    "INSERT INTO row_history (table_name, row_key, action, actor, transaction_id) VALUES ('profiles', '{}', 'insert', 'me', 1)",
    "INSERT INTO product_owners_audit_log (product_owner_id, field_changed, change_type, changed_by, subject_id)"
    " VALUES (1, 'notes', 'update', 'me', 1)",
    "INSERT INTO encryption_audit_log (table_name, record_id, field_name, operation, accessed_by, purpose)"
    " VALUES ('product_owners', 1, 'notes', 'decrypt', 'me', 'x')",
    "UPDATE kingston.event_log SET actor = 'somebody else'",
    "INSERT INTO kingston.row_history_seal (number, first_id, last_id, lines, digest, chain) VALUES (9, 1, 1, 1, '', '')",
    "DELETE FROM kingston.row_history_seal",
    "UPDATE kingston.journal SET status = 'completed'",
    "SELECT kingston.log_event(gen_random_uuid(), 'noted', 'x', 'x', '{}')",
    "SELECT * FROM kingston.runner",
    "SELECT * FROM portfolios",
    "SELECT * FROM portfolio_valuations",
    "SELECT * FROM holding_activity_log",
    "SELECT * FROM profiles",
    "SELECT * FROM authentication",
    "SELECT * FROM session",
    "SELECT * FROM client_complete_summary",
    "SELECT * FROM products_list_view",
    "SELECT * FROM client_groups_summary",
    "SELECT source_text FROM product_owner_phone_sources",
    "UPDATE client_groups SET name = name",
    "DELETE FROM client_actions",
    "SELECT refresh_dirty_summaries()",
    "CREATE TABLE kingston.mine (id bigint)",
    "SET ROLE portal_app",
)
# A member of nobody who owns anything: the bookkeeping, and nothing that people wrote.
MIGRATOR = (
    "SELECT * FROM client_groups",
    "SELECT * FROM client_group_secrets",
    "SELECT * FROM authentication",
    "SELECT * FROM row_history",
    "UPDATE client_products SET notes = ''",
    "ALTER TABLE client_products ADD COLUMN mine text",
    "CREATE INDEX ON client_products (notes)",
    "DROP VIEW client_groups_secure",
    "SELECT refresh_dirty_summaries()",
    "ALTER TABLE kingston.event_log DISABLE TRIGGER ALL",
    "TRUNCATE kingston.event_log",
    "DROP TABLE kingston.event_log",
    "DROP SCHEMA kingston_archive CASCADE",
    "ALTER ROLE portal_app LOGIN",
    "SET ROLE portal_app",
)
# Of the above what portal_migrator may do, and what a rule refuses it.
MIGRATES = {
    "UPDATE alembic_version SET version_num = 'legacy'": None,
    "CREATE TABLE kingston_archive.mine (id bigint)": None,
    "DELETE FROM kingston.event_log": "23001",
}


def _all() -> list[tuple[str, str, str]]:
    own = {"portal_app": APP, "portal_readonly": READONLY, "portal_auditor": AUDITOR, "portal_migrator": MIGRATOR}
    found = []
    for role, statements in own.items():
        for statement in (*NOBODY, *statements):
            state = MIGRATES.get(statement, LACKS) if role == "portal_migrator" else LACKS
            found += [(role, statement, state)] if state else []
    return found


ATTEMPTS = _all()
