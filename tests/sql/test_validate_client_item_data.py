"""validate_client_item_data(type, data), explain_client_item_data(type, data), is_json_amount(value)"""

from __future__ import annotations

import json

import pytest

VALID = {
    "basic_detail": [
        {"name": "Ann"},
        {"address_line_one": "1 High Street"},
        {"date_of_birth": "1956-02-29"},
        {"name": "Ann", "extra": None},
    ],
    "income_expenditure": [{"amount": 0}, {"annual_gross": 52000.50}, {"monthly_amount": -120}],
    "assets_liabilities": [
        {"latest_valuation": 1},
        {"current_balance": -20.5},
        {"estimated_value": 9999999999999.99},
    ],
    "protection": [{"policy_number": "P 1"}, {"coverage_amount": 0}, {"premium": 12.5}],
    "vulnerability_health": [{}, {"anything": ["goes"]}],
    "not_a_type_yet": [{}],
}
INVALID = {
    "basic_detail": [
        {},
        {"name": None},
        {"name": ""},
        {"name": "  \n"},
        {"name": 7},
        {"name": ["Ann"]},
        {"Name": "Ann"},
        {"name": "Ann", "date_of_birth": "1957-02-29"},
        {"date_of_birth": "29.02.1956"},
        {"date_of_birth": "1956-2-9"},
        {"date_of_birth": "1956-13-01"},
        {"date_of_birth": 19560229},
        {"name": "Ann", "address_line_one": " "},
    ],
    "income_expenditure": [
        {},
        {"amount": "1,250"},
        {"amount": None},
        {"amount": [5]},
        {"amount": 1, "annual_gross": "n/a"},
        {"monthly_amount": 10**13},
        {"monthly_amount": True},
    ],
    "assets_liabilities": [
        {},
        {"latest_valuation": "n/a"},
        {"current_balance": None},
        {"estimated_value": {}},
        {"latest_valuation": 1, "current_balance": "2"},
        {"latest_valuation": -(10**13)},
    ],
    "protection": [
        {},
        {"policy_number": ""},
        {"policy_number": 17},
        {"coverage_amount": -1},
        {"premium": "12"},
        {"premium": -0.01},
        {"policy_number": "P 1", "premium": None},
    ],
}


def test_E114_values_count_not_the_presence_of_keys(portal_at):
    portal = portal_at("phase_2_client_information")
    question = "SELECT validate_client_item_data(%s, %s), explain_client_item_data(%s, %s)"
    for cases, expected in ((VALID, True), (INVALID, False)):
        for item_type, documents in cases.items():
            for document in documents:
                text = json.dumps(document)
                valid, words = portal.one(question, item_type, text, item_type, text)
                assert valid is expected, (item_type, document, words)
                assert (words is None) is valid


@pytest.mark.parametrize("item_type", [*VALID, None])
def test_never_null_never_an_error(portal_at, item_type):
    portal = portal_at("phase_2_client_information")
    for text in ("[]", "1", '"x"', "null", None):
        assert portal.one("SELECT validate_client_item_data(%s, %s::jsonb)", item_type, text) is False


def test_the_words_name_the_key(portal_at):
    portal = portal_at("phase_2_client_information")
    ask = "SELECT explain_client_item_data(%s, %s)"
    assert (
        portal.one(ask, "protection", '{"premium": "12"}') == "premium must be a number that is not negative"
    )
    assert (
        portal.one(ask, "basic_detail", "{}") == "basic_detail needs name, address_line_one or date_of_birth"
    )


def test_an_amount_is_a_json_number_that_fits(portal_at):
    portal = portal_at("phase_2_client_information")
    for text, expected in (
        ("0", True),
        ("-3.14", True),
        ("9999999999999.994", True),
        ("1e2", True),
        ("9999999999999.995", False),
        ("1e400", False),
        ('"5"', False),
        ("null", False),
        ("[5]", False),
        ("{}", False),
        ("true", False),
        (None, False),
    ):
        assert portal.one("SELECT is_json_amount(%s::jsonb)", text) is expected, text
