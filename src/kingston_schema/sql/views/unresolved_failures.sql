-- view unresolved_failures
-- Failed operations of the migration that nobody dealt with: not marked as resolved, and not followed by the same
-- operation completed (errata E-116: a failure that was repaired does not count for ever).  To acknowledge one:
-- UPDATE migration_log SET resolved_at = now(), resolved_by = current_user WHERE id = ...
-- Called by the health check, the alerts and both checklists.  Tests: tests/sql/test_unresolved_failures.py
CREATE OR REPLACE VIEW unresolved_failures AS
SELECT l.id, l.phase, l.operation, l.error_message, l.started_at, l.completed_at, l.run_id
FROM migration_log AS l
WHERE l.status = 'failed' AND l.resolved_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM migration_log AS n
                  WHERE n.operation = l.operation AND n.status IN ('completed', 'rolled_back') AND n.id > l.id);
COMMENT ON VIEW unresolved_failures IS 'failed operations of the migration that were neither resolved nor repeated with success';
