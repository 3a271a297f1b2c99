-- Tables, views, materialized views and sequences of one schema.  Parameter: schema.
SELECT CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
                      WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table'
                      ELSE 'relation' END AS kind,
       c.relname AS name,
       jsonb_strip_nulls(jsonb_build_object(
           'owner', pg_get_userbyid(c.relowner),
           'comment', obj_description(c.oid, 'pg_class'),
           'persistence', nullif(c.relpersistence, 'p'),
           'options', (SELECT jsonb_agg(o ORDER BY o COLLATE "C") FROM unnest(c.reloptions) AS o),
           'toast options', (SELECT jsonb_agg(o ORDER BY o COLLATE "C") FROM pg_class AS t, unnest(t.reloptions) AS o WHERE t.oid = c.reltoastrelid),
           'access method', (SELECT m.amname FROM pg_am AS m WHERE m.oid = c.relam AND m.amname <> 'heap'),
           'tablespace', (SELECT t.spcname FROM pg_tablespace AS t WHERE t.oid = c.reltablespace),
           'row security', CASE WHEN c.relrowsecurity OR c.relforcerowsecurity
                                THEN format('enabled %%s, forced %%s', c.relrowsecurity, c.relforcerowsecurity) END,
           'replica identity', nullif(c.relreplident, CASE WHEN c.relkind IN ('r', 'p', 'm') THEN 'd' ELSE 'n' END::"char"),
           'inherits', (SELECT jsonb_agg(h.inhparent::regclass::text ORDER BY h.inhseqno) FROM pg_inherits AS h WHERE h.inhrelid = c.oid),
           'partition key', pg_get_partkeydef(c.oid),
           'partition bound', pg_get_expr(c.relpartbound, c.oid),
           'of type', nullif(c.reloftype, 0)::regtype::text,
           'foreign server', (SELECT s.srvname || coalesce(' ' || f.ftoptions::text, '')
                                FROM pg_foreign_table AS f JOIN pg_foreign_server AS s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid),
           'publications', (SELECT jsonb_agg(p.pubname
                                             || coalesce(' (' || (SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute AS a
                                                                   WHERE a.attrelid = c.oid AND a.attnum = ANY (r.prattrs)) || ')', '')
                                             || coalesce(' WHERE ' || pg_get_expr(r.prqual, c.oid), '') ORDER BY p.pubname)
                              FROM pg_publication_rel AS r JOIN pg_publication AS p ON p.oid = r.prpubid WHERE r.prrelid = c.oid),
           'definition', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
           'populated', CASE WHEN c.relkind = 'm' THEN c.relispopulated END,
           'sequence', CASE WHEN c.relkind = 'S' THEN
               (SELECT format('%%s start %%s increment %%s min %%s max %%s cache %%s cycle %%s', format_type(s.seqtypid, NULL), s.seqstart,
                              s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle)
                  FROM pg_sequence AS s WHERE s.seqrelid = c.oid) END,
           'owned by', CASE WHEN c.relkind = 'S' THEN
               (SELECT t.relname || '.' || a.attname FROM pg_depend AS d
                  JOIN pg_class AS t ON t.oid = d.refobjid JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
                 WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
                   AND d.deptype IN ('a', 'i')) END
       )) AS attributes
  FROM pg_class AS c
 WHERE c.relnamespace = to_regnamespace(%(schema)s)
   AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
   AND c.relname <> 'alembic_version'
   AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
