"""kingston archive show"""

from __future__ import annotations

import re

import pytest

from kingston_schema.operations.archive import masks, show
from operations.archived import AT, BELOW, PLAIN, office, secrets, without
from owner_data import ENVELOPE


@pytest.fixture
def portal(portal_at):
    return portal_at(AT)


@pytest.fixture
def newest(newest_portal_at):
    return newest_portal_at(AT)


def test_a_whole_table_with_keys_and_the_rollback_that_brought_it(kingston, portal):
    office(portal)
    portal.alembic("downgrade", BELOW)
    data = kingston("archive", "show", "client_actions", "--json", portal=portal).json["data"]
    assert (data["item"]["kind"], data["item"]["revision"], data["key"]) == (
        "table",
        "phase_2_objectives_actions",
        ["id"],
    )
    assert data["item"]["run"] == portal.one(
        "SELECT max(run_id) FROM kingston.archive_entry WHERE table_name = 'client_actions'"
    )
    (row,) = data["items"]
    assert (row["key"], row["values"]["action_name"], row["rollback"]) == (
        "1",
        "call",
        "phase_2_objectives_actions",
    )
    shown = kingston("archive", "show", "client_actions", portal=portal).out
    assert "phase_2_objectives_actions" in shown
    assert "action_name=call" in shown


def test_what_is_in_quarantine_says_why_since_when_and_by_which_run(kingston, newest):
    home = office(newest)
    number = secrets(newest)
    without(
        newest,
        f"DELETE FROM client_groups WHERE id = {home.group}",
        f"DELETE FROM product_owners WHERE id = {number}",
    )
    runs = {
        d: newest.one(
            "SELECT run_id::text FROM kingston.journal WHERE direction = %s ORDER BY id DESC LIMIT 1", d
        )
        for d in ("up", "down")
    }
    for name, reason in (
        ("quarantine__client_actions", f"client_group_id {home.group} is gone from client_groups"),
        ("product_owners__phase_2_product_owners", "the row was deleted from product_owners below"),
    ):
        (row,) = kingston("archive", "show", name, "--json", portal=newest).json["data"]["items"]
        assert row["reason"] == reason
        assert (row["run"], row["rollback_run"]) == (runs["up"], runs["down"])
        assert row["rollback_at"] < row["at"]
        assert reason in kingston("archive", "show", name, portal=newest).out


def test_a_lost_reference_is_named(kingston, newest):
    home = office(newest)
    without(newest, f"DELETE FROM available_providers WHERE id = {home.provider}")
    (row,) = kingston("archive", "show", "client_unmanaged_products", "--json", portal=newest).json["data"][
        "items"
    ]
    assert (row["lost"], row["values"]["provider_id"]) == (["provider_id"], str(home.provider))
    assert (
        "kept aside: provider_id"
        in " ".join(kingston("archive", "show", "client_unmanaged_products", portal=newest).out.split())
    )


def test_no_secret_is_ever_shown(kingston, portal):
    """Every table of the archive, after a rollback and after what was deleted below, as text and as JSON."""
    home = office(portal)
    number = secrets(portal)
    portal.alembic("downgrade", BELOW)
    shown = [every(kingston, portal)]
    portal.run("DELETE FROM client_groups WHERE id = %s", home.group)
    portal.run("DELETE FROM product_owners WHERE id = %s", number)
    portal.run("DELETE FROM available_providers WHERE id = %s", home.provider)
    portal.alembic("upgrade", AT)
    shown.append(every(kingston, portal))
    for text in shown:
        assert PLAIN not in text
        assert ENVELOPE not in text
        # Without the fractions of seconds, which may show any four digits.
        assert "7946" not in re.sub(r":\d\d\.\d+", "", text)
        assert "[hidden]" in text
        assert "[encrypted]" in text
        assert "XXX XXXX X123" in text


def every(kingston, portal) -> str:
    names = portal.all(
        "SELECT relname FROM pg_class WHERE relnamespace = 'kingston_archive'::regnamespace AND relkind = 'r'"
    )
    held = {item["name"] for item in kingston("archive", "--json", portal=portal).json["data"]["items"]}
    return "".join(
        kingston("archive", "show", name, *more, portal=portal).out
        for name in names
        if name in held
        for more in ((), ("--json",))
    )


def test_the_masks_are_those_of_phase_2(newest):
    newest.alembic("upgrade", "phase_3")
    for text in ("rover", "", None, ENVELOPE, "enc:1:1:short", "enc:1:x", "12"):
        assert masks.shown("notes", text) == newest.one("SELECT mask_sensitive_text(%s)", text)
    for text in ("020 7946 0123", "+44 7700 900456", "12", "", None, "+XX XXXX XXX456", "١٢٣٤"):
        assert masks.shown("phone_number", text) == newest.one("SELECT mask_phone_number(%s)", text)


def test_inside_json_too():
    shown = masks.shown(
        "changes", '{"notes": ["rover", null], "phone": {"phone_number": "020 7946 0123"}, "n": 1.50}'
    )
    assert shown == '{"notes": ["[hidden]", null], "phone": {"phone_number": "XXX XXXX X123"}, "n": 1.5}'
    assert masks.shown("changes", '{"n": 1.50}') == '{"n": 1.50}'
    assert masks.shown("title", "{not json}") == "{not json}"


def test_limit_and_key(kingston, newest):
    office(newest)
    secrets(newest)
    newest.alembic("downgrade", BELOW)
    two = kingston("archive", "show", "product_type_liquidity", "--limit", "2", "--json", portal=newest).json[
        "data"
    ]
    assert (len(two["items"]), two["matching"]) == (
        2,
        newest.one("SELECT count(*) FROM kingston_archive.product_type_liquidity"),
    )
    assert (
        "more; --limit"
        in kingston("archive", "show", "product_type_liquidity", "--limit", "2", portal=newest).out
    )
    one = kingston("archive", "show", "product_type_liquidity", "--key", "ISA", "--json", portal=newest).json[
        "data"
    ]
    assert [row["values"]["asset_type"] for row in one["items"]] == ["investments"]
    number = newest.one("SELECT product_owner_id FROM kingston_archive.product_owner_phone_sources")
    pair = kingston(
        "archive",
        "show",
        "product_owner_phone_sources",
        "--key",
        f"{number},phone_1",
        "--json",
        portal=newest,
    ).json["data"]
    assert pair["matching"] == 1
    assert (
        "no row with key 7"
        in kingston("archive", "show", "product_type_liquidity", "--key", "7", portal=newest).out
    )


def test_bad_input(kingston, newest):
    home = office(newest)
    secrets(newest)
    without(newest, f"DELETE FROM client_groups WHERE id = {home.group}", "DELETE FROM product_owners")
    newest.run(
        "CREATE TABLE kingston_archive.theirs (note text); INSERT INTO kingston_archive.theirs VALUES ('x')"
    )
    unknown = kingston("archive", "show", "client_acts", "--json", portal=newest)
    assert (unknown.code, unknown.finding["code"]) == (2, "usage")
    assert "did you mean client_actions" in unknown.finding["message"]
    assert kingston("archive", "show", "client_actions", "--limit", "0", portal=newest).code == 2
    several = kingston("archive", "show", "product_owner_phones", "--json", portal=newest)
    assert several.code == 2
    assert several.finding["fix"] == "kingston archive show product_owner_phones__phase_2_field_encryption"
    keyless = kingston("archive", "show", "theirs", "--key", "1", "--json", portal=newest)
    assert (keyless.code, keyless.finding["message"]) == (3, "theirs has no key to look for")
    assert "note=x" in kingston("archive", "show", "theirs", portal=newest).out
    assert kingston("archive", "show", portal=newest).code == 2


def test_interrupted(kingston, newest, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(show, "run", stop)
    stopped = kingston("archive", "show", "client_actions", "--json", portal=newest)
    assert (stopped.code, stopped.finding["code"]) == (5, "partial")
    assert "Traceback" not in stopped.err
