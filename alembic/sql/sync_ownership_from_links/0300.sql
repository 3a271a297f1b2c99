-- function sync_ownership_from_links()
-- Trigger function, statement-level: after links changed, the products concerned are brought to the new owner sets
-- (rebuild_ownership).  Links without a product concern nobody; an UPDATE that leaves product and owner alone
-- concerns nobody; TRUNCATE concerns every product.
-- SECURITY DEFINER: the Phase 1 application's role needs no right on what Phase 2 added.  Nothing the application
-- does with links is ever refused here: no rule on ownership binds its path (design section 9; E-052, E-131).
-- Called by the triggers of sql/triggers/product_owner_products_ownership.sql.
-- Tests: tests/sql/test_sync_ownership_from_links.py
CREATE OR REPLACE FUNCTION sync_ownership_from_links()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = @schema@, pg_temp
SET jit = off
AS $body$
DECLARE
    v_products bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT n.product_id) INTO v_products FROM new_rows AS n WHERE n.product_id IS NOT NULL;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT o.product_id) INTO v_products FROM old_rows AS o WHERE o.product_id IS NOT NULL;
    ELSIF TG_OP = 'UPDATE' THEN
        SELECT array_agg(DISTINCT c.product_id) INTO v_products
        FROM (
            (SELECT o.product_id, o.product_owner_id FROM old_rows AS o
             EXCEPT ALL SELECT n.product_id, n.product_owner_id FROM new_rows AS n)
            UNION ALL
            (SELECT n.product_id, n.product_owner_id FROM new_rows AS n
             EXCEPT ALL SELECT o.product_id, o.product_owner_id FROM old_rows AS o)
        ) AS c
        WHERE c.product_id IS NOT NULL;
    ELSE
        SELECT array_agg(p.id) INTO v_products FROM client_products AS p;
    END IF;
    IF v_products IS NOT NULL THEN
        PERFORM rebuild_ownership(v_products);
    END IF;
    RETURN NULL;  -- ignored: statement-level
END
$body$;

COMMENT ON FUNCTION sync_ownership_from_links() IS
    'Brings ownership_details of the products whose links a statement changed to their new owner sets';
REVOKE ALL ON FUNCTION sync_ownership_from_links() FROM PUBLIC;
