"""validate_ownership_details: the shape of an ownership document, never an error, never NULL"""

from __future__ import annotations

import json

import pytest

YES = [
    {},
    {"association_type": "individual"},
    {"association_type": "tenants_in_common", "1": "anything"},
    {"association_type": "joint_ownership"},
    {"association_type": "individual", "note": "x" * 8130},
]
NO = [
    None, 5, "individual", True, [], [{}], {"note": "x"}, {"association_type": None}, {"association_type": 5},
    {"association_type": ["individual"]}, {"association_type": "Individual"}, {"association_type": ""},
    {"association_type": "individual", "note": "x" * 8150}, {"association_type": "individual", "note": "☃" * 2800},
]  # fmt: skip


@pytest.fixture
def judge(portal_at):
    portal = portal_at("phase_2_client_information")
    return lambda text: portal.one("SELECT validate_ownership_details(%s::jsonb)", text)


def test_what_is_an_ownership_document(judge):
    assert [judge(json.dumps(document)) for document in YES] == [True] * len(YES)
    assert [judge(json.dumps(document)) for document in NO] == [False] * len(NO)


def test_E053_null_is_false_and_E172_the_function_is_there(judge):
    assert judge(None) is False


def test_E097_fit_for_rules(portal_at):
    portal = portal_at("phase_2_client_information")
    assert portal.one(
        "SELECT provolatile, proparallel, proconfig FROM pg_proc WHERE proname = 'validate_ownership_details'"
    ) == ("i", "s", None)
