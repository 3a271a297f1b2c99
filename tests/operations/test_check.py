"""kingston check"""

from __future__ import annotations

import os

import pytest

from kingston_schema.operations import _checks, _checks_here, check, checkpoint


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("KINGSTON_CHECKPOINTS", str(tmp_path / "checkpoints"))
    for name in ("KINGSTON_KEY_FILE", "KINGSTON_KEY_COMMAND"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "checkpoints"


def outcome(portal, stage: str, name: str, **options):
    (found,) = [o for o in check.run(portal.url, stage=stage, **options).outcomes if o.name == name]
    return found


def test_every_check_is_well_formed_and_in_a_stage():
    every = _checks.definitions()
    assert len({c.name for c in every}) == len(every) > 30
    for one in every:
        assert set(one.stages) <= set(_checks.STAGES)
        assert one.needed
        assert one.fix


@pytest.mark.parametrize("revision", ["legacy", "phase_3", "head"])
def test_every_check_of_every_stage_can_be_asked(portal_at, folder, revision):
    portal = portal_at(revision, seed=True)
    for stage in _checks.STAGES:
        report = check.run(portal.url, stage=stage)
        unknown = [o for o in report.outcomes if o.state == "unknown"]
        assert unknown == []
        assert {o.name for o in report.outcomes} >= {
            c.name for c in _checks.fitting(_checks.definitions(), stage, report.revision)
        }


# Statements that plant a defect, and the check that must name it.
PLANTED = {
    "links_half": ("INSERT INTO product_owner_products (product_id) SELECT min(id) FROM client_products", "product_owner_products "),
    "links_repeated": ("INSERT INTO product_owner_products (product_id, product_owner_id) SELECT p, o FROM (SELECT min(id) AS p FROM client_products) AS x,"
                       " (SELECT max(id) AS o FROM product_owners) AS y CROSS JOIN generate_series(1, 2)", "product "),
    "links_dangling": ("SET session_replication_role = replica; INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (987654, 987655)",
                       "product_owner_products "),
    "memberships_half": ("INSERT INTO client_group_product_owners (client_group_id) SELECT min(id) FROM client_groups", "client_group_product_owners "),
    "products_without_owner": ("DELETE FROM product_owner_products", "product "),
    "products_without_client": ("UPDATE client_products SET client_id = NULL WHERE id = (SELECT min(id) FROM client_products)", "product "),
    "products_dangling_portfolio": ("SET session_replication_role = replica; UPDATE client_products SET portfolio_id = 987654 WHERE id ="
                                    " (SELECT min(id) FROM client_products)", "product "),
    "advisors_dangling": ("UPDATE client_groups SET advisor_id = 987654 WHERE id = (SELECT max(id) FROM client_groups)", "client group "),
    "owners_nameless": ("INSERT INTO product_owners (firstname) VALUES (' ')", "owner "),
    "valuations_not_numbers": ("UPDATE portfolio_valuations SET valuation = 'NaN' WHERE id = (SELECT min(id) FROM portfolio_valuations)", "portfolio_valuations "),
    "ids_too_large": ("SELECT setval('client_groups_id_seq', 2147483648)", "client_groups_id_seq"),
    "nothing_invalid": ("ALTER TABLE client_groups ADD CONSTRAINT planted CHECK (id > 0) NOT VALID", "constraint planted"),
    "objects": ("DROP VIEW products_list_view", "products_list_view"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_defect_is_found_and_listed_by_key(newest_portal_at, folder, name):
    statement, key = PLANTED[name]
    portal = newest_portal_at("legacy", seed=True)
    portal.connection.execute(statement.encode())
    found = outcome(portal, "pre", name)
    assert found.state == "failed"
    assert any(key in told for told in found.keys), found


def test_an_index_that_is_invalid_and_a_trigger_that_is_off(newest_portal_at, folder):
    portal = newest_portal_at("phase_3", seed=True)
    portal.run("ALTER TABLE product_owner_products DISABLE TRIGGER ownership_insert")
    portal.run(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_product_owner_products_product'::regclass"
    )
    found = outcome(portal, "post", "nothing_invalid")
    assert found.keys == (
        "index idx_product_owner_products_product",
        "trigger ownership_insert on product_owner_products",
    )


def test_ownership_that_is_out_of_step(newest_portal_at, folder):
    portal = newest_portal_at("phase_3", seed=True)
    assert outcome(portal, "post", "ownership_in_step").state == "passed"
    portal.run("ALTER TABLE product_owner_products DISABLE TRIGGER USER")
    portal.run(
        "DELETE FROM product_owner_products WHERE product_id = (SELECT min(product_id) FROM product_owner_products)"
    )
    assert outcome(portal, "post", "ownership_in_step").state == "failed"


def test_an_old_transaction_is_named(newest_portal_at, folder):
    portal = newest_portal_at("legacy")
    asking = portal.connection
    other = portal.connect()
    other.execute("BEGIN")
    other.execute("SELECT 1")
    five = next(c for c in _checks.definitions() if c.name == "long_transactions")
    shorter = five.query.replace("interval '5 minutes'", "interval '0'")
    assert shorter != five.query
    found = _checks.ask(asking, check.schemas(None), _checks.Definition(**{**vars(five), "query": shorter}))
    assert found.state == "failed"
    assert f"pid {other.info.backend_pid}" in found.keys


def test_a_check_that_cannot_be_asked_is_unknown_and_no_pass(newest_portal_at, folder, monkeypatch):
    portal = newest_portal_at("legacy")
    broken = [
        _checks.Definition(
            "broken", "data", ("pre",), "legacy", "critical", "x", "y", "SELECT 1 / 0 = 1, 'x', NULL"
        )
    ]
    monkeypatch.setattr(_checks, "definitions", lambda: broken)
    report = check.run(portal.url, stage="pre")
    assert [o.state for o in report.outcomes if o.name == "broken"] == ["unknown"]
    assert report.verdict == "not ready"
    assert report.score <= check.BLOCKED_AT_MOST


def test_the_score_cannot_hide_a_critical_failure():
    def made(*states):
        return tuple(_checks.Outcome(str(i), "here", s, st, "", "", "") for i, (s, st) in enumerate(states))

    fine = [("critical", "passed")] * 50
    assert check._judge(made(*fine)) == (100, "ready")
    assert check._judge(made(*fine, ("warning", "failed"))) == (99, "ready with warnings")
    assert check._judge(made(*fine, ("critical", "failed"))) == (check.BLOCKED_AT_MOST, "not ready")
    assert check._judge(made(("critical", "unknown")))[1] == "not ready"


def test_a_backup_counts_when_its_restore_was_proven(kingston, newest_portal_at, folder):
    portal = newest_portal_at("legacy", seed=True)
    assert outcome(portal, "pre", "backup_proven").found == "no restore was ever proven"
    checkpoint.create(portal.url, name="one")
    assert outcome(portal, "pre", "backup_proven").state == "failed"
    checkpoint.verify(portal.url, "one")
    assert outcome(portal, "pre", "backup_proven").state == "passed"
    other = newest_portal_at("legacy")
    assert outcome(other, "pre", "backup_proven").state == "failed", (
        "another database's backup is not this one's"
    )


def test_a_backup_grows_old(newest_portal_at, folder, monkeypatch):
    portal = newest_portal_at("legacy")
    checkpoint.create(portal.url, name="one")
    checkpoint.verify(portal.url, "one")
    monkeypatch.setattr(_checks_here, "BACKUP_AGE", _checks_here.timedelta(0))
    assert outcome(portal, "pre", "backup_proven").state == "failed"


def test_room_is_compared_with_what_is_needed(newest_portal_at, folder, monkeypatch):
    portal = newest_portal_at("legacy", seed=True)
    fine = outcome(portal, "pre", "space")
    assert fine.state == "passed"
    assert "new indexes" in fine.needed
    monkeypatch.setattr(_checks_here, "_free", lambda connection: 1000)
    assert outcome(portal, "pre", "space").state == "failed"
    monkeypatch.setattr(_checks_here, "_free", lambda connection: None)
    assert outcome(portal, "pre", "space").state == "unknown"


def test_the_clock_is_compared(newest_portal_at, folder, monkeypatch):
    portal = newest_portal_at("legacy")
    assert outcome(portal, "pre", "clock").state == "passed"
    real = _checks_here.time.time
    monkeypatch.setattr(_checks_here.time, "time", lambda: real() + 86400)
    assert outcome(portal, "pre", "clock").found.startswith("-86400")


def test_the_key_file_is_there_and_closed(newest_portal_at, folder, monkeypatch, tmp_path):
    portal = newest_portal_at("phase_2")
    portal.run("UPDATE migration_control SET value = 'true' WHERE setting = 'encryption_enabled'")
    assert outcome(portal, "go-live", "key_file").state == "failed"
    path = tmp_path / "key"
    path.write_text("x")
    path.chmod(0o644)
    monkeypatch.setenv("KINGSTON_KEY_FILE", str(path))
    assert outcome(portal, "go-live", "key_file").found == "mode 644"
    path.chmod(0o600)
    assert outcome(portal, "go-live", "key_file").state == "passed"
    os.unlink(path)
    assert outcome(portal, "go-live", "key_file").state == "failed"
    portal.run("UPDATE migration_control SET value = 'false' WHERE setting = 'encryption_enabled'")
    assert outcome(portal, "go-live", "key_file").state == "passed"


def test_the_application_role_is_judged_by_its_rights(newest_portal_at, folder):
    portal = newest_portal_at("phase_2")
    role = "app_of_" + portal.one("SELECT current_database()")
    assert outcome(portal, "go-live", "application_role", role=role).found == f"role {role} does not exist"
    portal.run(f'CREATE ROLE "{role}" LOGIN')
    try:
        found = outcome(portal, "go-live", "application_role", role=role)
        assert (found.state, found.fix) == ("failed", f"GRANT portal_app TO {role}")
        assert found.keys
        portal.run(f'GRANT portal_app TO "{role}"')
        assert outcome(portal, "go-live", "application_role", role=role).state == "passed"
        assert outcome(portal, "go-live", "application_role", role="portal_app").state == "passed"
        portal.run(f'REVOKE portal_app FROM "{role}"')
        # Rights of its own will do as well.
        portal.run(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"')
        portal.run(f'GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
        assert outcome(portal, "go-live", "application_role", role=role).state == "passed"
        portal.run(f'REVOKE INSERT ON client_actions FROM "{role}"')
        assert outcome(portal, "go-live", "application_role", role=role).keys == ("client_actions: INSERT",)
    finally:
        portal.run(f'DROP OWNED BY "{role}"')
        portal.run(f'DROP ROLE "{role}"')


def test_quarantine_and_failed_runs_and_overrides(newest_portal_at, folder):
    portal = newest_portal_at("phase_2", seed=True)
    portal.run(
        "INSERT INTO client_actions (client_group_id, action_name, owner, created_by)"
        " SELECT min(id), 'Call', 'client', (SELECT min(id) FROM profiles) FROM client_groups"
    )
    portal.alembic("downgrade", "legacy")
    portal.run("DELETE FROM client_groups WHERE id = (SELECT min(id) FROM client_groups)")
    portal.alembic("upgrade", "phase_2")
    assert outcome(portal, "post", "quarantine").keys == ("quarantine__client_actions",)
    assert outcome(portal, "post", "no_failed_run").state == "passed"
    portal.run(
        "UPDATE kingston.journal SET status = 'failed', error = 'planted' WHERE id = (SELECT max(id) FROM kingston.journal)"
    )
    assert "planted" in outcome(portal, "post", "no_failed_run").found
    portal.run(
        "UPDATE kingston.gate_result SET outcome = 'allowed', reason = 'because' WHERE id = (SELECT max(id) FROM kingston.gate_result)"
    )
    assert "because" in outcome(portal, "post", "gates_overridden").found


def test_the_command_shows_findings_and_says_what_to_do(kingston, newest_portal_at, folder):
    portal = newest_portal_at("legacy", seed=True)
    told = kingston("check", "pre", portal=portal)
    assert told.code == 1
    assert "backup_proven" in told.out
    assert "fix: kingston checkpoint create" in told.out
    assert "not ready" in told.out.splitlines()[-1]
    document = kingston("check", "pre", "--json", portal=portal).json
    assert {f["code"] for f in document["findings"]} >= {"critical_failed", "warning_failed"}
    assert document["data"]["verdict"] == "not ready"


def test_it_changes_nothing(newest_portal_at, folder):
    portal = newest_portal_at("head", seed=True)
    sizes = "SELECT (SELECT count(*) FROM migration_benchmarks), (SELECT count(*) FROM monitoring_results), (SELECT count(*) FROM summary_dirty)"
    before = portal.one(sizes)
    for stage in _checks.STAGES:
        check.run(portal.url, stage=stage)
    assert portal.one(sizes) == before


@pytest.mark.parametrize(("arguments", "code", "said"), [(["mid"], 2, 'there is no stage "mid"')])
def test_bad_input_is_told(kingston, newest_portal_at, folder, arguments, code, said):
    told = kingston("check", *arguments, "--json", portal=newest_portal_at("legacy"))
    assert told.code == code
    assert said in told.finding["message"]


def test_an_empty_schema_is_no_portal(kingston, newest_portal_at, folder):
    assert kingston("check", "--json", portal=newest_portal_at("base")).code == 2
