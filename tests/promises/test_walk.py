"""P1 at every revision: going down from a revision gives the schema that going up had found there."""

from __future__ import annotations

import re
import subprocess

from kingston_schema import settings
from kingston_schema.catalog import fingerprint
from portals import Portal, revisions

# Revisions and their gates write to these tables themselves: their sequences move on, every other stands still.
LOGS = (
    "migration_log", "migration_benchmarks", "performance_baselines", "product_owners_audit_log", "summary_refresh_log",
    "monitoring_schedule",
)  # fmt: skip


def dump(server, portal: Portal) -> str:
    """``pg_dump --schema-only`` of the application schema without the dump's own random tokens."""
    text = subprocess.run(
        [str(server.started.server.bindir / "pg_dump"), "--schema-only", "--schema=public", "--exclude-table=alembic_version",
         "--dbname", settings.libpq_url(portal.url)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return re.sub(r"^\\(un)?restrict .*$", "", text, flags=re.MULTILINE)


def test_base_to_head_and_back_twice_leaves_no_difference_at_any_revision(server, portal_at):
    """With the sample data in it: up once, then down and up again, comparing at each revision on each way."""
    portal = portal_at("legacy", seed=True)
    up: dict[str, tuple[str, fingerprint.Fingerprint]] = {}
    rows = legacy_rows(portal)

    def compare(revision: str) -> None:
        found = dump(server, portal), standing(portal)
        if revision in up:
            assert fingerprint.differences(up[revision][1], found[1]) == [], revision
            assert found[0] == up[revision][0], revision
        up[revision] = found

    order = revisions()
    compare("legacy")
    for revision in order[1:]:
        portal.alembic("upgrade", revision)
        compare(revision)
    for revision in order[-2::-1]:
        portal.alembic("downgrade", revision)
        compare(revision)
    assert legacy_rows(portal) == rows
    for revision in order[1:]:
        portal.alembic("upgrade", revision)
        compare(revision)
    portal.alembic("downgrade", "legacy")
    compare("legacy")
    assert legacy_rows(portal) == rows


def test_base_to_head_to_base_on_an_empty_database_leaves_nothing(server, portal_at):
    portal = portal_at("base")
    before = fingerprint.read(portal.connection, "public")
    for _ in range(2):
        portal.alembic("upgrade", "head")
        portal.alembic("downgrade", "base")
        assert fingerprint.differences(before, fingerprint.read(portal.connection, "public")) == []


def standing(portal: Portal) -> fingerprint.Fingerprint:
    """The schema, and where the sequences stand that only people move."""
    own = {f"sequence {log}_id_seq" for log in LOGS}
    read = fingerprint.read(portal.connection, "public", state=True)
    return fingerprint.Fingerprint(
        {
            name: {key: value for key, value in held.items() if key != "state" or name not in own}
            for name, held in read.objects.items()
        }
    )


def legacy_rows(portal: Portal) -> dict[str, str]:
    """A checksum of all rows of each of the 22 tables."""
    from kingston_schema.ddl.preflight import LEGACY_TABLES

    return {
        table: portal.one(
            f"SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} AS t"
        )
        for table in LEGACY_TABLES
    }
