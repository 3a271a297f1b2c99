-- function @control@.quarantine_orphans(text, text)
-- Before a foreign key is validated: rows whose parent was deleted while the table rested in the archive go to
-- quarantine with the missing key.  Where the reference may be empty and deleting the parent would not have taken the
-- row along (SET NULL, RESTRICT), the row stays with an empty reference and the lost value is kept beside it.
-- Design section 7.  Called by op.add_foreign_key_online.  Tests: tests/ddl/test_quarantine.py
CREATE OR REPLACE FUNCTION @control@.quarantine_orphans(p_table text, p_constraint text) RETURNS bigint
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_parent regclass;
    v_validated boolean;
    v_columns text[];
    v_join text;
    v_set text;
    v_given text;
    v_reason text;
    v_condition text;
    v_rows bigint;
BEGIN
    SELECT k.confrelid::regclass, k.convalidated,
           CASE WHEN k.confdeltype IN ('n', 'd') OR (k.confdeltype IN ('r', 'a') AND NOT bool_or(l.attnotnull))
                THEN array_agg(l.attname::text) END,
           string_agg(format('p.%I = t.%I', r.attname, l.attname), ' AND '),
           string_agg(format('%I = NULL', l.attname), ', '),
           string_agg(format('t.%I IS NOT NULL', l.attname), ' AND '),
           string_agg(format('%L || t.%I::text', l.attname || ' ', l.attname), ' || '', '' || ')
      INTO v_parent, v_validated, v_columns, v_join, v_set, v_given, v_reason
      FROM pg_constraint AS k
      CROSS JOIN unnest(k.conkey, k.confkey) AS u (local_column, remote_column)
      JOIN pg_attribute AS l ON l.attrelid = k.conrelid AND l.attnum = u.local_column
      JOIN pg_attribute AS r ON r.attrelid = k.confrelid AND r.attnum = u.remote_column
     WHERE k.conname = p_constraint AND k.conrelid = to_regclass(quote_ident(p_table)) AND k.contype = 'f'
     GROUP BY k.confrelid, k.confdeltype, k.convalidated;
    IF v_validated THEN
        RETURN 0;
    END IF;
    v_condition := format('%s AND NOT EXISTS (SELECT 1 FROM %s AS p WHERE %s)', v_given, v_parent, v_join);
    v_reason := format('%s || '' is gone from %s''', v_reason, v_parent);
    v_rows := @control@.quarantine_rows(p_table, v_condition, v_reason, v_columns);
    IF v_rows > 0 AND v_columns IS NOT NULL THEN
        EXECUTE format('UPDATE %I AS t SET %s WHERE %s', p_table, v_set, v_condition);
    END IF;
    IF v_rows > 0 THEN
        RAISE NOTICE 'quarantine: % rows of %, whose row in % is gone', v_rows, p_table, v_parent;
    END IF;
    RETURN v_rows;
END
$function$;
