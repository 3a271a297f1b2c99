"""Rules on tables that hold rows: op.add_check_online."""

from __future__ import annotations

import psycopg
import pytest


def test_a_rule_is_added_and_valid(controlled, ops):
    controlled.run("INSERT INTO profiles (id, email) VALUES (1, 'a')")
    for _ in range(2):
        with ops(controlled) as op:
            op.add_check_online("profiles", "has_email", "email <> ''")
    assert controlled.one("SELECT convalidated FROM pg_constraint WHERE conname = 'has_email'") is True
    with pytest.raises(psycopg.errors.CheckViolation):
        controlled.run("INSERT INTO profiles (id, email) VALUES (2, '')")
    for _ in range(2):
        with ops(controlled) as op:
            op.drop_checks("profiles", "has_email")
    controlled.run("INSERT INTO profiles (id, email) VALUES (2, '')")


def test_rows_that_break_it_are_named_and_nothing_changes(controlled, ops):
    controlled.run("INSERT INTO profiles (id, email) SELECT g, '' FROM generate_series(1, 12) AS g")
    controlled.run("INSERT INTO profiles (id, email) VALUES (20, 'fine'), (21, NULL)")
    with (
        pytest.raises(
            Exception, match="12 rows of profiles break the rule has_email: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"
        ),
        ops(controlled) as op,
    ):
        op.add_check_online("profiles", "has_email", "email <> ''")
    assert controlled.one("SELECT count(*) FROM pg_constraint WHERE conname = 'has_email'") == 0
