-- function @control@.tied_by_keys(text[])
-- The tables and those that foreign keys tie to them in either direction: dropping a key locks both ends.
-- Called by op.lock_tables and archive_table.  Tests: tests/ddl/test_archive.py
CREATE OR REPLACE FUNCTION @control@.tied_by_keys(p_tables text[]) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $function$
SELECT array_agg(DISTINCT n.name ORDER BY n.name)
  FROM (SELECT unnest(p_tables) AS name
        UNION
        SELECT c.relname::text
          FROM pg_constraint AS k JOIN pg_class AS c ON c.oid IN (k.conrelid, k.confrelid)
         WHERE k.contype = 'f' AND c.relnamespace = '@schema@'::regnamespace
           AND (SELECT array_agg(to_regclass(quote_ident(t.name))::oid) FROM unnest(p_tables) AS t (name))
               && ARRAY[k.conrelid, k.confrelid]) AS n
$function$;
