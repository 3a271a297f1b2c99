"""validate_product_owner_fields(item_type, data) and explain_product_owner_fields(item_type, data)"""

from __future__ import annotations

import json

SIMPLE = ("basic_detail", "income_expenditure", "vulnerability_health")
SHARED = ("assets_liabilities", "protection")


JUDGE = "SELECT validate_product_owner_fields({0}, {1}), explain_product_owner_fields({0}, {1})"


def judge(portal, item_type, data):
    """Valid or not; the two functions must agree, and neither may fail or warn (erratum E-095)."""
    notices = []
    portal.connection.add_notice_handler(notices.append)
    question = JUDGE.format("%(type)s::varchar", "%(data)s::jsonb")
    valid, words = portal.connection.execute(
        question, {"type": item_type, "data": json.dumps(data)}
    ).fetchone()
    assert valid is (words is None)
    assert notices == []
    return valid


def test_simple_types_need_an_array_of_distinct_owner_ids(portal_at):
    portal = portal_at("phase_2_client_information")
    for item_type in SIMPLE:
        for owners in ([1], [1, 2, 3], [9223372036854775807]):
            assert judge(portal, item_type, {"product_owners": owners, "more": None}), owners
        for owners in (
            [],
            [1, 1],
            [0],
            [-1],
            [1.5],
            ["1"],
            [None],
            [[1]],
            [{}],
            {},
            {"1": 100},
            "1",
            1,
            None,
            [9223372036854775808],
            [1, 2, 1],
        ):
            assert not judge(portal, item_type, {"product_owners": owners}), owners
        assert not judge(portal, item_type, {})
        assert not judge(portal, item_type, {"associated_product_owners": {"association_type": "individual"}})


def test_shared_types_need_an_ownership_object(portal_at):
    portal = portal_at("phase_2_client_information")
    for item_type in SHARED:
        for kind in ("individual", "tenants_in_common", "joint_ownership"):
            assert judge(portal, item_type, {"associated_product_owners": {"association_type": kind}})
        for owners in (
            {},
            {"association_type": "trust"},
            {"association_type": None},
            {"association_type": ["individual"]},
            {"owners": []},
            [],
            [1],
            "individual",
            None,
        ):
            assert not judge(portal, item_type, {"associated_product_owners": owners}), owners
        assert not judge(portal, item_type, {"product_owners": [1]})


def test_never_null_and_never_an_error(portal_at):
    portal = portal_at("phase_2_client_information")
    for data in ([], 1, "x", None):
        assert not judge(portal, "basic_detail", data)
        assert (
            portal.one("SELECT validate_product_owner_fields('protection', %s::jsonb)", json.dumps(data))
            is False
        )
    assert portal.one("SELECT validate_product_owner_fields('basic_detail', NULL)") is False
    assert judge(portal, "another_type", {}) is True  # the list of types is a rule of its own
    assert portal.one("SELECT validate_product_owner_fields(NULL, '{}')") is True
