"""audit_product_owner_changes: telephone numbers are audited under their owner (E-027, E-108)"""

from __future__ import annotations

from owner_data import owner, phone, say

AT = "phase_2_audit"
LOG = (
    "SELECT product_owner_id, subject_id, field_changed, change_type, old_value_hash, new_value_hash"
    " FROM product_owners_audit_log WHERE subject_table = 'product_owner_phones' ORDER BY id"
)


def test_E027_a_number_can_be_written_changed_and_deleted(portal_at):
    portal = portal_at(AT)
    person = owner(portal)
    number = phone(portal, person)
    portal.run("UPDATE product_owner_phones SET phone_number = '07700 900457', label = 'new' WHERE id = %s", number)
    portal.run("UPDATE product_owner_phones SET label = 'new' WHERE id = %s", number)
    portal.run("DELETE FROM product_owner_phones WHERE id = %s", number)
    assert portal.all(LOG) == [
        (person, number, "record_creation", "create", None, None),
        (person, number, "label", "update", "absent", "present"),
        (person, number, "phone_number", "update", "present", "present"),
        (person, number, "record_deletion", "delete", None, None),
    ]


def test_E108_it_is_filed_under_the_owner_not_under_its_own_id(portal_at):
    portal = portal_at(AT)
    others = [owner(portal, name) for name in ("Ann", "Ben", "Cleo")]
    last = owner(portal, "Dee")
    number = phone(portal, last)
    assert number in others, "the number's own id must be another owner's"
    assert portal.all(LOG) == [(last, number, "record_creation", "create", None, None)]


def test_a_number_that_moves_is_filed_under_both(portal_at):
    portal = portal_at(AT)
    ann, ben = owner(portal), owner(portal, "Ben")
    number = phone(portal, ann)
    portal.run("UPDATE product_owner_phones SET product_owner_id = %s WHERE id = %s", ben, number)
    assert portal.all(LOG)[1:] == [
        (person, number, "product_owner_id", "update", "present", "present") for person in (ann, ben)]  # fmt: skip


def test_numbers_that_go_with_their_owner_are_recorded(portal_at):
    portal = portal_at(AT)
    person = owner(portal)
    number = phone(portal, person)
    portal.run("DELETE FROM product_owners WHERE id = %s", person)
    assert portal.all(LOG)[-1] == (person, number, "record_deletion", "delete", None, None)


def test_no_number_is_told(portal_at):
    portal = portal_at(AT)
    say(portal, justification="")
    number = phone(portal, owner(portal))
    portal.run("UPDATE product_owner_phones SET phone_number = '+44 20 7946 0018' WHERE id = %s", number)
    everything = portal.one("SELECT string_agg(t::text, ' ') FROM product_owners_audit_log AS t")
    assert "900456" not in everything
    assert "7946" not in everything


def test_a_number_that_went_in_the_same_statement_or_whose_table_was_renamed_is_recorded(portal_at):
    portal = portal_at(AT)
    person = owner(portal)
    number = phone(portal, person)
    portal.run(
        "WITH u AS (UPDATE product_owner_phones SET label = 'new' RETURNING id) DELETE FROM product_owners WHERE id = %s", person
    )
    assert sorted(row[:4] for row in portal.all(LOG)) == [
        (person, number, "label", "update"), (person, number, "record_creation", "create"),
        (person, number, "record_deletion", "delete")]  # fmt: skip
    other = owner(portal)
    portal.run("ALTER TABLE product_owner_phones RENAME TO numbers")
    portal.run("INSERT INTO numbers (product_owner_id, phone_type, phone_number) VALUES (%s, 'work', '020 7946 0018')", other)
    portal.run("UPDATE numbers SET label = 'x'")
    assert [row[:4] for row in portal.all(LOG)][-2:] == [
        (other, number + 1, "record_creation", "create"), (other, number + 1, "label", "update")]  # fmt: skip
