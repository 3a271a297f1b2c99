"""kingston verify: what can be verified; each has a test of its own (test_verify_rollback.py)."""

from __future__ import annotations


def test_alone_it_shows_what_can_be_verified(kingston):
    told = kingston("verify")
    assert told.code == 0
    assert told.out.startswith("Usage: kingston verify")
    assert [line.split()[0] for line in told.out.split("Commands:\n")[1].splitlines()] == ["rollback"]
