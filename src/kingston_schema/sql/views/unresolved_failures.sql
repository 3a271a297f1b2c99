-- view unresolved_failures
-- Failed operations of the migration that nobody dealt with: not marked as resolved, not followed by a success on the
-- same revision in either direction, and not being repeated at this moment (errata E-116: a failure that was repaired
-- does not count for ever, nor does the first attempt of a gate stop the second).  To acknowledge one:
-- UPDATE migration_log SET resolved_at = now(), resolved_by = current_user WHERE id = ...
-- Called by the health check, the alerts and both checklists.  Tests: tests/sql/test_unresolved_failures.py
CREATE OR REPLACE VIEW unresolved_failures AS
SELECT l.id, l.phase, l.operation, l.error_message, l.started_at, l.completed_at, l.run_id
FROM migration_log AS l
WHERE l.status = 'failed' AND l.resolved_at IS NULL
  AND regexp_replace(l.operation, '^(up|down) ', '') <> coalesce(current_setting('kingston.revision', true), '')
  AND NOT EXISTS (SELECT 1 FROM migration_log AS n
                  WHERE regexp_replace(n.operation, '^(up|down) ', '') = regexp_replace(l.operation, '^(up|down) ', '')
                    AND n.status IN ('completed', 'rolled_back') AND n.id > l.id);
COMMENT ON VIEW unresolved_failures IS 'failed operations of the migration that were neither resolved nor repeated with success';
