"""Rotation under a live writer, killed half way and resumed: nothing broken, nothing left under the old key"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import sqlalchemy as sa

from kingston_schema.crypto import access, keyring
from kingston_schema.crypto.envelope import seal, unseal
from kingston_schema.crypto.fields import NOTES
from kingston_schema.models import ProductOwner, ProductOwnerPhone
from kingston_schema.operations.keys import rotate, versions

ROWS = 100_000 if os.environ.get("KINGSTON_LONG") else 10_000
OLD = "SELECT count(*) FROM product_owners WHERE notes NOT LIKE 'enc:1:2:%'"


def fill(portal) -> None:
    """ROWS owners with sealed notes, past the triggers: they are not what is tested here."""
    key = keyring.load().find("encryption", 1)
    portal.run("ALTER TABLE product_owners DISABLE TRIGGER USER")
    with (
        portal.connection.cursor() as cursor,
        cursor.copy("COPY product_owners (id, notes) FROM STDIN") as copy,
    ):
        for row in range(1, ROWS + 1):
            copy.write_row((row, seal(key.material, 1, NOTES, row, f"note {row}")))
    portal.run("ALTER TABLE product_owners ENABLE TRIGGER USER")
    portal.run("ANALYZE product_owners")


def test_killed_half_way_and_resumed_under_a_live_writer(sealed_portal, vault_for):
    portal = sealed_portal()
    _, sessions = vault_for(portal)
    fill(portal)
    with sessions.begin() as session:
        first = session.scalars(sa.select(ProductOwner).order_by(ProductOwner.id)).first()
        first.phones.append(ProductOwnerPhone(phone_type="work", number="020 7946 0018"))
    written: dict[int, str] = {}
    stop = threading.Event()
    trouble: list[BaseException] = []

    def write() -> None:
        try:
            turn = 0
            while not stop.is_set():
                turn += 1
                row = 1 + turn * 7919 % ROWS
                with sessions.begin() as session:
                    session.get_one(ProductOwner, row).notes = f"written {turn}"
                written[row] = f"written {turn}"
                stop.wait(0.01)
        except BaseException as error:
            trouble.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        versions.add(portal.url)  # the writer's process has read its ring before this key was made
        versions.promote(portal.url)
        command = [
            sys.executable,
            "-c",
            "from kingston_schema.cli.app import main; main()",
            "keys",
            "rotate",
            "--batch",
            "100",
        ]
        started = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": portal.url}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        while portal.one(OLD) > ROWS * 9 // 10 and started.poll() is None:
            time.sleep(0.01)
        started.kill()
        assert started.wait() == -9, "it was done before it could be killed"
        with sessions() as session, access(actor="x", purpose="y"):  # both key versions are in use
            found = session.scalars(
                sa.select(ProductOwnerPhone).where(
                    ProductOwnerPhone.number.equals(session, "+44 20 7946 0018")
                )
            )
            assert [phone.number for phone in found] == ["020 7946 0018"]
        assert 0 < portal.one(OLD) < ROWS
        report = rotate.run(portal.url)
    finally:
        stop.set()
        writer.join()
    assert trouble == []
    assert sum(len(d.broken) + d.left for d in report.fields) == 0
    assert portal.one(OLD) == 0
    ring = keyring.load()
    expected = {row: f"note {row}" for row in range(1, ROWS + 1)} | written
    stored = portal.all("SELECT id, notes FROM product_owners")
    assert {
        row: unseal(ring.find("encryption", 2).material, NOTES, row, text)[0] for row, text in stored
    } == expected
    assert len(written) > 0


def test_nothing_under_the_old_key_is_committed_after_a_promotion(sealed_portal, vault_for):
    """A transaction that has sealed a value holds promotion up; one that comes after it sees the new key."""
    portal = sealed_portal()
    _, sessions = vault_for(portal)
    versions.add(portal.url)
    with sessions() as session:
        session.add(ProductOwner(notes="before"))
        session.flush()
        done = threading.Event()
        promoting = threading.Thread(target=lambda: (versions.promote(portal.url), done.set()))
        promoting.start()
        assert not done.wait(0.3)
        session.commit()
        promoting.join()
        assert done.is_set()
        session.add(ProductOwner(notes="after"))
        session.commit()
    assert portal.all("SELECT left(notes, 8) FROM product_owners ORDER BY id") == ["enc:1:1:", "enc:1:2:"]


def test_a_row_that_somebody_holds_is_left_and_done_later(sealed_portal, vault_for, monkeypatch):
    portal = sealed_portal()
    _, sessions = vault_for(portal)
    with sessions.begin() as session:
        session.add_all([ProductOwner(notes=str(n)) for n in range(3)])
    versions.add(portal.url)
    versions.promote(portal.url)
    monkeypatch.setattr("kingston_schema.operations._rewriting.IDLE_PASSES", 2)
    holder = portal.connect()
    holder.execute("BEGIN; SELECT FROM product_owners WHERE id = 2 FOR UPDATE")
    report = rotate.run(portal.url)
    assert [(d.rewritten, d.left) for d in report.fields if d.field == "product_owners.notes"] == [(2, 1)]
    holder.execute("COMMIT")
    assert sum(d.rewritten for d in rotate.run(portal.url).fields) == 1
    assert portal.one(OLD) == 0
