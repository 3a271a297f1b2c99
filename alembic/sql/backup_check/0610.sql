-- function backup_check()
-- Whether a restore was proven: PASS with a checkpoint that was validated in the last seven days, else as signed off by
-- somebody (manual_check).  That a database is there and full proves no backup (errata E-139).
-- Called by both checklists.  Tests: tests/sql/test_deployment_checklists.py
CREATE OR REPLACE FUNCTION backup_check() RETURNS TABLE (status text, details text)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $body$
    SELECT CASE WHEN c.id IS NULL THEN m.status ELSE 'PASS' END,
           CASE WHEN c.id IS NULL THEN m.details
                ELSE 'restore of checkpoint ' || c.checkpoint_name || ' proven at ' || date_trunc('second', c.validated_at) END
    FROM manual_check('Database backup exists and is valid') AS m
    LEFT JOIN LATERAL (
        SELECT r.* FROM rollback_checkpoints AS r
        WHERE r.is_active AND r.validation_status = 'valid' AND r.validated_at > clock_timestamp() - interval '7 days'
        ORDER BY r.validated_at DESC
        LIMIT 1
    ) AS c ON true
$body$;
COMMENT ON FUNCTION backup_check() IS 'PASS when a restore was proven in the last seven days, or by a sign-off';
