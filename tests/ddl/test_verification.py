"""The end of a run: what is missing, changed or left behind is said, and the portal's own is left alone."""

from __future__ import annotations

import pytest

from kingston_schema.errors import NotAsExpected, OutcomeUnknown


def test_a_verified_run_says_what_was_found(portal_at):
    portal = portal_at("phase_1")
    assert set(portal.all("SELECT outcome FROM kingston.runner")) == {"verified"}
    assert portal.one("SELECT found FROM kingston.runner ORDER BY since DESC LIMIT 1").startswith(
        "at phase_1, "
    )


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DROP INDEX idx_product_owner_phones_owner", "missing: index idx_product_owner_phones_owner"),
        ("ALTER TABLE product_owner_phones DISABLE TRIGGER product_owner_phones_touch", "changed: trigger product_owner_phones_touch"),
        ("ALTER TABLE product_owners DROP COLUMN notes", "missing: column product_owners.notes"),
    ],
)  # fmt: skip
def test_a_run_that_left_something_else_is_no_success(newest_portal_at, damage, said):
    portal = newest_portal_at("phase_2_owner_phones")
    if "INDEX" in damage:
        damage = "DROP INDEX " + portal.one(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'product_owner_phones'::regclass AND NOT indisunique LIMIT 1"
        )
        said = "missing: index " + damage.split()[-1]
    if "TRIGGER" in damage:
        name = portal.one(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'product_owner_phones'::regclass AND NOT tgisinternal ORDER BY 1 LIMIT 1"
        )
        damage = f"ALTER TABLE product_owner_phones DISABLE TRIGGER {name}"
        said = f"changed: trigger {name}"
    portal.run(damage)
    with pytest.raises(NotAsExpected) as refused:
        portal.alembic("upgrade", "phase_2_owner_phones")
    assert said in str(refused.value)
    assert refused.value.exit_code == 1
    assert portal.one("SELECT outcome FROM kingston.runner ORDER BY since DESC LIMIT 1") == "failed"
    portal.alembic("upgrade", "phase_2_owner_phones", allow=["catalogue:a test"])
    assert said in portal.one("SELECT found FROM kingston.runner ORDER BY since DESC LIMIT 1")


def test_the_portals_own_is_told_and_accepted(newest_portal_at, capsys):
    portal = newest_portal_at("legacy")
    portal.run(
        "CREATE TABLE extra (id bigint PRIMARY KEY); ALTER TABLE profiles ADD COLUMN shoe_size integer;"
        " ALTER TABLE product_owners ADD COLUMN notes varchar(40) DEFAULT '';"
        " CREATE INDEX extra_names ON product_owners (surname); COMMENT ON TABLE profiles IS 'people';"
        " DROP INDEX idx_client_groups_status"
    )
    portal.alembic("upgrade", "phase_5")
    said = capsys.readouterr().err
    assert "the portal's own, left alone: " in said
    assert "missing: index idx_client_groups_status" in said
    portal.alembic("downgrade", "legacy")
    assert portal.all("SELECT DISTINCT outcome FROM kingston.runner") == ["verified"]
    assert (
        portal.one(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'product_owners'::regclass AND attname = 'notes'"
        )
        == 1
    )


def test_what_a_rollback_leaves_behind_is_found(newest_portal_at):
    portal = newest_portal_at("phase_2_owner_phones")
    portal.alembic("downgrade", "phase_1")
    portal.run("CREATE TABLE product_owner_phones (id bigint)")
    with pytest.raises(NotAsExpected, match="left behind: table product_owner_phones"):
        portal.alembic("downgrade", "phase_1")


def test_a_version_table_that_somebody_else_moves_is_noticed(newest_portal_at, monkeypatch):
    from kingston_schema.ddl.run import Run

    portal = newest_portal_at("pre_migration_control")
    original = Run.verify

    def meddle(self, going):
        portal.run("UPDATE alembic_version SET version_num = 'phase_4'")
        return original(self, going)

    monkeypatch.setattr(Run, "verify", meddle)
    with pytest.raises(
        OutcomeUnknown, match="the run led to pre_migration, but the version table holds phase_4"
    ):
        portal.alembic("upgrade", "pre_migration")
