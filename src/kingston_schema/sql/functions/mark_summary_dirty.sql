-- function mark_summary_dirty()
-- Notes, once per statement, the client groups whose summaries no longer agree with the tables.
-- Trigger argument: how a changed row leads to its client group:
--   a column of the row (client_group_id, client_id, id), 'portfolio' (the groups whose products have that
--   portfolio) or 'owner' (the groups that owner is a member of: the name is shown there).
-- summary_dirty is only ever appended to here: no unique key, so two sessions that change one client never
-- wait for each other, and no lost mark: refresh_dirty_summaries deletes exactly the marks it has seen.
-- SECURITY DEFINER: the application's role needs no right on summary_dirty.  jit off: the row estimate of a
-- transition table makes the server compile for longer than the statement runs.
-- Called by the triggers summary_dirty_* of every table the summaries read.
-- Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE FUNCTION mark_summary_dirty() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = @schema@, pg_temp
SET jit = off
AS $body$
BEGIN
    IF TG_ARGV[0] = 'client_group_id' THEN
        INSERT INTO summary_dirty (client_group_id)
        SELECT DISTINCT c.client_group_id FROM changed AS c WHERE c.client_group_id IS NOT NULL;
        IF TG_OP = 'UPDATE' THEN
            INSERT INTO summary_dirty (client_group_id)
            SELECT DISTINCT c.client_group_id FROM changed_before AS c WHERE c.client_group_id IS NOT NULL
            EXCEPT SELECT c.client_group_id FROM changed AS c;
        END IF;
    ELSIF TG_ARGV[0] = 'client_id' THEN
        INSERT INTO summary_dirty (client_group_id)
        SELECT DISTINCT c.client_id FROM changed AS c WHERE c.client_id IS NOT NULL;
        IF TG_OP = 'UPDATE' THEN
            INSERT INTO summary_dirty (client_group_id)
            SELECT DISTINCT c.client_id FROM changed_before AS c WHERE c.client_id IS NOT NULL
            EXCEPT SELECT c.client_id FROM changed AS c;
        END IF;
    ELSIF TG_ARGV[0] = 'id' THEN
        INSERT INTO summary_dirty (client_group_id) SELECT c.id FROM changed AS c;
    ELSIF TG_ARGV[0] = 'portfolio' THEN
        INSERT INTO summary_dirty (client_group_id)
        SELECT DISTINCT p.client_id
        FROM changed AS c
        JOIN client_products AS p ON p.portfolio_id = c.portfolio_id
        WHERE p.client_id IS NOT NULL;
        IF TG_OP = 'UPDATE' THEN
            INSERT INTO summary_dirty (client_group_id)
            SELECT DISTINCT p.client_id
            FROM (SELECT b.portfolio_id FROM changed_before AS b EXCEPT SELECT c.portfolio_id FROM changed AS c) AS b
            JOIN client_products AS p ON p.portfolio_id = b.portfolio_id
            WHERE p.client_id IS NOT NULL;
        END IF;
    ELSIF TG_ARGV[0] = 'owner' THEN
        INSERT INTO summary_dirty (client_group_id)
        SELECT DISTINCT l.client_group_id
        FROM changed AS c
        JOIN changed_before AS b ON b.id = c.id
        JOIN client_group_product_owners AS l ON l.product_owner_id = c.id
        WHERE l.client_group_id IS NOT NULL
          AND (c.known_as, c.firstname, c.surname) IS DISTINCT FROM (b.known_as, b.firstname, b.surname);
    END IF;
    RETURN NULL;  -- ignored: statement-level
END
$body$;
COMMENT ON FUNCTION mark_summary_dirty() IS
    'notes the client groups a statement touched, for refresh_dirty_summaries; the argument says how a row leads to its group';
REVOKE ALL ON FUNCTION mark_summary_dirty() FROM PUBLIC;
