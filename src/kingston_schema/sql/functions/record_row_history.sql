-- function record_row_history()
-- The one writer of row_history: called by the statement-level triggers of sql/triggers/history_<table>.sql.
-- Trigger arguments, always four:
--   1 logical table name (kept when a table is renamed, moved, dumped and restored)
--   2 primary key column(s), comma separated
--   3 column that holds the client group of the row, or '' where a row belongs to none
--   4 sensitive columns, comma separated, or '' (their plaintext never reaches the history, see redacted_value)
-- A revision that moves data is no edit (kingston.revision is set, erratum E-050).  Only a login that is a member of
-- the role that owns this function is believed: no other writer can switch the history off.
-- One INSERT ... SELECT per statement, whatever the number of rows; a statement that changes nothing writes nothing.
-- An UPDATE of many rows builds JSON only of the columns that changed in any of them, by a statement made for them: the
-- same lines for less than half the work.  It needs at most eight changed columns and unchanged keys.
-- SECURITY DEFINER: the Phase 1 application's role needs no right on row_history (knowledge of the real application).
-- Errata E-108 to E-110 (right subject, all columns, TRUNCATE), E-112 (empty setting), E-150, E-181, E-189.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE FUNCTION record_row_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = @schema@, pg_temp
SET timezone = 'UTC'  -- times inside the history read the same whoever wrote them
SET jit = off  -- the row estimate of a transition table makes PostgreSQL compile for seconds what runs in microseconds
AS $body$
DECLARE
    v_key       text[] := string_to_array(TG_ARGV[1], ',');
    v_group     text := nullif(TG_ARGV[2], '');
    v_sensitive text[] := string_to_array(TG_ARGV[3], ',');
    v_actor     text := left(coalesce(nullif(current_setting('app.current_user_id', true), ''), session_user), 100);
    v_reason    text := nullif(current_setting('app.justification', true), '');
    v_correlation text := nullif(current_setting('app.correlation_id', true), '');
    v_xid       bigint := pg_current_xact_id()::text::bigint;
    v_rows      bigint;
    v_same_key  text;
    v_changed   text[];
    v_paired    bigint;
BEGIN
    IF coalesce(current_setting('kingston.revision', true), '') <> ''
       AND pg_has_role(session_user, current_user, 'MEMBER') THEN
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO row_history (table_name, row_key, client_group_id, action, actor, db_role, correlation_id,
                                 reason, transaction_id)
        SELECT TG_ARGV[0], (SELECT jsonb_object_agg(k.name, n.doc -> k.name) FROM unnest(v_key) AS k (name)),
               (n.doc ->> v_group)::bigint, 'insert', v_actor, session_user, v_correlation, v_reason, v_xid
        FROM (SELECT to_jsonb(r) AS doc FROM new_rows AS r) AS n;

    ELSIF TG_OP = 'UPDATE' THEN
        SELECT count(*) INTO v_rows FROM old_rows;
        IF v_rows >= 100 THEN
            SELECT string_agg(format('o.%1$I = n.%1$I', k.name), ' AND ') INTO v_same_key FROM unnest(v_key) AS k (name);
            EXECUTE (
                SELECT format('SELECT count(*), array_remove(ARRAY[%s]::text[], NULL) FROM old_rows AS o JOIN new_rows AS n ON %s',
                    string_agg(format('CASE WHEN bool_or(ROW(o.%1$I)::record *<> ROW(n.%1$I)::record) THEN %1$L END', a.attname), ', '
                               ORDER BY a.attnum), v_same_key)
                FROM pg_attribute AS a WHERE a.attrelid = TG_RELID AND a.attnum > 0 AND NOT a.attisdropped)
            INTO v_paired, v_changed;
            IF v_paired = v_rows AND v_changed = '{}' THEN
                RETURN NULL;
            ELSIF v_paired = v_rows AND cardinality(v_changed) <= 8 THEN
                EXECUTE (
                    SELECT format(
                        $sql$
                        INSERT INTO row_history (table_name, row_key, client_group_id, action, changes, actor, db_role,
                                                 correlation_id, reason, transaction_id)
                        SELECT $1, jsonb_build_object(%s), %s, 'update', %s, $2, session_user, $3, $4, $5
                        FROM old_rows AS o JOIN new_rows AS n ON %s WHERE %s
                        $sql$,
                        (SELECT string_agg(format('%1$L, n.%1$I', k.name), ', ') FROM unnest(v_key) AS k (name)),
                        CASE WHEN v_group IS NULL THEN 'NULL' ELSE format('n.%I::bigint', v_group) END,
                        string_agg(format(
                            CASE WHEN cardinality(v_changed) = 1 THEN 'jsonb_build_object(%1$L, %2$s)'
                                 ELSE 'CASE WHEN %3$s THEN jsonb_build_object(%1$L, %2$s) ELSE ''{}'' END' END,
                            c.name, c.pair, c.differs), ' || '),
                        v_same_key, string_agg(c.differs, ' OR '))
                    FROM (SELECT u.name,
                                 format(CASE WHEN u.name = ANY (v_sensitive)
                                             THEN 'jsonb_build_array(redacted_value(to_jsonb(o.%1$I)), redacted_value(to_jsonb(n.%1$I)))'
                                             ELSE 'jsonb_build_array(o.%1$I, n.%1$I)' END, u.name) AS pair,
                                 format('to_jsonb(o.%1$I) IS DISTINCT FROM to_jsonb(n.%1$I)', u.name) AS differs
                          FROM unnest(v_changed) AS u (name)) AS c)
                USING TG_ARGV[0], v_actor, v_correlation, v_reason, v_xid;
                RETURN NULL;
            END IF;
        END IF;
        -- FULL JOIN: a row whose key itself changed appears as one that went and one that came.
        INSERT INTO row_history (table_name, row_key, client_group_id, action, changes, actor, db_role,
                                 correlation_id, reason, transaction_id)
        SELECT TG_ARGV[0], coalesce(o.row_key, n.row_key), (coalesce(n.doc, o.doc) ->> v_group)::bigint,
               CASE WHEN o.doc IS NULL THEN 'insert' WHEN n.doc IS NULL THEN 'delete' ELSE 'update' END,
               d.changes, v_actor, session_user, v_correlation, v_reason, v_xid
        FROM (SELECT f.doc, (SELECT jsonb_object_agg(k.name, f.doc -> k.name)
                             FROM unnest(v_key) AS k (name)) AS row_key
              FROM (SELECT to_jsonb(r) AS doc FROM old_rows AS r OFFSET 0) AS f) AS o
        FULL JOIN
             (SELECT f.doc, (SELECT jsonb_object_agg(k.name, f.doc -> k.name)
                             FROM unnest(v_key) AS k (name)) AS row_key
              FROM (SELECT to_jsonb(r) AS doc FROM new_rows AS r OFFSET 0) AS f) AS n
          ON o.row_key = n.row_key
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(c.key, CASE
                       WHEN n.doc IS NULL THEN CASE WHEN c.key = ANY (v_sensitive) THEN redacted_value(c.value)
                                                    ELSE c.value END
                       WHEN c.key = ANY (v_sensitive) THEN
                           jsonb_build_array(redacted_value(c.value), redacted_value(n.doc -> c.key))
                       ELSE jsonb_build_array(c.value, n.doc -> c.key) END) AS changes
            FROM jsonb_each(o.doc) AS c
            WHERE n.doc IS NULL OR c.value IS DISTINCT FROM n.doc -> c.key
        ) AS d
        WHERE o.doc IS DISTINCT FROM n.doc;

    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO row_history (table_name, row_key, client_group_id, action, changes, actor, db_role,
                                 correlation_id, reason, transaction_id)
        SELECT TG_ARGV[0], (SELECT jsonb_object_agg(k.name, o.doc -> k.name) FROM unnest(v_key) AS k (name)),
               (o.doc ->> v_group)::bigint, 'delete',
               (SELECT jsonb_object_agg(c.key, CASE WHEN c.key = ANY (v_sensitive) THEN redacted_value(c.value)
                                                    ELSE c.value END) FROM jsonb_each(o.doc) AS c),
               v_actor, session_user, v_correlation, v_reason, v_xid
        FROM (SELECT to_jsonb(r) AS doc FROM old_rows AS r) AS o;

    ELSE
        -- BEFORE TRUNCATE: the rows are still there.  One line says that it happened, one more per row that went.
        EXECUTE format(
            $sql$
            INSERT INTO row_history (table_name, row_key, client_group_id, action, changes, actor, db_role,
                                     correlation_id, reason, transaction_id)
            SELECT $1, (SELECT jsonb_object_agg(k.name, o.doc -> k.name) FROM unnest($2) AS k (name)),
                   (o.doc ->> $3)::bigint, 'truncate',
                   (SELECT jsonb_object_agg(c.key, CASE WHEN c.key = ANY ($4) THEN redacted_value(c.value)
                                                        ELSE c.value END) FROM jsonb_each(o.doc) AS c),
                   $5, session_user, $6, $7, $8
            FROM (SELECT to_jsonb(r) AS doc FROM %I.%I AS r) AS o
            $sql$, TG_TABLE_SCHEMA, TG_TABLE_NAME)
        USING TG_ARGV[0], v_key, v_group, v_sensitive, v_actor, v_correlation, v_reason, v_xid;
        GET DIAGNOSTICS v_rows = ROW_COUNT;
        INSERT INTO row_history (table_name, row_key, action, changes, actor, db_role, correlation_id, reason,
                                 transaction_id)
        VALUES (TG_ARGV[0], '{}', 'truncate', jsonb_build_object('rows', v_rows), v_actor, session_user,
                v_correlation, v_reason, v_xid);
    END IF;
    RETURN NULL;  -- ignored: statement-level
END
$body$;

COMMENT ON FUNCTION record_row_history() IS
    'writes row_history from the transition tables of a statement; arguments: logical name, key, client group column, sensitive columns';
REVOKE ALL ON FUNCTION record_row_history() FROM PUBLIC;
