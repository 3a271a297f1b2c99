-- view migration_monitoring_dashboard
-- The log of the migration, newest first (C-056).  progress_status: COMPLETED, RUNNING (minutes), FAILED, RESOLVED
-- (a failure somebody dealt with) or ROLLED_BACK; performance_indicator: FAST below 60 s, MODERATE below 300 s, else
-- SLOW (N-053).  Durations are true ones (errata E-071), codes are plain ASCII (E-113).
-- Tests: tests/sql/test_migration_monitoring_dashboard.py
CREATE OR REPLACE VIEW migration_monitoring_dashboard AS
SELECT l.phase,
       l.operation,
       l.status,
       l.started_at,
       l.completed_at,
       l.execution_time_seconds,
       l.rows_affected,
       l.error_message,
       CASE WHEN l.status = 'completed' THEN 'COMPLETED'
            WHEN l.status = 'started'
                THEN 'RUNNING (' || floor(extract(epoch FROM clock_timestamp() - l.started_at) / 60)::bigint || 'm)'
            WHEN l.status = 'failed' AND l.resolved_at IS NOT NULL THEN 'RESOLVED'
            WHEN l.status = 'failed' THEN 'FAILED'
            WHEN l.status = 'rolled_back' THEN 'ROLLED_BACK' END AS progress_status,
       CASE WHEN l.execution_time_seconds < 60 THEN 'FAST'
            WHEN l.execution_time_seconds < 300 THEN 'MODERATE'
            WHEN l.execution_time_seconds IS NOT NULL THEN 'SLOW' END AS performance_indicator
FROM migration_log AS l
ORDER BY l.started_at DESC, l.id DESC;
COMMENT ON VIEW migration_monitoring_dashboard IS 'the log of the migration with progress and speed class, newest first';
