"""client_groups_secure and mask_sensitive_text: markers, never a secret (E-020, E-186, E-187)"""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from owner_data import ENVELOPE, switch_encryption

AT = "phase_2_field_encryption"


def prepared(portal_at):
    portal = portal_at(AT)
    portal.run("INSERT INTO client_groups (name) VALUES ('Ann'), ('Ben')")
    switch_encryption(portal, "false")
    portal.run(
        "INSERT INTO client_group_secrets (client_group_id, security_word, private_notes, sensitive_data)"
        " VALUES (1, %s, %s, '')", ENVELOPE, "likes tea " * 20,
    )  # fmt: skip
    return portal


def test_E020_markers_instead_of_secrets_and_groups_without_any(portal_at):
    portal = prepared(portal_at)
    assert portal.all(
        "SELECT group_name, security_word, private_notes, sensitive_data FROM client_groups_secure ORDER BY id"
    ) == [("Ann", "[encrypted]", "[hidden]", ""), ("Ben", None, None, None)]


def test_E185_not_even_the_first_characters_show(portal_at):
    assert "likes" not in str(prepared(portal_at).all("SELECT * FROM client_groups_secure"))


def test_E186_it_runs_with_its_readers_rights_and_is_a_barrier(server, portal_at):
    portal = prepared(portal_at)
    assert sorted(portal.one("SELECT reloptions FROM pg_class WHERE oid = 'client_groups_secure'::regclass")) == [
        "security_barrier=true", "security_invoker=true"]  # fmt: skip
    role = sql.Identifier(f"reader_{server.major}")
    portal.run(sql.SQL("CREATE ROLE {} LOGIN").format(role))
    try:
        portal.run(sql.SQL("GRANT SELECT ON client_groups_secure TO {}").format(role))
        reader = portal.connect(user=f"reader_{server.major}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT * FROM client_groups_secure")
        reader.close()
    finally:
        portal.run(sql.SQL("DROP OWNED BY {}; DROP ROLE {}").format(role, role))


def test_E187_reading_writes_nothing(portal_at):
    portal = prepared(portal_at)
    portal.run("SET default_transaction_read_only = on")
    assert len(portal.all("SELECT * FROM client_groups_secure")) == 2
    portal.run("SET default_transaction_read_only = off")
    assert portal.one("SELECT count(*) FROM encryption_audit_log") == 0
