-- function sync_links_from_ownership()
-- Trigger function, row-level: after ownership_details was written, the links of the product are brought to its owner
-- set.  Links of owners who stay are not touched, however often they are repeated, nor half-null ones;
-- links of others go; missing ones are inserted (joint owners in the order of joint_owners, others by id).
-- One statement, so that the link triggers behind it see the final state and find nothing to do: neither direction
-- can set off the other again.  An id that no owner has is refused by the link's foreign key (E-052).  A value that is no
-- ownership document at all (NULL, {}, an unknown type) says nothing about owners and leaves the links alone; the rules
-- of phase 5 refuse it.
-- This writer holds its product and may not wait for anything that a portal request holds, because requests take links
-- first and products after them: links somebody else is changing end it at once, an owner who is being deleted after
-- 400 ms, with 55P03, try again.  So a deadlock never hits the portal (deadlock_timeout is a second), and a migration that
-- holds the links for one of its short moments does not end it.
-- SECURITY DEFINER for roles that may write products and not links.
-- Called by the triggers of sql/triggers/client_products_owner_links.sql.
-- Tests: tests/sql/test_sync_links_from_ownership.py
CREATE OR REPLACE FUNCTION sync_links_from_ownership()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = @schema@, pg_temp
SET lock_timeout = '400ms'
AS $body$
DECLARE
    v_owners bigint[];
BEGIN
    IF jsonb_typeof(NEW.ownership_details) IS DISTINCT FROM 'object'
       OR coalesce(NEW.ownership_details ->> 'association_type', '')
          NOT IN ('individual', 'tenants_in_common', 'joint_ownership') THEN
        RETURN NULL;
    END IF;
    v_owners := ownership_owner_ids(NEW.ownership_details);
    IF v_owners = ARRAY(SELECT DISTINCT l.product_owner_id FROM product_owner_products AS l
                        WHERE l.product_id = NEW.id AND l.product_owner_id > 0 ORDER BY 1) THEN
        RETURN NULL;  -- shares only, or the links were there first
    END IF;
    PERFORM 1 FROM product_owner_products AS l
     WHERE l.product_id = NEW.id AND l.product_owner_id > 0 AND l.product_owner_id <> ALL (v_owners)
       FOR UPDATE NOWAIT;
    WITH wanted AS MATERIALIZED (
        SELECT s.product_owner_id AS id,
               CASE WHEN s.is_equal_split
                    THEN jsonb_path_query_first(NEW.ownership_details, '$.joint_owners') END AS joint
        FROM ownership_shares(NEW.ownership_details) AS s
    ), gone AS (
        DELETE FROM product_owner_products AS l
        WHERE l.product_id = NEW.id AND l.product_owner_id > 0
          AND NOT EXISTS (SELECT 1 FROM wanted AS w WHERE w.id = l.product_owner_id)
    )
    INSERT INTO product_owner_products (product_id, product_owner_id)
    SELECT NEW.id, w.id
    FROM wanted AS w
    WHERE NOT EXISTS (SELECT 1 FROM product_owner_products AS l
                      WHERE l.product_id = NEW.id AND l.product_owner_id = w.id)
    ORDER BY (SELECT min(j.place) FROM jsonb_array_elements(w.joint) WITH ORDINALITY AS j (value, place)
              WHERE j.value = to_jsonb(w.id)), w.id;
    RETURN NULL;
END
$body$;

COMMENT ON FUNCTION sync_links_from_ownership() IS
    'Brings the links of a product to the owner set of the ownership_details just written';
REVOKE ALL ON FUNCTION sync_links_from_ownership() FROM PUBLIC;
