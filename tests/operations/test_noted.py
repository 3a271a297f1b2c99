"""Recoveries, keys, encryption, seals and sample data in the event log: who, what, how many rows, how it ended"""

from __future__ import annotations

from kingston_schema.crypto import master
from operations.recovering import now
from owner_data import switch_encryption

WHO = "Ada Lovelace"


def test_each_is_on_record_and_a_dry_run_is_not(kingston, newest_portal_at, tmp_path, monkeypatch):
    for name in (master.COMMAND, master.RING):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(master.FILE, str(tmp_path / "master.key"))
    monkeypatch.setenv("KINGSTON_CHECKPOINTS", str(tmp_path / "checkpoints"))
    portal = newest_portal_at("head", seed=True)
    seen = kingston("history", "--limit", "0", "--json", portal=portal).json["data"]["events"]

    def run(*words: str, code: int = 0) -> dict:
        """The event of one command; its dry run leaves none."""
        nonlocal seen
        assert kingston(*words, "--dry-run", portal=portal).code in (0, code)
        outcome = kingston(*words, "--actor", WHO, portal=portal)
        assert outcome.code == code, outcome.out + outcome.err
        told = kingston("history", "--limit", "1", "--json", portal=portal).json["data"]
        assert told["events"] == seen + 2, words
        seen += 2
        entry = told["entries"][0]
        assert entry["actor"] == WHO
        assert " ".join(words).startswith(entry["event"])
        return entry

    seeded = next(e for e in kingston("history", "--limit", "0", "--json", portal=portal).json["data"]["entries"] if e["event"] == "seed")
    assert (seeded["subject"], seeded["outcome"]) == ("13 clients, 100 products, seed 7", "done")
    assert seeded["rows"] > 1000

    switch_encryption(portal, "false")
    portal.run("SELECT set_config('app.justification', 'a test', false)")
    owner, second = portal.all("INSERT INTO product_owners (firstname, notes) VALUES ('Plain', 'likes tea'), ('Plain', 'likes tea') RETURNING id")
    switch_encryption(portal, "true")
    assert run("keys", "init")["detail"] == "2 keys registered"
    assert run("encrypt", "run", "--yes")["rows"] == 2
    portal.run("UPDATE product_owners SET notes = NULL WHERE id = %s", second)  # a line that keeps the ciphertext
    assert run("keys", "add")["detail"] == "encryption key 2 added, pending; blind_index key 2 added, pending"
    assert run("keys", "promote")["subject"] == "encryption, blind_index"
    refused = run("keys", "retire", "1", "--yes", code=3)
    assert (refused["subject"], refused["outcome"]) == ("encryption key 1", "refused")
    assert "is still needed by" in refused["detail"]
    assert (run("keys", "rotate")["rows"], portal.one("SELECT notes LIKE 'enc:1:2:%%' FROM product_owners WHERE id = %s", owner)) == (1, True)
    why = run("keys", "retire", "1", "--yes", "--leave-history", "older than ten years")
    assert (why["outcome"], why["detail"]) == ("done", "older lines of the history may not be readable: older than ten years")
    assert run("audit", "seal")["rows"] == portal.one("SELECT count(*) FROM row_history")

    at = now(portal)
    portal.run("UPDATE client_groups SET name = 'Spoilt' WHERE id = 1")
    portal.run("DELETE FROM client_actions WHERE client_group_id = 1")
    entry = run("recover", "client", "1", "--at", at, "--yes", "--reason", "a bad import")
    number = portal.one("SELECT substr(correlation_id, 9) FROM row_history ORDER BY id DESC LIMIT 1")
    assert (entry["rows"], entry["outcome"], entry["detail"]) == (1, "done", f"recovery {number}: a bad import")
    assert entry["subject"].startswith("client group 1 at 20")
    assert run("recover", "undo", number, "--yes")["subject"] == number
    refused = run("recover", "undo", number, "--yes", code=3)
    assert (refused["outcome"], refused["rows"]) == ("refused", None)
    assert run("recover", "client", "1", "--at", now(portal), "--yes")["detail"] == "nothing to change"
    assert run("recover", "items", "--client", "1", "--yes")["subject"] == "client group 1"
    assert run("recover", "ownership", "--yes", "--keep", str(tmp_path / "shares"))["rows"] == 0
    assert kingston("history", "--verify", portal=portal).code == 0
    out = kingston("history", "--limit", "0", portal=portal).out
    assert "recover client" in out
    assert "likes tea" not in out
