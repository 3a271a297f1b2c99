-- view migration_completion
-- What document 000 wants to know at the end (C-052), always one row, computed from the log instead of being written
-- down once and wrong after the next downgrade: migration_completed_at (when the gate of phase 6 was passed; NULL while
-- the database is below it), migration_duration_hours (true, errata E-071: from the first operation to that moment),
-- migration_success_rate_percent and total_operations (finished operations upwards, failed attempts included; E-083).
-- product_owner_products gets no notice of deprecation: links and documents stay in step (E-084, E-175).
-- Tests: tests/sql/test_migration_completion.py
CREATE OR REPLACE VIEW migration_completion AS
SELECT c.completed_at AS migration_completed_at,
       round(extract(epoch FROM c.completed_at - m.began) / 3600, 3) AS migration_duration_hours,
       round(100.0 * m.completed / nullif(m.finished, 0), 1) AS migration_success_rate_percent,
       m.finished AS total_operations
FROM (
    SELECT min(l.started_at) AS began, count(*) AS finished, count(*) FILTER (WHERE l.status = 'completed') AS completed
    FROM migration_log AS l
    WHERE l.operation LIKE 'up %' AND l.status IN ('completed', 'failed')
) AS m
CROSS JOIN (
    SELECT max(l.completed_at) AS completed_at
    FROM migration_log AS l
    WHERE l.operation = 'up phase_6' AND l.status = 'completed'
      AND EXISTS (SELECT 1 FROM migration_control AS s WHERE s.setting = 'current_phase' AND s.value = 'phase_6')
) AS c;
COMMENT ON VIEW migration_completion IS 'when the migration was completed, how long it took, how many operations succeeded';
