"""kingston keys: made, promoted; a wrong, missing or readable key is refused and nothing is written"""

from __future__ import annotations

import json
import os
import stat
import sys

import pytest

from kingston_schema.crypto import keyring, master


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Where the master key will be."""
    for name in (master.COMMAND, master.RING):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(master.FILE, str(tmp_path / "master.key"))
    return tmp_path


@pytest.fixture
def portal(newest_portal_at):
    return newest_portal_at("phase_2_field_encryption")


def registered(portal):
    return portal.all("SELECT key_name, key_version, status FROM encryption_keys ORDER BY id")


def test_E182_E183_from_nothing_to_a_promoted_second_version(portal, home, kingston):
    dry = kingston("keys", "init", "--dry-run", "--json", portal=portal)
    assert (dry.code, dry.json["data"]["keys"]) == (0, [])
    assert (list(home.iterdir()), registered(portal)) == ([], [])
    assert kingston("keys", "init", portal=portal).code == 0
    assert registered(portal) == [("fields", 1, "active"), ("lookup", 1, "active")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()} == {0o600}
    assert {path.name for path in home.iterdir()} == {"master.key", "master.key.ring"}
    first = keyring.load()
    assert kingston("keys", "init", portal=portal).code == 3
    assert kingston("keys", "promote", portal=portal).code == 3  # nothing waits
    assert kingston("keys", "add", "--dry-run", portal=portal).code == 0
    assert keyring.load() == first
    assert kingston("keys", "add", portal=portal).code == 0
    assert kingston("keys", "add", portal=portal).code == 3  # one waits already
    assert kingston("keys", "promote", "--dry-run", portal=portal).code == 0
    assert [status for _, _, status in registered(portal)] == ["active", "active", "pending", "pending"]
    assert kingston("keys", "promote", "--purpose", "encryption", portal=portal).code == 0
    assert [status for _, _, status in registered(portal)] == ["decrypt_only", "active", "active", "pending"]
    found = kingston("keys", "status", "--json", portal=portal)
    assert found.code == 0
    assert {key["ring"] for key in found.json["data"]["state"]["keys"]} == {"held"}
    assert kingston("keys", "add", "--purpose", "nonsense", portal=portal).code == 2
    # No key is in the database, in the ring in plain, or in anything that was said.
    everything = (
        str(portal.all("SELECT k::text FROM encryption_keys AS k"))
        + (home / "master.key.ring").read_text()
        + found.out
    )
    for key in keyring.load().keys:
        assert key.material.hex() not in everything
        assert key.material.hex()[:16] not in everything
    assert (home / "master.key").read_text().strip().removeprefix(master.PREFIX) not in everything


@pytest.fixture
def made(portal, home, kingston):
    assert kingston("keys", "init", portal=portal).code == 0
    return home / "master.key"


def refuse(kingston, portal, words):
    before = registered(portal)
    found = kingston("keys", "add", "--json", portal=portal)
    assert (found.code, found.finding["code"]) == (3, "key_ring"), found.out
    assert words in found.finding["message"]
    assert registered(portal) == before
    assert kingston("keys", "status", portal=portal).code == 1


def test_keys_that_cannot_be_used_are_refused_with_a_reason(portal, made, kingston, monkeypatch, tmp_path):
    ring = made.with_name("master.key.ring")
    for path, what in ((made, "key file"), (ring, "key ring")):
        path.chmod(0o644)
        refuse(kingston, portal, f"the {what} {path} can be read or written by others (mode 0644)")
        path.chmod(0o600)
        os.chown(path, 12345, -1) if os.geteuid() == 0 else None
        if os.geteuid() == 0:
            refuse(kingston, portal, "is not a file of ours")
            os.chown(path, 0, -1)
        away = path.rename(path.with_name("away"))
        refuse(kingston, portal, f"the {what} {path} cannot be read: No such file")
        away.rename(path)
    kept = made.read_text()
    made.write_text("password\n")
    refuse(kingston, portal, "is no master key")
    made.write_text("kingston-master-1:" + "A" * 43 + "=\n")
    refuse(kingston, portal, "the master key does not open encryption key 1")
    made.write_text(kept)
    held = json.loads(ring.read_text())
    ring.write_text(json.dumps({**held, "keys": held["keys"][1:]}))
    refuse(kingston, portal, "the key ring has no encryption key 1, which the portal needs")
    ring.write_text("{")
    refuse(kingston, portal, "is damaged")
    other = keyring.Ring(()).with_new("encryption", 1).with_new("blind_index", 1)
    keyring.save(other, master.read_master())
    refuse(kingston, portal, "encryption key 1 of the ring is not the portal's")
    monkeypatch.delenv(master.FILE)
    refuse(kingston, portal, "no key is configured")
    assert "none: neither KINGSTON_KEY_FILE nor KINGSTON_KEY_COMMAND is set" in kingston("keys", "status", portal=portal).out


def test_a_command_may_print_the_master_key(portal, home, kingston, monkeypatch):
    secret = home / "kms"
    monkeypatch.setenv(master.RING, str(home / "ring"))
    monkeypatch.delenv(master.FILE)
    monkeypatch.setenv(master.COMMAND, f"{sys.executable} -c 'print(open(\"{secret}\").read())'")
    found = kingston("keys", "init", "--json", portal=portal)
    assert (found.code, found.finding["message"]) == (3, "KINGSTON_KEY_COMMAND ended with exit code 1")
    secret.write_text("kingston-master-1:" + "q" * 43 + "=\n")
    assert kingston("keys", "init", portal=portal).code == 0
    assert kingston("keys", portal=portal).code == 0
    assert {path.name for path in home.iterdir()} == {"kms", "ring"}


def test_a_ring_that_is_there_is_adopted_only_when_told(portal, made, kingston):
    portal.run("DELETE FROM encryption_keys")
    found = kingston("keys", "init", "--json", portal=portal)
    assert (found.code, found.finding["code"]) == (3, "key_ring")
    assert kingston("keys", "init", "--adopt", portal=portal).code == 0
    assert registered(portal) == [("fields", 1, "active"), ("lookup", 1, "active")]


def test_below_field_encryption_there_are_no_keys(newest_portal_at, home, kingston):
    portal = newest_portal_at("phase_1")
    for verb in ("init", "status", "add", "promote"):
        found = kingston("keys", verb, "--json", portal=portal)
        assert (found.code, found.finding["fix"]) == (3, "kingston upgrade phase_2"), verb
