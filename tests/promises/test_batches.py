"""P5, data in batches: a client killed inside a batch loses that batch; no finished one is done a second time."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass

import pytest

from portals import Portal

GATE = 4711


@dataclass(frozen=True)
class Movement:
    """A data movement: rows of ``table`` are written batch by batch; the run is killed when it comes to ``stop``."""

    revision: str
    below: str
    step: str
    table: str
    key: str
    stop: int
    prepare: tuple[str, ...]


OWNERS = "INSERT INTO product_owners (id, firstname, created_at) SELECT n, 'Owner ' || n, now() FROM generate_series(1, 7000) AS n"
MOVEMENTS = [
    Movement(
        "phase_3_ownership", "phase_2", "fill_ownership", "client_products", "id", 6500,
        (
            OWNERS.replace("7000", "10"),
            "INSERT INTO client_products (id, product_name) SELECT n, 'Product ' || n FROM generate_series(1, 7000) AS n",
            "INSERT INTO product_owner_products (product_owner_id, product_id) SELECT 1 + n % 10, n FROM generate_series(1, 7000) AS n",
        ),
    ),
    Movement(
        "phase_2_product_owners", "phase_1", "restore product_owners", "product_owners", "id", 6500,
        (OWNERS, "+phase_2_product_owners", "UPDATE product_owners SET notes = 'n' || id", "-phase_1"),
    ),
    Movement(
        "phase_2_owner_phones", "phase_2_product_owners", "migrate_owner_phones", "product_owner_phones", "product_owner_id", 4500,
        (
            "ALTER TABLE product_owners ADD COLUMN phone text",
            OWNERS.replace("(id,", "(id, phone,").replace("n,", "n, '07700 9' || lpad(n::text, 5, '0'),", 1).replace("7000", "5000"),
        ),
    ),
    Movement(
        "phase_6_summaries", "phase_5", "fill_summaries", "client_dense_summary", "client_group_id", 900,
        ("INSERT INTO client_groups (id, name) SELECT n, 'Group ' || n FROM generate_series(1, 1000) AS n",),
    ),
]  # fmt: skip


def watch(portal: Portal, movement: Movement) -> None:
    """Count what is written to each row, and stand still at one of them; also where the table is not there yet."""
    portal.run("CREATE SCHEMA watch; CREATE TABLE watch.written (key bigint, finished boolean DEFAULT false)")
    portal.run(
        "CREATE FUNCTION watch.count() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
        f" IF NEW.{movement.key} = {movement.stop} THEN PERFORM pg_advisory_xact_lock_shared({GATE}); END IF;"
        f" INSERT INTO watch.written (key) VALUES (NEW.{movement.key}); RETURN NEW; END $$"
    )
    trigger = f"CREATE TRIGGER zz_watch BEFORE INSERT OR UPDATE ON {movement.table} FOR EACH ROW EXECUTE FUNCTION watch.count()"
    if portal.one("SELECT to_regclass(%s) IS NOT NULL", movement.table):
        portal.run(trigger)
        return
    portal.run(
        "CREATE FUNCTION watch.attach() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF EXISTS (SELECT 1 FROM pg_event_trigger_ddl_commands() AS c"
        f" WHERE c.object_identity = 'public.{movement.table}' AND c.object_type = 'table') THEN {trigger}; END IF; END $$"
    )
    portal.run(
        "CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION watch.attach()"
    )


def at_the_gate(portal: Portal) -> bool:
    return portal.one(
        "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        GATE,
    )


@pytest.mark.parametrize("movement", MOVEMENTS, ids=[m.step.replace(" ", "_") for m in MOVEMENTS])
def test_no_finished_batch_is_repeated(newest_portal_at, crasher, movement, record_property):
    portal = newest_portal_at(movement.below)
    for statement in movement.prepare:
        if statement[0] in "+-":
            portal.alembic("upgrade" if statement[0] == "+" else "downgrade", statement[1:])
        else:
            portal.run(statement)
    watch(portal, movement)
    gate = portal.connect()
    gate.execute(f"SELECT pg_advisory_lock({GATE})")
    run = crasher.start(portal.url, "upgrade", movement.revision)
    until = time.monotonic() + 60
    while not at_the_gate(portal):
        assert time.monotonic() < until
        time.sleep(0.01)
    os.kill(run, signal.SIGKILL)
    assert crasher.wait(run).code == -signal.SIGKILL

    finished = portal.one("SELECT count(*) FROM watch.written")
    assert 0 < finished < movement.stop, "some batches were committed, the one with the gate was not"
    done = portal.one(
        "SELECT done FROM kingston.backfill_progress WHERE step = %s AND finished_at IS NULL", movement.step
    )
    assert 0 < done < movement.stop
    portal.run("UPDATE watch.written SET finished = true")
    before = rows(portal, movement)

    again = crasher.start(portal.url, "upgrade", movement.revision)
    gate.execute(f"SELECT pg_advisory_unlock({GATE})")
    ended = crasher.wait(again)
    assert ended.code == 0, ended.said
    twice = portal.all(
        "SELECT key FROM watch.written GROUP BY key HAVING bool_or(finished) AND bool_or(NOT finished)"
    )
    assert twice == []
    assert {key: row for key, row in rows(portal, movement).items() if key in before} == before, (
        "the very same row versions"
    )
    assert portal.one(
        "SELECT finished_at IS NOT NULL FROM kingston.backfill_progress WHERE step = %s", movement.step
    )
    record_property("rows finished before the crash", finished)


def rows(portal: Portal, movement: Movement) -> dict[int, str]:
    """Version and place of every row that a finished batch has written."""
    return dict(
        portal.all(
            f"SELECT DISTINCT t.{movement.key}, string_agg(t.xmin || ' ' || t.ctid, ', ' ORDER BY t.ctid) FROM {movement.table} AS t"
            f" WHERE t.{movement.key} IN (SELECT key FROM watch.written WHERE finished) GROUP BY 1"
        )
    )
