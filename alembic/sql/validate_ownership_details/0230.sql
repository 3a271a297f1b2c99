-- function validate_ownership_details(jsonb)
-- Is this an ownership document at all: an object of at most 8192 bytes that is either {} (ownership
-- unknown) or names one of the three association types.  The shares are another rule's business
-- (validate_ownership_percentages).
-- Used by CHECK rules, so: IMMUTABLE, PARALLEL SAFE, never an error, never NULL (E-053, E-092, E-172), only
-- pg_catalog objects and therefore no SET clause, which would cost more than the check itself (E-097).
-- Bytes, not characters of an internal form (E-084).  Inlined where it stands in an expression.
-- Tests: tests/sql/test_validate_ownership_details.py
CREATE OR REPLACE FUNCTION validate_ownership_details(p_ownership jsonb)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(
    jsonb_typeof(p_ownership) = 'object'
    AND octet_length(p_ownership::text) <= 8192
    AND (p_ownership = '{}'::jsonb
         OR coalesce(p_ownership ->> 'association_type', '')
            IN ('individual', 'tenants_in_common', 'joint_ownership')),
    false);

COMMENT ON FUNCTION validate_ownership_details(jsonb) IS
    'True for {} or an object of at most 8192 bytes whose association_type is individual, tenants_in_common or joint_ownership; false for anything else, NULL included';
