-- function manual_check(text)
-- Status and words of a checklist point that no query can check: PASS while a sign-off in deployment_signoff is valid
-- (who, when, on what evidence), else MANUAL_CHECK_REQUIRED, which blocks (errata E-141).
-- Called by both checklists.  Tests: tests/sql/test_deployment_checklists.py
CREATE OR REPLACE FUNCTION manual_check(p_check_item text) RETURNS TABLE (status text, details text)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $body$
    SELECT CASE WHEN s.id IS NULL THEN 'MANUAL_CHECK_REQUIRED' ELSE 'PASS' END,
           CASE WHEN s.id IS NULL
                THEN 'no valid sign-off; look, then: INSERT INTO deployment_signoff (check_item, signed_by, evidence) VALUES ('
                     || quote_literal(p_check_item) || ', <who>, <what was seen>)'
                ELSE 'signed by ' || s.signed_by || ' at ' || date_trunc('second', s.signed_at) || ': ' || s.evidence END
    FROM (VALUES (1)) AS one (row)
    LEFT JOIN LATERAL (
        SELECT d.* FROM deployment_signoff AS d
        WHERE d.check_item = p_check_item AND d.valid_until > clock_timestamp()
        ORDER BY d.signed_at DESC, d.id DESC
        LIMIT 1
    ) AS s ON true
$body$;
COMMENT ON FUNCTION manual_check(text) IS 'PASS with a valid sign-off, else MANUAL_CHECK_REQUIRED';
