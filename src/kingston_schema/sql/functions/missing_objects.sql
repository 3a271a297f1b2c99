-- function missing_objects(text)
-- Which objects that should be there up to a phase are missing, not valid, switched off or different;
-- no row: all is well.  Objects are compared by name and, for indexes, by definition, never by counts
-- (errata E-077 to E-079, E-140, E-144, E-163, E-164).  What should be there says expected_objects().
-- Definitions are compared without casts and brackets, which PostgreSQL prints otherwise after a dump and restore.
-- An index whose build failed is not valid and does not count (E-198).  What a later phase replaces is listed
-- there as dropped, and must be gone.
-- Called by the gates, the health check and both checklists.  Tests: tests/sql/test_missing_objects.py
CREATE OR REPLACE FUNCTION missing_objects(p_phase text DEFAULT 'phase_6')
RETURNS TABLE (phase text, kind text, on_table text, name text, finding text)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $body$
    WITH expected AS (
        SELECT e.* FROM expected_objects() AS e
        WHERE array_position(ARRAY['legacy', 'pre_migration', 'phase_1', 'phase_2', 'phase_3', 'phase_4',
                                   'phase_5', 'phase_6'], e.phase)
              <= array_position(ARRAY['legacy', 'pre_migration', 'phase_1', 'phase_2', 'phase_3', 'phase_4',
                                      'phase_5', 'phase_6'], p_phase)
    ), relation AS (
        SELECT c.oid, c.relname::text AS name, c.relkind
        FROM pg_class AS c
        WHERE c.relnamespace = '@schema@'::regnamespace
    ), found AS (
        SELECT CASE WHEN r.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END AS kind, '' AS on_table, r.name,
               NULL::text AS finding, NULL::text AS definition
        FROM relation AS r
        WHERE r.relkind IN ('r', 'p', 'v', 'm')
        UNION ALL
        SELECT 'column', r.name, a.attname::text, NULL, NULL
        FROM relation AS r
        JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE r.relkind IN ('r', 'p')
        UNION ALL
        SELECT 'constraint', r.name, k.conname::text, CASE WHEN NOT k.convalidated THEN 'not validated' END, NULL
        FROM relation AS r
        JOIN pg_constraint AS k ON k.conrelid = r.oid AND k.contype IN ('p', 'u', 'f', 'c')
        UNION ALL
        SELECT 'index', t.name, r.name, CASE WHEN NOT (i.indisvalid AND i.indisready) THEN 'not valid' END,
               regexp_replace(pg_get_indexdef(i.indexrelid, 0, true), '^.* USING ', '')
        FROM relation AS r
        JOIN pg_index AS i ON i.indexrelid = r.oid
        JOIN relation AS t ON t.oid = i.indrelid
        UNION ALL
        SELECT 'trigger', r.name, g.tgname::text, CASE g.tgenabled WHEN 'D' THEN 'switched off' WHEN 'R' THEN 'switched off' END,
               NULL
        FROM relation AS r
        JOIN pg_trigger AS g ON g.tgrelid = r.oid AND NOT g.tgisinternal
        UNION ALL
        SELECT 'function', '', p.proname || '(' || oidvectortypes(p.proargtypes) || ')', NULL, NULL
        FROM pg_proc AS p
        WHERE p.pronamespace = '@schema@'::regnamespace
    )
    SELECT e.phase, e.kind, e.on_table, e.name,
           CASE WHEN e.definition = 'dropped' THEN 'is still there'
                WHEN f.name IS NULL THEN 'missing'
                WHEN f.finding IS NOT NULL THEN f.finding
                ELSE 'is ' || f.definition || ', not ' || e.definition END
    FROM expected AS e
    LEFT JOIN found AS f ON f.kind = e.kind AND f.on_table = e.on_table AND f.name = e.name
    WHERE CASE WHEN e.definition = 'dropped' THEN f.name IS NOT NULL
               ELSE (f.name IS NULL OR f.finding IS NOT NULL
                     OR regexp_replace(f.definition, '::(character varying|[a-z_]+)(\[\])?|[() ]', '', 'g')
                        <> regexp_replace(e.definition, '::(character varying|[a-z_]+)(\[\])?|[() ]', '', 'g'))
                    AND NOT EXISTS (SELECT 1 FROM expected AS d
                                    WHERE d.kind = e.kind AND d.on_table = e.on_table AND d.name = e.name
                                      AND d.definition = 'dropped') END
    ORDER BY e.phase, e.kind, e.on_table, e.name
$body$;
COMMENT ON FUNCTION missing_objects(text) IS
    'objects expected up to a phase that are missing, not valid, switched off or different; none: all is well';
