"""row_history: what every row was, whoever changed it and however (E-108 to E-110, E-112, E-181, E-189)"""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from client_data import household
from owner_data import ENVELOPE, OTHER_ENVELOPE, owner, phone, say

AT = "phase_2_audit"
HISTORY = "SELECT action, row_key, changes FROM row_history WHERE table_name = %s ORDER BY id"


def test_insert_update_delete_of_any_column(portal_at):
    portal = portal_at(AT)
    number = owner(portal, surname="Smith")
    portal.run("UPDATE product_owners SET surname = 'Jones', known_as = '' WHERE id = %s", number)
    portal.run("DELETE FROM product_owners WHERE id = %s", number)
    inserted, updated, deleted = portal.all(HISTORY, "product_owners")
    assert inserted == ("insert", {"id": number}, None)
    assert {k: v for k, v in updated[2].items() if k != "updated_at"} == {
        "surname": ["Smith", "Jones"], "known_as": [None, ""]}  # fmt: skip
    assert deleted[0] == "delete"
    assert (deleted[2]["surname"], deleted[2]["known_as"], deleted[2]["id"]) == ("Jones", "", number)


def test_one_line_per_changed_row_and_none_for_what_stays(portal_at):
    portal = portal_at(AT)
    portal.run("INSERT INTO product_owners (firstname, status) SELECT 'x', 'active' FROM generate_series(1, 50)")
    portal.run("UPDATE product_owners SET status = 'active'")
    portal.run("UPDATE product_owners SET status = CASE WHEN id % 5 = 0 THEN 'inactive' ELSE status END")
    assert portal.all("SELECT action, count(*) FROM row_history GROUP BY action ORDER BY action") == [
        ("insert", 50), ("update", 10)]  # fmt: skip
    portal.run("DELETE FROM product_owners WHERE false")
    portal.run("INSERT INTO product_owners (firstname) SELECT 'x' WHERE false")
    assert portal.one("SELECT count(*) FROM row_history") == 60


def test_E110_truncate_leaves_its_rows(portal_at):
    portal = portal_at(AT)
    ann, ben = owner(portal), owner(portal, "Ben")
    phone(portal, ann)
    portal.run("TRUNCATE product_owners CASCADE")
    rows = portal.all(
        "SELECT table_name, row_id, changes ->> 'firstname', changes -> 'rows' FROM row_history"
        " WHERE action = 'truncate' AND table_name LIKE 'product_owner%s' AND table_name <> 'product_owner_products'"
        " ORDER BY table_name, row_id"
    )
    assert rows == [
        ("product_owner_phones", 1, None, None), ("product_owner_phones", None, None, 1),
        ("product_owners", ann, "Ann", None), ("product_owners", ben, "Ben", None),
        ("product_owners", None, None, 2),
    ]  # fmt: skip


def test_E110_null_and_the_empty_text_stay_apart(portal_at):
    portal = portal_at(AT)
    say(portal, justification="test")
    number = owner(portal)
    for value in ("", None, "rover", ""):
        portal.run("UPDATE product_owners SET notes = %s WHERE id = %s", value, number)
    assert portal.all("SELECT changes -> 'notes' FROM row_history WHERE action = 'update' ORDER BY id") == [
        [None, ""], ["", None], [None, "[redacted]"], ["[redacted]", ""]]  # fmt: skip


def test_E178_sensitive_values_appear_as_ciphertext_or_not_at_all(portal_at):
    portal = portal_at(AT)
    say(portal, justification="test")
    number = owner(portal, security_words="rover", notes="likes tea")
    portal.run("UPDATE product_owners SET security_words = 'fido' WHERE id = %s", number)
    portal.run("UPDATE product_owners SET security_words = %s WHERE id = %s", ENVELOPE, number)
    portal.run("UPDATE product_owners SET security_words = %s WHERE id = %s", OTHER_ENVELOPE, number)
    phone(portal, number, "07700 900456")
    portal.run("UPDATE product_owner_phones SET phone_number = '07700 900457'")
    portal.run("DELETE FROM product_owners")
    portal.run("INSERT INTO product_owners (notes) VALUES ('again')")
    portal.run("TRUNCATE product_owners CASCADE")
    everything = portal.one("SELECT string_agg(h::text, ' ') FROM row_history AS h")
    for secret in ("rover", "fido", "likes tea", "900456", "900457", "again"):
        assert secret not in everything
    assert portal.all(
        "SELECT changes -> 'security_words' FROM row_history WHERE action = 'update' AND changes ? 'security_words'"
        " ORDER BY id"
    ) == [["[redacted]", "[redacted]"], ["[redacted]", ENVELOPE], [ENVELOPE, OTHER_ENVELOPE]]
    kept = portal.one("SELECT changes FROM row_history WHERE action = 'delete' AND table_name = 'product_owners'")
    assert (kept["security_words"], kept["notes"]) == (OTHER_ENVELOPE, "[redacted]")


def test_telephone_numbers_in_columns_of_the_portal_s_own_are_not_kept(portal_at):
    portal = portal_at("phase_1")
    portal.run("ALTER TABLE product_owners ADD phone text, ADD phone_1 text, ADD phone_2 varchar(40), ADD phone_3 text")
    portal.alembic("upgrade", AT)
    number = owner(portal, phone="020 7946 0101", phone_1="020 7946 0102", phone_2="020 7946 0103", phone_3="020 7946 0104")
    portal.run("UPDATE product_owners SET phone = '020 7946 0105', phone_1 = '', phone_2 = NULL WHERE id = %s", number)
    portal.run("INSERT INTO product_owners (firstname, phone_1) SELECT 'x', '020 7946 0106' FROM generate_series(1, 150)")
    portal.run("UPDATE product_owners SET phone_1 = '020 7946 0107'")
    portal.run("DELETE FROM product_owners WHERE id = %s", number)
    portal.run("TRUNCATE product_owners CASCADE")
    for table in ("row_history", "product_owners_audit_log"):
        assert "7946" not in portal.one(f"SELECT string_agg(t::text, ' ') FROM {table} AS t"), table
    assert portal.one("SELECT changes FROM row_history WHERE action = 'update' ORDER BY id LIMIT 1") | {"updated_at": 0} == {
        "phone": ["[redacted]"] * 2, "phone_1": ["[redacted]", ""], "phone_2": ["[redacted]", None], "updated_at": 0}  # fmt: skip


def test_a_changed_key_is_one_row_gone_and_one_come(portal_at):
    portal = portal_at(AT)
    number = owner(portal)
    portal.run("UPDATE product_owners SET id = id + 1000, firstname = 'Anne' WHERE id = %s", number)
    assert [(a, k["id"]) for a, k, _ in portal.all(HISTORY, "product_owners")] == [
        ("insert", number), ("delete", number), ("insert", number + 1000)]  # fmt: skip


def test_upsert_and_merge_are_recorded_as_what_they_did(portal_at):
    portal = portal_at(AT)
    number = owner(portal)
    portal.run(
        "INSERT INTO product_owners (id, firstname) VALUES (%s, 'Anne'), (%s, 'Ben')"
        " ON CONFLICT (id) DO UPDATE SET firstname = excluded.firstname", number, number + 1,
    )  # fmt: skip
    portal.run(
        "MERGE INTO product_owners AS o USING (VALUES (%s, 'Zoe')) AS n (id, name) ON o.id = n.id"
        " WHEN MATCHED THEN DELETE", number,
    )  # fmt: skip
    assert sorted((a, k["id"]) for a, k, _ in portal.all(HISTORY, "product_owners")) == [
        ("delete", number), ("insert", number), ("insert", number + 1), ("update", number)]  # fmt: skip


def test_rows_know_their_client_group(portal_at):
    portal = portal_at(AT)
    home = household(portal)
    portal.run("UPDATE client_groups SET name = 'X' WHERE id = %s", home.group)
    portal.run("DELETE FROM client_group_product_owners WHERE client_group_id = %s", home.group)
    product = portal.one("INSERT INTO client_products (client_id) VALUES (%s) RETURNING id", home.group)
    portal.run("INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (%s, NULL)", product)
    assert portal.all(
        "SELECT table_name, client_group_id, count(*) FROM row_history GROUP BY 1, 2 ORDER BY 1, 2"
    ) == [
        ("client_group_product_owners", home.group, 4), ("client_groups", home.group, 2),
        ("product_owner_products", None, 1), ("product_owners", None, 2),
    ]  # fmt: skip


def test_a_cascade_is_recorded_too(portal_at):
    portal = portal_at(AT)
    home = household(portal)
    portal.run("DELETE FROM client_groups WHERE id = %s", home.group)
    assert portal.all("SELECT table_name FROM row_history WHERE action = 'delete' ORDER BY table_name") == [
        "client_group_product_owners", "client_group_product_owners", "client_groups"]  # fmt: skip


def test_E181_actor_and_login_role_both(server, portal_at):
    portal = portal_at(AT)
    role = sql.Identifier(f"teller_{server.major}")
    portal.run(sql.SQL("CREATE ROLE {} LOGIN").format(role))
    try:
        portal.run(sql.SQL("GRANT INSERT, SELECT, UPDATE ON product_owners TO {}").format(role))
        teller = portal.connect(user=f"teller_{server.major}")
        teller.execute("SELECT set_config('app.current_user_id', 'the chief executive', false)")
        teller.execute("SELECT set_config('app.correlation_id', 'c-1', false)")
        teller.execute("INSERT INTO product_owners (firstname) VALUES ('Ann')")
        teller.execute("SELECT set_config('app.current_user_id', '', false)")
        teller.execute("UPDATE product_owners SET firstname = 'Anne'")
        assert portal.all("SELECT actor, db_role, correlation_id FROM row_history ORDER BY id") == [
            ("the chief executive", f"teller_{server.major}", "c-1"),
            (f"teller_{server.major}", f"teller_{server.major}", "c-1"),
        ]
        for statement in ("SELECT 1 FROM row_history", "INSERT INTO row_history DEFAULT VALUES"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                teller.execute(statement)
        teller.close()
    finally:
        portal.run(sql.SQL("DROP OWNED BY {}; DROP ROLE {}").format(role, role))


def test_settings_of_any_length_are_no_error(portal_at):
    portal = portal_at(AT)
    say(portal, current_user_id="x" * 1000, correlation_id="y" * 1000, justification="z" * 1000)
    owner(portal)
    assert portal.one("SELECT length(actor), length(correlation_id), length(reason) FROM row_history") == (
        100, 1000, 1000)  # fmt: skip


def test_E222_what_a_caller_says_is_a_value_and_never_the_text_of_a_statement(portal_at):
    portal = portal_at(AT)
    text = "*/; DROP TABLE product_owners; --'$$"
    say(portal, current_user_id=text, correlation_id=text, justification=text)
    owner(portal)
    assert portal.one("SELECT actor, correlation_id, reason FROM row_history") == (text, text, text)


def test_the_same_change_reads_the_same_in_every_zone(portal_at):
    portal = portal_at(AT)
    number = owner(portal)
    for zone in ("Pacific/Kiritimati", "America/New_York"):
        portal.run(sql.SQL("SET timezone = {}").format(zone))
        portal.run("UPDATE product_owners SET inception_date = '2020-06-01 12:00+00' WHERE id = %s", number)
        portal.run("UPDATE product_owners SET inception_date = '2020-01-01 12:00+00' WHERE id = %s", number)
    written = portal.all(
        "SELECT changes #>> '{inception_date,1}' FROM row_history WHERE action = 'update' ORDER BY id")
    assert written == ["2020-06-01T12:00:00+00:00", "2020-01-01T12:00:00+00:00"] * 2


def test_the_line_goes_back_with_its_change(portal_at):
    portal = portal_at(AT)
    with portal.connection.transaction(force_rollback=True):
        owner(portal)
        assert portal.one("SELECT count(*) FROM row_history") == 1
    assert portal.one("SELECT count(*) FROM row_history") == 0


def test_lines_of_one_transaction_share_its_number(portal_at):
    portal = portal_at(AT)
    with portal.connection.transaction():
        owner(portal)
        owner(portal, "Ben")
    owner(portal, "Cleo")
    numbers = portal.all("SELECT transaction_id FROM row_history ORDER BY id")
    assert numbers[0] == numbers[1] != numbers[2]


def test_a_renamed_table_keeps_its_logical_name(portal_at):
    portal = portal_at(AT)
    portal.run("ALTER TABLE product_owner_phones RENAME TO numbers")
    portal.run("INSERT INTO numbers (product_owner_id, phone_type, phone_number) VALUES (%s, 'work', '0207946001')",
               owner(portal))  # fmt: skip
    portal.run("TRUNCATE numbers")
    assert portal.all("SELECT action FROM row_history WHERE table_name = 'product_owner_phones' ORDER BY id") == [
        "insert", "truncate", "truncate"]  # fmt: skip


def test_an_update_of_many_rows_leaves_the_lines_that_single_ones_leave(portal_at):
    """Above a hundred rows the lines come from a statement made for the columns that changed."""
    portal = portal_at("phase_2_field_encryption")
    say(portal, justification="test", correlation_id="request 1")
    portal.run("UPDATE migration_control SET value = 'false' WHERE setting = 'encryption_enabled'")
    portal.run("INSERT INTO product_owners (firstname, notes) SELECT 'Ann', CASE WHEN n % 2 = 0 THEN 'plain' END FROM generate_series(1, 100) AS n")
    change = ("UPDATE product_owners SET notes = CASE WHEN id % 3 = 0 THEN %s END, surname = CASE WHEN id % 5 < 3 THEN 'x' END,"
              " known_as = CASE WHEN id % 7 = 0 THEN '' END, updated_at = '2026-01-01', updated_by = 'ann'")  # fmt: skip
    change = change.replace("%", "%%").replace("%%s", "%s")
    mark = portal.one("SELECT max(id) FROM row_history")
    portal.run("BEGIN")
    portal.run(change, ENVELOPE)
    lines = ("SELECT table_name, row_key, row_id, client_group_id, action, changes, actor, db_role, correlation_id, reason"
             " FROM row_history WHERE id > %s ORDER BY row_id")  # fmt: skip
    many = portal.all(lines, mark)
    portal.run("ROLLBACK")
    mark = portal.one("SELECT max(id) FROM row_history")
    for number in portal.all("SELECT id FROM product_owners ORDER BY id"):
        portal.run(change + f" WHERE id = {number}", ENVELOPE)
    assert portal.all(lines, mark) == many
    assert len(many) == 100
    mark = portal.one("SELECT max(id) FROM row_history")
    portal.run("UPDATE product_owners SET firstname = firstname, updated_at = '2026-01-01', updated_by = 'ann'")
    portal.run("UPDATE product_owners SET id = id + 1000, updated_at = '2026-01-01', updated_by = 'ann'")
    assert portal.all("SELECT action, count(*) FROM row_history WHERE id > %s AND table_name = 'product_owners'"
                      " GROUP BY action ORDER BY action", mark) == [("delete", 100), ("insert", 100)]  # fmt: skip
