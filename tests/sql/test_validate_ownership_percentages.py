"""validate_ownership_percentages and its precise form against the same rules written in Python"""

from __future__ import annotations

import itertools
import json
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NAMES = ("validate_ownership_percentages", "validate_ownership_percentages_precise")
LARGEST = 2**63 - 1
LEAST, MOST = Fraction("99.99"), Fraction("100.01")


class Number(str):
    """A JSON number exactly as it is written."""


def dump(value: Any) -> str:
    """JSON in which Number stays as it is."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)}: {dump(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(dump(v) for v in value) + "]"
    return json.dumps(value)


def expected(document: Any, precise: bool) -> bool:
    """The rules of design section 9, in words of Python."""
    if not isinstance(document, dict):
        return False
    if document == {}:
        return True
    kind = document.get("association_type")
    owners = {k: v for k, v in document.items() if re.fullmatch("[0-9]+", k, re.ASCII)}
    if kind == "joint_ownership":
        ids = document.get("joint_owners")
        return (
            not owners
            and isinstance(ids, list)
            and len(ids) >= 2
            and all(isinstance(i, Number) and re.fullmatch("[1-9][0-9]*", i) and int(i) <= LARGEST for i in ids)
            and len(set(ids)) == len(ids)
        )
    if kind not in ("individual", "tenants_in_common"):
        return False
    if not all(not k.startswith("0") and int(k) <= LARGEST and isinstance(v, Number) for k, v in owners.items()):
        return False
    shares = [Fraction(v) for v in owners.values()]
    if precise and any((share * 100).denominator > 1 for share in shares):
        return False
    if kind == "individual":
        return not shares or (len(shares) == 1 and LEAST <= shares[0] <= MOST)
    return (
        bool(shares)
        and all(0 <= share <= 100 for share in shares)
        and LEAST <= sum(shares) <= MOST
    )


T, I, J = "tenants_in_common", "individual", "joint_ownership"  # noqa: E741
TABLE = [
    # document, lax, precise
    ({}, True, True),
    ({"association_type": I}, True, True),
    ({"association_type": I, "17": Number("100")}, True, True),
    ({"association_type": I, "17": Number("100.00"), "note": "kept", "since": Number("2019")}, True, True),
    ({"association_type": I, "17": Number("99.99")}, True, True),
    ({"association_type": I, "17": Number("100.01")}, True, True),
    ({"association_type": I, "17": Number("99.98")}, False, False),
    ({"association_type": I, "17": Number("100.02")}, False, False),
    ({"association_type": I, "17": Number("3")}, False, False),
    ({"association_type": I, "17": Number("50"), "18": Number("70")}, False, False),
    ({"association_type": I, "1": Number("50"), "2": Number("100.00")}, False, False),
    ({"association_type": I, "17": "100"}, False, False),
    ({"association_type": I, "17": None}, False, False),
    ({"association_type": T, "123": Number("50"), "456": Number("60")}, False, False),
    ({"association_type": T, "1": Number("33.33"), "2": Number("33.33"), "3": Number("33.34")}, True, True),
    ({"association_type": T, "1": Number("33.33"), "2": Number("33.34"), "3": Number("33.33")}, True, True),
    ({"association_type": T, "1": Number("33.33"), "2": Number("33.33"), "3": Number("33.33")}, True, True),
    ({"association_type": T, "1": Number("33.334"), "2": Number("33.333"), "3": Number("33.333")}, True, False),
    ({"association_type": T, "1": Number("33.3300"), "2": Number("66.6700")}, True, True),
    ({"association_type": T, "1": Number("100.005"), "2": Number("0")}, False, False),
    ({"association_type": T, "1": Number("110"), "2": Number("-10")}, False, False),
    ({"association_type": T, "1": Number("50.00"), "2": Number("50.00")}, True, True),
    ({"association_type": T, "1": Number("50.00"), "2": Number("7"), "3": Number("50.00")}, False, False),
    ({"association_type": T, "1": Number("100"), "2": Number("0")}, True, True),
    ({"association_type": T}, False, False),
    ({"association_type": T, "share": Number("100")}, False, False),
    ({"association_type": T, "1": {"2": Number("100.00")}}, False, False),
    ({"association_type": T, "1": [Number("100")]}, False, False),
    ({"association_type": T, "1": Number("1e2")}, True, True),
    ({"association_type": T, "1": Number("1e200")}, False, False),
    ({"association_type": T, "07": Number("100")}, False, False),
    ({"association_type": T, "9223372036854775807": Number("100")}, True, True),
    ({"association_type": T, "9223372036854775808": Number("100")}, False, False),
    ({"association_type": T, ":5": Number("100"), "1": Number("100")}, True, True),
    ({"association_type": T, "1\\50.00, ": Number("50.00"), "2": Number("50.00")}, False, False),
    ({"association_type": T, '1": 50.00, ': Number("50.00"), "2": Number("50.00")}, False, False),
    ({"association_type": T, "1": Number("33.33"), "2": Number("33.33"), "3": Number("33.34"), "4": Number("33.33")}, False, False),
    ({"association_type": T, "1": Number("33.33"), "2": Number("33.33"), "9223372036854775808": Number("33.34")}, False, False),
    ({"association_type": T, "1": Number("20"), "2": Number("20"), "3": Number("20"), "4": Number("20"), "5": Number("20")}, True, True),
    ({"association_type": J, "joint_owners": [Number("1"), Number("2")]}, True, True),
    ({"association_type": J, "joint_owners": [Number("1"), Number("1")]}, False, False),
    ({"association_type": J, "joint_owners": [Number("1")]}, False, False),
    ({"association_type": J, "joint_owners": [Number("1"), "2"]}, False, False),
    ({"association_type": J, "joint_owners": [[Number("1"), Number("2")]]}, False, False),
    ({"association_type": J, "joint_owners": Number("2")}, False, False),
    ({"association_type": J}, False, False),
    ({"association_type": J, "joint_owners": [Number("1"), Number("2")], "1": Number("50"), "2": Number("50")},
     False, False),
    ({"owners": [{"name": "Ann", "percentage": Number("100")}], "total_percentage": Number("100")}, False, False),
    ({"primary_owner": True}, False, False),
    ({"association_type": "shared", "1": Number("100")}, False, False),
    ({"association_type": None, "1": Number("100")}, False, False),
    ({"note": "nobody knows"}, False, False),
]  # fmt: skip

KEYS = st.sampled_from(
    ["1", "2", "17", "4711", "0", "007", "123456789012345678", "9223372036854775807", "9223372036854775808",
     "99999999999999999999", "1a", "a1", "1.5", "-1", "+1", " 1", "1 ", "1,2", "", ":5", ": 5", '1"2', '": 1', "1\\2",
     "{1", "١", "1=2", '1": 2', "note", "joint_owners", "association_type", "share"]
)  # fmt: skip
NUMBERS = st.one_of(
    st.sampled_from(["100", "100.00", "50", "50.00", "33.33", "33.34", "33.333", "99.99", "100.01", "100.005", "0", "-0.00",
                     "-1", "0.01", "25", "25.0", "1e2", "5E-3", "99.990000001", "100.0100000001", "12345678901234567890"]),
    st.decimals(-1, 101, places=3, allow_nan=False).map(str),
).map(Number)  # fmt: skip
VALUES = st.one_of(NUMBERS, st.sampled_from([None, True, "100", "", [], {}, [Number("100")], {"1": Number("100")}]))
KINDS = st.one_of(st.sampled_from([I, T, J]), st.sampled_from(["x", None, Number("1"), "", [I]]))
IDS = st.sampled_from(["1", "2", "3", "9223372036854775807", "9223372036854775808", "0", "-1", "1.0"]).map(Number)
JOINT = st.lists(st.one_of(IDS, IDS, VALUES), max_size=4)
MIXED = st.builds(
    lambda kind, pairs, joint: ({"association_type": kind} if kind != "" else {})
    | ({"joint_owners": joint} if joint is not None else {}) | {k: v for k, v in pairs.items() if k != "association_type"},
    KINDS, st.dictionaries(KEYS, VALUES, max_size=4), st.none() | JOINT,
)  # fmt: skip


def _split(kind: str, ids: list[int], cuts: list[int], extra: dict[str, Any]) -> dict[str, Any]:
    points = [0, *sorted(cuts[: len(ids) - 1]), 10000]
    shares = [Number(str(Decimal(b - a) / 100)) for a, b in itertools.pairwise(points)]
    return {"association_type": kind, **dict(zip(map(str, ids), shares, strict=False)), **extra}


# Documents that should mostly be right, so that both answers are met often.
LIKELY = st.builds(
    _split, st.sampled_from([I, T]), st.lists(st.integers(1, 10**10), min_size=1, max_size=6, unique=True),
    st.lists(st.integers(0, 10000), min_size=6, max_size=6),
    st.dictionaries(st.sampled_from(["note", "since", "x y"]), VALUES, max_size=2),
)  # fmt: skip
ANYTHING = st.one_of(MIXED, MIXED, LIKELY, LIKELY, VALUES)


@pytest.fixture
def judge(portal_at):
    portal = portal_at("phase_3_ownership")

    def ask(texts: list[str | None]) -> list[tuple[bool, bool]]:
        return portal.all(
            "SELECT validate_ownership_percentages(t::jsonb), validate_ownership_percentages_precise(t::jsonb)"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS u (t, n) ORDER BY n",
            texts,
        )

    return ask


def test_E093_E092_every_rule(judge):
    assert list(zip([d for d, *_ in TABLE], judge([dump(d) for d, *_ in TABLE]), strict=True)) == [
        (document, (lax, precise)) for document, lax, precise in TABLE
    ]
    assert [(expected(d, False), expected(d, True)) for d, *_ in TABLE] == [(a, b) for _, a, b in TABLE]


def test_E053_null_and_what_is_no_object_are_false(judge):
    assert judge([None, "null", "5", '"individual"', "[]", "true", '["association_type"]']) == [(False, False)] * 7


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=st.lists(ANYTHING, min_size=20, max_size=20))
def test_any_document(judge, documents):
    answers = judge([dump(document) for document in documents])
    assert answers == [(expected(d, False), expected(d, True)) for d in documents], documents


def test_E156_the_rival_shapes_of_the_documents_are_refused(judge):
    rivals = ['{"owners": [{"name": "Ann", "percentage": 100}], "total_percentage": 100}', '{"primary_owner": true}',
              '{"primary_owner": "Ann", "association_type": "sole"}']  # fmt: skip
    assert judge(rivals) == [(False, False)] * 3


def test_E097_fit_for_rules_and_for_restored_dumps(portal_at):
    portal = portal_at("phase_3_ownership")
    for name in (*NAMES, "validate_ownership_shares"):
        assert portal.one("SELECT provolatile, proparallel, proconfig FROM pg_proc WHERE proname = %s", name) == ("i", "s", None)
    assert not re.search(r"\b(SELECT|PERFORM|EXECUTE)\b", portal.one("SELECT prosrc FROM pg_proc WHERE proname = %s", "validate_ownership_shares"))
    portal.run("SET search_path = ''")  # as pg_restore does
    assert portal.one("SELECT public.validate_ownership_percentages_precise('{\"association_type\": \"individual\"}')") is True


def test_an_inlined_rule_reads_the_function_itself(portal_at):
    portal = portal_at("phase_3_ownership")
    plan = "\n".join(portal.all("EXPLAIN (VERBOSE) SELECT validate_ownership_percentages(ownership_details) FROM client_products"))
    assert "validate_ownership_shares(ownership_details, false)" in plan
