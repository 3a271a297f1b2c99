"""The ledger knows of every look before the value is handed out; alarms; values moved about in the database"""

from __future__ import annotations

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from kingston_schema.crypto import access, open_vault
from kingston_schema.crypto.fields import NOTES
from kingston_schema.errors import KeyRingError, NotDecryptable
from kingston_schema.models import ClientGroup, ClientGroupSecret, ProductOwner, ProductOwnerPhone
from kingston_schema.operations.encrypt import decoy

LEDGER = "SELECT accessed_by, purpose, correlation_id, table_name, field_name, record_id, outcome, key_version FROM encryption_audit_log WHERE operation = 'decrypt' ORDER BY id"
WHO = {"actor": "r.jones", "purpose": "annual review", "correlation_id": "r-1"}


@pytest.fixture
def heard():
    return []


@pytest.fixture
def made(sealed_portal, vault_for, heard):
    """(portal, sessions, two owners with notes, words and a number each)."""
    portal = sealed_portal()
    _, sessions = vault_for(portal, sound=lambda code, message: heard.append((code, message)), volume=5)
    with sessions.begin() as session:
        for name in ("ann", "ben"):
            one = ProductOwner(firstname=name, notes=f"dog of {name}", security_words=f"words of {name}")
            one.phones.append(
                ProductOwnerPhone(phone_type="work", number=f"020 7946 00{len(name)}{ord(name[0])}")
            )
            session.add(one)
    return portal, sessions, portal.all("SELECT id FROM product_owners ORDER BY firstname")


def read(sessions, row, name="notes", model=ProductOwner):
    with sessions() as session, access(**WHO):
        return getattr(session.get_one(model, row), name)


def test_every_read_is_on_record_before_it_returns(made):
    portal, sessions, (ann, _) = made
    assert read(sessions, ann) == "dog of ann"
    assert portal.all(LEDGER) == [
        ("r.jones", "annual review", "r-1", "product_owners", "notes", ann, "granted", 1)
    ]
    # A transaction of the application that is rolled back takes no line with it.
    with sessions() as session, access(**WHO):
        _ = session.get_one(ProductOwner, ann).security_words
        session.rollback()
    assert len(portal.all(LEDGER)) == 2
    # No line, no value.
    portal.run("ALTER TABLE encryption_audit_log ADD CONSTRAINT full_up CHECK (id < 0) NOT VALID")
    with pytest.raises(psycopg.Error, match="full_up"):
        read(sessions, ann)


MOVED = (
    "(SELECT notes FROM product_owners WHERE id = {ben})", "security_words", "replace(notes, 'enc:1:1:', 'enc:1:2:')",
    "overlay(notes placing CASE substr(notes, 17, 1) WHEN 'A' THEN 'B' ELSE 'A' END from 17 for 1)", "left(notes, -8)",
)  # fmt: skip


def test_what_was_moved_or_changed_is_a_failure_on_record_and_an_alarm(made, heard):
    portal, sessions, (ann, ben) = made
    for moved in MOVED:
        before = portal.one("SELECT notes FROM product_owners WHERE id = %s", ann)
        portal.run(f"UPDATE product_owners SET notes = {moved} WHERE id = {ann}".format(ben=ben))
        assert portal.one("SELECT notes FROM product_owners WHERE id = %s", ann) != before
        heard.clear()
        with pytest.raises((NotDecryptable, KeyRingError)) as caught:
            read(sessions, ann)
        assert "dog" not in str(caught.value)
        outcome = portal.all(LEDGER)[-1][6]
        assert outcome == ("refused" if isinstance(caught.value, KeyRingError) else "failed")
        assert [code for code, _ in heard] == (["failed"] if outcome == "failed" else [])
        portal.run("UPDATE product_owners SET notes = %s WHERE id = %s", before, ann)
    assert (read(sessions, ann), read(sessions, ben)) == ("dog of ann", "dog of ben")


def test_a_number_moved_to_another_row_is_a_failure(made):
    portal, sessions, _ = made
    portal.run(
        "UPDATE product_owner_phones AS p SET phone_number_encrypted = o.phone_number_encrypted FROM product_owner_phones AS o WHERE o.id <> p.id"
    )
    for row in portal.all("SELECT id FROM product_owner_phones"):
        with pytest.raises(NotDecryptable):
            read(sessions, row, "number", ProductOwnerPhone)


def test_volume_and_decoys_sound_the_alarm(made, heard, kingston_calls):
    portal, sessions, (ann, ben) = made
    for _ in range(7):
        read(sessions, ann)
    assert heard == [("volume", "r.jones read more than 5 secrets within 10 minutes")]
    assert decoy.run(portal.url, value=f"product_owners/{ben}/notes", dry_run=True).changed
    assert decoy.run(portal.url, value=f"product_owners/{ben}/notes").changed
    assert not decoy.run(portal.url, value=f"product_owners/{ben}/notes").changed
    for table in (
        "product_owners_audit_log",
        "row_history",
        "encryption_audit_log",
    ):  # where it is, no record tells
        assert "decoy" not in (portal.one(f"SELECT string_agg(t::text, ' ') FROM {table} AS t") or ""), table
    assert read(sessions, ben) == "dog of ben"  # whoever steals it notices nothing
    assert heard[1:] == [("decoy", f"r.jones read product_owners.notes of row {ben} (annual review)")]
    assert portal.all(LEDGER)[-1][5:7] == (ben, "decoy")
    assert decoy.run(portal.url, value=f"product_owners/{ben}/notes", undo=True).changed
    read(sessions, ben)
    assert len(heard) == 2
    assert kingston_calls("audit", "decrypts", portal=portal) == 1


def test_a_secret_moved_to_another_client_is_a_failure(made):
    portal, sessions, _ = made
    with sessions.begin() as session:
        session.add_all(ClientGroup(name=n, secrets=ClientGroupSecret(private_notes=f"notes of {n}")) for n in "ab")
    (a, b) = portal.all("SELECT client_group_id FROM client_group_secrets ORDER BY 1")
    portal.run("UPDATE client_group_secrets SET private_notes = (SELECT private_notes FROM client_group_secrets"
               " WHERE client_group_id = %s) WHERE client_group_id = %s", a, b)  # fmt: skip
    assert read(sessions, a, "private_notes", ClientGroupSecret) == "notes of a"
    with pytest.raises(NotDecryptable, match=f"private_notes of row {b}"):
        read(sessions, b, "private_notes", ClientGroupSecret)


def test_the_volume_of_an_actor_counts_over_all_processes(made, heard, vault_for):
    """Another vault is another process: it has nothing in common with the first but the ledger."""
    portal, sessions, (ann, ben) = made
    _, elsewhere = vault_for(portal, sound=lambda code, message: heard.append((code, message)), volume=5)
    for turn in range(3):
        assert read(sessions, ann) == "dog of ann"
        assert heard == []
        assert read(elsewhere, ben) == "dog of ben"
        assert len(heard) == (turn == 2)
    with elsewhere() as session, access(actor="somebody else", purpose="x"):
        assert session.get_one(ProductOwner, ann).notes == "dog of ann"
    assert [code for code, _ in heard] == ["volume"]
    portal.run("DROP ROLE IF EXISTS ledger_writer; CREATE ROLE ledger_writer LOGIN")
    try:  # a role that may not read the ledger counts what it reads itself
        portal.run("GRANT SELECT ON encryption_keys, product_owners TO ledger_writer; GRANT INSERT ON encryption_audit_log TO ledger_writer")
        with_less = make_url(portal.url).set(username="ledger_writer").render_as_string(hide_password=False)
        vault = open_vault(with_less, sound=lambda code, message: heard.append((code, message)), volume=2)
        sealed = portal.one("SELECT notes FROM product_owners WHERE id = %s", ann)
        with access(actor="reader", purpose="x"):
            for turn in range(3):
                assert vault.reveal(NOTES, [(ann, sealed)]) == ["dog of ann"]
                assert len(heard) == 1 + (turn == 2)
        vault.close()
    finally:
        portal.run("DROP OWNED BY ledger_writer; DROP ROLE ledger_writer")


def test_a_plain_value_from_before_is_read_and_recorded(made):
    portal, sessions, (ann, _) = made
    portal.run("UPDATE migration_control SET value = 'false' WHERE setting = 'encryption_enabled'")
    portal.run("UPDATE product_owners SET notes = 'from before' WHERE id = %s", ann)
    assert read(sessions, ann) == "from before"
    assert portal.all(LEDGER)[-1][6:] == ("granted", None)
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ProductOwner)) == 2
