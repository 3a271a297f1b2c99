"""Plain values in Python, ciphertext in SQL: the properties of the models"""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from kingston_schema.crypto import access, keyring, open_vault
from kingston_schema.crypto.envelope import is_envelope
from kingston_schema.errors import KeyRingError, SecretRefused
from kingston_schema.models import ClientGroup, ClientGroupSecret, ProductOwner, ProductOwnerPhone
from kingston_schema.operations.encrypt import run, verify
from kingston_schema.operations.keys import rotate, versions

WHO = {"actor": "r.jones", "purpose": "annual review"}


def test_E039_E041_E042_E043_owners_groups_and_numbers_are_plain_in_python_and_ciphertext_in_sql(
    sealed_portal, vault_for
):
    portal = sealed_portal()
    _, sessions = vault_for(portal)
    with sessions.begin() as session:
        ann = ProductOwner(firstname="Ann", security_words="rover", notes="")
        ann.phones.append(ProductOwnerPhone(phone_type="mobile", number="+44 7700 900456"))
        session.add(ann)
        session.add(
            ClientGroup(name="A", secrets=ClientGroupSecret(security_word="fido", sensitive_data="{}"))
        )
        assert ann.security_words == "rover"  # who wrote it may see it before it is saved
    words, notes = portal.one("SELECT security_words, notes FROM product_owners")
    mask, number, index = portal.one(
        "SELECT phone_number, phone_number_encrypted, phone_number_index FROM product_owner_phones"
    )
    secret, private, data = portal.one(
        "SELECT security_word, private_notes, sensitive_data FROM client_group_secrets"
    )
    assert all(map(is_envelope, (words, notes, number, secret, data)))
    assert (private, mask, index[:9]) == (None, "+XX XXXX XXX456", "bidx:1:1:")
    with sessions() as session, access(**WHO):
        ann = session.scalars(sa.select(ProductOwner)).one()
        assert (ann.security_words, ann.notes, ann.phones[0].number) == ("rover", "", "+44 7700 900456")
        group = session.scalars(sa.select(ClientGroupSecret)).one()
        assert (group.security_word, group.private_notes, group.sensitive_data) == ("fido", None, "{}")
        ann.notes, ann.phones[0].number = None, "020 7946 0018"
        session.commit()
        assert (ann.notes, ann.phones[0].number) == (None, "020 7946 0018")
    assert (
        portal.one(
            "SELECT count(*) FROM row_history WHERE changes::text LIKE '%%rover%%' OR changes::text LIKE '%%7946%%'"
        )
        == 0
    )


def test_a_number_is_found_in_any_writing_and_the_statement_has_no_number(sealed_portal, vault_for):
    portal = sealed_portal()
    _, sessions = vault_for(portal)
    with sessions.begin() as session:
        ann = ProductOwner(firstname="Ann")
        ann.phones = [
            ProductOwnerPhone(phone_type="work", number=n) for n in ("+44 7700 900456", "020 7946 0018")
        ]
        session.add(ann)
    with sessions() as session, access(**WHO):
        for writing in ("07700900456", "0044 (0)7700-900456", "+44 7700 900456"):
            query = sa.select(ProductOwnerPhone).where(ProductOwnerPhone.number.equals(session, writing))
            assert "900456" not in str(query.compile(compile_kwargs={"literal_binds": True}))
            assert [phone.number for phone in session.scalars(query)] == ["+44 7700 900456"]
        none = sa.select(ProductOwnerPhone).where(ProductOwnerPhone.number.equals(session, "07700 900457"))
        assert session.scalars(none).all() == []


def test_bulk_inserts_and_updates_draw_the_ids_first(sealed_portal, vault_for):
    portal = sealed_portal()
    _, sessions = vault_for(portal)
    with sessions.begin() as session:
        session.add_all([ProductOwner(firstname=str(n), notes=f"flush {n}") for n in range(20)])
        session.execute(
            sa.insert(ProductOwner), [{"firstname": str(n), "notes": f"bulk {n}"} for n in range(20, 40)]
        )
        session.execute(sa.insert(ProductOwner), {"firstname": "40", "notes": None})
    with sessions.begin() as session:
        owners = session.scalars(sa.select(ProductOwner).order_by(ProductOwner.id)).all()
        session.execute(sa.insert(ProductOwnerPhone), [
            {"product_owner_id": o.id, "phone_type": "work", "number": f"020 7946 {o.id:04}"} for o in owners])  # fmt: skip
        session.execute(
            sa.update(ProductOwner),
            [{"id": next(o.id for o in owners if o.firstname == "0"), "notes": "bulk update"}],
        )
    with sessions() as session, access(**WHO):
        owners = session.scalars(sa.select(ProductOwner).order_by(ProductOwner.firstname)).all()
        plain = {o.firstname: o.notes for o in owners}
        assert plain == {str(n): f"{'flush' if n < 20 else 'bulk'} {n}" for n in range(40)} | {
            "0": "bulk update",
            "40": None,
        }
        assert {p.number for p in session.scalars(sa.select(ProductOwnerPhone))} == {
            f"020 7946 {o.id:04}" for o in owners
        }


def test_what_goes_round_the_vault_is_refused_before_anything_is_sent(sealed_portal, vault_for):
    portal = sealed_portal()
    _, sessions = vault_for(portal)
    for statement in (
        sa.insert(ProductOwner.__table__).values(notes="secret-a"),
        sa.update(ProductOwner.__table__).values(notes="secret-b"),
        sa.select(ProductOwner).where(ProductOwner.notes == "secret-c"),
    ):
        with sessions() as session, pytest.raises(SecretRefused) as caught:
            session.execute(statement)
        assert (
            "secret-"
            not in f"{caught.value!r} {caught.value} {caught.value.__cause__} {caught.value.__context__}"
        )
    with sessions() as session, pytest.raises(SecretRefused) as caught:
        session.bulk_save_objects([ProductOwner(notes="secret-d")])
    with pytest.raises(SecretRefused, match="no telephone number") as caught:
        ProductOwnerPhone(phone_type="work", number="secret-e")
    assert "secret-" not in str(caught.value)


def test_without_a_purpose_nothing_is_read(sealed_portal, vault_for):
    portal = sealed_portal()
    _, sessions = vault_for(portal)
    with sessions.begin() as session:
        session.add(ProductOwner(notes="x"))
    with sessions() as session:
        ann = session.scalars(sa.select(ProductOwner)).one()
        with pytest.raises(SecretRefused, match="who reads this secret and why"):
            _ = ann.notes
        with pytest.raises(SecretRefused, match="an actor and a purpose"), access(actor="r", purpose=" "):
            pass
    assert portal.one("SELECT count(*) FROM encryption_audit_log") == 0


def test_with_a_wrong_missing_or_readable_key_nothing_is_opened_and_nothing_written(sealed_portal, vault_for, keys):
    portal = sealed_portal()
    _, sessions = vault_for(portal)
    with sessions.begin() as session:
        session.add(ProductOwner(notes="x", phones=[ProductOwnerPhone(phone_type="work", number="020 7946 0018")]))
    every = "SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM {} AS t"
    tables = ("product_owners", "product_owner_phones", "encryption_keys", "encryption_audit_log", "row_history")
    before = [portal.one(every.format(table)) for table in tables]
    ring = keys.with_name("master.key.ring")
    kept, wrapped = keys.read_text(), ring.read_text()
    other = keyring.Ring(()).with_new("encryption", 1).with_new("blind_index", 1)
    for what, spoil in {
        "readable by others": lambda: keys.chmod(0o640),
        "missing": keys.unlink,
        "another master key": lambda: keys.write_text("kingston-master-1:" + "A" * 43 + "=\n"),
        "a ring that others may read": lambda: ring.chmod(0o604),
        "another ring": lambda: keyring.save(other, keyring.master.read_master()),
    }.items():
        spoil()
        for act in (open_vault, run.run, verify.run, rotate.run, versions.add, versions.promote):
            with pytest.raises(KeyRingError):
                act(portal.url)
        assert [portal.one(every.format(table)) for table in tables] == before, what
        for path, text in ((keys, kept), (ring, wrapped)):
            path.unlink(missing_ok=True)
            path.write_text(text)
            path.chmod(0o600)
    open_vault(portal.url).close()


def test_threads_share_a_vault(sealed_portal, vault_for):
    portal = sealed_portal()
    _, sessions = vault_for(portal, volume=10_000)
    wrong: list[object] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                text = f"{number}/{turn}"
                with sessions() as session, access(actor=f"actor {number}", purpose="test"):
                    mine = ProductOwner(firstname=text, notes=text, security_words=text[::-1])
                    session.add(mine)
                    session.commit()
                    if (mine.notes, mine.security_words) != (text, text[::-1]):
                        wrong.append(text)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert portal.one("SELECT count(*), count(DISTINCT accessed_by) FROM encryption_audit_log") == (80, 8)


def test_with_encryption_off_and_no_key_values_are_stored_as_they_are(
    newest_portal_at, keys, vault_for, monkeypatch
):
    monkeypatch.delenv("KINGSTON_KEY_FILE")
    portal = newest_portal_at("phase_2_field_encryption")
    portal.run(
        f"ALTER DATABASE {portal.one('SELECT current_database()')} SET app.justification = 'test'".encode()
    )
    _, sessions = vault_for(portal)
    with sessions() as session:
        session.add(ProductOwner(notes="likes tea"))
        with pytest.raises(SecretRefused, match="no key is active"):
            session.flush()
    portal.run("UPDATE migration_control SET value = 'false' WHERE setting = 'encryption_enabled'")
    with sessions.begin() as session:
        session.add(
            ProductOwner(
                notes="likes tea", phones=[ProductOwnerPhone(phone_type="work", number="020 7946 0018")]
            )
        )
    assert portal.one("SELECT notes FROM product_owners") == "likes tea"
    with sessions() as session, access(**WHO):
        assert [(o.notes, o.phones[0].number) for o in session.scalars(sa.select(ProductOwner))] == [
            ("likes tea", "020 7946 0018")
        ]
