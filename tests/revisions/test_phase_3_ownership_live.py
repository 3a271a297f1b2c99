"""Revision phase_3_ownership while others are at work, and after it was killed half-way"""

from __future__ import annotations

import threading

import pytest

from ownership_data import As, assumed, differences, document, individual, people, product, save_owners
from revisions.test_phase_3_ownership import AT, BELOW, documents, expected, many, others
from sql.test_sync_ownership_from_links import wait_until_blocked

FILLING = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'CALL%fill_ownership%'"
    " AND state = 'active'"
)
LEFT = "SELECT count(*) FROM client_products WHERE ownership_details IS NULL"
# The fill waits before its first step until the table `go` has a row: then we know that the column is there.
WAIT = """
CREATE TABLE kingston.go ();
CREATE FUNCTION kingston.wait_for_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WHILE NOT EXISTS (SELECT FROM kingston.go) LOOP PERFORM pg_sleep(0.01); END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER wait_for_go BEFORE INSERT ON kingston.backfill_progress FOR EACH ROW
    WHEN (NEW.step = 'fill_ownership') EXECUTE FUNCTION kingston.wait_for_go();
"""


def until(portal, question):
    """Ask until the answer is true (bounded); returns it."""
    for _ in range(3000):
        if answer := portal.one(question):
            return answer
        portal.one("SELECT pg_sleep(0.01)")
    raise AssertionError(f"never: {question}")


class Upgrade(threading.Thread):
    """The upgrade of a large portal in which somebody else holds ``held``: it comes to all the others and waits.

    ``error`` is what it ended with; ``release()`` lets it have the last product.
    """

    def __init__(self, portal, held):
        super().__init__()
        self.portal, self.held, self.error = portal, held, None
        self.holder = portal.connect()
        portal.run(WAIT)
        self.start()
        until(portal, FILLING)
        self.holder.execute("BEGIN")
        self.holder.execute("SELECT 1 FROM client_products WHERE id = %s FOR NO KEY UPDATE", [held])
        portal.run("INSERT INTO kingston.go DEFAULT VALUES")
        until(portal, LEFT.replace("count(*)", "count(*) = 1"))

    def run(self):
        try:
            self.portal.alembic("upgrade", AT)
        except BaseException as error:
            self.error = error

    def release(self):
        self.holder.execute("ROLLBACK")
        self.join(timeout=60)
        assert not self.is_alive()


@pytest.fixture
def portal(portal_at):
    found = portal_at(BELOW)
    many(found)
    return found


def test_killed_in_the_middle_and_run_again(portal):
    should, rows = expected(portal), sorted(others(portal))
    upgrade = Upgrade(portal, 1700)
    portal.run("SELECT pg_terminate_backend(%s)", until(portal, FILLING))
    upgrade.join(timeout=60)
    assert upgrade.error is not None
    assert portal.one(LEFT) == 1
    assert portal.one("SELECT version_num FROM alembic_version") == BELOW
    upgrade.release()
    portal.alembic("upgrade", AT)
    assert documents(portal) == should
    assert sorted(others(portal)) == rows
    assert differences(portal) == []
    progress = "SELECT done, total, finished_at IS NOT NULL FROM kingston.backfill_progress WHERE step = 'fill_ownership'"
    assert portal.one(progress) == (len(should), len(should), True)


def test_writers_go_on_while_it_runs(portal):
    upgrade = Upgrade(portal, 1700)
    app = As(portal.connect())
    app.run("SET statement_timeout = '10s'")
    a, b = people(app, 2)
    born = product(app, b, a)
    save_owners(app, 5, [a, b])
    save_owners(app, 6, [])
    app.run("UPDATE client_products SET notes = 'x' WHERE id <> 1700")
    app.run("DELETE FROM client_products WHERE id = 7")
    app.run("INSERT INTO client_products (product_name) SELECT 'late' FROM generate_series(1, 50)")
    upgrade.release()
    assert upgrade.error is None
    assert (document(portal, born), document(portal, 5)) == (assumed(b, a), assumed(a, b))
    assert documents(portal) == expected(portal)
    assert differences(portal) == []


def test_links_changed_while_it_waits_for_their_product(portal):
    (a,) = people(portal, 1)
    upgrade = Upgrade(portal, 1700)
    request = As(portal.connect())
    saving = threading.Thread(target=save_owners, args=(request, 1700, [a]))
    saving.start()
    wait_until_blocked(portal, request.connection)
    upgrade.release()
    saving.join(timeout=60)
    assert upgrade.error is None
    assert document(portal, 1700) == individual(a)
    assert documents(portal) == expected(portal)
    assert differences(portal) == []
