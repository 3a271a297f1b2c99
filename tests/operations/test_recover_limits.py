"""kingston recover: other revisions, other portals, Ctrl-C, undo of an undo, and no scan of the history"""

from __future__ import annotations

import os
import signal
import threading

import pytest

from kingston_schema.errors import RefusedError
from kingston_schema.operations.recover import client as of_client
from operations.recovering import filled, now, recover, state

SECOND = "INSERT INTO {}.client_groups (id, name) SELECT n, 'Other ' || n FROM generate_series(1, 9) AS n"
# Two hours later, of other rows: of those that name their group, and of those that do not.
OTHERS_LINES = """
INSERT INTO row_history (table_name, row_key, client_group_id, action, changes, actor, transaction_id, occurred_at)
SELECT t.name, jsonb_build_object(t.key, 1000 + n), CASE WHEN t.grouped THEN 1000 + n END, t.action,
       CASE t.action WHEN 'delete' THEN jsonb_build_object('product_id', 1000 + n, 'product_owner_id', 1000 + n)
            ELSE jsonb_build_object('client_group_id', jsonb_build_array(1000 + n, 2000 + n)) END,
       'x', 3, clock_timestamp() + interval '2 hours'
FROM generate_series(1, 4000) AS n CROSS JOIN (VALUES
    ('product_owner_products', 'id', false, 'delete'), ('product_owner_phones', 'id', false, 'delete'),
    ('product_owners', 'id', false, 'update'), ('client_actions', 'id', true, 'update'),
    ('client_group_secrets', 'client_group_id', true, 'delete')) AS t (name, key, grouped, action)
"""
BUSY = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND application_name = 'kingston_schema' AND backend_type = 'client backend' AND state IS DISTINCT FROM 'idle'"
)
WAIT = """
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(78); RETURN NEW; END';
CREATE TRIGGER wait BEFORE UPDATE ON client_groups FOR EACH ROW EXECUTE FUNCTION wait()
"""


@pytest.fixture
def portal(newest_portal_at):
    return filled(newest_portal_at("head", seed=True))


def test_undo_goes_one_step_at_a_time(kingston, portal):
    at = now(portal)
    portal.run("UPDATE client_groups SET name = 'Spoilt' WHERE id = 1")
    spoilt = state(portal)
    first = recover(kingston, portal, "client", "1", "--at", at, "--yes")
    second = recover(kingston, portal, "undo", first["id"], "--yes")
    assert state(portal) == spoilt
    for done in (first["id"],):  # not twice
        assert "changed since" in recover(kingston, portal, "undo", done, "--yes", code=3)["message"]
    third = recover(kingston, portal, "undo", second["id"], "--yes")
    # The row is as the first recovery left it, and still not its alone any more.
    assert "changed since" in recover(kingston, portal, "undo", first["id"], "--yes", code=3)["message"]
    portal.run("UPDATE client_groups SET name = 'Somebody' WHERE id = 1")
    finding = recover(kingston, portal, "undo", third["id"], "--yes", code=3)
    assert finding["message"] == f'changed since recovery {third["id"]}: client_groups {{"id": 1}}'
    portal.run("UPDATE client_objectives SET title = 'New' WHERE client_group_id = 1")  # what is not of it, does not count
    fourth = recover(kingston, portal, "client", "1", "--at", at, "--yes", "--tables", "client_groups")
    recover(kingston, portal, "undo", fourth["id"], "--yes")
    assert portal.one("SELECT name FROM client_groups WHERE id = 1") == "Somebody"


def test_what_is_done_is_what_was_shown(portal):
    at = portal.one("SELECT clock_timestamp()")
    portal.run("UPDATE client_groups SET name = 'Spoilt' WHERE id = 1")
    seen = of_client.run(portal.url, 1, at, dry_run=True).changes
    portal.run("UPDATE client_groups SET name = 'Since' WHERE id = 1")
    before = state(portal)
    with pytest.raises(RefusedError, match="since the difference was shown; nothing was changed"):
        of_client.run(portal.url, 1, at, shown=seen)
    assert state(portal) == before
    seen = of_client.run(portal.url, 1, at, dry_run=True).changes
    assert of_client.run(portal.url, 1, at, shown=seen).changes == seen


def test_at_earlier_revisions(kingston, portal):
    """Tables that a revision does not have stay out; what their history says waits until they are back."""
    at = now(portal)
    product = portal.one("SELECT min(id) FROM client_products WHERE client_id = 1")
    link = portal.one("SELECT min(id) FROM product_owner_products WHERE product_id = %s", product)
    lone = portal.one("SELECT max(id) FROM client_products WHERE client_id = 1")
    portal.run("UPDATE client_objectives SET title = 'Spoilt' WHERE client_group_id = 1")
    done = recover(kingston, portal, "client", "1", "--at", at, "--yes")
    assert {change["table"] for change in done["changes"]} == {"client_objectives"}

    portal.alembic("downgrade", "phase_4")  # products have no history here, links have
    document = portal.one("SELECT ownership_details FROM client_products WHERE id = %s", product)
    late = now(portal)
    portal.run("DELETE FROM product_owner_products WHERE product_id = %s", product)
    assert portal.one("SELECT ownership_details FROM client_products WHERE id = %s", product) != document
    finding = recover(kingston, portal, "client", "1", "--at", late, "--yes", "--tables", "client_products", code=3)
    assert finding["message"] == "client_products has no row history here"
    data = recover(kingston, portal, "client", "1", "--at", late, "--yes")
    assert link in {int(change["key"].split(": ")[1][:-1]) for change in data["changes"]}
    assert portal.one("SELECT ownership_details FROM client_products WHERE id = %s", product) == document

    portal.alembic("downgrade", "phase_2_audit")
    finding = recover(kingston, portal, "undo", done["id"], "--yes", code=3)
    assert (finding["object"], finding["fix"]) == ("client_objectives", "kingston upgrade")
    portal.run("UPDATE client_groups SET name = 'Spoilt' WHERE id = 1")
    links = portal.run("DELETE FROM client_products WHERE id = %s", lone)
    assert links == 1
    data = recover(kingston, portal, "client", "1", "--at", late, "--yes")
    assert [change["table"] for change in data["changes"]] == ["client_groups"]
    finding = recover(kingston, portal, "items", "--yes", code=3)
    assert finding["fix"] == "kingston upgrade phase_2"
    assert recover(kingston, portal, "ownership", "--yes", code=3)["fix"] == "kingston upgrade phase_3"
    outcome = kingston("recover", "verify", "--json", portal=portal)
    assert outcome.json["data"]["judgements"][3]["note"].startswith("not measured")
    portal.alembic("downgrade", "phase_2_owner_phones")
    for verb in (("client", "1", "--at", at), ("undo", done["id"]), ("items",), ("ownership",), ("verify",)):
        assert recover(kingston, portal, *verb, code=3)["object"] == "row_history"

    portal.alembic("upgrade", "phase_2_objectives_actions")  # they are back; nobody recorded them meanwhile
    finding = recover(kingston, portal, "client", "1", "--at", late, "--yes", code=3)
    assert "begins at" in finding["message"]


def test_another_portal_of_the_same_database(kingston, portal):
    assert kingston("upgrade", "phase_2", "--yes", "--schema", "firm_b", portal=portal).code == 0
    portal.run(SECOND.format("firm_b"))
    at, before = now(portal), state(portal)
    portal.run("UPDATE firm_b.client_groups SET name = 'Spoilt' WHERE id = 1")
    names = "SELECT name FROM firm_b.client_groups ORDER BY id LIMIT 2"
    assert recover(kingston, portal, "client", "1", "--at", at, "--dry-run")["changes"] == []
    outcome = kingston("recover", "client", "1", "--at", at, "--yes", "--schema", "firm_b", portal=portal)
    assert "kingston recover --schema firm_b undo" in outcome.out
    assert portal.all(names) == ["Other 1", "Other 2"]
    number = portal.one("SELECT substr(correlation_id, 9) FROM firm_b.row_history ORDER BY id DESC LIMIT 1")
    finding = recover(kingston, portal, "undo", number, "--yes", code=2)
    assert finding["message"] == f'the history holds no recovery "{number}"'
    recover(kingston, portal, "undo", number, "--yes", "--schema", "firm_b")
    assert portal.all(names) == ["Spoilt", "Other 2"]
    events = kingston("history", "--schema", "firm_b", "--limit", "2", "--json", portal=portal).json["data"]["entries"]
    assert [entry["event"] for entry in events] == ["recover undo", "recover client"]
    assert "recover client" not in kingston("history", "--json", portal=portal).out
    assert state(portal) == before


def test_interrupted_in_the_transaction_nothing_was_changed(kingston, portal):
    at = now(portal)
    portal.run("UPDATE client_groups SET name = 'Spoilt' WHERE id = 1")
    portal.run("DELETE FROM client_actions WHERE client_group_id = 1")
    portal.run(WAIT)
    spoilt = state(portal)
    held, watcher = portal.connect(), portal.connect()
    held.execute("SELECT pg_advisory_lock(78)")
    waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 78 AND NOT granted"

    def interrupt() -> None:
        while watcher.execute(waits).fetchone() == (0,):
            pass
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    finding = recover(kingston, portal, "client", "1", "--at", at, "--yes", code=5)
    thread.join()
    assert (finding["code"], finding["message"]) == ("interrupted", "interrupted; nothing was changed")
    assert state(portal) == spoilt
    assert portal.one("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'") == 0
    entry = kingston("history", "--limit", "1", "--json", portal=portal).json["data"]["entries"][0]
    assert (entry["event"], entry["outcome"]) == ("recover client", "interrupted")
    held.execute("SELECT pg_advisory_unlock(78)")
    assert len(recover(kingston, portal, "client", "1", "--at", at, "--yes")["changes"]) == 2


def test_it_reads_only_lines_of_its_rows(kingston, portal):
    """However long the history is: lines of others are not read, as the server counts them."""
    at = now(portal)
    portal.run("DELETE FROM client_group_secrets WHERE client_group_id = 1")
    portal.run("UPDATE client_groups SET name = 'Spoilt' WHERE id = 1")
    product = portal.one("SELECT min(id) FROM client_products WHERE client_id = 1")
    portal.run("DELETE FROM product_owner_products WHERE product_id = %s", product)
    lines = portal.run(OTHERS_LINES)
    portal.run("VACUUM ANALYZE row_history")
    portal.run("SELECT pg_stat_force_next_flush()")  # what the VACUUM itself read is counted before
    read = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_all_tables WHERE relid = 'row_history'::regclass"
    before = portal.one(read)
    done = recover(kingston, portal, "client", "1", "--at", at, "--yes")
    assert {change["table"] for change in done["changes"]} >= {"client_groups", "client_group_secrets", "product_owner_products"}
    recover(kingston, portal, "undo", done["id"], "--yes")
    while portal.one(BUSY):
        pass  # what a session read is counted when it is gone
    assert portal.one(read) - before < lines / 5
