-- function rebuild_ownership(bigint[])
-- Bring client_products.ownership_details of the given products to the owner set of their links.  A document whose
-- owner set is that of the links already is left alone, with the shares somebody edited; so a product is rewritten
-- only when its owners really changed.  Returns how many were.
-- Where this product had exactly these owners before and somebody had edited their shares, the edited document comes
-- back from ownership_memory: the portal saves owners by deleting all links and inserting them one by one, each
-- committed alone (legacy schema 6.2 row 14).  Otherwise shares are equal (ownership_from_links).  An edited document is
-- remembered before it is replaced; a remembered one that the rules of phase 5 would refuse is passed over.
-- Concurrency: the products are locked first, in the order of their ids; what was committed by whoever held a lock
-- before is seen by the statement after it, so two writers cannot lose one another's link.
-- One look-up of links per product, whatever their number (OFFSET 0 keeps it so): a join of both sets is planned for a
-- handful of products and takes quadratic time for thousands.
-- ownership.cause tells the audit of phase 5 why the document changes.
-- Called by sync_ownership_from_links and the fill, never by an application.
-- Tests: tests/sql/test_sync_ownership_from_links.py
CREATE OR REPLACE FUNCTION rebuild_ownership(p_products bigint[])
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = @schema@, pg_temp
SET jit = off
AS $body$
DECLARE
    v_rows integer;
    v_before text := coalesce(current_setting('ownership.cause', true), '');
BEGIN
    -- Not a SET clause: a role that is no superuser may not put a setting of its own into a function.
    PERFORM set_config('ownership.cause', 'links', true);
    PERFORM 1 FROM client_products AS p WHERE p.id = ANY (p_products) ORDER BY p.id FOR NO KEY UPDATE;
    WITH compared AS MATERIALIZED (
        SELECT p.id, p.ownership_details AS stated, ownership_owner_ids(p.ownership_details) AS stated_owners,
               coalesce(l.owner_set, '{}') AS linked_owners,
               coalesce(l.ownership_details,
                        '{"association_type": "individual", "note": "no_previous_ownership"}') AS linked
        FROM client_products AS p
        LEFT JOIN LATERAL (SELECT f.owner_set, f.ownership_details FROM ownership_from_links AS f
                           WHERE f.product_id = p.id OFFSET 0) AS l ON true
        WHERE p.id = ANY (p_products)
    ), changed AS MATERIALIZED (
        SELECT c.id, c.stated, c.stated_owners, coalesce(m.ownership_details, c.linked) AS ownership
        FROM compared AS c
        LEFT JOIN LATERAL (
            SELECT r.ownership_details FROM ownership_memory AS r
            WHERE r.product_id = c.id AND r.owner_ids = c.linked_owners
              AND r.ownership_details <> '{}' AND validate_ownership_percentages_precise(r.ownership_details)
            ORDER BY r.saved_at DESC, r.id DESC LIMIT 1
        ) AS m ON true
        WHERE c.stated IS NULL OR c.stated_owners <> c.linked_owners
    ), superseded AS (
        DELETE FROM ownership_memory AS r USING changed AS c
        WHERE r.product_id = c.id AND r.owner_ids = c.stated_owners AND c.stated IS NOT NULL
    ), remembered AS (
        INSERT INTO ownership_memory (product_id, owner_ids, ownership_details)
        SELECT c.id, c.stated_owners, c.stated FROM changed AS c
        WHERE c.stated IS NOT NULL AND NOT is_assumed_ownership(c.stated)
    )
    UPDATE client_products AS p SET ownership_details = c.ownership FROM changed AS c WHERE p.id = c.id;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    PERFORM set_config('ownership.cause', v_before, true);
    RETURN v_rows;
END
$body$;

COMMENT ON FUNCTION rebuild_ownership(bigint[]) IS
    'Bring ownership_details of products to the owner set of their links; edited shares of that set come back from ownership_memory';
REVOKE ALL ON FUNCTION rebuild_ownership(bigint[]) FROM PUBLIC;
