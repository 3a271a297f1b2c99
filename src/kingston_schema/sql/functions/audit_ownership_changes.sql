-- function audit_ownership_changes()
-- Feeds ownership_audit_log from the lines that a statement left in row_history: one row per real change of
-- ownership_details, before and after, of managed and unmanaged products (which have ids of their own, E-109).  Called by
-- the trigger audit_products_ownership_changes.  cause is links when the document only followed a change of links
-- (rebuild_ownership): then this is the third trigger of a chain, links, products, history.
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
                                     correlation_id, reason, transaction_id, at)
    SELECT l.table_name, l.row_id, l.client_group_id, nullif(l.changes #> '{ownership_details,0}', 'null'),
           nullif(l.changes #> '{ownership_details,1}', 'null'),
           CASE WHEN pg_trigger_depth() > 2 AND current_setting('ownership.cause', true) = 'links'
                THEN 'links' ELSE 'document' END,
           l.actor, l.db_role, l.correlation_id, l.reason, l.transaction_id, l.occurred_at
      FROM lines AS l
     WHERE l.table_name IN ('client_products', 'client_unmanaged_products') AND l.action = 'update'
       AND l.changes #> '{ownership_details,0}' IS DISTINCT FROM l.changes #> '{ownership_details,1}';
    RETURN NULL;  -- ignored: statement-level
END
$body$;

COMMENT ON FUNCTION audit_ownership_changes() IS
    'trigger on row_history: ownership before and after every real change';
REVOKE ALL ON FUNCTION audit_ownership_changes() FROM PUBLIC;
