"""P2 when the world went on below: the latest write wins, and the other value is kept with its reason (design 7)."""

from __future__ import annotations

import psycopg
import pytest

from client_data import household, insert
from kingston_schema.ddl.preflight import LEGACY_TABLES
from kingston_schema.errors import RefusedError
from ownership_data import document, linked, people, product, save_owners, shared, write
from promises.writes import COMPUTED, ENVELOPE, fill

BELOW, AT = "phase_1", "phase_2_field_encryption"  # around everything that makes tables people write
OURS = ("quarantined_at", "quarantine_reason", "quarantine_run", "quarantine_columns")


def keys_of_ours(portal) -> list[tuple[str, str, str, str]]:
    """(table, column, parent, action) of every foreign key of the tables of Phase 2 that people write."""
    return [
        key
        for key in portal.all(
            "SELECT k.conrelid::regclass::text, a.attname, k.confrelid::regclass::text, k.confdeltype::text"
            " FROM pg_constraint AS k JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]"
            " WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace ORDER BY 1, 2"
        )
        if key[0] not in {*LEGACY_TABLES, *COMPUTED}
    ]


def rows(portal, table: str, schema: str = "public") -> dict[tuple, dict]:
    """Primary key → row."""
    key = {
        "client_group_secrets": ["client_group_id"],
        "product_owner_phone_sources": ["product_owner_id", "source_column"],
    }.get(table, ["id"])
    name = table if schema == "public" else f"{schema}.quarantine__{table}"
    if portal.one("SELECT to_regclass(%s)", name) is None:
        return {}
    return {tuple(row[c] for c in key): row for row in portal.all(f"SELECT to_jsonb(t) FROM {name} AS t")}


def kept(portal, table: str) -> dict[tuple, tuple[dict, str]]:
    """Primary key → (row, reason) of what is in quarantine."""
    found = rows(portal, table, "kingston_archive")
    return {
        key: ({c: v for c, v in row.items() if c not in OURS}, row["quarantine_reason"])
        for key, row in found.items()
    }


def down_write_up(portal, *statements: str, below: str = BELOW, at: str = AT) -> None:
    """What happens below, between a rollback and the next upgrade."""
    portal.alembic("downgrade", below)
    for statement in statements:
        portal.run(statement)
    portal.alembic("upgrade", at)


@pytest.fixture
def filled(portal_at):
    """A portal at head with rows in every table that has a parent."""
    portal = portal_at("head", seed=True)
    fill(portal)
    portal.run(
        "INSERT INTO product_owner_phone_rejects (product_owner_id, source_column, source_text, reason) SELECT id, 'phone', 'x', 'r' FROM product_owners;"
        "INSERT INTO product_owner_phone_sources (product_owner_id, source_column, source_text, numbers_found, migrated, rejected, duplicates)"
        " SELECT id, 'phone', 'x', 1, 0, 1, 0 FROM product_owners;"
        "INSERT INTO ownership_memory (product_id, owner_ids, ownership_details) SELECT id, '{1}', '{}' FROM client_products;"
        "UPDATE global_action_states SET last_edited_by = (SELECT max(id) FROM profiles)"
    )
    return portal


def judge(before: dict, portal, keys: list, gone: dict[str, set[int]]) -> None:
    """Each row is live as it was, or in quarantine as it was with the key that is missing."""
    hit = set()
    for table in {table for table, *_ in keys}:
        live, away = rows(portal, table), kept(portal, table)
        for key, row in before[table].items():
            lost = [(c, p, a) for t, c, p, a in keys if t == table and row[c] in gone[p]]
            if not lost:
                assert live[key] == row
                assert key not in away
                continue
            hit |= {(table, c) for c, *_ in lost}
            was, reason = away[key]
            assert {c: row[c] for c in was} == was, table
            assert reason == f"{lost[0][0]} {row[lost[0][0]]} is gone from {lost[0][1]}"
            if (table == "global_action_states" and lost[0][0] == "last_edited_by") or lost[0][2] == "n":
                assert live[key] == row | {lost[0][0]: None}, "a reference that may be empty"
            else:
                assert key not in live
    assert hit == {(t, c) for t, c, *_ in keys}, "nothing was deleted that these keys point to"


def test_parent_deleted_below(filled):
    """Client group, owner, product and provider: every foreign key of Phase 2 to them."""
    keys = [key for key in keys_of_ours(filled) if key[2] in LEGACY_TABLES and key[2] != "profiles"]
    before = {table: rows(filled, table) for table, *_ in keys}
    below = {
        "client_groups": 2,
        "product_owners": filled.one("SELECT max(product_owner_id) FROM product_owner_phones"),
        "client_products": filled.one("SELECT max(product_id) FROM ownership_memory"),
        "available_providers": filled.one("SELECT max(provider_id) FROM client_unmanaged_products"),
    }
    ids = {table: set(filled.all(f"SELECT id FROM {table}")) for table in below}
    down_write_up(
        filled,
        "UPDATE client_products SET provider_id = NULL",
        *(f"DELETE FROM {table} WHERE id = {number}" for table, number in below.items()),
        below="legacy",
        at="head",
    )
    judge(
        before,
        filled,
        keys,
        {table: ids[table] - set(filled.all(f"SELECT id FROM {table}")) for table in below},
    )


def test_editor_profile_deleted_below(filled):
    """RESTRICT holds at Phase 2 only: below, a profile goes; what it wrote is kept, an editor that may be empty is emptied."""
    keys = [key for key in keys_of_ours(filled) if key[2] in ("profiles", "global_actions")]
    assert {action for _, _, parent, action in keys if parent == "profiles"} == {"r"}
    filled.run("INSERT INTO profiles (email) VALUES ('leaver@example.org')")
    leaver = filled.one("SELECT max(id) FROM profiles")
    filled.run(
        "INSERT INTO global_actions (action_name, created_by) SELECT 'Review fees', min(id) FROM profiles"
    )
    filled.run(
        "INSERT INTO global_action_states (global_action_id, client_group_id, last_edited_by) SELECT max(a.id), 1, %s FROM global_actions AS a",
        leaver,
    )
    filled.run("UPDATE global_actions SET created_by = %s WHERE action_name = 'Annual review'", leaver)
    filled.run("SELECT make_networth_statement(1, %s, 'by the leaver')", leaver)
    for table, column, parent, _ in keys:
        if parent == "profiles" and table not in (
            "global_actions",
            "global_action_states",
            "networth_statements",
        ):
            filled.run(f"UPDATE {table} SET {column} = %s WHERE id IN (SELECT max(id) FROM {table})", leaver)
    with pytest.raises(psycopg.errors.IntegrityError):
        filled.run("DELETE FROM profiles WHERE id = %s", leaver)
    before = {table: rows(filled, table) for table, *_ in keys}
    down_write_up(filled, f"DELETE FROM profiles WHERE id = {leaver}", below="legacy", at="head")
    action = filled.one(
        "SELECT min(global_action_id) FROM kingston_archive.quarantine__global_action_states WHERE quarantine_columns IS NULL"
    )
    judge(before, filled, keys, {"profiles": {leaver}, "global_actions": {action}})


def test_owner_set_changed_below(portal_at):
    """Recomputed where the set differs, the archived document exactly where it is the same; the other one is kept."""
    portal = portal_at("phase_3_ownership")
    a, b, c = people(portal, 3)
    edited = shared({a: 60, b: 40}, why="a letter")
    changed, same, back, emptied, owner_gone = (product(portal, a, b) for _ in range(5))
    other = product(portal, b, c)
    for number in (changed, same, back, emptied, owner_gone):
        write(portal, number, edited)
    write(portal, other, shared({b: 1, c: 99}))
    portal.alembic("downgrade", "phase_2")
    save_owners(portal, changed, [a, c])
    save_owners(portal, same, [b, a, a])
    save_owners(portal, back, [c])
    save_owners(portal, back, [b, a])
    save_owners(portal, emptied, [])
    portal.run("DELETE FROM product_owners WHERE id = %s", c)
    save_owners(portal, owner_gone, [b])
    portal.alembic("upgrade", "phase_3_ownership")
    assert document(portal, same) == document(portal, back) == edited
    assert document(portal, emptied)["note"] == "no_previous_ownership"
    assert (
        document(portal, changed)[str(a)]
        == document(portal, owner_gone)[str(b)]
        == document(portal, other)[str(b)]
        == 100
    )
    reasons = dict(
        portal.all(
            "SELECT id, reason FROM kingston_archive.client_products__phase_3_ownership WHERE quarantined_at IS NOT NULL"
        )
    )
    assert set(reasons) == {changed, emptied, owner_gone, other}
    assert reasons[changed] == f"the owners were changed below: archived {{{a},{b}}}, now {{{a}}}"
    kept_documents = portal.all(
        "SELECT DISTINCT ownership_details FROM kingston_archive.client_products__phase_3_ownership ORDER BY 1"
    )
    assert all(d in kept_documents for d in (edited, shared({b: 1, c: 99})))
    save_owners(portal, changed, [a, b])
    assert document(portal, changed) == edited, "the shares return with the owners"


# Every UNIQUE of a table of ours, and what could take one of its values while the table is away.  Rows come back with
# their table, so only what the upgrade itself or the portal writes to the table can stand there first.
TAKERS = {
    "asset_liquidity_config": "the seed, which writes to an empty table only",
    "client_group_secrets": "nothing: one row per client group",
    "client_liquidity_customization": "nothing",
    "encryption_keys": "nothing",
    "global_action_states": "nothing",
    "migration_control": "the seed, which leaves a setting that is there",
    "monitoring_schedule": "the seed, which leaves a schedule that is there",
    "product_owner_phone_sources": "the migration of telephone columns, which replaces what it read before",
    "product_owner_phones": "the migration of telephone columns: a second primary number",
    "product_type_liquidity": "the seed, which writes to an empty table only",
    "rollback_checkpoints": "nothing",
}


def test_archived_unique_value_taken_below_every_unique_is_known(newest_portal_at):
    portal = newest_portal_at("head")
    found = portal.all(
        "SELECT DISTINCT c.relname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique AND NOT (i.indisprimary AND EXISTS ("
        "   SELECT 1 FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey) AND a.attidentity <> ''))"
    )
    assert set(found) - set(LEGACY_TABLES) - COMPUTED == set(TAKERS)


def test_archived_unique_value_taken_below_by_a_seed(portal_at):
    """What an administrator changed or removed stays so: the seeds leave a restored table alone."""
    portal = portal_at("phase_6_monitoring")
    portal.run(
        "UPDATE asset_liquidity_config SET default_liquidity_rank = 9 WHERE asset_subtype = 'art';"
        "DELETE FROM asset_liquidity_config WHERE asset_subtype = 'jewelry';"
        "UPDATE product_type_liquidity SET asset_type = 'other' WHERE product_type = 'ISA';"
        "UPDATE monitoring_schedule SET frequency_minutes = 7; UPDATE migration_control SET value = '3' WHERE setting = 'max_downtime_hours'"
    )
    query = "SELECT to_jsonb(t) FROM {} AS t ORDER BY t::text"
    tables = ("asset_liquidity_config", "product_type_liquidity", "monitoring_schedule", "migration_control")
    before = {table: portal.all(query.format(table)) for table in tables}
    down_write_up(portal, below="legacy", at="phase_6_monitoring")
    after = {table: portal.all(query.format(table)) for table in tables}
    for table in tables[:3]:
        assert after[table] == before[table]
    settings = [
        {
            row["setting"]: row["value"]
            for row in found["migration_control"]
            if row["setting"] != "current_phase"
        }
        for found in (before, after)
    ]
    assert settings[0] == settings[1]


def test_archived_unique_value_taken_below_by_a_newer_telephone_number(portal_at):
    """One primary number per owner: the one from below is added beside the archived one, or takes its place."""
    portal = portal_at("phase_2_product_owners")
    portal.run("ALTER TABLE product_owners ADD COLUMN phone_1 text")
    kept_edit, replaced = portal.all(
        "INSERT INTO product_owners (phone_1) VALUES ('020 7946 0001'), ('020 7946 0002') RETURNING id"
    )
    portal.alembic("upgrade", "phase_2_owner_phones")
    portal.run("UPDATE product_owner_phones SET label = 'boat' WHERE product_owner_id = %s", kept_edit)
    down_write_up(
        portal,
        "UPDATE product_owners SET phone_1 = replace(phone_1, '000', '555')",
        below="phase_2_product_owners",
        at="phase_2_owner_phones",
    )
    assert portal.all("SELECT phone_number, is_primary FROM product_owner_phones WHERE product_owner_id = %s ORDER BY id", kept_edit) == [
        ("02079460001", True), ("02079465551", False),
    ]  # fmt: skip
    assert portal.all(
        "SELECT phone_number, is_primary FROM product_owner_phones WHERE product_owner_id = %s", replaced
    ) == [("02079465552", True)]
    assert portal.all(
        "SELECT source_text FROM product_owner_phone_rejects WHERE product_owner_id = %s", replaced
    ) == ["02079460002"]


def test_archived_ciphertext_of_a_number_that_was_rewritten_below(portal_at):
    """The readable number is the later write; ciphertext and blind index are kept."""
    portal = portal_at(AT)
    owner = portal.one("INSERT INTO product_owners (firstname) VALUES ('Eve') RETURNING id")
    portal.run(
        "INSERT INTO product_owner_phones (product_owner_id, phone_type, phone_number, phone_number_encrypted, phone_number_index)"
        " VALUES (%s, 'mobile', 'XXXXX XXX456', %s, %s)", owner, ENVELOPE, "bidx:1:1:" + "0f" * 16,
    )  # fmt: skip
    down_write_up(
        portal, "UPDATE product_owner_phones SET phone_number = '07700 900999'", below="phase_2_liquidity"
    )
    assert portal.one("SELECT phone_number, phone_number_encrypted FROM product_owner_phones") == (
        "07700 900999",
        None,
    )
    assert portal.all(
        "SELECT phone_number_encrypted, quarantine_columns, quarantine_reason FROM kingston_archive.quarantine__product_owner_phones"
    ) == [(ENVELOPE, ["phone_number_encrypted", "phone_number_index"], "the number was rewritten below")]


def test_archived_column_taken_below(portal_at):
    """Somebody adds a column of that name below and writes to it: it stays, and the archived values fill its gaps only."""
    portal = portal_at("phase_2_product_owners")
    one, two, three = portal.all(
        "INSERT INTO product_owners (notes, security_words) VALUES ('ours 1', 'rover'), ('ours 2', NULL), ('ours 3', NULL) RETURNING id"
    )
    down_write_up(
        portal,
        "ALTER TABLE product_owners ADD COLUMN notes text",
        f"UPDATE product_owners SET notes = 'theirs' WHERE id = {one}",
        f"UPDATE product_owners SET notes = 'ours 2' WHERE id = {two}",
        at="phase_2_product_owners",
    )
    assert portal.all("SELECT notes, security_words FROM product_owners WHERE id = ANY (%s) ORDER BY id", [one, two, three]) == [
        ("theirs", "rover"), ("ours 2", None), ("ours 3", None),
    ]  # fmt: skip
    assert portal.all(
        "SELECT id, notes, reason FROM kingston_archive.product_owners__phase_2_product_owners"
    ) == [(one, "ours 1", "a newer value stands in notes")]
    portal.alembic("downgrade", BELOW)
    assert portal.all("SELECT notes FROM product_owners ORDER BY id") == ["theirs", "ours 2", "ours 3"]


def test_archived_column_taken_below_by_one_of_another_type(portal_at):
    portal = portal_at("phase_2_product_owners")
    number = portal.one(
        "INSERT INTO product_owners (notes, security_words) VALUES ('longer than that', 'rover') RETURNING id"
    )
    down_write_up(
        portal, "ALTER TABLE product_owners ADD COLUMN notes varchar(9)", at="phase_2_product_owners"
    )
    assert portal.one("SELECT notes, security_words FROM product_owners") == (None, "rover")
    assert portal.all(
        "SELECT id, notes, reason FROM kingston_archive.product_owners__phase_2_product_owners"
    ) == [(number, "longer than that", "a newer value stands in notes (character varying(9) now)")]


def test_a_value_written_before_an_unfinished_upgrade_had_brought_the_older_one_back(portal_at):
    """The rollback of it keeps both: the later as the value that will come back, the older in quarantine."""
    portal = portal_at("phase_2_product_owners")
    number = portal.one(
        "INSERT INTO product_owners (notes, security_words) VALUES ('old', 'rover') RETURNING id"
    )
    portal.alembic("downgrade", BELOW)
    portal.run("CREATE TABLE was AS TABLE kingston_archive.product_owners__phase_2_product_owners")
    portal.alembic("upgrade", "phase_2_product_owners")
    portal.run("INSERT INTO kingston_archive.product_owners__phase_2_product_owners SELECT * FROM was")
    portal.run("UPDATE product_owners SET notes = 'new', security_words = NULL")
    down_write_up(portal, at="phase_2_product_owners")
    assert portal.one("SELECT notes, security_words FROM product_owners") == ("new", "rover")
    assert portal.all(
        "SELECT id, notes, reason FROM kingston_archive.product_owners__phase_2_product_owners"
    ) == [(number, "old", "a newer value was written before this one came back")]


def test_archived_table_made_again_below(portal_at):
    """Two tables of one name: neither may stand in for the other, and the upgrade says so before it changes anything."""
    portal = portal_at(AT)
    home = household(portal)
    insert(
        portal,
        "client_actions",
        client_group_id=home.group,
        action_name="ours",
        owner="advisor",
        created_by=home.profile,
    )
    portal.alembic("downgrade", BELOW)
    portal.run(
        "CREATE TABLE client_actions (id int, note text); INSERT INTO client_actions VALUES (1, 'theirs')"
    )
    with pytest.raises(
        RefusedError,
        match=r"client_actions[\s\S]*ALTER TABLE public.client_actions RENAME TO client_actions_made_below",
    ):
        portal.alembic("upgrade", AT)
    assert portal.one("SELECT version_num FROM alembic_version") == BELOW, "before anything is changed"
    assert portal.one("SELECT note FROM client_actions") == "theirs"
    assert portal.one("SELECT action_name FROM kingston_archive.client_actions") == "ours"
    portal.run("ALTER TABLE client_actions RENAME TO client_actions_made_below")
    portal.alembic("upgrade", AT)
    assert portal.one("SELECT action_name FROM client_actions") == "ours"
    assert portal.one("SELECT note FROM client_actions_made_below") == "theirs"


def test_sequence_moved_on_below(portal_at):
    """Every sequence, the portal's and ours, goes on: no id is handed out twice, whatever happens on which level."""
    portal = portal_at(AT, seed=True)
    handed: dict[str, list[int]] = {}

    def hand_out() -> None:
        for schema, name in portal.all(
            "SELECT schemaname, sequencename FROM pg_sequences WHERE schemaname IN ('public', 'kingston_archive')"
        ):
            handed.setdefault(name, []).append(portal.one(f"SELECT nextval('{schema}.{name}')"))

    hand_out()
    tables = dict.fromkeys(handed, 1)
    for below in (BELOW, "legacy"):
        portal.alembic("downgrade", below)
        hand_out()
        portal.run("DELETE FROM product_owners WHERE id = (SELECT max(id) FROM product_owners)")
        portal.alembic("upgrade", AT)
        hand_out()
    assert handed.keys() == tables.keys()
    assert all(len(ids) == 5 and ids == sorted(set(ids)) for ids in handed.values())
    assert "client_actions_id_seq" in handed
    assert "client_groups_id_seq" in handed


def test_legacy_row_updated_below(portal_at):
    """The portal's row stays as it was written last; the archived values join it by its key."""
    portal = portal_at("phase_3_ownership", seed=True)
    portal.run("UPDATE migration_control SET value = 'false' WHERE setting = 'encryption_enabled'")
    portal.one("SELECT set_config('app.justification', 'a test', false)")
    portal.run("UPDATE product_owners SET notes = 'n' || id, date_signed_tc = '2020-02-29'")
    number = portal.one("SELECT product_id FROM ownership_review WHERE owners > 1 LIMIT 1")
    a, b = sorted(set(linked(portal, number)))[:2]
    save_owners(portal, number, [a, b])
    write(portal, number, shared({a: 70, b: 30}))
    ours = "SELECT id, notes, date_signed_tc, inception_date, updated_at, updated_by FROM product_owners ORDER BY id"
    renumbered = portal.one("INSERT INTO product_owners (notes) VALUES ('of another number') RETURNING id")
    before = portal.all(ours)
    down_write_up(
        portal,
        "UPDATE product_owners SET surname = 'Newly-Wed', created_at = created_at + interval '1 day'",
        f"UPDATE product_owners SET id = 990000 WHERE id = {renumbered}",
        "UPDATE client_products SET product_name = 'renamed', status = 'inactive'",
        below="legacy",
        at="phase_3_ownership",
    )
    assert [row for row in portal.all(ours) if row[0] != 990000] == before[:-1]
    assert portal.all(
        "SELECT id, notes, reason FROM kingston_archive.product_owners__phase_2_product_owners"
    ) == [(renumbered, "of another number", "the row was deleted from product_owners below")]
    assert portal.all("SELECT DISTINCT surname FROM product_owners") == ["Newly-Wed"]
    assert portal.all("SELECT DISTINCT product_name FROM client_products") == ["renamed"]
    assert document(portal, number) == shared({a: 70, b: 30})
