-- function audit_ownership_changes()
-- Trigger function, row-level: one row in ownership_audit_log per real change of ownership_details, before and after.
-- Trigger arguments: 1 logical table name (managed and unmanaged products have ids of their own, E-109), 2 the column
-- that holds the client group.  cause is links when the document only followed a change of links (rebuild_ownership).
-- Never writes holding_activity_log, which is a ledger of money (E-029, E-159), reads no column the table may lack
-- (E-028), and no missing setting is an error.
-- SECURITY DEFINER: no right on the log is needed, and none is given (E-193).
-- Tests: tests/sql/test_audit_ownership_changes.py
CREATE OR REPLACE FUNCTION audit_ownership_changes()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = @schema@, pg_temp
AS $body$
BEGIN
    INSERT INTO ownership_audit_log (subject_table, subject_id, client_group_id, before, "after", cause, actor, db_role,
                                     correlation_id, reason, transaction_id)
    VALUES (TG_ARGV[0], NEW.id, (to_jsonb(NEW) ->> TG_ARGV[1])::bigint, OLD.ownership_details, NEW.ownership_details,
            CASE WHEN pg_trigger_depth() > 1 AND current_setting('ownership.cause', true) = 'links'
                 THEN 'links' ELSE 'document' END,
            left(coalesce(nullif(current_setting('app.current_user_id', true), ''), session_user), 100), session_user,
            nullif(current_setting('app.correlation_id', true), ''),
            nullif(current_setting('app.justification', true), ''), pg_current_xact_id()::text::bigint);
    RETURN NULL;  -- ignored: AFTER
END
$body$;

COMMENT ON FUNCTION audit_ownership_changes() IS
    'trigger: ownership before and after every real change; arguments: logical table name, column of the client group';
REVOKE ALL ON FUNCTION audit_ownership_changes() FROM PUBLIC;
