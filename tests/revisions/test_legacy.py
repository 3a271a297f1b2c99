"""Revision ``legacy``: exactly the Phase 1 schema (census and acceptance list of the legacy schema)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

import legacy_catalogue
import legacy_rows
from kingston_schema.errors import NotAPortal
from legacy_catalogue import EXPECTED
from portals import Portal

TABLES = list(EXPECTED["tables"])


def test_expectation_holds_the_census() -> None:
    """The expected catalogue itself: 22 tables, 142 columns, 25 foreign keys and so on."""
    tables = EXPECTED["tables"].values()
    kinds = Counter(item["kind"] for table in tables for item in table["constraints"].values())
    columns = [column for table in tables for column in table["columns"]]
    assert (len(EXPECTED["tables"]), len(columns), len(EXPECTED["views"]), len(EXPECTED["functions"])) == (
        22,
        142,
        24,
        2,
    )
    assert kinds == {"primary key": 22, "foreign key": 25, "unique": 1}
    assert sum(len(table["indexes"]) for table in tables) == 53
    assert sum("identity" in column for column in columns) == 21
    assert sum(len(columns) for columns in EXPECTED["views"].values()) == 280
    assert max(len(name) for table in tables for name in table["constraints"]) == 63


def test_tables_are_exactly_the_documented_ones(portal_at: Any) -> None:
    found = legacy_catalogue.read(portal_at("legacy").connection)
    assert sorted(found["tables"]) == sorted(TABLES)
    for table in TABLES:
        assert found["tables"][table] == EXPECTED["tables"][table], table


def test_views_are_exactly_the_documented_ones(portal_at: Any) -> None:
    found = legacy_catalogue.read(portal_at("legacy").connection)
    assert found["views"] == EXPECTED["views"]


def test_functions_are_exactly_the_documented_ones(portal_at: Any) -> None:
    def listed(columns: list[dict[str, str]]) -> str:
        return ", ".join(f"{column['name']} {column['type']}" for column in columns)

    assert legacy_catalogue.functions(portal_at("legacy").connection) == [
        {
            "name": name,
            "arguments": listed(function["arguments"]),
            "returns": f"TABLE({listed(function['returns'])})",
            "language": "plpgsql",
            "set_returning": True,
            "volatility": "v",
            "strict": False,
            "definer": False,
            "parallel": "u",
            "cost": 100.0,
            "rows": 1000.0,
            "defaults": 0,
            "settings": None,
            "leakproof": False,
        }
        for name, function in sorted(EXPECTED["functions"].items())
    ]


NOTHING_ELSE = {
    "triggers": "SELECT tgname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
    " WHERE NOT tgisinternal AND c.relnamespace = current_schema()::regnamespace",
    "rules": "SELECT rulename FROM pg_rewrite WHERE rulename <> '_RETURN'"
    " AND ev_class IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)",
    "types": "SELECT typname FROM pg_type WHERE typnamespace = current_schema()::regnamespace"
    " AND typtype NOT IN ('c', 'b') OR typtype = 'b' AND typelem = 0"
    " AND typnamespace = current_schema()::regnamespace",
    "free sequences": "SELECT c.relname FROM pg_class AS c"
    " WHERE c.relkind = 'S' AND NOT EXISTS (SELECT 1 FROM pg_depend AS d"
    " WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i')",
    "row security": "SELECT relname FROM pg_class WHERE relrowsecurity OR relforcerowsecurity",
    "policies": "SELECT polname FROM pg_policy",
    "extensions": "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'",
    "publications": "SELECT pubname FROM pg_publication",
    "statistics": "SELECT stxname FROM pg_statistic_ext",
    "options": "SELECT relname FROM pg_class"
    " WHERE reloptions IS NOT NULL AND relnamespace = current_schema()::regnamespace",
    "comments": "SELECT objoid::regclass::text || ': ' || description FROM pg_description"
    " WHERE classoid = 'pg_class'::regclass AND objoid <> 'alembic_version'::regclass"
    " AND objoid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)",
    "function comments": "SELECT description FROM pg_description WHERE classoid = 'pg_proc'::regclass"
    " AND objoid IN (SELECT oid FROM pg_proc WHERE pronamespace = current_schema()::regnamespace)",
    "grants": "SELECT relname FROM pg_class"
    " WHERE relacl IS NOT NULL AND relnamespace = current_schema()::regnamespace",
    # The control schema holds the event log from the first run on, and nothing else yet.
    "schemas": "SELECT nspname FROM pg_namespace WHERE nspname <> current_schema()"
    " AND nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'kingston')",
    "control": "SELECT relname FROM pg_class WHERE relnamespace = 'kingston'::regnamespace"
    " AND relkind <> 'i' AND relname <> 'event_log'",
}


@pytest.mark.parametrize("kind", NOTHING_ELSE)
def test_nothing_else_is_there(portal_at: Any, kind: str) -> None:
    """Acceptance point 1: exactly the census, nothing in other schemas (it has none to be in)."""
    assert portal_at("legacy").all(NOTHING_ELSE[kind]) == []


def test_columns_that_no_view_uses(portal_at: Any) -> None:
    """The views depend on exactly the columns that production's depend on (legacy schema, section 5.5)."""
    used = set(
        portal_at("legacy").all(
            """
            SELECT DISTINCT c.relname, a.attname
            FROM pg_depend AS d
            JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
            JOIN pg_class AS c ON d.refclassid = 'pg_class'::regclass AND c.oid = d.refobjid
                              AND c.relkind = 'r'
            JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
            """
        )
    )
    every = {
        (table, column["name"])
        for table in EXPECTED["tables"]
        for column in EXPECTED["tables"][table]["columns"]
    }
    unused = {f"{table}.{column}" for table, column in every - used}
    whole = {"authentication", "profiles", "session", "provider_switch_log", "user_page_presence"}
    assert {table for table, _ in every} - {table for table, _ in used} == whole
    documented = {
        "client_groups.advisor_id", "client_products.notes", "client_products.template_generation_id",
        "holding_activity_log.product_id", "portfolio_fund_irr_values.fund_valuation_id",
        "portfolio_irr_values.portfolio_valuation_id", "portfolio_funds.end_date", "portfolios.end_date",
        "portfolios.template_generation_id", "template_portfolio_generations.updated_at",
        "client_group_product_owners.id", "product_owner_products.id",
    }  # fmt: skip
    rest = {name for name in unused if name.split(".")[0] not in whole}
    assert {name for name in rest if not name.endswith(".created_at")} == documented


def test_no_view_hangs_on_a_primary_key(portal_at: Any) -> None:
    """A view that groups by a key alone would forbid dropping the key; production's views do not."""
    assert (
        portal_at("legacy").all(
            "SELECT c.conname FROM pg_depend AS d JOIN pg_constraint AS c"
            " ON d.refclassid = 'pg_constraint'::regclass AND c.oid = d.refobjid"
            " WHERE d.classid = 'pg_rewrite'::regclass"
        )
        == []
    )


def test_bulk_insert_with_reserved_ids_works(portal_at: Any) -> None:
    """The portal draws ids from the sequence by name and writes them itself: identity *by default*."""
    portal = portal_at("legacy")
    reserved = portal.all("SELECT nextval('holding_activity_log_id_seq') FROM generate_series(1, 3)")
    for number in reserved:
        portal.run("INSERT INTO holding_activity_log (id, amount) VALUES (%s, 1)", number)
    portal.run("INSERT INTO holding_activity_log (amount) VALUES (2)")
    assert portal.all("SELECT id FROM holding_activity_log ORDER BY id") == [1, 2, 3, 4]
    portal.run("ALTER SEQUENCE available_portfolio_funds_id_seq RESTART WITH 42")
    portal.run("INSERT INTO available_portfolio_funds DEFAULT VALUES")
    assert portal.one("SELECT id FROM available_portfolio_funds") == 42


def test_database_built_here_is_marked_as_new(portal_at: Any) -> None:
    portal = portal_at("legacy")
    assert "built new" in portal.one("SELECT obj_description('alembic_version'::regclass, 'pg_class')")


def test_stamped_database_is_not_marked_as_new(portal_at: Any) -> None:
    portal = portal_at("legacy")
    portal.run("DROP TABLE alembic_version")
    portal.alembic("stamp", "legacy")
    assert portal.one("SELECT obj_description('alembic_version'::regclass, 'pg_class')") is None


def test_production_that_is_not_stamped_is_not_built_over(portal_at: Any) -> None:
    portal = portal_at("legacy")
    portal.run("DROP TABLE alembic_version")
    before = legacy_catalogue.read(portal.connection)
    with pytest.raises(NotAPortal, match="alembic stamp legacy"):
        portal.alembic("upgrade", "legacy")
    assert legacy_catalogue.read(portal.connection) == before


def test_script_builds_the_same_schema(portal_at: Any) -> None:
    """``alembic upgrade legacy --sql``, run by hand on an empty database."""
    portal = portal_at("base")
    portal.run(portal.alembic("upgrade", "legacy", sql=True))
    assert legacy_catalogue.read(portal.connection) == {kind: EXPECTED[kind] for kind in ("tables", "views")}
    assert len(legacy_catalogue.functions(portal.connection)) == 2
    assert portal.one("SELECT version_num FROM alembic_version") == "legacy"


def test_portal_in_another_schema(portal_at: Any) -> None:
    """The same catalogue in schema firm_a; the first schema stays empty."""
    portal = portal_at("base")
    other = Portal(portal.url, "firm_a")
    try:
        other.alembic("upgrade", "legacy")
        found = legacy_catalogue.read(other.connection)
        assert found == {kind: EXPECTED[kind] for kind in ("tables", "views")}
        legacy_rows.insert(other.connection, legacy_rows.generate(1))
        assert other.all("SELECT * FROM global_search_entities('a')")
        assert portal.all("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []
    finally:
        other.close()
