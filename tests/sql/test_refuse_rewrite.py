"""refuse_rewrite: what was recorded stays (E-189)"""

from __future__ import annotations

import pytest

from client_data import refused
from owner_data import owner

AT = "phase_2_field_encryption"
TABLES = ("product_owners_audit_log", "row_history", "encryption_audit_log")


@pytest.mark.parametrize("table", TABLES)
def test_nobody_changes_or_removes_a_record(portal_at, table):
    portal = portal_at(AT)
    owner(portal)
    portal.run(
        "INSERT INTO encryption_audit_log (table_name, record_id, field_name, operation, accessed_by, purpose)"
        " VALUES ('product_owners', 1, 'notes', 'decrypt', 'adviser', 'annual review')"
    )
    before = portal.all(f"SELECT t::text FROM {table} AS t")
    assert before
    for statement in (
        f"UPDATE {table} SET id = DEFAULT", f"DELETE FROM {table}", f"DELETE FROM {table} WHERE false",
        f"TRUNCATE {table}",
    ):  # fmt: skip
        with refused(None, "23001") as caught:
            portal.run(statement)
        assert caught.value.diag.table_name == table
        assert caught.value.diag.message_hint
    assert portal.all(f"SELECT t::text FROM {table} AS t") == before
