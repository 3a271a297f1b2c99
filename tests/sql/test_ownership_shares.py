"""ownership_shares, ownership_owner_ids, is_assumed_ownership: a document as rows, as a set, as a guess"""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ownership_data import NO_OWNER, assumed, individual, shared
from sql.test_validate_ownership_percentages import ANYTHING, dump


@pytest.fixture
def portal(portal_at):
    return portal_at("phase_3_ownership")


def shares(portal, document):
    return portal.all(
        "SELECT product_owner_id, percentage, is_equal_split FROM ownership_shares(%s::jsonb) ORDER BY 1", json.dumps(document)
    )


def test_documents_as_rows(portal):
    assert shares(portal, individual(7, note="x")) == [(7, 100, False)]
    assert shares(portal, shared({7: 12.5, 9: 87.5}, since=2019)) == [(7, Decimal("12.5"), False), (9, Decimal("87.5"), False)]
    for nobody in (NO_OWNER, {}, None, [], 5, "7", {"7": 100}, {"association_type": "x", "7": 100}):
        assert shares(portal, nobody) == []
    odd = shared({7: "100", 2**63: 5, -1: 4}, **{"007": 3})
    assert shares(portal, odd) == [(7, None, False)]


def test_E064_joint_owners_have_equal_shares_that_add_up_to_100(portal):
    joint = {"association_type": "joint_ownership", "joint_owners": [9, 7, 8]}
    assert shares(portal, joint) == [(7, Decimal("33.33"), True), (8, Decimal("33.33"), True), (9, Decimal("33.34"), True)]
    joint["joint_owners"] = [9, 9, "x", 0, 1.5, 2**63, [3], 4]
    assert shares(portal, joint) == [(4, 50, True), (9, 50, True)]
    for wrong in ("9", {"9": 1}, None):
        assert shares(portal, {"association_type": "joint_ownership", "joint_owners": wrong}) == []


def test_owner_sets(portal):
    for document, owners in (
        (shared({9: 40, 7: 60, 123: 0}), [7, 9, 123]), (individual(7), [7]), (NO_OWNER, []), (None, []),
        ({"association_type": "joint_ownership", "joint_owners": [9, 7]}, [7, 9]),
    ):  # fmt: skip
        assert portal.one("SELECT ownership_owner_ids(%s::jsonb)", json.dumps(document)) == owners


def test_what_nobody_decided_is_assumed_and_nothing_else(portal):
    for document in (NO_OWNER, individual(7), assumed(7, 9), assumed(3, 2, 1), assumed(*range(1, 8))):
        assert portal.one("SELECT is_assumed_ownership(%s::jsonb)", json.dumps(document)) is True, document
    edited = (
        individual(7, note="trust"), shared({7: 50, 9: 50}), shared({7: 60, 9: 40}, note="equal_split_assumed"),
        assumed(7, 9) | {"since": 2019}, {"association_type": "individual", "note": "asked"}, {}, None, [], 5,
        {"association_type": "joint_ownership", "joint_owners": [7, 9]},
    )  # fmt: skip
    for document in edited:
        assert portal.one("SELECT is_assumed_ownership(%s::jsonb)", json.dumps(document)) is False, document


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=st.lists(ANYTHING, min_size=20, max_size=20))
def test_never_an_error_and_valid_documents_lose_nobody(portal, documents):
    rows = portal.all(
        "SELECT validate_ownership_percentages_precise(t::jsonb), ownership_owner_ids(t::jsonb), is_assumed_ownership(t::jsonb),"
        " (SELECT sum(s.percentage) FROM ownership_shares(t::jsonb) AS s)"
        " FROM unnest(%s::text[]) WITH ORDINALITY AS u (t, n) ORDER BY n",
        [dump(d) for d in documents],
    )
    for document, (valid, owners, guess, total) in zip(documents, rows, strict=True):
        if valid:
            named = {k for k in document if k.isascii() and k.isdigit()} if document else set()
            joint = document.get("joint_owners", []) if document.get("association_type") == "joint_ownership" else []
            assert owners == sorted({int(k) for k in named} | {int(i) for i in joint})
            assert total is None or Decimal("99.99") <= total <= Decimal("100.01")
        elif guess:
            raise AssertionError(f"assumed but not valid: {document}")
