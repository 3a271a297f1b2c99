"""kingston audit show, verify, seal"""

from __future__ import annotations

import json
import subprocess

import psycopg
import pytest
from psycopg import sql

from kingston_schema.ddl.preflight import LEGACY_TABLES
from kingston_schema.errors import BusyError
from kingston_schema.operations.audit import seal as sealing
from kingston_schema.operations.audit import tracked
from kingston_schema.settings import schemas
from owner_data import say
from promises.writes import COMPUTED, fill


@pytest.fixture
def portal(newest_portal_at):
    portal = newest_portal_at("head", seed=True)
    fill(portal)
    return portal


def faults(kingston, portal, *options, code=1):
    outcome = kingston("audit", "verify", *options, "--json", portal=portal)
    assert outcome.code == code, outcome.out
    return [(finding["code"], finding["message"]) for finding in outcome.json["findings"]]


def by_force(portal, *statements):
    """As somebody with the owner's rights and bad intentions: past append-only and history."""
    with portal.connection.transaction():
        for table in ("row_history", "client_actions", "client_objectives"):
            portal.run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            portal.run(statement)
        for table in ("row_history", "client_actions", "client_objectives"):
            portal.run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        enable = ", ".join(f"ENABLE ALWAYS TRIGGER history_{e}" for e in ("insert", "update", "delete", "truncate"))
        portal.run(f"ALTER TABLE client_actions {enable}")
        portal.run(f"ALTER TABLE client_objectives {enable}")
        guards = ("row_history_append_only", "audit_product_owners_changes", "audit_products_ownership_changes")
        portal.run(f"ALTER TABLE row_history {', '.join(f'ENABLE ALWAYS TRIGGER {name}' for name in guards)}")


def test_a_changed_missing_or_slipped_in_line_is_found(kingston, portal, tmp_path):
    copy = tmp_path / "seals.jsonl"
    assert kingston("audit", "seal", "--dry-run", "--json", portal=portal).json["data"]["made"] == 1
    assert portal.one("SELECT count(*) FROM kingston.row_history_seal") == 0
    made = kingston("audit", "seal", "--export", str(copy), "--json", portal=portal).json["data"]
    lines = portal.one("SELECT count(*) FROM row_history")
    assert (made["lines"], made["seals"], len(copy.read_text().splitlines())) == (lines, 1, 1)
    portal.run("UPDATE client_actions SET action_name = 'Write' WHERE id = 1")
    assert kingston("audit", "seal", "--json", portal=portal).json["data"]["lines"] == 1
    assert faults(kingston, portal, "--against", str(copy), code=0) == []

    by_force(portal, "UPDATE row_history SET actor = 'somebody else' WHERE id = 5")
    assert faults(kingston, portal) == [
        ("audit_seal", f"lines 1 to {lines} of row_history: a line was changed after seal 1")]  # fmt: skip
    by_force(portal, "UPDATE row_history SET actor = '7' WHERE id = 5")
    assert faults(kingston, portal, code=0) == []

    kept = portal.one("SELECT array_agg(id) FROM row_history WHERE table_name = 'client_group_secrets' AND row_key = '{\"client_group_id\": 1}'")
    by_force(portal, f"CREATE TABLE taken AS SELECT * FROM row_history WHERE id = {kept[0]}", f"DELETE FROM row_history WHERE id = {kept[0]}")
    assert faults(kingston, portal) == [
        ("audit_seal", f"lines 1 to {lines} of row_history: 1 of {lines} are missing; numbers not there: {kept[0]}"),
        ("audit_gap", 'client_group_secrets {"client_group_id": 1} was created without a line')]  # fmt: skip
    columns = "id, table_name, row_key, client_group_id, action, changes, actor, db_role, correlation_id, reason, transaction_id, occurred_at"
    by_force(portal, f"INSERT INTO row_history ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM taken")
    assert faults(kingston, portal, code=0) == []

    # Somebody who computes the chain anew is found by the exported copy only.
    by_force(portal, "UPDATE row_history SET actor = 'somebody else' WHERE id = 5", "DELETE FROM kingston.row_history_seal")
    kingston("audit", "seal", portal=portal)
    assert faults(kingston, portal, code=0) == []
    assert faults(kingston, portal, "--against", str(copy)) == [
        ("audit_export", "seal 1 is not the one that was exported")]  # fmt: skip
    portal.run("DELETE FROM kingston.row_history_seal")
    assert faults(kingston, portal, "--against", str(copy)) == [("audit_export", "1 seals were exported, 0 are left")]


def test_a_change_without_a_line_is_found_whatever_it_was(kingston, portal):
    assert faults(kingston, portal, code=0) == []
    portal.run("UPDATE client_actions SET action_name = 'Call twice' WHERE id IN (1, 2)")
    by_force(
        portal,
        "UPDATE client_actions SET action_name = 'Never said' WHERE id = 1",
        "DELETE FROM client_actions WHERE id = 4",
        "INSERT INTO client_objectives (client_group_id, title, priority, created_by) SELECT 1, 'Unseen', 1, min(id) FROM profiles",
    )
    new = portal.one("SELECT max(id) FROM client_objectives")
    assert faults(kingston, portal) == [
        ("audit_gap", 'client_actions {"id": 1} column action_name changed without a line'),
        ("audit_gap", 'client_actions {"id": 4} went without a line'),
        ("audit_gap", f'client_objectives {{"id": {new}}} was created without a line'),
    ]
    portal.run("UPDATE client_actions SET action_name = 'Now said' WHERE id = 1")  # the break in the chain stays
    assert faults(kingston, portal)[0] == (
        "audit_gap", 'client_actions {"id": 1} column action_name changed without a line')  # fmt: skip


def test_the_history_stays_on_in_replicated_sessions_and_when_a_writer_says_revision(kingston, portal, newest_server):
    before = portal.one("SELECT max(id) FROM row_history")
    with portal.connect() as session:
        session.execute("SET session_replication_role = replica")
        session.execute("UPDATE client_actions SET action_name = 'in replica mode' WHERE id = 3")
        session.execute("TRUNCATE client_liquidity_customization")
        for statement in ("DELETE FROM row_history", "TRUNCATE row_history"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                session.execute(statement)
    role = sql.Identifier("writer_of_audit_test")
    portal.run(sql.SQL("CREATE ROLE {} LOGIN; GRANT SELECT, UPDATE ON client_actions TO {}").format(role, role))
    try:
        writer = portal.connect(user="writer_of_audit_test")
        writer.execute("SET kingston.revision = 'no revision at all'")
        writer.execute("UPDATE client_actions SET action_name = 'unseen?' WHERE id = 5")
        writer.close()
        lines = portal.all("SELECT table_name, action, db_role FROM row_history WHERE id > %s ORDER BY id", before)
    finally:
        portal.run(sql.SQL("DROP OWNED BY {}; DROP ROLE {}").format(role, role))
    assert lines[0] == ("client_actions", "update", "postgres")
    assert {line[:2] for line in lines[1:-1]} == {("client_liquidity_customization", "truncate")}
    assert lines[-1] == ("client_actions", "update", "writer_of_audit_test")
    assert faults(kingston, portal, code=0) == []
    portal.run("ALTER TABLE client_actions ENABLE TRIGGER history_update, DISABLE TRIGGER history_delete")
    assert faults(kingston, portal) == [
        ("audit_trigger", "client_actions: trigger history_update is off under session_replication_role = replica"),
        ("audit_trigger", "client_actions: trigger history_delete is missing or switched off"),
    ]
    portal.run("ALTER TABLE client_actions ENABLE ALWAYS TRIGGER history_update, ENABLE ALWAYS TRIGGER history_delete")
    portal.run("ALTER TABLE row_history ENABLE TRIGGER audit_product_owners_changes")
    portal.run("ALTER TABLE ownership_audit_log DISABLE TRIGGER ownership_audit_log_append_only")
    assert faults(kingston, portal) == [
        ("audit_trigger", "ownership_audit_log: trigger ownership_audit_log_append_only is missing or switched off"),
        ("audit_trigger", "row_history: trigger audit_product_owners_changes is off under session_replication_role = replica"),
    ]


def test_show_by_client_row_actor_and_time(kingston, portal):
    def shown(*options):
        return kingston("audit", "show", "--limit", "1000", *options, "--json", portal=portal).json["data"]

    owner = portal.one("SELECT min(product_owner_id) FROM client_group_product_owners WHERE client_group_id = 2")
    number = portal.one("SELECT max(id) FROM row_history")
    say(portal, current_user_id="ann", correlation_id="request 1", justification="she rang")
    phone = portal.one("DELETE FROM product_owner_phones WHERE product_owner_id = %s RETURNING id", owner)
    portal.run("UPDATE client_actions SET action_name = 'Write', description = '' WHERE client_group_id = 2")
    lines = shown("--client", "2")["lines"]
    assert [(line["table"], line["row"], line["actor"], line["reason"]) for line in lines if line["id"] > number] == [
        ("product_owner_phones", str(phone), "ann", "she rang"), ("client_actions", "2", "ann", "she rang")]  # fmt: skip
    own = portal.one("SELECT count(*) FROM row_history WHERE client_group_id = 2")
    assert own < len(lines) < portal.one("SELECT count(*) FROM row_history")
    assert [line["changes"].get("action_name") for line in shown("--row", "client_actions/2")["lines"] if line["action"] == "update"] == [
        ["Call", "Write"]]  # fmt: skip
    assert {line["actor"] for line in shown("--actor", "ann")["lines"]} == {"ann"}
    assert len(shown("--correlation", "request 1")["lines"]) == len(shown("--actor", "ann")["lines"]) == 2
    assert shown("--since", "2999-01-01")["matching"] == 0
    assert shown("--until", "1999-01-01")["matching"] == 0
    assert [line["table"] for line in shown("--row", "client_group_secrets/2")["lines"]] == ["client_group_secrets"]
    out = kingston("audit", "show", "--client", "2", "--limit", "1", portal=portal).out
    assert 'action_name: Call → Write, description: nothing → ""' in out or 'description: nothing → "", action_name' in out
    assert "older; --limit" in out
    assert kingston("audit", "show", "--row", "client_actions", portal=portal).code == 2
    assert kingston("audit", "show", "--since", "soon", portal=portal).code == 2


# Logs and what follows from other rows, runs of the migration, and what was read once from columns the portal had.
UNRECORDED = COMPUTED | {
    "row_history", "product_owners_audit_log", "ownership_audit_log", "encryption_audit_log", "migration_control",
    "rollback_checkpoints", "monitoring_schedule", "deployment_signoff", "ownership_memory", "product_owner_phone_sources", "product_owner_phone_rejects",
}  # fmt: skip


def test_every_table_of_phase_2_and_every_legacy_table_it_works_on_is_recorded(portal):
    recorded = set(tracked.read(portal.connection, schemas(None)))
    tables = set(portal.all("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"))
    assert tables - recorded - set(LEGACY_TABLES) == UNRECORDED & tables
    assert recorded & set(LEGACY_TABLES) == {
        "client_groups", "product_owners", "client_products", "product_owner_products", "client_group_product_owners"}  # fmt: skip


def test_seals_wait_for_whoever_writes_history_and_say_so(portal):
    writer = portal.connect()
    writer.execute("BEGIN")
    writer.execute("UPDATE client_actions SET action_name = 'not yet' WHERE id = 6")
    portal.run("UPDATE client_actions SET action_name = 'already' WHERE id = 7")
    with pytest.raises(BusyError, match="nothing was sealed"):
        sealing.run(portal.url, wait=0)
    writer.execute("COMMIT")
    assert sealing.run(portal.url).lines == portal.one("SELECT count(*) FROM row_history")


def test_dump_and_restore_keep_the_history_its_seals_and_its_feeds(kingston, portal, newest_portal_at, newest_server):
    """Lines are keyed by names and keys of rows, never by what a restore numbers anew."""
    sealing.run(portal.url)
    tools = newest_server.started.server.bindir
    dump = subprocess.run([tools / "pg_dump", portal.url.replace("+psycopg", "")], capture_output=True, check=True).stdout
    copy = newest_portal_at("base")
    psql = [tools / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", copy.url.replace("+psycopg", "")]
    subprocess.run(psql, input=dump, capture_output=True, check=True)
    assert faults(kingston, copy, code=0) == []
    number = copy.one("SELECT min(product_owner_id) FROM public.product_owner_phones")
    copy.run("UPDATE public.product_owners SET known_as = 'Annie' WHERE id = %s", number)
    shown = kingston("audit", "show", "--row", f"product_owners/{number}", "--json", portal=copy).json["data"]["lines"]
    assert shown[-1]["changes"]["known_as"][1] == "Annie"
    assert len(shown) == 1 + portal.one(
        "SELECT count(*) FROM row_history WHERE table_name = 'product_owners' AND row_id = %s", number)  # fmt: skip
    assert copy.one("SELECT field_changed FROM public.product_owners_audit_log ORDER BY id DESC LIMIT 1") == "known_as"
    assert faults(kingston, copy, code=0) == []


def test_below_the_history_and_after_a_rollback(kingston, portal, newest_portal_at):
    revision = {t.table for t in tracked.read(portal.connection, schemas(None)).values()}
    assert set(tracked.expected("phase_6")) == revision
    below = newest_portal_at("phase_2_audit", seed=True)
    below.run("UPDATE product_owners SET known_as = 'Annie' WHERE id = 2")
    kingston("audit", "seal", portal=below)
    below.alembic("downgrade", "phase_1")
    outcome = kingston("audit", "verify", "--json", portal=below)
    assert (outcome.code, outcome.finding["code"]) == (3, "refused")
    below.run("UPDATE product_owners SET known_as = 'Unrecorded' WHERE id = 2")
    below.alembic("upgrade", "phase_2_audit")
    outcome = kingston("audit", "verify", "--json", portal=below)
    assert outcome.code == 0, json.dumps(outcome.json["findings"])
    data = outcome.json["data"]
    assert (data["sealed"], data["unrecorded"]) == (
        1, ['product_owners {"id": 2} column known_as changed without a line'])  # fmt: skip
