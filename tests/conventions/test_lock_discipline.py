"""How the scripts take locks (promise P4), read from tests/golden: what a run sends is the same.

A transaction takes strong locks once; after that it only changes the catalogue and ends.  Whoever needs several steps
under one lock takes it with hold_tables first, and then nothing waits any more (sql/control/in_attempts.sql).
"""

from __future__ import annotations

import re

import pytest

from conventions.history import ROOT
from script import statements

SCRIPTS = sorted((ROOT / "tests" / "golden").glob("*.sql"))
# Built where nobody is yet; dropped only where there are no rows.
EXEMPT = ("0000_legacy",)
CALL = re.compile(r"^(?:SELECT|CALL) kingston\.(\w+)\(", re.MULTILINE)
# Functions of the control schema that take locks for which readers or writers wait; each in short attempts.
LOCKING = {"take_locks", "hold_tables", "add_columns", "set_default", "add_check", "add_foreign_key", "archive_table",
           "archive_columns", "drop_view"}  # fmt: skip
# Top-level statements that need such a lock on a table that is there; it was taken before, in the same transaction.
NEED_A_LOCK = re.compile(
    r"^(ALTER TABLE|CREATE OR REPLACE TRIGGER|DROP TRIGGER|DROP TABLE|TRUNCATE|LOCK|DROP VIEW)", re.MULTILINE
)
# What may stand in a transaction that holds a lock: nothing that scans or moves rows.
UNDER_LOCK = re.compile(
    r"(SELECT kingston\.(take_locks|hold_tables|add_columns|set_default|add_check|add_foreign_key|archive_table|archive_columns"
    r"|drop_view|keep_grants|give_back_grants|refuse_breaking_rows)\(|ALTER TABLE|CREATE OR REPLACE TRIGGER|DROP TRIGGER|CREATE OR REPLACE"
    r" FUNCTION|DROP FUNCTION|DROP PROCEDURE|COMMENT ON|DO \$kingston\$ BEGIN\s+IF to_regclass\('public\.migration_control'\)"
    # The event log of a script, at its very end: its writers wait for each other and for nobody else.
    r"|DO \$kingston\$ BEGIN\s+IF to_regprocedure\('kingston\.log_event\("
    r"|UPDATE alembic_version|SET kingston|DROP TABLE IF EXISTS alembic)"
)


def transactions(script: str) -> list[list[str]]:
    """The statements of each transaction; those between COMMIT and BEGIN stand alone."""
    found: list[list[str]] = []
    inside = False
    for statement in statements(script):
        if statement == "BEGIN":
            inside = True
            found.append([])
        elif statement == "COMMIT":
            inside = False
        elif inside:
            found[-1].append(statement)
        else:
            found.append([statement])
    return found


def faults(script: str) -> list[str]:
    """What breaks the discipline."""
    found = []
    for transaction in transactions(script):
        holder = ""
        for statement in transaction:
            called = {name for name in CALL.findall(statement) if name in LOCKING}
            if called and holder and holder != "hold_tables":
                found.append(f"waits for a lock while {holder} holds one: {statement[:90]}")
            if not holder and NEED_A_LOCK.match(statement):
                found.append(f"takes a lock without attempts: {statement[:90]}")
            if holder and not UNDER_LOCK.match(statement):
                found.append(f"under the lock of {holder}: {statement[:90]}")
            holder = holder or next(iter(called), "")
    return found


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_transaction_takes_its_locks_once_and_ends(path):
    if not path.stem.startswith(EXEMPT):
        assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("BEGIN; DROP VIEW v; COMMIT;", "takes a lock without attempts"),
        ("BEGIN; ALTER TABLE t ADD CHECK (a > 0); COMMIT;", "takes a lock without attempts"),
        ("ALTER TABLE t ADD CHECK (a > 0);", "takes a lock without attempts"),
        (
            "BEGIN;\nSELECT kingston.add_check('t', 'a', 'b');\nSELECT kingston.take_locks(ARRAY['u']);\nCOMMIT;",
            "waits for a lock while add_check holds one",
        ),
        (
            "BEGIN;\nSELECT kingston.hold_tables(ARRAY['u'], 'x', false);\nUPDATE u SET a = 1;\nCOMMIT;",
            "under the lock of hold_tables",
        ),
    ],
)
def test_a_fault_is_found(script, fault):
    assert [found.startswith(fault) for found in faults(script)] == [True]
