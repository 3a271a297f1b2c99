-- function @control@.refuse_breaking_rows(text, text, text)
-- Before a CHECK is added: rows that break it are looked for without a lock.  If there are any it refuses with their
-- keys (at most ten); nothing has been changed then (errata E-033, E-058).  Nothing once the CHECK is there.
-- Called by op.add_check_online and op.set_not_null_online.  Tests: tests/ddl/test_checks.py
CREATE OR REPLACE FUNCTION @control@.refuse_breaking_rows(p_table text, p_name text, p_expression text) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_oid oid := to_regclass(quote_ident(p_table));
    v_key text;
    v_count bigint;
    v_keys text;
BEGIN
    IF EXISTS (SELECT 1 FROM pg_constraint AS k WHERE k.conrelid = v_oid AND k.conname = p_name) THEN
        RETURN;
    END IF;
    SELECT string_agg(format('t.%I::text', a.attname), ' || ''/'' || ' ORDER BY u.ord) INTO v_key
      FROM pg_index AS i
      CROSS JOIN unnest(i.indkey::smallint[]) WITH ORDINALITY AS u (attnum, ord)
      JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = u.attnum
     WHERE i.indrelid = v_oid AND i.indisprimary;
    EXECUTE format(
        'SELECT count(*), string_agg(b.key, '', '' ORDER BY b.nr) FILTER (WHERE b.nr <= 10)'
        ' FROM (SELECT %s AS key, row_number() OVER () AS nr FROM %I AS t WHERE NOT (%s)) AS b',
        coalesce(v_key, 't.ctid::text'), p_table, p_expression) INTO v_count, v_keys;
    IF v_count > 0 THEN
        RAISE EXCEPTION '% rows of % break the rule %: %', v_count, p_table, p_name, v_keys
            USING ERRCODE = '23514', CONSTRAINT = p_name, TABLE = p_table,
                  HINT = 'correct these rows, then run the same command again; nothing was changed';
    END IF;
END
$function$;
