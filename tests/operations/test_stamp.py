"""kingston stamp, and plain alembic stamp through our env.py"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from kingston_schema import settings
from kingston_schema.errors import RefusedError


def unstamped(portal):
    portal.run("DROP TABLE alembic_version")
    return portal


@pytest.mark.parametrize("revision", ["legacy", "phase_2", "phase_3", "phase_4_json_indexes", "phase_6"])
def test_detect_names_the_revision_a_portal_is_at(kingston, portal_at, revision):
    portal = unstamped(portal_at(revision))
    told = kingston("stamp", "--detect", "--json", portal=portal)
    assert told.code == 0
    assert told.json["data"]["match"]["revision"] == revision
    assert portal.one("SELECT to_regclass('alembic_version')") is None, "nothing was recorded"


def test_production_is_stamped_with_all_that_is_its_own(kingston, portal_at):
    """Extra tables, indexes, views, owners, grants, an added legacy column: listed, and no obstacle."""
    portal = unstamped(portal_at("legacy", seed=True))
    for statement in (
        "CREATE TABLE of_their_own (id int PRIMARY KEY)",
        "CREATE INDEX their_index ON client_groups (name, status)",
        "ALTER TABLE client_groups ADD COLUMN their_column text",
        "CREATE VIEW their_view AS SELECT 1 AS one",
        "GRANT SELECT ON client_groups TO PUBLIC",
        "ALTER TABLE client_groups ALTER COLUMN name SET STATISTICS 500",
        "COMMENT ON TABLE profiles IS 'people'",
    ):
        portal.run(statement)
    told = kingston("stamp", "legacy", "--yes", portal=portal)
    assert told.code == 0, told.err
    assert "their_column" in told.out
    assert "do no harm" in told.out
    assert portal.one("SELECT version_num FROM alembic_version") == "legacy"
    portal.alembic("upgrade", "phase_1")


LIES = {
    "a missing trigger": ("phase_3", "DROP TRIGGER ownership_delete ON product_owner_products", "trigger ownership_delete on product_owner_products"),
    "a missing table": ("phase_2", "DROP TABLE client_actions CASCADE", "table client_actions is missing"),
    "a changed type": ("legacy", "ALTER TABLE user_page_presence ALTER COLUMN page_identifier TYPE varchar(9)", "page_identifier"),
    "a missing index": ("phase_4", "DROP INDEX idx_product_owner_products_product", "idx_product_owner_products_product"),
    "a changed function": ("phase_3", "ALTER FUNCTION explain_ownership(jsonb) VOLATILE", "explain_ownership"),
    "a disabled trigger": ("phase_3", "ALTER TABLE product_owner_products DISABLE TRIGGER ownership_insert", "ownership_insert"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused_and_named_by_plain_alembic_and_by_kingston(kingston, newest_portal_at, lie):
    revision, statement, name = LIES[lie]
    portal = newest_portal_at(revision)
    portal.connection.execute(statement.encode())
    unstamped(portal)
    with pytest.raises(RefusedError, match="is not at") as refused:
        portal.alembic("stamp", revision)
    assert name in str(refused.value)
    assert (
        portal.one("SELECT to_regclass('alembic_version')") is None
        or portal.all("SELECT * FROM alembic_version") == []
    )
    told = kingston("stamp", revision, "--yes", "--json", portal=portal)
    assert told.code == 3
    assert name in told.finding["message"]


def test_the_command_line_of_alembic_exits_with_3(newest_portal_at):
    portal = newest_portal_at("legacy")
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "stamp", "phase_3"],
        cwd=settings.checkout(), capture_output=True, text=True, check=False, env={**os.environ, "DATABASE_URL": portal.url},
    )  # fmt: skip
    assert done.returncode == 3
    assert "is not at phase_3" in done.stderr
    assert portal.one("SELECT version_num FROM alembic_version") == "legacy"


def test_stamping_too_low_is_a_lie_as_well(newest_portal_at):
    portal = newest_portal_at("phase_2")
    with pytest.raises(
        RefusedError,
        match=r"table client_actions is there in addition .*; it belongs to phase_2_objectives_actions",
    ):
        portal.alembic("stamp", "phase_1")


def test_a_reason_is_accepted_and_recorded(kingston, newest_portal_at):
    portal = newest_portal_at("phase_3")
    portal.run("DROP TRIGGER ownership_delete ON product_owner_products")
    assert kingston("stamp", "phase_3", "--reason", "we restore it by hand", "--yes", portal=portal).code == 0
    found = portal.one("SELECT outcome, found, reason FROM kingston.gate_result WHERE check_name = 'stamp'")
    assert found[0] == "allowed"
    assert "ownership_delete" in found[1]
    assert found[2] == "we restore it by hand"


def test_the_nearest_is_named_with_every_difference(kingston, newest_portal_at):
    portal = unstamped(newest_portal_at("phase_3"))
    portal.run("DROP TRIGGER ownership_delete ON product_owner_products")
    told = kingston("stamp", "--detect", "--json", portal=portal)
    assert told.code == 1
    assert told.json["data"]["match"]["revision"] in ("phase_3", "phase_3_ownership")
    assert [f["message"] for f in told.json["findings"]] == [
        "trigger ownership_delete on product_owner_products is missing"
    ]


def test_verify_and_dry_run_record_nothing(kingston, newest_portal_at):
    portal = unstamped(newest_portal_at("legacy"))
    for option in ("--verify", "--dry-run"):
        assert kingston("stamp", "legacy", option, portal=portal).code == 0
        assert kingston("stamp", "phase_1", option, portal=portal).code == 1
    assert portal.one("SELECT to_regclass('alembic_version')") is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "which revision?"),
        (["phase_33"], "did you mean phase_3"),
        (["legacy", "--detect"], "leave the name away"),
    ],
)
def test_bad_input_is_told(kingston, newest_portal_at, arguments, said):
    told = kingston("stamp", *arguments, "--json", portal=newest_portal_at("legacy"))
    assert told.code == 2
    assert said in told.finding["message"]


def test_an_empty_schema_cannot_be_stamped(kingston, newest_portal_at):
    assert kingston("stamp", "--detect", "--json", portal=newest_portal_at("base")).code == 2
