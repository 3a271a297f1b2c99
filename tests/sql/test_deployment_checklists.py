"""Both deployment checklists, sign-offs, and what follows from them"""

from __future__ import annotations

import pytest

from client_data import household

BACKUP, API = "Database backup exists and is valid", "API endpoint compatibility"
SIGN = "INSERT INTO deployment_signoff (check_item, signed_by, evidence) VALUES (%s, 'Ann', 'restored on the test server')"


def points(portal, name: str) -> dict[str, tuple]:
    return {item: (status, details, critical, *rest) for _, item, status, details, critical, *rest in portal.all(f"SELECT * FROM {name}()")}


def decision(portal):
    return portal.one("SELECT * FROM deployment_decision()")


@pytest.fixture
def portal(portal_at):
    portal = portal_at("head")
    household(portal)
    return portal


def test_E017_ten_points_on_an_empty_and_on_a_full_database(portal_at):
    for seed in (False, True):
        found = points(portal_at("head", seed=seed), "execute_deployment_checklist")
        assert len(found) == 10
        assert found["Active client groups exist"][0] == ("PASS" if seed else "FAIL")
        assert {found[item][0] for item in (BACKUP, API)} == {"MANUAL_CHECK_REQUIRED"}


def test_E141_a_manual_point_blocks_until_somebody_signs_it(portal):
    approved, failures, open_points, _, reason = decision(portal)
    assert (approved, failures, open_points) == (False, 0, 2)
    assert reason == f"blocked by: {BACKUP}, {API}"
    portal.run(SIGN, BACKUP)
    portal.run(SIGN, API)
    assert decision(portal)[:3] == (True, 0, 0)
    assert "signed by Ann" in points(portal, "execute_deployment_checklist")[API][1]
    portal.run("UPDATE deployment_signoff SET signed_at = now() - interval '9 days', valid_until = now() - interval '1 second'")
    assert decision(portal)[:3] == (False, 0, 2)


def test_a_sign_off_says_who_and_why(portal):
    for column in ("signed_by", "evidence"):
        values = {"signed_by": "Ann", "evidence": "seen", column: " "}
        with pytest.raises(Exception, match=f"deployment_signoff_{column}_check"):
            portal.run("INSERT INTO deployment_signoff (check_item, signed_by, evidence) VALUES ('x', %s, %s)", values["signed_by"], values["evidence"])


def test_E139_only_a_proven_restore_is_a_backup(portal):
    portal.run("INSERT INTO rollback_checkpoints (checkpoint_name, phase, validation_status) VALUES ('taken', 'phase_1', 'pending')")
    assert points(portal, "execute_deployment_checklist")[BACKUP][0] == "MANUAL_CHECK_REQUIRED"
    portal.run("UPDATE rollback_checkpoints SET validation_status = 'valid', validated_at = now() - interval '8 days'")
    assert points(portal, "execute_deployment_checklist")[BACKUP][0] == "MANUAL_CHECK_REQUIRED"
    portal.run("UPDATE rollback_checkpoints SET validated_at = now()")
    assert points(portal, "execute_deployment_checklist")[BACKUP][0] == "PASS"


def test_E140_E118_objects_are_looked_for_by_name(portal):
    portal.run("DROP FUNCTION purge_monitoring_results(integer)")
    portal.run("ALTER TABLE client_products DROP CONSTRAINT client_products_provider_id_fkey")
    portal.run("DROP INDEX idx_client_actions_owner")
    found = points(portal, "execute_deployment_checklist")
    assert found["Functions, views and triggers present"][:2] == ("FAIL", "purge_monitoring_results(integer) missing")
    assert found["Constraints present and validated"][:2] == ("FAIL", "client_products client_products_provider_id_fkey missing")
    assert found["Indexes present and valid"][:2] == ("WARNING", "client_actions idx_client_actions_owner missing")


def test_E149_space_is_compared_with_what_is_free(portal):
    assert points(portal, "execute_deployment_checklist")["Free space"][0] == "WARNING"
    portal.run("INSERT INTO migration_control (setting, value) VALUES ('available_disk_bytes', '100000000000')")
    assert points(portal, "execute_deployment_checklist")["Free space"][0] == "PASS"
    portal.run("UPDATE migration_control SET value = '1' WHERE setting = 'available_disk_bytes'")
    assert points(portal, "execute_deployment_checklist")["Free space"][0] == "WARNING"


def test_E116_an_old_failure_does_not_fail_for_ever(portal):
    portal.run("INSERT INTO migration_log (phase, operation, status, started_at) VALUES ('x', 'job', 'failed', '2024-01-01')")
    assert points(portal, "execute_deployment_checklist")["No failed migration operations"][0] == "FAIL"
    portal.run("UPDATE migration_log SET resolved_at = now() WHERE operation = 'job'")
    assert points(portal, "execute_deployment_checklist")["No failed migration operations"][0] == "PASS"


def test_E143_no_score_hides_a_critical_finding(portal):
    verdict = points(portal, "execute_enhanced_deployment_checklist")["Overall system validation"]
    assert verdict == ("NOT_READY", "score 100 of 100 (100%); blocked by: Full database backup validation", True, 100)
    portal.run(SIGN, BACKUP)
    assert points(portal, "execute_enhanced_deployment_checklist")["Overall system validation"][0] == "READY_FOR_PRODUCTION"
    portal.run("DROP FUNCTION purge_monitoring_results(integer)")
    verdict = points(portal, "execute_enhanced_deployment_checklist")["Overall system validation"]
    assert verdict[0] == "NOT_READY"
    assert verdict[3] == 80


def test_E142_E144_the_score_is_what_could_be_had(portal_at):
    portal = portal_at("head", seed=True)
    portal.run("INSERT INTO client_groups (name) SELECT 'Client ' || g FROM generate_series(1, 60) AS g")
    portal.all("SELECT * FROM refresh_dirty_summaries()")
    portal.run(SIGN, BACKUP)
    found = points(portal, "execute_enhanced_deployment_checklist")
    score = [rest[-1] for item, rest in found.items() if item != "Overall system validation"]
    assert sum(score) == 120
    status, details, critical, percent = found["Overall system validation"]
    assert (status, critical, percent) == ("READY_FOR_PRODUCTION", False, 100)
    assert details == "score 120 of 120 (100%)"


def test_a_few_missing_indexes_are_good_and_many_are_critical(portal):
    portal.run("DROP INDEX idx_client_actions_owner")
    assert points(portal, "execute_enhanced_deployment_checklist")["Index coverage validation"][::2] == ("GOOD", False)
    for name in portal.all("SELECT name FROM expected_objects() WHERE kind = 'index' AND phase = 'phase_4'"):
        portal.run(f"DROP INDEX IF EXISTS {name}")
    assert points(portal, "execute_enhanced_deployment_checklist")["Index coverage validation"][::2] == ("POOR", True)


def test_E144_a_sensitive_column_that_is_missing_is_named(portal):
    portal.run("ALTER TABLE client_group_secrets DISABLE TRIGGER client_group_secrets_sensitive")
    status, details, critical, _ = points(portal, "execute_enhanced_deployment_checklist")["Field-level encryption validation"]
    assert (status, critical) == ("FAIL", True)
    assert "client_group_secrets_sensitive switched off" in details
