-- function deployment_decision()
-- What follows from execute_deployment_checklist() (C-063, N-069): not approved with any critical failure, any manual
-- point nobody signed (errata E-141, E-143), or more than three warnings.
-- Tests: tests/sql/test_deployment_checklists.py
CREATE OR REPLACE FUNCTION deployment_decision()
RETURNS TABLE (approved boolean, critical_failures bigint, open_manual_checks bigint, warnings bigint, reason text)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $body$
    SELECT c.failed = 0 AND c.open = 0 AND c.warned <= 3, c.failed, c.open, c.warned,
           CASE WHEN c.failed + c.open > 0 THEN 'blocked by: ' || c.blocking
                WHEN c.warned > 3 THEN c.warned || ' warnings, at most 3 are acceptable'
                ELSE 'every critical point passes' END
    FROM (
        SELECT count(*) FILTER (WHERE k.critical AND k.status = 'FAIL') AS failed,
               count(*) FILTER (WHERE k.status = 'MANUAL_CHECK_REQUIRED') AS open,
               count(*) FILTER (WHERE k.status = 'WARNING' OR (k.status = 'FAIL' AND NOT k.critical)) AS warned,
               string_agg(k.check_item, ', ') FILTER (WHERE k.status = 'MANUAL_CHECK_REQUIRED' OR (k.critical AND k.status = 'FAIL'))
                   AS blocking
        FROM execute_deployment_checklist() AS k
    ) AS c
$body$;
COMMENT ON FUNCTION deployment_decision() IS 'whether the deployment checklist approves, and what blocks it';
