"""The script of ``upgrade head --sql`` does what the online run does: same schema, same data."""

from __future__ import annotations

import subprocess

import pytest

from kingston_schema import settings
from kingston_schema.catalog import fingerprint
from portals import Portal

# Bookkeeping that tells when and how a run was made.
BOOKKEEPING = {
    "migration_log", "migration_benchmarks", "performance_baselines", "monitoring_results", "summary_refresh_log", "row_history",
}  # fmt: skip
# Times at which something was done now.
CLOCKS = (
    "updated_at",
    "refreshed_at",
    "last_updated",
    "recorded_at",
    "created_at",
    "moved_at",
    "next_execution",
)


def psql(server, portal: Portal, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(server.started.server.bindir / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", settings.libpq_url(portal.url)],
        input=script, capture_output=True, text=True, check=False,
    )  # fmt: skip


def data(portal: Portal) -> dict[str, list[str]]:
    """Rows of every table of the schema, without bookkeeping and clocks of tables that are new."""
    found = {}
    for table in portal.all(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
    ):
        if table in BOOKKEEPING or table == "alembic_version":
            continue
        columns = portal.all(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            table,
        )
        kept = [c for c in columns if not (c in CLOCKS and table not in LEGACY)]
        if kept:
            found[table] = sorted(portal.all(f"SELECT row({', '.join(kept)})::text FROM {table}"))
    return found


from kingston_schema.ddl.preflight import LEGACY_TABLES as LEGACY  # noqa: E402


@pytest.mark.parametrize("way", ["up", "up and down"])
def test_the_script_gives_the_same_schema_and_data_as_the_online_run(server, portal_at, way):
    online, offline = portal_at("legacy", seed=True), portal_at("legacy", seed=True)
    online.alembic("upgrade", "head")
    result = psql(server, offline, offline.alembic("upgrade", "legacy:head", sql=True))
    assert result.returncode == 0, result.stderr
    if way == "up and down":
        online.alembic("downgrade", "legacy")
        result = psql(server, offline, offline.alembic("downgrade", "phase_6:legacy", sql=True))
        assert result.returncode == 0, result.stderr
    assert offline.one("SELECT version_num FROM alembic_version") == online.one(
        "SELECT version_num FROM alembic_version"
    )
    assert (
        fingerprint.differences(
            fingerprint.read(online.connection, "public"), fingerprint.read(offline.connection, "public")
        )
        == []
    )
    assert data(offline) == data(online)


def test_E227_a_failing_gate_stops_the_script(server, portal_at):
    portal = portal_at("legacy")
    portal.run("COMMENT ON TABLE alembic_version IS NULL")  # production, and empty
    result = psql(server, portal, portal.alembic("upgrade", "legacy:head", sql=True))
    assert result.returncode == 3
    assert "client_groups_populated" in result.stderr
    assert portal.one("SELECT version_num FROM alembic_version") == "pre_migration_roles"
