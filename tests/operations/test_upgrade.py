"""kingston upgrade"""

from __future__ import annotations

import pytest

from kingston_schema.catalog import history
from kingston_schema.cli import progress
from kingston_schema.operations import upgrade


def at(portal) -> str | None:
    return portal.one("SELECT version_num FROM alembic_version")


def test_from_an_empty_schema_to_a_phase(kingston, portal_at):
    portal = portal_at("base")
    done = kingston("upgrade", "pre_migration", "--yes", "--json", portal=portal)
    assert done.code == 0, done.err
    data = done.json["data"]
    assert [r["revision"] for r in data["revisions"]] == history.names()[:4]
    assert (data["before"], data["after"]) == (None, "pre_migration")
    assert at(portal) == "pre_migration"


def test_tells_the_story_of_each_revision_on_stderr(kingston, newest_portal_at):
    done = kingston("upgrade", "legacy", "--yes", portal=newest_portal_at("base"))
    assert "up   legacy: " in done.err
    assert "legacy done in " in done.err
    assert "upgraded from nothing to legacy" in done.out
    assert "up   legacy" not in done.out


def test_nothing_to_do_when_it_is_there_or_beyond(kingston, newest_portal_at):
    portal = newest_portal_at("pre_migration_control")
    for target in ("pre_migration_control", "legacy"):
        done = kingston("upgrade", target, portal=portal)
        assert done.code == 0
        assert "nothing to do: the portal is at pre_migration_control" in done.out


def test_relative_target(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    assert kingston("upgrade", "+1", "--yes", portal=portal).code == 0
    assert at(portal) == "pre_migration_control"


def test_dry_run_lists_the_revisions_and_changes_nothing(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    plan = kingston("upgrade", "phase_1", "--dry-run", "--json", portal=portal)
    steps = [step["revision"] for step in plan.json["data"]["steps"]]
    assert steps == ["pre_migration_control", "pre_migration_roles", "pre_migration", "phase_1"]
    assert at(portal) == "legacy"
    assert "CREATE TABLE" not in kingston("upgrade", "phase_1", "--dry-run", portal=portal).out


def test_dry_run_with_v_shows_the_sql(kingston, newest_portal_at):
    shown = kingston("upgrade", "pre_migration_control", "--dry-run", "-v", portal=newest_portal_at("legacy"))
    assert "CREATE TABLE" in shown.out
    assert "UPDATE alembic_version" in shown.out


def test_without_a_terminal_yes_is_needed(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    refused = kingston("upgrade", "--json", portal=portal)
    assert refused.code == 2
    assert "--yes" in refused.finding["fix"]
    assert at(portal) == "legacy"


@pytest.mark.parametrize(
    ("answer", "code", "reached"), [("n\n", 3, "legacy"), ("y\n", 0, "pre_migration_control")]
)
def test_the_question(kingston, newest_portal_at, monkeypatch, answer, code, reached):
    class Terminal:
        def isatty(self):
            return True

        def readline(self, *size):
            return answer

    portal = newest_portal_at("legacy")
    monkeypatch.setattr("sys.stdin", Terminal())
    asked = kingston("upgrade", "+1", portal=portal)
    assert asked.code == code
    assert "Upgrade database" in asked.err
    assert at(portal) == reached


def test_a_gate_that_refuses_stops_part_way_and_names_the_way_on(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    portal.run("COMMENT ON TABLE alembic_version IS NULL")  # production, and empty
    stopped = kingston("upgrade", "phase_1", "--yes", "--json", "--skip-checks", "a test", portal=portal)
    assert stopped.code == 5
    assert stopped.finding["code"] in ("gate_failed", "refused")
    assert "2 of 4 revisions are done" in stopped.finding["message"]
    assert "kingston upgrade phase_1" in stopped.finding["fix"]
    assert "--allow " in stopped.finding["fix"]
    assert at(portal) == "pre_migration_roles"


def test_a_check_that_is_allowed_to_fail_needs_a_reason(kingston, newest_portal_at):
    portal = newest_portal_at("legacy")
    portal.run("COMMENT ON TABLE alembic_version IS NULL")
    refused = kingston(
        "upgrade", "pre_migration", "--yes", "--allow", "client_groups_populated", portal=portal
    )
    assert refused.code != 0
    assert "gives no reason" in refused.err
    allowed = []
    for check in ("client_groups_populated", "profiles_populated", "other_critical_tables_populated"):
        allowed += ["--allow", f"{check}:a scratch database"]
    done = kingston("upgrade", "pre_migration", "--yes", *allowed, "--skip-checks", "a test", portal=portal)
    assert done.code == 0, done.err
    assert portal.one("SELECT count(*) FROM kingston.gate_result WHERE reason = 'a scratch database'") > 0


@pytest.mark.parametrize("verb", [("upgrade", "phase_1"), ("rollback", "base")])
@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_check_nobody_knows_is_refused_with_the_list_of_those_there_are(
    kingston, newest_portal_at, verb, dry
):
    portal = newest_portal_at("legacy")
    refused = kingston(*verb, "--yes", *dry, "--json", "--allow", "dangling_portfolio:agreed", portal=portal)
    assert refused.code == 2
    assert (
        refused.finding["message"]
        == 'no gate has a check "dangling_portfolio"; did you mean dangling_portfolios?'
    )
    assert refused.finding["fix"].startswith(
        "--allow CHECK:reason, where CHECK is one of alerts, assumed_shares, "
    )
    assert "drop_legacy" in refused.finding["fix"]
    assert at(portal) == "legacy"
    assert portal.one("SELECT to_regclass('kingston.journal')") is None


def test_what_gates_reported_is_in_the_findings(kingston, newest_portal_at):
    portal = newest_portal_at("pre_migration_control")
    done = kingston(
        "upgrade",
        "pre_migration",
        "--yes",
        "--json",
        "--allow",
        "profiles_populated:it is new",
        portal=portal,
    )
    assert (done.code, done.json["ok"]) == (0, True)
    findings = {finding["object"]: finding for finding in done.json["findings"]}
    assert findings["pre_migration client_groups_populated"] == {
        "code": "gate_warning", "object": "pre_migration client_groups_populated",
        "message": "client_groups is empty: is this the right database?", "fix": "SELECT count(*) FROM client_groups",
    }  # fmt: skip
    assert findings["pre_migration profiles_populated"]["code"] == "gate_allowed"
    assert findings["pre_migration profiles_populated"]["message"].endswith("must be profiles (it is new)")
    assert "warning: pre_migration client_groups_populated: client_groups is empty" in done.err
    recorded = portal.all(
        "SELECT phase || ' ' || check_name FROM kingston.gate_result WHERE outcome <> 'passed'"
    )
    assert sorted(findings) == sorted(recorded)


def test_a_gate_that_refuses_at_once_changed_nothing(kingston, newest_portal_at):
    portal = newest_portal_at("pre_migration_roles")
    portal.run("UPDATE kingston.portal SET origin = 'production'")
    portal.run("COMMENT ON TABLE alembic_version IS NULL")
    stopped = kingston("upgrade", "--yes", "--skip-checks", "a test", portal=portal)
    assert stopped.code == 3
    assert at(portal) == "pre_migration_roles"


def test_interrupted(newest_portal_at):
    portal = newest_portal_at("legacy")

    class Interrupting(progress.PlainReporter):
        def revision_finished(self, revision, seconds, rows):
            raise KeyboardInterrupt

    with pytest.raises(Exception, match="interrupted") as stopped:
        upgrade.run(portal.url, upgrade.plan(portal.url, None, "phase_1"), Interrupting())
    assert stopped.value.exit_code == 5
    assert stopped.value.fix == "kingston upgrade phase_1"
    portal.alembic("upgrade", "phase_1")
    assert at(portal) == "phase_1"


def test_the_plan_covers_every_revision_in_order():
    assert [s.revision for s in history.way_up(None, "head")] == history.names()
    assert [s.revision for s in history.way_down("phase_1", "legacy")] == [
        "phase_1",
        "pre_migration",
        "pre_migration_roles",
        "pre_migration_control",
    ]
