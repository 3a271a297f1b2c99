"""check_product_owner_dates: rules that look at the clock, at the moment of writing and never afterwards"""

from __future__ import annotations

import subprocess

import pytest

from client_data import refused
from owner_data import owner

AT = "phase_2_product_owners"
RULES = (
    ("next_meeting_date", "now() + interval '1 minute'", "now() - interval '1 second'", "chk_meeting_date_future"),
    ("date_signed_tc", "current_date", "current_date + 1", "chk_tc_date_valid"),
    ("last_fee_agreement_date", "current_date", "current_date + 1", "chk_fee_agreement_valid"),
)


@pytest.mark.parametrize(("column", "good", "bad", "rule"), RULES, ids=[r[0] for r in RULES])
def test_a_rule_holds_when_the_value_is_written(portal_at, column, good, bad, rule):
    portal = portal_at(AT)
    portal.run(f"INSERT INTO product_owners ({column}) VALUES ({good}), (NULL)")
    with refused(rule) as caught:
        portal.run(f"INSERT INTO product_owners ({column}) VALUES ({bad})")
    assert (caught.value.diag.table_name, caught.value.diag.column_name) == ("product_owners", column)
    assert caught.value.diag.message_hint
    with refused(rule):
        portal.run(f"UPDATE product_owners SET {column} = {bad}")
    portal.run(f"UPDATE product_owners SET {column} = NULL")


def test_E037_a_meeting_that_has_passed_stops_no_later_update(portal_at):
    portal = portal_at(AT)
    number = owner(portal)
    portal.run("ALTER TABLE product_owners DISABLE TRIGGER product_owners_dates_update")
    portal.run("UPDATE product_owners SET next_meeting_date = now() - interval '1 year', date_signed_tc = current_date + 9")
    portal.run("ALTER TABLE product_owners ENABLE TRIGGER product_owners_dates_update")
    portal.run("UPDATE product_owners SET firstname = 'Anne', next_meeting_date = next_meeting_date WHERE id = %s", number)
    portal.run("UPDATE product_owners SET date_signed_tc = date_signed_tc, last_fee_agreement_date = current_date")
    assert portal.one("SELECT firstname FROM product_owners WHERE id = %s", number) == "Anne"


def test_E037_a_dump_with_meetings_of_the_past_can_be_restored(server, portal_at):
    portal = portal_at(AT)
    owner(portal)
    portal.run("ALTER TABLE product_owners DISABLE TRIGGER USER")
    portal.run("UPDATE product_owners SET next_meeting_date = now() - interval '1 year'")
    portal.run("ALTER TABLE product_owners ENABLE TRIGGER USER")
    tools = server.started.server.bindir
    plain = portal.url.replace("postgresql+psycopg://", "postgresql://")
    dump = subprocess.run([tools / "pg_dump", plain], capture_output=True, check=True).stdout
    copy = portal_at("base")
    subprocess.run(
        [tools / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", copy.url.replace("+psycopg", "")],
        input=dump, capture_output=True, check=True,
    )  # fmt: skip
    assert copy.one("SELECT count(*) FROM public.product_owners WHERE next_meeting_date < now()") == 1


def test_E038_a_date_written_in_one_zone_can_be_kept_in_another(portal_at):
    portal = portal_at(AT)
    portal.run("SET timezone = 'Pacific/Kiritimati'")  # UTC+14
    number = owner(portal)
    portal.run("UPDATE product_owners SET date_signed_tc = current_date WHERE id = %s", number)
    portal.run("SET timezone = 'Pacific/Pago_Pago'")  # UTC-11: yesterday there
    portal.run("UPDATE product_owners SET firstname = 'Anne', date_signed_tc = date_signed_tc WHERE id = %s", number)
    with refused("chk_tc_date_valid"):
        portal.run("UPDATE product_owners SET date_signed_tc = current_date + 9 WHERE id = %s", number)


def test_a_column_the_portal_had_before_is_not_judged(portal_at):
    portal = portal_at("phase_1")
    portal.run("ALTER TABLE product_owners ADD next_meeting_date text, ADD date_signed_tc date")
    portal.alembic("upgrade", AT)
    portal.run("INSERT INTO product_owners (next_meeting_date, date_signed_tc) VALUES ('ask', '2999-01-01')")
    portal.run("UPDATE product_owners SET next_meeting_date = '1999', date_signed_tc = '2998-01-01'")
    with refused("chk_fee_agreement_valid"):
        portal.run("UPDATE product_owners SET last_fee_agreement_date = '2998-01-01'")


def test_infinity_is_a_meeting_in_the_future(portal_at):
    portal = portal_at(AT)
    portal.run("INSERT INTO product_owners (next_meeting_date) VALUES ('infinity')")
    with refused("chk_meeting_date_future"):
        portal.run("INSERT INTO product_owners (next_meeting_date) VALUES ('-infinity')")
