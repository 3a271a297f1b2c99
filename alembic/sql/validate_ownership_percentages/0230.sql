-- function validate_ownership_percentages(jsonb)
-- Do the shares of an ownership document add up?  The rules are in validate_ownership_shares.  One rule for
-- client_unmanaged_products, client_information_items and client_products (E-033, E-096).
-- A body bound when it is created, so that a restored dump finds what it calls (E-097); inlined into rules.
-- Tests: tests/sql/test_validate_ownership_percentages.py
CREATE OR REPLACE FUNCTION validate_ownership_percentages(p_ownership jsonb)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN validate_ownership_shares(p_ownership, false);

COMMENT ON FUNCTION validate_ownership_percentages(jsonb) IS
    'True when the shares of an ownership document add up to 99.99..100.01 (or it is joint with two owners or more, or {}); false for anything else, NULL included';
