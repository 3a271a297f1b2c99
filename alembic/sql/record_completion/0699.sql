-- procedure @control@.record_completion()
-- Writes what document 000 wants to know at the end (C-052) into migration_control: migration_completed_at,
-- migration_duration_hours, migration_success_rate_percent, total_operations.  Durations are true ones (errata E-071);
-- the rate counts finished operations only, so the one that is writing it is not among them (E-083).  The figures are
-- those of the first completion and stay: a downgrade is recorded in the log, and current_phase says where the
-- database is.
-- product_owner_products gets no notice of deprecation: links and documents stay in step (E-084, E-175).
-- Called by revision phase_6.  Tests: tests/revisions/test_gates.py
CREATE OR REPLACE PROCEDURE @control@.record_completion()
LANGUAGE plpgsql
AS $body$
BEGIN
    INSERT INTO @schema@.migration_control AS c (setting, value, description)
    SELECT s.setting, s.value, s.description
    FROM (SELECT min(l.started_at) AS began, count(*) AS finished, count(*) FILTER (WHERE l.status = 'completed') AS completed
          FROM @schema@.migration_log AS l
          WHERE l.operation LIKE 'up %' AND l.status IN ('completed', 'failed')) AS m
    CROSS JOIN LATERAL (VALUES
        ('migration_completed_at', clock_timestamp()::text, 'When the last gate of the migration was first passed'),
        ('migration_duration_hours', round(extract(epoch FROM clock_timestamp() - m.began) / 3600, 3)::text,
         'From the first operation in the log to that moment'),
        ('migration_success_rate_percent', round(100.0 * m.completed / nullif(m.finished, 0), 1)::text,
         'Completed among finished operations, failed attempts included'),
        ('total_operations', m.finished::text, 'Finished operations, failed attempts included')
    ) AS s (setting, value, description)
    WHERE s.value IS NOT NULL
    ON CONFLICT (setting) DO NOTHING;
    COMMIT;
END
$body$;
COMMENT ON PROCEDURE @control@.record_completion() IS 'writes when the migration was first completed and how it went';
