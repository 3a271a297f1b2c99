"""Precise rules for ownership and information items

Phase:      phase_5
Does:       client_products.ownership_details obeys five named rules and is never NULL; client_unmanaged_products gets the
            precise rule before the old one goes (E-058); information items obey the rule of their type (C-043 to C-045)
Locks:      ACCESS EXCLUSIVE on one table at a time for each rule, NOT VALID, 1 to 3 milliseconds under the lock budget;
            VALIDATE blocks nobody (E-196)
Refuses if: a row breaks a rule: it is named with what is wrong, before anything is changed (E-033)
Down:       nothing to archive: rules hold no values

The Phase 1 application never names the column, and what its links make of it obeys every rule; on the links there is
no rule, ever.  Rules are checked in the order of their names, so the error names the narrowest.
"""

from __future__ import annotations

from alembic import op

revision = "phase_5_constraints"
down_revision = "phase_4"
branch_labels = None
depends_on = None

PRODUCTS, UNMANAGED, ITEMS = "client_products", "client_unmanaged_products", "client_information_items"
OWNER_KEY = '@.key like_regex "^[0-9]+$"'
KIND = "ownership_details ->> 'association_type'"
# The last argument keeps jsonpath silent: a value that is no object is the business of valid_product_ownership_details.
PRODUCT_RULES = {
    "product_ownership_share_is_number":
        f"NOT jsonb_path_exists(ownership_details, '$.keyvalue() ? ({OWNER_KEY} && @.value.type() != \"number\")', '{{}}', true)",
    "product_ownership_share_not_negative":
        f"NOT jsonb_path_exists(ownership_details, '$.keyvalue() ? ({OWNER_KEY} && @.value < 0)', '{{}}', true)",
    "product_ownership_has_owners":
        f"CASE {KIND} WHEN 'tenants_in_common'"
        f" THEN jsonb_path_exists(ownership_details, '$.keyvalue() ? ({OWNER_KEY})', '{{}}', true)"
        " WHEN 'joint_ownership'"
        " THEN coalesce(jsonb_path_exists(ownership_details, 'strict $.joint_owners[1]', '{}', true), false)"
        " ELSE true END",
    "valid_product_ownership_details":
        f"jsonb_typeof(ownership_details) = 'object' AND coalesce({KIND}, '')"
        " IN ('individual', 'tenants_in_common', 'joint_ownership')",
    "valid_product_ownership_details_precise": "validate_ownership_percentages_precise(ownership_details)",
}  # fmt: skip


def upgrade() -> None:
    op.run_sql("check_phase_5_rows", "0500")
    op.backfill("check_phase_5_rows")
    for name, rule in PRODUCT_RULES.items():
        op.add_check_online(PRODUCTS, name, rule)
    op.set_not_null_online(PRODUCTS, "ownership_details")
    op.add_check_online(
        UNMANAGED, "valid_ownership_percentages_precise", "validate_ownership_percentages_precise(ownership_details)"
    )
    op.drop_checks(UNMANAGED, "valid_ownership_percentages")
    op.add_check_online(ITEMS, "valid_item_data_structure", "validate_client_item_data(item_type, data_content)")


def downgrade() -> None:
    op.drop_checks(ITEMS, "valid_item_data_structure")
    op.add_check_online(
        UNMANAGED, "valid_ownership_percentages", "validate_ownership_percentages(ownership_details)"
    )
    op.drop_checks(UNMANAGED, "valid_ownership_percentages_precise")
    with op.lock_tables(PRODUCTS):
        op.drop_not_null(PRODUCTS, "ownership_details")
        op.drop_checks(PRODUCTS, *PRODUCT_RULES)
    op.drop_sql("check_phase_5_rows", "0500")
