"""kingston fingerprint"""

from __future__ import annotations

import shlex

import pytest
import sqlalchemy as sa


def test_one_hash_per_object_and_one_in_all(kingston, portal_at):
    portal = portal_at("legacy")
    data = kingston("fingerprint", "--json", portal=portal).json["data"]
    assert len(data["total"]) >= 16
    assert sum("product_owners" in name for name in data["hashes"]) >= 1
    assert kingston("fingerprint", "--json", portal=portal).json["data"]["hashes"] == data["hashes"]


def test_any_change_shows(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    before = kingston("fingerprint", "--json", portal=portal).json["data"]
    portal.run("COMMENT ON TABLE client_groups IS 'somebody was here'")
    after = kingston("fingerprint", "--json", portal=portal).json["data"]
    assert after["total"] != before["total"]
    changed = [name for name in after["hashes"] if after["hashes"][name] != before["hashes"].get(name)]
    assert changed == ["table client_groups"]


def test_a_sequence_that_moved_shows_in_the_hashes_and_not_in_the_comparison(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    before = kingston("fingerprint", "--json", portal=portal).json["data"]["hashes"]
    portal.run("SELECT nextval('client_groups_id_seq')")
    after = kingston("fingerprint", "--json", portal=portal).json["data"]["hashes"]
    assert [name for name in after if after[name] != before[name]] == ["sequence client_groups_id_seq"]
    assert kingston("fingerprint", "--diff", "legacy", portal=portal).code == 0


@pytest.mark.parametrize(
    ("at", "diff", "revision"),
    [("legacy", "legacy", "legacy"), ("phase_6", "head", "phase_6"), ("phase_1", "current", "phase_1")],
)
def test_a_portal_is_the_revision_it_says(kingston, portal_at, at, diff, revision):
    same = kingston("fingerprint", "--diff", diff, portal=portal_at(at))
    assert same.code == 0, same.out
    assert f"is revision {revision}: " in same.out
    assert "no difference (owners and grants are this installation's own and not compared)" in same.out


def test_another_revision_is_named_beside_the_recorded_one(kingston, newest_portal_at):
    found = kingston("fingerprint", "--diff", "-1", portal=newest_portal_at("phase_1"))
    assert found.code == 1
    assert " differences from revision pre_migration (recorded is phase_1; " in found.out.splitlines()[-1]


def test_base_is_an_empty_schema(kingston, newest_portal_at):
    assert kingston("fingerprint", "--diff", "base", portal=newest_portal_at("base")).code == 0


def test_a_table_is_one_difference_whatever_it_had(kingston, newest_portal_at):
    portal = newest_portal_at("phase_2")
    portal.run("DROP TABLE client_objectives")
    finding = kingston("fingerprint", "--diff", "phase_2", "--json", portal=portal).finding
    assert finding["code"] == "missing"
    assert finding["object"] == "table client_objectives"
    assert finding["message"].startswith("table client_objectives is missing (11 columns, ")
    assert portal.one("SELECT to_regclass('client_objectives')") is None


def test_the_command_that_is_next_prints_what_makes_the_table(kingston, newest_portal_at):
    portal = newest_portal_at("phase_2")
    portal.run("DROP TABLE client_objectives")
    fix = kingston("fingerprint", "--diff", "current", "--json", portal=portal).finding["fix"]
    command, _, what = fix.partition(" prints ")
    assert what == "what makes it"
    script = kingston(*shlex.split(command)[1:], portal=portal)
    assert script.code == 0
    assert "CREATE TABLE client_objectives" in script.out


@pytest.mark.parametrize(
    ("damage", "message", "fix"),
    [
        ("ALTER TABLE client_groups ADD COLUMN extra text",
         "column client_groups.extra (text) is there in addition",
         "nothing, if the portal needs it; otherwise: ALTER TABLE client_groups DROP COLUMN extra;"),
        ("ALTER TABLE client_groups DISABLE TRIGGER history_update",
         "trigger history_update on client_groups is disabled",
         "ALTER TABLE client_groups ENABLE ALWAYS TRIGGER history_update;"),
        ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'client_groups_pkey'::regclass",
         "index client_groups_pkey on client_groups is invalid: a concurrent build was cut off",
         "REINDEX INDEX CONCURRENTLY client_groups_pkey;"),
        ("ALTER TABLE client_objectives ALTER COLUMN title TYPE varchar(260)",
         "column client_objectives.title is of type varchar(260), should be varchar(255)",
         "ALTER TABLE client_objectives ALTER COLUMN title TYPE character varying(255);"),
        ("ALTER FUNCTION audit_ownership_changes() RESET ALL",
         "settings of function audit_ownership_changes() are none, should be search_path=public, pg_temp",
         "ALTER FUNCTION audit_ownership_changes() SET search_path TO public, pg_temp;"),
    ],
    ids=["column", "trigger", "index", "type", "setting"],
)  # fmt: skip
def test_differences_are_findings(kingston, newest_portal_at, damage, message, fix):
    portal = newest_portal_at("head")
    portal.run(damage)
    finding = kingston("fingerprint", "--diff", "head", "--json", portal=portal).finding
    assert finding["message"] == message
    assert finding["fix"] == fix


def test_names_of_another_schema_are_that_schemas(kingston, newest_portal_at):
    portal = newest_portal_at("base")
    kingston("--schema", "firm_a", "upgrade", "phase_1", "--yes", portal=portal)
    assert kingston("--schema", "firm_a", "fingerprint", "--diff", "current", portal=portal).code == 0
    portal.run("COMMENT ON SCHEMA firm_a IS 'A'")
    assert kingston("--schema", "firm_a", "fingerprint", "--diff", "current", portal=portal).code == 0
    portal.run("ALTER TABLE firm_a.client_groups RENAME COLUMN name TO title")
    told = kingston("--schema", "firm_a", "fingerprint", "--diff", "current", "--json", portal=portal)
    assert "column client_groups.name is called title" in [f["message"] for f in told.json["findings"]]


def test_it_works_for_who_may_only_look(kingston, newest_portal_at):
    """Hashes tell where sequences stand, which takes the right to read them; a comparison does not."""
    portal = newest_portal_at("legacy")
    portal.run("CREATE ROLE only_looks LOGIN; GRANT SELECT ON alembic_version TO only_looks")
    try:
        url = sa.make_url(portal.url).set(username="only_looks").render_as_string(hide_password=False)
        assert kingston("fingerprint", "--diff", "legacy", portal=url).code == 0
        refused = kingston("fingerprint", "--json", portal=url)
        assert refused.code == 3
        assert "may not read every sequence" in refused.finding["message"]
        portal.run("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO only_looks")
        assert kingston("fingerprint", portal=url).code == 0
    finally:
        portal.run("DROP OWNED BY only_looks; DROP ROLE only_looks")


def test_unknown_revision(kingston, newest_portal_at):
    unknown = kingston("fingerprint", "--diff", "phase_33", "--json", portal=newest_portal_at("legacy"))
    assert unknown.code == 2
    assert unknown.finding["code"] == "usage"


def test_current_where_nothing_is_recorded(kingston, newest_portal_at):
    refused = kingston("fingerprint", "--diff", "current", "--json", portal=newest_portal_at("base"))
    assert refused.code == 3
    assert "no revision recorded" in refused.finding["message"]


def test_unreachable(kingston, tmp_path):
    assert kingston("fingerprint", portal=f"postgresql://u@/d?host={tmp_path}").code == 4
