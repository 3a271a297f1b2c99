"""explain_ownership: words for what a rule refuses; silent where it accepts"""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sql.test_validate_ownership_percentages import ANYTHING, TABLE, dump

SAYS = {
    "null": None,
    '{"association_type": "tenants_in_common", "1": 50, "2": 60}': "the shares add up to 110 instead of 100",
    '{"association_type": "individual", "1": 100, "2": 0}': "individual ownership has one owner, not 2",
    '{"association_type": "tenants_in_common", "1": "50"}': 'the share of owner 1 is not a number: "50"',
    '{"association_type": "tenants_in_common"}': "needs at least one owner",
    '{"association_type": "tenants_in_common", "1": 120, "2": -20}': "the share of owner 1 is not between 0 and 100: 120",
    '{"association_type": "tenants_in_common", "1": 33.334, "2": 66.666}': "more than two decimals: 33.334",
    '{"association_type": "tenants_in_common", "007": 100}': '"007" is not the id of an owner',
    '{"association_type": "joint_ownership", "joint_owners": [1, 1]}': "two or more different owner ids",
    '{"association_type": "joint_ownership", "joint_owners": [1, 2], "1": 100}': "not as shares",
    '{"association_type": "shared"}': 'association_type "shared" is unknown',
    '{"note": "x"}': "association_type is missing",
    "[]": "must be a JSON object, not array",
}


@pytest.fixture
def explain(portal_at):
    portal = portal_at("phase_3_ownership")
    return lambda texts: portal.all(
        "SELECT explain_ownership(t::jsonb), validate_ownership_percentages_precise(t::jsonb)"
        " AND validate_ownership_details(t::jsonb) FROM unnest(%s::text[]) WITH ORDINALITY AS u (t, n) ORDER BY n",
        texts,
    )


def test_E095_what_is_wrong_is_said_here_and_nowhere_else(explain):
    for text, words in SAYS.items():
        said = explain([text])[0][0]
        assert said is not None, text
        assert words is None or words in said
    assert explain([None]) == [("ownership is missing", False)]


def test_silent_exactly_where_the_rules_accept(explain):
    for (document, _, precise), (said, valid) in zip(TABLE, explain([dump(d) for d, *_ in TABLE]), strict=True):
        assert (said is None) == precise == valid, (document, said)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=st.lists(ANYTHING, min_size=20, max_size=20))
def test_silent_exactly_where_the_rules_accept_any_document(explain, documents):
    for document, (said, valid) in zip(documents, explain([dump(d) for d in documents]), strict=True):
        assert (said is None) == valid, (json.dumps(document), said)
