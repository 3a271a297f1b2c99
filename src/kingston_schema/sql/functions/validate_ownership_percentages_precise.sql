-- function validate_ownership_percentages_precise(jsonb)
-- validate_ownership_percentages, and no share has more than two decimals (E-094).  The rules are in
-- validate_ownership_shares.
-- A body bound when it is created, so that a restored dump finds what it calls (E-097); inlined into rules.
-- Tests: tests/sql/test_validate_ownership_percentages.py
CREATE OR REPLACE FUNCTION validate_ownership_percentages_precise(p_ownership jsonb)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN validate_ownership_shares(p_ownership, true);

COMMENT ON FUNCTION validate_ownership_percentages_precise(jsonb) IS
    'As validate_ownership_percentages, and no share has more than two decimals; false for anything else, NULL included';
