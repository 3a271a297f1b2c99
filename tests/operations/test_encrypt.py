"""kingston encrypt and keys rotate, retire: plaintext from before, older keys, the end of a key"""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from kingston_schema.crypto import access, master, open_vault
from kingston_schema.models import ClientGroupSecret, ProductOwner, ProductOwnerPhone
from owner_data import owner, say, switch_encryption

WHO = {"actor": "r.jones", "purpose": "annual review"}
OWNERS = 30
EVERY = "SELECT string_agg(t::text, ' ') FROM {} AS t"
TABLES = (
    "product_owners",
    "product_owner_phones",
    "client_group_secrets",
    "row_history",
    "product_owners_audit_log",
)


@pytest.fixture
def portal(newest_portal_at, tmp_path, monkeypatch):
    """Plaintext from before: encryption_enabled was false."""
    for name in (master.COMMAND, master.RING):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(master.FILE, str(tmp_path / "master.key"))
    monkeypatch.setenv("KINGSTON_CHECKPOINTS", str(tmp_path / "checkpoints"))
    portal = newest_portal_at("phase_2_field_encryption")
    portal.run(
        f"ALTER DATABASE {portal.one('SELECT current_database()')} SET app.justification = 'test'".encode()
    )
    portal.connection.close()
    switch_encryption(portal, "false")
    portal.run("INSERT INTO product_owners (firstname, notes, security_words)"
               " SELECT n::text, 'likes tea and number ' || n, CASE WHEN n %% 2 = 0 THEN 'rover ' || n END FROM generate_series(1, %s) AS n", OWNERS)  # fmt: skip
    portal.run("INSERT INTO product_owner_phones (product_owner_id, phone_type, phone_number)"
               " SELECT id, 'work', '020 7946 ' || lpad(id::text, 4, '0') FROM product_owners")  # fmt: skip
    portal.run("INSERT INTO client_groups (name) VALUES ('Ann')")
    portal.run(
        "INSERT INTO client_group_secrets (client_group_id, private_notes) VALUES (1, 'divorce pending')"
    )
    portal.run("UPDATE product_owners SET notes = notes || '!'")  # history of it
    portal.run("ANALYZE product_owners, product_owner_phones")
    switch_encryption(portal, "true")
    return portal


def plain(portal) -> tuple:
    """What an application reads."""
    vault = open_vault(portal.url, volume=10**6)
    sessions = sessionmaker(portal.engine)
    vault.attach(sessions)
    with sessions() as session, access(**WHO):
        owners = session.scalars(sa.select(ProductOwner).order_by(ProductOwner.id)).all()
        numbers = session.scalars(sa.select(ProductOwnerPhone).order_by(ProductOwnerPhone.id)).all()
        found = (
            [(o.notes, o.security_words) for o in owners], [p.number for p in numbers],
            [s.private_notes for s in session.scalars(sa.select(ClientGroupSecret))],
        )  # fmt: skip
    vault.close()
    return found


EXPECTED = (
    [(f"likes tea and number {n}!", f"rover {n}" if n % 2 == 0 else None) for n in range(1, OWNERS + 1)],
    [f"020 7946 {n:04}" for n in range(1, OWNERS + 1)], ["divorce pending"],
)  # fmt: skip


def codes(found) -> set[str]:
    return {finding["code"] for finding in found.json["findings"]}


def test_E185_from_plaintext_to_ciphertext_to_new_keys_to_the_end_of_the_old_ones(portal, kingston):
    # Status says what can be read, and where; running without a key is refused.
    found = kingston("encrypt", "status", "--json", portal=portal)
    assert (found.code, found.json["data"]["state"]) == (1, "off")
    assert {"off", "readable_field", "readable_statistics"} <= codes(found)
    assert kingston("encrypt", "run", "--yes", portal=portal).code == 3
    assert kingston("keys", "init", portal=portal).code == 0
    assert kingston("encrypt", "status", "--json", portal=portal).json["data"]["state"] == "waiting"
    assert plain(portal) == EXPECTED  # the application reads on meanwhile

    dry = kingston("encrypt", "run", "--dry-run", "--json", portal=portal)
    assert sum(f["left"] for f in dry.json["data"]["fields"]) == 30 + 15 + 30 + 1
    touched = portal.all("SELECT updated_at FROM product_owners")
    lines = portal.one("SELECT count(*) FROM row_history")
    done = kingston("encrypt", "run", "--yes", "--batch", "7", "--json", portal=portal)
    assert (done.code, sum(f["rewritten"] for f in done.json["data"]["fields"])) == (0, 76), done.out
    assert plain(portal) == EXPECTED
    for table in TABLES:
        everything = portal.one(EVERY.format(table)) or ""
        assert not any(word in everything for word in ("likes tea", "rover", "divorce", "7946 00")), table
    assert portal.one("SELECT count(*) FROM pg_stats WHERE tablename IN ('product_owners', 'product_owner_phones')"
                      " AND (most_common_vals::text ~ 'tea|rover|7946 0' OR histogram_bounds::text ~ 'tea|rover|7946 0')") == 0  # fmt: skip
    assert portal.all("SELECT updated_at FROM product_owners") == touched  # no edit
    assert portal.one("SELECT count(*) FROM row_history") == lines
    assert kingston("encrypt", "run", "--yes", portal=portal).code == 0  # nothing left, nothing done
    assert kingston("encrypt", "status", "--json", portal=portal).json["data"]["state"] == "on"
    assert kingston("encrypt", "verify", portal=portal).code == 0
    assert kingston("keys", "retire", "1", "--yes", portal=portal).code == 3  # active

    # New keys; a checkpoint from before needs the old ones.
    with_old = kingston("checkpoint", "create", "--name", "old", "--json", portal=portal)
    assert with_old.code == 0, with_old.out
    assert kingston("keys", "add", portal=portal).code == 0
    assert kingston("keys", "promote", portal=portal).code == 0
    assert kingston("encrypt", "status", "--json", portal=portal).json["data"]["state"] == "older"
    held = kingston("keys", "retire", "1", "--yes", "--json", portal=portal)
    assert (held.code, held.finding["fix"]) == (3, "kingston keys rotate")
    dry = kingston("keys", "rotate", "--dry-run", "--json", portal=portal)
    assert sum(f["left"] for f in dry.json["data"]["fields"]) == 76
    done = kingston("keys", "rotate", "--batch", "7", "--json", portal=portal)
    assert (done.code, sum(f["rewritten"] for f in done.json["data"]["fields"])) == (0, 76), done.out
    assert plain(portal) == EXPECTED
    assert (
        portal.one("SELECT count(*) FROM product_owner_phones WHERE phone_number_index NOT LIKE 'bidx:1:2:%'")
        == 0
    )
    held = kingston("keys", "retire", "1", "--yes", "--json", portal=portal)
    assert (held.code, held.finding["object"], held.finding["fix"]) == (
        3,
        "checkpoint old",
        "kingston checkpoint drop old",
    )
    assert kingston("checkpoint", "create", "--name", "new", portal=portal).code == 0
    assert kingston("checkpoint", "drop", "old", "--yes", portal=portal).code == 0
    assert kingston("keys", "retire", "1", "--dry-run", portal=portal).code == 0
    assert kingston("keys", "retire", "1", "--yes", portal=portal).code == 0
    assert kingston("keys", "retire", "1", "--purpose", "blind_index", "--yes", portal=portal).code == 0
    assert kingston("keys", "retire", "1", "--yes", portal=portal).code == 3
    assert kingston("keys", "retire", "9", "--yes", portal=portal).code == 2
    assert plain(portal) == EXPECTED
    assert kingston("encrypt", "verify", portal=portal).code == 0


def test_what_lies_about_and_what_is_broken_is_found(portal, kingston):
    assert kingston("keys", "init", portal=portal).code == 0
    assert kingston("encrypt", "run", "--yes", portal=portal).code == 0
    portal.run(
        "CREATE TABLE kingston_archive.quarantine__product_owners AS SELECT 1 AS id, 'likes tea'::text AS notes"
    )
    portal.run(
        "CREATE TABLE leftover AS SELECT 'likes tea and number 7!'::text AS what, '{\"a\": [\"+442079460009\"]}'::jsonb AS doc"
    )
    portal.run(
        'CREATE MATERIALIZED VIEW cached AS SELECT \'{"phone_number": "07700 900456"}\'::jsonb AS data'
    )
    portal.run("UPDATE product_owners SET notes = security_words WHERE id = 2")
    portal.run("UPDATE product_owner_phones SET phone_number = 'XXX XXXX X999' WHERE id = 3")
    found = kingston("encrypt", "verify", "--json", portal=portal)
    assert found.code == 1
    data = found.json["data"]
    assert data["found"] == {"public.leftover.doc": 1, "public.leftover.what": 1}
    assert {(p["place"], p["kind"]) for p in data["places"]} == {
        ("kingston_archive.quarantine__product_owners.notes", "copy"), ("public.cached.data", "document")}  # fmt: skip
    assert len(data["faults"]) == 2
    assert "product_owners.notes of row 2 cannot be decrypted" in data["faults"][0]
    assert "the mask is not that of the number" in data["faults"][1]
    assert "likes tea" not in found.out + found.err
    # A broken value does not stop a rotation, and is left as it is.
    assert kingston("keys", "add", portal=portal).code == 0
    assert kingston("keys", "promote", portal=portal).code == 0
    broken = portal.one("SELECT notes FROM product_owners WHERE id = 2")
    done = kingston("keys", "rotate", "--json", portal=portal)
    assert (done.code, done.finding["code"]) == (1, "not_decryptable")
    assert portal.one("SELECT notes FROM product_owners WHERE id = 2") == broken
    assert portal.one("SELECT count(*) FROM product_owners WHERE notes LIKE 'enc:1:2:%'") == OWNERS - 1


def test_a_value_planted_anywhere_is_found_by_catalogue_and_by_content(portal, newest_portal_at, kingston):
    """In tables, summaries, audit, archive and statistics: by status without a key, by verify with it."""
    portal = newest_portal_at("head", seed=True)
    assert kingston("keys", "init", portal=portal).code == 0
    say(portal, justification="test")
    word, number = "the quiet harbour", "020 7946 0123"
    switch_encryption(portal, "false")
    one = owner(portal, notes=word)
    portal.run("INSERT INTO product_owner_phones (product_owner_id, phone_type, phone_number) VALUES (%s, 'work', %s)", one, number)
    portal.run("UPDATE product_owners SET notes = 'of many ' || id")
    portal.run("UPDATE product_owners SET notes = %s WHERE id = %s", word, one)
    portal.run("ANALYZE product_owners")  # as it was before: a plain column in the statistics
    switch_encryption(portal, "true")
    by_name = kingston("encrypt", "status", "--json", portal=portal).json["data"]["places"]
    assert ("public.product_owners.notes", "statistics") in {(p["place"], p["kind"]) for p in by_name}
    assert kingston("encrypt", "run", "--yes", portal=portal).code == 0
    assert kingston("encrypt", "verify", "--json", portal=portal).json["data"]["found"] == {}

    document = json.dumps({"deep": [{"phone_number": number}]})
    for statement, values in (
        ("CREATE TABLE leftover (remark text, security_words text, tags text[], code char(20))", ()),
        ("INSERT INTO leftover VALUES (%s, %s, ARRAY['x', %s], %s)", (word, word, word, word)),
        ("CREATE TABLE sampled AS SELECT %s::text AS remark FROM generate_series(1, 50)", (word,)),
        ("ANALYZE sampled", ()),
        ("UPDATE sampled SET remark = NULL", ()),
        ("UPDATE client_complete_summary SET client_name = %s WHERE client_group_id = (SELECT min(client_group_id) FROM client_complete_summary)", (word,)),
        ("UPDATE client_dense_summary SET description = %s WHERE client_group_id = 1", (number,)),
        ("INSERT INTO row_history (table_name, row_key, action, changes, actor, transaction_id)"
         " VALUES ('product_owners', '{}', 'update', jsonb_build_object('notes', ARRAY[NULL, %s]), 'x', 1)", (word,)),
        ("INSERT INTO product_owners_audit_log (product_owner_id, subject_id, field_changed, change_type, changed_by,"
         " business_justification) VALUES (1, 1, 'surname', 'update', 'x', %s)", (word,)),
        ("CREATE TABLE kingston_archive.client_group_secrets__old (private_notes text, doc jsonb)", ()),
        ("INSERT INTO kingston_archive.client_group_secrets__old VALUES (%s, %s)", (word, document)),
    ):  # fmt: skip
        portal.run(statement, *values)
    found = kingston("encrypt", "verify", "--json", portal=portal)
    assert found.json["data"]["found"] == dict.fromkeys(
        ("kingston_archive.client_group_secrets__old.doc", "kingston_archive.client_group_secrets__old.private_notes",
         "public.client_complete_summary.client_name", "public.client_dense_summary.description", "public.leftover.code",
         "public.leftover.remark", "public.leftover.security_words", "public.leftover.tags",
         "public.product_owners_audit_log.business_justification", "public.row_history.changes",
         "statistics of public.sampled.remark"), 1)  # fmt: skip
    status = kingston("encrypt", "status", "--json", portal=portal)
    assert {p["place"]: p["values"] for p in status.json["data"]["places"]} == dict.fromkeys(
        ("kingston_archive.client_group_secrets__old.doc", "kingston_archive.client_group_secrets__old.private_notes",
         "public.leftover.security_words", "public.row_history.changes"), 1)  # fmt: skip
    for told in (found.out, found.err, status.out, status.err):
        assert word not in told
        assert "7946" not in told


def test_history_keeps_a_key_unless_a_reason_is_given(portal, kingston):
    assert kingston("keys", "init", portal=portal).code == 0
    assert kingston("encrypt", "run", "--yes", portal=portal).code == 0
    portal.run(
        "UPDATE product_owners SET security_words = NULL WHERE id = 2"
    )  # the history keeps the ciphertext
    for verb in ("add", "promote", "rotate"):
        assert kingston("keys", verb, portal=portal).code == 0
    portal.run("CREATE TABLE kingston_archive.quarantine__product_owners AS SELECT 1 AS id, changes #>> '{security_words,0}'"
               " AS notes FROM row_history WHERE changes #>> '{security_words,0}' LIKE 'enc:1:1:%'")  # fmt: skip
    held = kingston("keys", "retire", "1", "--yes", "--leave-history", "x", "--json", portal=portal)
    assert (held.code, held.finding["object"]) == (3, "kingston_archive.quarantine__product_owners")
    portal.run("DROP TABLE kingston_archive.quarantine__product_owners")
    held = kingston("keys", "retire", "1", "--yes", "--json", portal=portal)
    assert (held.code, held.finding["object"]) == (3, "public.row_history")
    done = kingston(
        "keys", "retire", "1", "--yes", "--leave-history", "key was leaked", "--json", portal=portal
    )
    assert (done.code, done.json["data"]["left"][0]["place"]) == (0, "public.row_history")
    assert portal.one("SELECT purpose FROM encryption_audit_log WHERE table_name = 'row_history'").endswith(
        "key was leaked"
    )


def test_E125_down_and_up_need_no_key_and_bring_every_value_back(portal, kingston, monkeypatch):
    assert kingston("keys", "init", portal=portal).code == 0
    assert kingston("encrypt", "run", "--yes", portal=portal).code == 0
    file = json.dumps(master.ring_path().read_text())
    with monkeypatch.context() as without:
        without.delenv(master.FILE)
        portal.alembic("downgrade", "phase_1")
        archived = portal.all(
            "SELECT t::text FROM kingston_archive.product_owners__phase_2_product_owners AS t"
        )
        assert len(archived) == OWNERS
        assert not any("likes tea" in row for row in archived)
        portal.alembic("upgrade", "phase_2_field_encryption")
    assert json.dumps(master.ring_path().read_text()) == file
    assert plain(portal) == EXPECTED


def test_mistakes_are_said_plainly(portal, kingston, newest_portal_at):
    assert kingston("keys", "init", portal=portal).code == 0
    assert kingston("encrypt", "decoy", "product_owners/7/nonsense", portal=portal).code == 2
    assert kingston("encrypt", "decoy", "product_owners/999/notes", portal=portal).code == 3
    assert kingston("encrypt", "run", portal=portal).code == 2  # no terminal to ask on
    assert kingston("encrypt", portal=portal).code == 1
    low = newest_portal_at("phase_1")
    for verb in (("status",), ("run", "--yes"), ("verify",)):
        found = kingston("encrypt", *verb, "--json", portal=low)
        assert (found.code, found.finding["fix"]) == (3, "kingston upgrade phase_2"), verb
