"""prove_rules(): every rule is tried for real, and nothing stays"""

from __future__ import annotations

import pytest

SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema() ORDER BY 1"
# Implied by a narrower rule of the same table that is always checked first.
IMPLIED = {"encryption_keys_purpose_check", "phone_number_not_empty", "chk_secrets_are_whole_envelopes"}


@pytest.mark.parametrize("seed", [False, True], ids=["empty", "full"])
def test_E089_E090_every_probe_meets_its_own_rule(portal_at, seed):
    portal = portal_at("phase_5", seed=seed)
    probes = portal.all("SELECT on_table, rule, probe, ok, found FROM prove_rules()")
    assert len(probes) > 100
    assert [probe for probe in probes if not probe[3]] == []
    assert {"accepted", "refused 22P02", "refused 23514 valid_product_ownership_details_precise"} <= {p[4] for p in probes}


def test_the_five_cases_of_the_plan(portal_at):
    portal = portal_at("phase_5")
    cases = {
        '{"association_type": "tenants_in_common", "1": 50, "2": 60}': "refused 23514 valid_product_ownership_details_precise",
        '{"association_type": "tenants_in_common", "1": 33.33, "2": 33.33, "3": 33.34}': "accepted",
        '{"association_type": ': "refused 22P02",
        '{"association_type": "tenants_in_common", "1": 33.33, "2": 33.34, "3": 33.33}': "accepted",
    }
    found = dict(portal.all("SELECT probe, found FROM prove_rules() WHERE on_table = 'client_products'"))
    assert {probe: found[probe] for probe in cases} == cases
    item = "SELECT found FROM prove_rules() WHERE on_table = 'client_information_items' AND rule IS NULL LIMIT 1"
    assert portal.one(item) == "accepted"


def test_E203_nothing_stays_and_no_legacy_sequence_moves(portal_at):
    portal = portal_at("phase_5", seed=True)
    legacy = set(portal_at("legacy").all("SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()"))
    tables = portal.all(
        "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
    )

    def contents():
        return {t: portal.one(f"SELECT md5(coalesce(string_agg(x::text, '' ORDER BY x::text), '')) FROM {t} AS x") for t in tables}

    before = contents(), [s for s in portal.all(SEQUENCES) if s[0] in legacy]
    portal.run("SELECT prove_rules()")
    assert (contents(), [s for s in portal.all(SEQUENCES) if s[0] in legacy]) == before


def test_there_is_a_probe_for_every_check_of_phases_2_to_5(portal_at):
    portal = portal_at("phase_5")
    checks = portal.all(
        "SELECT k.conname FROM pg_constraint AS k JOIN expected_objects() AS e ON e.name = k.conname"
        " AND e.on_table = k.conrelid::regclass::text AND e.kind = 'constraint'"
        " WHERE k.contype = 'c' AND e.phase IN ('phase_2', 'phase_3', 'phase_4', 'phase_5')"
    )
    tried = set(portal.all("SELECT rule FROM rule_probes() UNION SELECT managed_rule FROM ownership_probes()"
                           " UNION SELECT unmanaged_rule FROM ownership_probes()"))  # fmt: skip
    assert sorted(set(checks) - tried - IMPLIED) == []


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        ("ALTER TABLE client_actions DROP CONSTRAINT action_name_not_empty", "action_name_not_empty"),
        ("ALTER TABLE client_products DROP CONSTRAINT product_ownership_share_not_negative", "product_ownership_share_not_negative"),
        ("DROP TRIGGER client_unmanaged_products_status ON client_unmanaged_products", "valid_unmanaged_product_transition"),
        ("DROP TRIGGER guard_rows ON networth_statements", ""),
    ],
)
def test_a_rule_that_is_gone_is_found(portal_at, damage, rule):
    portal = portal_at("phase_5")
    portal.run(damage)
    assert rule in portal.all("SELECT rule FROM prove_rules() WHERE NOT ok")


def test_a_rule_that_refuses_too_much_is_found(portal_at):
    portal = portal_at("phase_5")
    portal.run("ALTER TABLE client_products ADD CONSTRAINT nobody CHECK (ownership_details ->> 'association_type' <> 'joint_ownership')")
    assert "refused 23514 nobody" in portal.all("SELECT found FROM prove_rules() WHERE NOT ok AND rule IS NULL")
