"""Down from revision ``legacy``: refused over rows, leaves nothing of what it made, takes nothing else."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

import legacy_catalogue
import legacy_rows
from kingston_schema.errors import RefusedError
from legacy_catalogue import EXPECTED
from portals import Portal

TABLES = list(EXPECTED["tables"])
ROW = {
    "session": "(session_id) VALUES ('x')",
    "user_page_presence": "(user_id, page_identifier) SELECT id, 'x' FROM profiles",
}


@pytest.mark.parametrize("table", TABLES)
def test_downgrade_is_refused_while_any_table_holds_a_row(newest_portal_at: Any, table: str) -> None:
    portal = newest_portal_at("legacy")
    if table == "user_page_presence":
        portal.run("INSERT INTO profiles DEFAULT VALUES")
    portal.run(f"INSERT INTO {table} {ROW.get(table, 'DEFAULT VALUES')}")
    with pytest.raises(RefusedError, match=rf"hold rows[^\n]*\b{table}\b"):
        portal.alembic("downgrade", "base")
    assert portal.one(f"SELECT count(*) FROM {table}") == 1


def test_refused_downgrade_changes_nothing(portal_at: Any) -> None:
    portal = portal_at("legacy")
    legacy_rows.insert(portal.connection, legacy_rows.generate(3))
    before = legacy_catalogue.read(portal.connection), _everything(portal)
    with pytest.raises(RefusedError, match="allow=drop_legacy:reason"):
        portal.alembic("downgrade", "base")
    assert (legacy_catalogue.read(portal.connection), _everything(portal)) == before
    assert portal.one("SELECT version_num FROM alembic_version") == "legacy"


def test_downgrade_of_an_empty_portal_leaves_nothing_and_can_be_undone(portal_at: Any) -> None:
    portal = portal_at("legacy")
    for _ in range(2):
        portal.alembic("downgrade", "base")
        assert _left(portal) == []
        portal.alembic("upgrade", "legacy")
        found = legacy_catalogue.read(portal.connection)
        assert found == {kind: EXPECTED[kind] for kind in ("tables", "views")}
        assert len(legacy_catalogue.functions(portal.connection)) == 2


def test_downgrade_over_rows_when_allowed_with_a_reason(portal_at: Any) -> None:
    portal = portal_at("legacy")
    legacy_rows.insert(portal.connection, legacy_rows.generate(3))
    portal.alembic("downgrade", "base", allow=["drop_legacy:scratch database of a test"])
    assert _left(portal) == []


def test_downgrade_does_not_take_what_is_not_ours(portal_at: Any) -> None:
    """A view of somebody else over our tables refuses the downgrade instead of going with it."""
    portal = portal_at("legacy")
    portal.run("CREATE VIEW report AS SELECT name FROM client_groups")
    with pytest.raises(Exception, match="report") as raised:
        portal.alembic("downgrade", "base")
    assert isinstance(raised.value, psycopg.Error) or raised.value.__cause__ is not None
    assert portal.all("SELECT * FROM report") == []
    assert sorted(legacy_catalogue.read(portal.connection)["tables"]) == sorted(TABLES)


def _left(portal: Portal) -> list[str]:
    """Relations and functions of the application schema, Alembic's own table aside."""
    return portal.all(
        "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
        " AND relname NOT LIKE 'alembic\\_version%' UNION ALL"
        " SELECT proname::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
    )


def _everything(portal: Portal) -> dict[str, list[Any]]:
    return {table: portal.all(f"SELECT md5(t::text) FROM {table} AS t ORDER BY 1") for table in TABLES}
