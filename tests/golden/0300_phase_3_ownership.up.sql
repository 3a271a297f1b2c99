SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_3_ownership';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_2 -> phase_3_ownership

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_product_owner_products_product__building;

SELECT kingston.index_intended('idx_product_owner_products_product', 'product_owner_products', 'CREATE INDEX CONCURRENTLY idx_product_owner_products_product__building ON product_owner_products USING btree (product_id) INCLUDE (product_owner_id)');

CREATE INDEX CONCURRENTLY idx_product_owner_products_product__building ON product_owner_products USING btree (product_id) INCLUDE (product_owner_id);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_product_owner_products_product', 'idx_product_owner_products_product__building');

BEGIN;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('ownership_memory') THEN
    CREATE TABLE ownership_memory (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      product_id BIGINT NOT NULL,
      owner_ids BIGINT[] NOT NULL,
      ownership_details JSONB NOT NULL,
      saved_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
      CONSTRAINT ownership_memory_pkey PRIMARY KEY (id)
    );
    CREATE INDEX idx_ownership_memory_product ON ownership_memory (product_id);
    COMMENT ON TABLE ownership_memory IS 'Edited ownership documents by product and owner set, for when these owners come back';
    COMMENT ON COLUMN ownership_memory.owner_ids IS 'Owner set, ascending';
    COMMENT ON COLUMN ownership_memory.ownership_details IS 'The document as somebody left it';
  END IF;
END $kingston$;

SELECT kingston.add_foreign_key('ownership_memory', 'fk_ownership_memory_product',
  'FOREIGN KEY (product_id) REFERENCES client_products (id) ON DELETE CASCADE', 'client_products');

COMMIT;

SELECT kingston.quarantine_orphans('ownership_memory', 'fk_ownership_memory_product');

SELECT kingston.validate_constraint('ownership_memory', 'fk_ownership_memory_product');

BEGIN;

-- procedure kingston.check_ownership_column()
-- Refuses a portal whose client_products has an ownership_details of its own that is not jsonb: nothing could keep it in
-- step with the links.  Run before anything is changed.
-- Called by op.backfill in revision phase_3_ownership.  Tests: tests/revisions/test_phase_3_ownership.py
CREATE OR REPLACE PROCEDURE kingston.check_ownership_column()
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $procedure$
DECLARE
    v_type text;
BEGIN
    SELECT format_type(a.atttypid, a.atttypmod) INTO v_type
      FROM pg_attribute AS a
     WHERE a.attrelid = 'client_products'::regclass AND a.attname = 'ownership_details' AND NOT a.attisdropped;
    IF v_type <> 'jsonb' THEN
        RAISE EXCEPTION 'client_products has a column ownership_details of type %, jsonb is needed', v_type
            USING ERRCODE = 'KS003',
                  HINT = 'ALTER TABLE client_products ALTER COLUMN ownership_details TYPE jsonb USING ownership_details::jsonb;'
                         ' or rename it, then run the same command again; nothing was changed';
    END IF;
END
$procedure$;

SELECT kingston.give_back_grants('procedure', 'kingston.check_ownership_column()');

-- function validate_ownership_percentages_precise(jsonb)
-- validate_ownership_percentages, and no share has more than two decimals (E-094).  The rules are in
-- validate_ownership_shares.
-- A body bound when it is created, so that a restored dump finds what it calls (E-097); inlined into rules.
-- Tests: tests/sql/test_validate_ownership_percentages.py
CREATE OR REPLACE FUNCTION validate_ownership_percentages_precise(p_ownership jsonb)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN validate_ownership_shares(p_ownership, true);

COMMENT ON FUNCTION validate_ownership_percentages_precise(jsonb) IS
    'As validate_ownership_percentages, and no share has more than two decimals; false for anything else, NULL included';

SELECT kingston.give_back_grants('function', 'validate_ownership_percentages_precise(jsonb)');

-- function explain_ownership(jsonb)
-- What is wrong with an ownership document, in words, for people and reports; NULL when nothing is.  It says
-- why validate_ownership_details or validate_ownership_percentages_precise refuse a document: the rules
-- themselves stay silent (E-095).  Never an error.  No query per row is needed here, so it may take its time.
-- Tests: tests/sql/test_explain_ownership.py
CREATE OR REPLACE FUNCTION explain_ownership(p_ownership jsonb)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp
AS $body$
    SELECT CASE
        WHEN p_ownership IS NULL THEN 'ownership is missing'
        WHEN jsonb_typeof(p_ownership) <> 'object'
            THEN format('ownership must be a JSON object, not %s', jsonb_typeof(p_ownership))
        WHEN p_ownership = '{}' THEN NULL
        WHEN octet_length(p_ownership::text) > 8192
            THEN format('the document has %s bytes, at most 8192 are allowed', octet_length(p_ownership::text))
        WHEN NOT p_ownership ? 'association_type' THEN 'association_type is missing'
        WHEN coalesce(p_ownership ->> 'association_type', '')
             NOT IN ('individual', 'tenants_in_common', 'joint_ownership')
            THEN format('association_type %s is unknown: individual, tenants_in_common or joint_ownership',
                        p_ownership -> 'association_type')
        WHEN d.bad_key IS NOT NULL
            THEN format('"%s" is not the id of an owner: a whole number from 1 without leading zeros', d.bad_key)
        WHEN p_ownership ->> 'association_type' = 'joint_ownership' AND d.owners > 0
            THEN 'joint_ownership carries its owners in joint_owners, not as shares'
        WHEN p_ownership ->> 'association_type' = 'joint_ownership'
             AND NOT validate_ownership_percentages(p_ownership)
            THEN 'joint_ownership needs joint_owners: an array of two or more different owner ids'
        WHEN p_ownership ->> 'association_type' = 'joint_ownership' THEN NULL
        WHEN d.not_number IS NOT NULL
            THEN format('the share of owner %s is not a number: %s', d.not_number,
                        p_ownership -> d.not_number)
        WHEN p_ownership ->> 'association_type' = 'individual' AND d.owners > 1
            THEN format('individual ownership has one owner, not %s', d.owners)
        WHEN p_ownership ->> 'association_type' = 'individual' AND d.owners = 0 THEN NULL
        WHEN d.owners = 0 THEN 'tenants_in_common needs at least one owner with a share'
        WHEN d.out_of_range IS NOT NULL AND d.owners > 1
            THEN format('the share of owner %s is not between 0 and 100: %s', d.out_of_range,
                        p_ownership -> d.out_of_range)
        WHEN d.total NOT BETWEEN 99.99 AND 100.01
            THEN format('the shares add up to %s instead of 100 (99.99 to 100.01 are accepted)', d.total)
        WHEN d.out_of_range IS NOT NULL AND p_ownership ->> 'association_type' <> 'individual'
            THEN format('the share of owner %s is not between 0 and 100: %s', d.out_of_range,
                        p_ownership -> d.out_of_range)
        WHEN d.too_fine IS NOT NULL
            THEN format('the share of owner %s has more than two decimals: %s', d.too_fine,
                        p_ownership -> d.too_fine)
        END
    FROM (
        SELECT count(*) AS owners,
               min(e.key) FILTER (WHERE e.key LIKE '0%' OR lpad(e.key, 19, '0') > '9223372036854775807'
                                     OR length(e.key) > 19) AS bad_key,
               min(e.key) FILTER (WHERE e.share IS NULL) AS not_number,
               min(e.key) FILTER (WHERE e.share NOT BETWEEN 0 AND 100) AS out_of_range,
               min(e.key) FILTER (WHERE round(e.share, 2) <> e.share) AS too_fine,
               sum(e.share) AS total
        FROM (SELECT p.key COLLATE "C" AS key,
                     CASE WHEN jsonb_typeof(p.value) = 'number' THEN p.value::numeric END AS share
              FROM jsonb_each(CASE WHEN jsonb_typeof(p_ownership) = 'object' THEN p_ownership ELSE '{}' END) AS p
              WHERE p.key ~ '^[0-9]+$') AS e
    ) AS d
$body$;

COMMENT ON FUNCTION explain_ownership(jsonb) IS
    'What is wrong with an ownership document, in words; NULL when nothing is';

SELECT kingston.give_back_grants('function', 'explain_ownership(jsonb)');

-- function ownership_shares(jsonb)
-- An ownership document as rows: one per owner with the share in per cent.  Joint owners carry no shares; for
-- reporting they get equal ones (largest remainder in hundredths, in the order of joint_owners, adding up to
-- exactly 100) and is_equal_split says so (E-064).  Keys that are no owner ids, unknown types, {} and NULL give no
-- row; a share that is not a number gives NULL.  Never an error, whatever the document (E-092).
-- Used by product_ownership, the triggers and the summaries.  One SELECT over pg_catalog objects only, without a SET
-- clause, so that it is inlined into the query that calls it.
-- Tests: tests/sql/test_ownership_shares.py
CREATE OR REPLACE FUNCTION ownership_shares(p_ownership jsonb)
RETURNS TABLE (product_owner_id bigint, percentage numeric, is_equal_split boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 2
AS $body$
    SELECT k.id, k.share, false
    FROM (
        SELECT CASE WHEN e.key ~ '^[1-9][0-9]{0,18}$' THEN
                   CASE WHEN e.key::numeric <= 9223372036854775807 THEN e.key::bigint END END AS id,
               CASE WHEN jsonb_typeof(e.value) = 'number' THEN e.value::numeric END AS share
        FROM jsonb_each(CASE WHEN jsonb_typeof(p_ownership) = 'object'
                              AND p_ownership ->> 'association_type' IN ('individual', 'tenants_in_common')
                             THEN p_ownership ELSE '{}'::jsonb END) AS e
    ) AS k
    WHERE k.id IS NOT NULL
    UNION ALL
    SELECT j.id,
           ((10000 / j.owners + (j.place <= 10000 % j.owners)::integer)::numeric / 100)::numeric(5, 2),
           true
    FROM (
        SELECT d.id, row_number() OVER (ORDER BY d.place) AS place, count(*) OVER () AS owners
        FROM (
            SELECT o.id, min(o.place) AS place
            FROM (
                SELECT CASE WHEN a.value::text ~ '^[1-9][0-9]{0,18}$' THEN
                           CASE WHEN a.value::text::numeric <= 9223372036854775807 THEN a.value::text::bigint END
                       END AS id, a.place
                FROM jsonb_array_elements(CASE WHEN jsonb_typeof(p_ownership) = 'object'
                                                AND p_ownership ->> 'association_type' = 'joint_ownership'
                                                AND jsonb_typeof(p_ownership -> 'joint_owners') = 'array'
                                               THEN p_ownership -> 'joint_owners' ELSE '[]'::jsonb END)
                    WITH ORDINALITY AS a (value, place)
            ) AS o
            WHERE o.id IS NOT NULL
            GROUP BY o.id
        ) AS d
    ) AS j
$body$;

COMMENT ON FUNCTION ownership_shares(jsonb) IS
    'Owners of an ownership document with their shares in per cent; joint owners with equal shares, flagged';

SELECT kingston.give_back_grants('function', 'ownership_shares(jsonb)');

-- function ownership_owner_ids(jsonb)
-- The owner set of an ownership document: distinct ids in ascending order, {} when it names nobody.  What the
-- links of a product are compared with; see ownership_shares for what counts as an owner.
-- PL/pgSQL, which keeps its plan for the session: an SQL function is planned anew in every statement (0.4 ms).
-- Tests: tests/sql/test_ownership_shares.py
CREATE OR REPLACE FUNCTION ownership_owner_ids(p_ownership jsonb)
RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = public, pg_temp
AS $body$
BEGIN
    RETURN (SELECT coalesce(array_agg(s.product_owner_id ORDER BY s.product_owner_id), '{}')
            FROM ownership_shares(p_ownership) AS s);
END
$body$;

COMMENT ON FUNCTION ownership_owner_ids(jsonb) IS 'Owner ids of an ownership document, ascending';

SELECT kingston.give_back_grants('function', 'ownership_owner_ids(jsonb)');

-- function is_assumed_ownership(jsonb)
-- Is this document only what the links say, with nothing that anybody decided: the note no_previous_ownership, one
-- owner with 100, or several owners in equal shares under the note equal_split_assumed.  Such a document can be
-- made again from the links at any time; every other one is an edit and is remembered (ownership_memory).
-- PL/pgSQL, which keeps its plan for the session: an SQL function is planned anew in every statement.
-- Tests: tests/sql/test_ownership_shares.py
CREATE OR REPLACE FUNCTION is_assumed_ownership(p_ownership jsonb)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = public, pg_temp
AS $body$
DECLARE
    v_owners bigint;
    v_keys bigint;
    v_total numeric;
    v_spread numeric;
BEGIN
    IF p_ownership = '{"association_type": "individual", "note": "no_previous_ownership"}' THEN
        RETURN true;
    ELSIF jsonb_typeof(p_ownership) IS DISTINCT FROM 'object' THEN
        RETURN false;
    END IF;
    SELECT count(*), sum(s.percentage), max(s.percentage) - min(s.percentage)
      INTO v_owners, v_total, v_spread
      FROM ownership_shares(p_ownership) AS s;
    SELECT count(*) INTO v_keys FROM jsonb_object_keys(p_ownership);
    RETURN coalesce(CASE p_ownership ->> 'association_type'
        WHEN 'individual' THEN v_owners = 1 AND v_keys = 2 AND v_total = 100
        WHEN 'tenants_in_common' THEN p_ownership ->> 'note' = 'equal_split_assumed' AND v_owners > 1
                                      AND v_keys = v_owners + 2 AND v_total = 100 AND v_spread <= 0.01
        END, false);
END
$body$;

COMMENT ON FUNCTION is_assumed_ownership(jsonb) IS
    'True for a document that only repeats the links (equal shares under the note equal_split_assumed, one owner, or none)';

SELECT kingston.give_back_grants('function', 'is_assumed_ownership(jsonb)');

-- view ownership_from_links
-- What the links alone say about each product that has at least one usable link: its owners in the order in which
-- they were linked (created_at, then id), the same ids ascending, and the ownership document made from them.
-- Owners count once however often they are linked (E-047); half-null links say nothing.  The links carry no shares,
-- so several owners get equal ones by largest remainder in hundredths, earliest owners first, adding up to exactly
-- 100.00 (E-048), under the note equal_split_assumed (E-049).
-- The one definition for the fill, the trigger and the reconciliation: a view, so that it is always inlined and a
-- condition on product_id reaches the links.  One and two owners are written out, because text is twice as fast.
-- Tests: tests/sql/test_ownership_from_links.py
CREATE OR REPLACE VIEW ownership_from_links AS
SELECT o.product_id,
       o.owner_ids,
       o.owner_set,
       (CASE cardinality(o.owner_ids)
        WHEN 1 THEN '{"association_type": "individual", "' || o.owner_ids[1] || '": 100.00}'
        WHEN 2 THEN '{"association_type": "tenants_in_common", "note": "equal_split_assumed", "'
                    || o.owner_ids[1] || '": 50.00, "' || o.owner_ids[2] || '": 50.00}'
        ELSE '{"association_type": "tenants_in_common", "note": "equal_split_assumed"'
             || (SELECT string_agg(format(', "%s": %s', e.id,
                                          ((10000 / cardinality(o.owner_ids)
                                            + (e.place <= 10000 % cardinality(o.owner_ids))::integer)::numeric
                                           / 100)::numeric(5, 2)), '')
                 FROM unnest(o.owner_ids) WITH ORDINALITY AS e (id, place)) || '}'
        END)::jsonb AS ownership_details
FROM (
    SELECT f.product_id,
           array_agg(f.product_owner_id ORDER BY f.first_at, f.first_link) AS owner_ids,
           array_agg(f.product_owner_id ORDER BY f.product_owner_id) AS owner_set
    FROM (
        SELECT l.product_id, l.product_owner_id, min(l.created_at) AS first_at, min(l.id) AS first_link
        FROM product_owner_products AS l
        WHERE l.product_id IS NOT NULL AND l.product_owner_id > 0
        GROUP BY l.product_id, l.product_owner_id
    ) AS f
    GROUP BY f.product_id
) AS o;

COMMENT ON VIEW ownership_from_links IS
    'Ownership as the links alone tell it: owners in the order they were linked, equal shares adding up to 100.00';

SELECT kingston.give_back_grants('view', 'ownership_from_links');

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
SET search_path = public, pg_temp
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

SELECT kingston.give_back_grants('function', 'rebuild_ownership(bigint[])');

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
SET search_path = public, pg_temp
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

SELECT kingston.give_back_grants('function', 'sync_ownership_from_links()');

-- function kingston.settle_archived_ownership(bigint, bigint)
-- Archived ownership documents of products with p_after < id <= p_upto find their end (design section 7: the latest write
-- wins, the other value is kept with a reason).  For each of them:
--   restored     the links still name the same owners and nobody wrote the document since: it comes back exactly
--   quarantined  the product is gone, or its owners changed below, or a newer document was written; the archived one
--                stays where it is with the reason.  Shares that somebody had edited also go to ownership_memory, so
--                that they return if the product ever has exactly these owners again.
-- Products left without a document by a quarantine are rebuilt from their links at once (rebuilt).
-- One statement decides and acts; a product somebody writes at the same moment is passed over and decided next time.
-- Called by fill_ownership.  Tests: tests/revisions/test_phase_3_ownership.py
CREATE OR REPLACE FUNCTION kingston.settle_archived_ownership(
    p_after bigint, p_upto bigint, OUT restored bigint, OUT quarantined bigint, OUT rebuilt bigint
)
LANGUAGE plpgsql
SET search_path = public, pg_temp
SET jit = off
SET enable_nestloop = off  -- the archive has no statistics: a nested loop would compute all links once per product
AS $function$
DECLARE
    v_bare bigint[];
BEGIN
    WITH pending AS (
        SELECT a.id, a.ownership_details AS archived, p.id IS NULL AS gone, p.ownership_details AS live,
               coalesce(l.owner_set, '{}') AS linked,
               CASE WHEN a.ownership_details = l.ownership_details THEN l.owner_set
                    ELSE ownership_owner_ids(a.ownership_details) END AS owners
        FROM kingston_archive.client_products__phase_3_ownership AS a
        LEFT JOIN client_products AS p ON p.id = a.id AND p.id > p_after AND p.id <= p_upto
        LEFT JOIN (SELECT f.product_id, f.owner_set, f.ownership_details FROM ownership_from_links AS f
                   WHERE f.product_id > p_after AND f.product_id <= p_upto) AS l ON l.product_id = a.id
        WHERE a.quarantined_at IS NULL AND a.id > p_after AND a.id <= p_upto
    ), decided AS MATERIALIZED (
        SELECT w.*,
               CASE WHEN w.gone THEN 'the product was deleted from client_products below'
                    WHEN w.live = w.archived THEN NULL
                    WHEN w.owners <> w.linked
                        THEN format('the owners were changed below: archived %s, now %s', w.owners, w.linked)
                    WHEN w.live IS NOT NULL AND NOT is_assumed_ownership(w.live)
                        THEN 'a newer document was written before this one came back'
               END AS reason
        FROM pending AS w
    ), back AS (
        UPDATE client_products AS p SET ownership_details = d.archived
        FROM decided AS d
        WHERE p.id = d.id AND p.id > p_after AND p.id <= p_upto AND d.reason IS NULL
          AND d.live IS DISTINCT FROM d.archived AND p.ownership_details IS NOT DISTINCT FROM d.live
        RETURNING p.id
    ), settled AS (
        DELETE FROM kingston_archive.client_products__phase_3_ownership AS a
        USING (SELECT d.id FROM decided AS d WHERE d.reason IS NULL AND d.live = d.archived
               UNION ALL SELECT b.id FROM back AS b) AS n
        WHERE a.id = n.id AND a.quarantined_at IS NULL
        RETURNING a.id
    ), kept AS (
        UPDATE kingston_archive.client_products__phase_3_ownership AS a
           SET quarantined_at = clock_timestamp(), reason = d.reason
        FROM decided AS d
        WHERE a.id = d.id AND a.quarantined_at IS NULL AND d.reason IS NOT NULL
        RETURNING a.id
    ), remembered AS (
        INSERT INTO ownership_memory (product_id, owner_ids, ownership_details)
        SELECT d.id, d.owners, d.archived
        FROM decided AS d
        WHERE d.reason IS NOT NULL AND NOT d.gone AND d.owners <> d.linked AND NOT is_assumed_ownership(d.archived)
          AND NOT EXISTS (SELECT 1 FROM ownership_memory AS m WHERE m.product_id = d.id AND m.owner_ids = d.owners)
    )
    SELECT (SELECT count(*) FROM settled), (SELECT count(*) FROM kept),
           (SELECT array_agg(d.id) FROM decided AS d
             WHERE d.reason IS NOT NULL AND NOT d.gone AND d.live IS NULL)
      INTO restored, quarantined, v_bare;
    rebuilt := coalesce(rebuild_ownership(v_bare), 0);
END
$function$;

SELECT kingston.give_back_grants('function', 'kingston.settle_archived_ownership(bigint, bigint)');

-- procedure kingston.restore_ownership()
-- Archived ownership documents come back or are quarantined with a reason (settle_archived_ownership), in the order of their
-- ids, 2,000 to a committed batch.  A batch that meets a row somebody holds for more than 50 ms is done later.
-- What is settled has left the pending part of the archive in the same transaction, so a crash resumes by itself.
-- Called by fill_ownership where the archive holds such documents.  Tests: tests/revisions/test_phase_3_ownership.py
CREATE OR REPLACE PROCEDURE kingston.restore_ownership()
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_cap CONSTANT interval := interval '60 seconds';
    c_archive CONSTANT text := 'client_products__phase_3_ownership';
    v_after bigint;
    v_upto bigint;
    v_settled record;
    v_restored bigint := 0;
    v_quarantined bigint := 0;
    v_rebuilt bigint := 0;
    v_progress timestamptz := clock_timestamp();
BEGIN
    LOOP
        v_after := -9223372036854775808;
        LOOP
            SELECT max(n.id) INTO v_upto
            FROM (SELECT a.id FROM kingston_archive.client_products__phase_3_ownership AS a
                  WHERE a.quarantined_at IS NULL AND a.id > v_after ORDER BY a.id LIMIT 2000) AS n;
            EXIT WHEN v_upto IS NULL;
            PERFORM set_config('lock_timeout', '50ms', true);
            BEGIN
                SELECT s.restored, s.quarantined, s.rebuilt INTO v_settled
                FROM kingston.settle_archived_ownership(v_after, v_upto) AS s;
                IF v_settled.restored + v_settled.quarantined > 0 THEN
                    v_restored := v_restored + v_settled.restored;
                    v_quarantined := v_quarantined + v_settled.quarantined;
                    v_rebuilt := v_rebuilt + v_settled.rebuilt;
                    v_progress := clock_timestamp();
                    UPDATE kingston.backfill_progress AS b
                       SET done = least(b.total, b.done + v_settled.restored + v_settled.rebuilt),
                           updated_at = clock_timestamp()
                     WHERE b.step = 'fill_ownership';
                END IF;
            EXCEPTION WHEN lock_not_available THEN
                NULL;  -- the next round
            END;
            COMMIT;
            v_after := v_upto;
        END LOOP;
        EXIT WHEN NOT EXISTS (SELECT 1 FROM kingston_archive.client_products__phase_3_ownership AS a
                              WHERE a.quarantined_at IS NULL);
        IF clock_timestamp() - v_progress > c_cap THEN
            RAISE EXCEPTION 'products with archived ownership have been held by other transactions for %', c_cap
                USING ERRCODE = '55P03', HINT = 'end the transactions that hold them and run the same command again';
        END IF;
        PERFORM pg_sleep(0.05);
    END LOOP;
    IF v_restored > 0 THEN
        PERFORM kingston.log_movement('restored', 'client_products', c_archive, ARRAY['ownership_details'], v_restored);
    END IF;
    IF v_rebuilt > 0 THEN
        PERFORM kingston.log_movement('filled', 'client_products', NULL, ARRAY['ownership_details'], v_rebuilt);
    END IF;
    IF v_quarantined > 0 THEN
        PERFORM kingston.log_movement('quarantined', 'client_products', c_archive, ARRAY['ownership_details'],
                                       v_quarantined, 'the product or its owners changed below');
    END IF;
    COMMIT;
END
$procedure$;

SELECT kingston.give_back_grants('procedure', 'kingston.restore_ownership()');

-- function kingston.fill_ownership_in_place()
-- Fill a small client_products in one step under the lock budget: the table is rewritten as it lies, so rows read without
-- ORDER BY come in the same order as before, which answers of the Phase 1 application follow (promise P3).  All documents
-- travel as one JSON object inside the statement, the fastest way to look one up per row.
-- Under the lock nobody can be half-way through a change of links: whoever changed one has read client_products.
-- filled: products whose document was made from their links; restored: those that got their archived one, which is removed
-- from the archive by settle_archived_ownership afterwards.  Both NULL, and nothing done, where something of the portal's own
-- (a view, a trigger) stands on the column, so that it cannot be rewritten.
-- Called by fill_ownership.  Tests: tests/revisions/test_phase_3_ownership.py
CREATE OR REPLACE FUNCTION kingston.fill_ownership_in_place(OUT filled bigint, OUT restored bigint)
LANGUAGE plpgsql
SET search_path = public, pg_temp
SET jit = off
SET enable_nestloop = off  -- nothing is known about a new column: a nested loop would compute all links once per product
AS $function$
DECLARE
    v_archived jsonb;
    v_documents jsonb;
BEGIN
    IF to_regclass('kingston_archive.client_products__phase_3_ownership') IS NOT NULL THEN
        SELECT jsonb_object_agg(a.id, a.ownership_details) INTO v_archived
        FROM kingston_archive.client_products__phase_3_ownership AS a WHERE a.quarantined_at IS NULL;
    END IF;
    PERFORM kingston.take_locks(ARRAY['client_products']);
    SELECT jsonb_object_agg(n.id, coalesce(n.archived, n.remembered, n.linked,
                                           '{"association_type": "individual", "note": "no_previous_ownership"}')),
           count(*) FILTER (WHERE n.archived IS NULL), count(n.archived)
      INTO v_documents, filled, restored
      FROM (
        SELECT p.id, l.ownership_details AS linked,
               CASE WHEN v_archived -> p.id::text IS NULL THEN NULL
                    WHEN v_archived -> p.id::text = l.ownership_details
                      OR ownership_owner_ids(v_archived -> p.id::text) = coalesce(l.owner_set, '{}')
                    THEN v_archived -> p.id::text END AS archived,
               (SELECT r.ownership_details FROM ownership_memory AS r
                 WHERE r.product_id = p.id AND r.owner_ids = coalesce(l.owner_set, '{}')
                   AND r.ownership_details <> '{}' AND validate_ownership_percentages_precise(r.ownership_details)
                 ORDER BY r.saved_at DESC, r.id DESC LIMIT 1) AS remembered
        FROM client_products AS p
        LEFT JOIN ownership_from_links AS l ON l.product_id = p.id
        WHERE p.ownership_details IS NULL
    ) AS n;
    BEGIN
        EXECUTE format('ALTER TABLE client_products ALTER COLUMN ownership_details TYPE jsonb'
                       ' USING coalesce(ownership_details, %L::jsonb -> id::text)', v_documents);
    EXCEPTION WHEN feature_not_supported THEN
        filled := NULL;
        restored := NULL;
    END;
END
$function$;

SELECT kingston.give_back_grants('function', 'kingston.fill_ownership_in_place()');

-- function kingston.fill_ownership_range(bigint, bigint, boolean)
-- The documents of the products without one behind p_after and up to p_upto, made from their links; how many it wrote.
-- Five of eight products (p_moving) or the other three: the new versions of the five go to other pages with an entry in
-- every index.  Once that is committed and nobody sees the old versions any more, their space is free for the three, whose
-- versions then stay on the page and touch no index (HOT): a quarter less work than all at once.
-- A product that somebody holds for more than 50 ms is left: the free ones of the range are filled, the others in the next
-- pass.  Both ends of the range stand on every side of the joins: otherwise each range becomes a scan of the table.
-- Called by fill_ownership_batches.  Tests: tests/revisions/test_phase_3_ownership_workers.py
CREATE OR REPLACE FUNCTION kingston.fill_ownership_range(p_after bigint, p_upto bigint, p_moving boolean) RETURNS bigint
LANGUAGE plpgsql
SET search_path = public, pg_temp
SET jit = off
SET plan_cache_mode = force_custom_plan
AS $function$
DECLARE
    v_rows bigint;
    v_free bigint[];
BEGIN
    PERFORM set_config('lock_timeout', '50ms', true);
    UPDATE client_products AS p SET ownership_details = n.ownership
    FROM (SELECT q.id, coalesce(l.ownership_details,
                                '{"association_type": "individual", "note": "no_previous_ownership"}') AS ownership
          FROM client_products AS q
          LEFT JOIN (SELECT f.product_id, f.ownership_details FROM ownership_from_links AS f
                     WHERE f.product_id > p_after AND f.product_id <= p_upto
                       AND (f.product_id % 8 < 5) = p_moving) AS l ON l.product_id = q.id
          WHERE q.id > p_after AND q.id <= p_upto AND q.ownership_details IS NULL
            AND (q.id % 8 < 5) = p_moving) AS n
    WHERE p.id = n.id AND p.id > p_after AND p.id <= p_upto AND p.ownership_details IS NULL;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
EXCEPTION WHEN lock_not_available THEN
    SELECT array_agg(n.id) INTO v_free
    FROM (SELECT p.id FROM client_products AS p
          WHERE p.id > p_after AND p.id <= p_upto AND p.ownership_details IS NULL
          ORDER BY p.id FOR NO KEY UPDATE SKIP LOCKED) AS n;
    RETURN coalesce(rebuild_ownership(v_free), 0);
END
$function$;

SELECT kingston.give_back_grants('function', 'kingston.fill_ownership_range(bigint, bigint, boolean)');

-- procedure kingston.fill_ownership_batches()
-- One pass over the products without ownership_details behind the position of step fill_ownership: several sessions at once
-- take the next batch each (the position moves on in the commit before), so no two work on the same keys and new
-- row versions lie nearly in the order of the old ones.  Returns when no batch is left and nobody works on one any more.
-- A batch has 250 to 5,000 products and its longer part takes about 25 milliseconds: that long a writer waits for one of
-- them.  It has two parts, each committed (fill_ownership_range says why): the second is done two batches later, when
-- statements that still saw the old versions have ended.  What a crash leaves between them is what it leaves of any batch.
-- Called by fill_ownership and help_fill_ownership.  Tests: tests/revisions/test_phase_3_ownership_workers.py
CREATE OR REPLACE PROCEDURE kingston.fill_ownership_batches()
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_step CONSTANT text := 'fill_ownership';
    c_busy CONSTANT bigint := hashtextextended('fill_ownership batch of public', 0);
    c_behind CONSTANT integer := 2;
    v_rows bigint;
    v_batch integer := 1000;
    v_after bigint;
    v_upto bigint;
    v_ends bigint[] := '{}';  -- of the batches whose second part is to be done: after, up to, after, up to ...
    v_started timestamptz;
    v_ms double precision;
BEGIN
    LOOP
        SELECT b.position INTO v_after FROM kingston.backfill_progress AS b WHERE b.step = c_step FOR UPDATE;
        SELECT max(n.id) INTO v_upto
        FROM (SELECT p.id FROM public.client_products AS p WHERE p.id > v_after AND p.ownership_details IS NULL
              ORDER BY p.id LIMIT v_batch) AS n;
        UPDATE kingston.backfill_progress AS b
           SET position = coalesce(v_upto, v_after), batch = v_batch, updated_at = clock_timestamp()
         WHERE b.step = c_step;
        COMMIT;
        EXIT WHEN v_upto IS NULL AND v_ends = '{}';
        IF v_upto IS NOT NULL THEN
            v_started := clock_timestamp();
            PERFORM pg_advisory_xact_lock_shared(c_busy);
            v_rows := kingston.fill_ownership_range(v_after, v_upto, true);
            -- In the commit that frees the range, and patiently: another session holds the line for an instant.
            PERFORM set_config('lock_timeout', '10s', true);
            UPDATE kingston.backfill_progress AS b SET done = b.done + v_rows WHERE b.step = c_step;
            COMMIT;
            v_ends := v_ends || v_after || v_upto;
            v_ms := greatest(extract(epoch FROM clock_timestamp() - v_started) * 1000, 1);
            v_batch := least(5000, greatest(250, v_batch * least(1.5, greatest(0.5, 25 / v_ms))));
        END IF;
        IF v_upto IS NULL OR cardinality(v_ends) > 2 * c_behind THEN
            PERFORM pg_advisory_xact_lock_shared(c_busy);
            v_rows := kingston.fill_ownership_range(v_ends[1], v_ends[2], false);
            PERFORM set_config('lock_timeout', '10s', true);
            UPDATE kingston.backfill_progress AS b SET done = b.done + v_rows WHERE b.step = c_step;
            COMMIT;
            v_ends := v_ends[3:];
        END IF;
        PERFORM set_config('lock_timeout', '10s', true);
    END LOOP;
    BEGIN
        PERFORM set_config('lock_timeout', '2s', true), pg_advisory_xact_lock(c_busy);
    EXCEPTION WHEN lock_not_available THEN
        NULL;  -- what is left then is taken by the next pass
    END;
    COMMIT;
END
$procedure$;

SELECT kingston.give_back_grants('procedure', 'kingston.fill_ownership_batches()');

-- procedure kingston.help_fill_ownership(interval)
-- A second session for a large fill: takes batches beside fill_ownership as long as that is at work (its advisory lock says
-- so) and returns when it is done, or dead, or has not begun p_patience after the call, or when too few products are
-- left to be worth it (c_worth).  Helps only; fill_ownership finishes without it, too.  May be called by hand while a
-- script runs: CALL kingston.help_fill_ownership().
-- Called by op.backfill in revision phase_3_ownership.  Tests: tests/revisions/test_phase_3_ownership_workers.py
CREATE OR REPLACE PROCEDURE kingston.help_fill_ownership(p_patience interval DEFAULT interval '10 seconds')
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_worth CONSTANT bigint := 20000;
    c_lock CONSTANT bigint := hashtextextended('fill_ownership of public', 0);
    v_called CONSTANT timestamptz := clock_timestamp();
    v_seen boolean := false;
    v_at_work boolean;
    v_left bigint;
BEGIN
    LOOP
        SELECT EXISTS (SELECT 1 FROM pg_locks AS l
                       WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.mode = 'ExclusiveLock'
                         AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
                         AND ((l.classid::bigint << 32) | l.objid::bigint) = c_lock)
          INTO v_at_work;
        EXIT WHEN NOT v_at_work AND (v_seen OR clock_timestamp() - v_called > p_patience);
        IF v_at_work THEN
            v_seen := true;
            SELECT b.total - b.done INTO v_left FROM kingston.backfill_progress AS b WHERE b.step = 'fill_ownership';
            EXIT WHEN v_left < c_worth;
            COMMIT;
            CALL kingston.fill_ownership_batches();
        END IF;
        COMMIT;
        PERFORM pg_sleep(0.01);
    END LOOP;
    COMMIT;
END
$procedure$;

SELECT kingston.give_back_grants('procedure', 'kingston.help_fill_ownership(interval)');

-- procedure kingston.fill_ownership()
-- client_products.ownership_details for every product that has none: archived documents come back first
-- (restore_ownership), all others are made from the links (ownership_from_links; E-004, E-047, E-048, E-195).
-- A small table (up to c_small products) is filled in one step that keeps the order of its rows; a larger one in batches
-- in the order of the keys, each committed (fill_ownership_batches), in which other sessions may take part
-- (help_fill_ownership) while this one holds the advisory lock "fill_ownership of <schema>".
-- Links changed meanwhile are the link trigger's business: it fills, too, and what it filled is left alone.  Ends only when
-- no product is left, with inserts going on (they carry the default).
-- Crash: the same CALL goes on with the first product that has no document.  Nothing that is not NULL is ever written.
-- Progress: kingston.backfill_progress, step fill_ownership.
-- Called by op.backfill in revision phase_3_ownership.  Tests: tests/revisions/test_phase_3_ownership.py
CREATE OR REPLACE PROCEDURE kingston.fill_ownership()
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_step CONSTANT text := 'fill_ownership';
    c_small CONSTANT bigint := 2000;
    c_cap CONSTANT interval := interval '60 seconds';
    v_all bigint;
    v_left bigint;
    v_filled bigint := 0;
    v_done bigint;
    v_before bigint;
    v_first bigint;
    v_progress timestamptz := clock_timestamp();
BEGIN
    SELECT count(*), count(*) FILTER (WHERE p.ownership_details IS NULL) INTO v_all, v_left FROM public.client_products AS p;
    INSERT INTO kingston.backfill_progress AS b (step, total) VALUES (c_step, v_left)
    ON CONFLICT (step) DO UPDATE
       SET position = NULL,
           done = CASE WHEN b.finished_at IS NULL THEN b.done ELSE 0 END,
           total = CASE WHEN b.finished_at IS NULL THEN b.done ELSE 0 END + EXCLUDED.total,
           started_at = CASE WHEN b.finished_at IS NULL THEN b.started_at ELSE clock_timestamp() END,
           updated_at = clock_timestamp(), finished_at = NULL;
    COMMIT;
    IF v_left > 0 AND v_all <= c_small THEN  -- not v_left: what a crash left of a large table is filled in batches, too
        SELECT coalesce(f.filled, 0) INTO v_filled FROM kingston.fill_ownership_in_place() AS f;
        UPDATE kingston.backfill_progress AS b SET done = b.done + v_filled, updated_at = clock_timestamp()
         WHERE b.step = c_step;
        COMMIT;
    ELSIF v_left > 0 THEN
        -- Nothing known about a new column makes a plan scan the table for each batch.
        PERFORM kingston.fresh_statistics('client_products', ARRAY['id', 'ownership_details']);
        COMMIT;
    END IF;
    IF to_regclass('kingston_archive.client_products__phase_3_ownership') IS NOT NULL THEN
        CALL kingston.restore_ownership();
    END IF;

    PERFORM pg_try_advisory_lock(hashtextextended('fill_ownership of public', 0));
    SELECT b.done INTO v_before FROM kingston.backfill_progress AS b WHERE b.step = c_step;
    v_filled := v_filled - v_before;
    LOOP
        SELECT min(p.id) INTO v_first FROM public.client_products AS p WHERE p.ownership_details IS NULL;
        EXIT WHEN v_first IS NULL;
        UPDATE kingston.backfill_progress AS b SET position = v_first - 1 WHERE b.step = c_step;
        COMMIT;
        CALL kingston.fill_ownership_batches();
        SELECT b.done INTO v_done FROM kingston.backfill_progress AS b WHERE b.step = c_step;
        IF v_done > v_before THEN
            v_before := v_done;
            v_progress := clock_timestamp();
        ELSIF clock_timestamp() - v_progress > c_cap THEN
            RAISE EXCEPTION 'products without ownership_details have been held by other transactions for %', c_cap
                USING ERRCODE = '55P03', HINT = 'end the transactions that hold them and run the same command again';
        ELSE
            PERFORM pg_sleep(0.05);
        END IF;
        COMMIT;
    END LOOP;
    PERFORM pg_advisory_unlock(hashtextextended('fill_ownership of public', 0));

    UPDATE kingston.backfill_progress AS b SET updated_at = clock_timestamp(), finished_at = clock_timestamp()
     WHERE b.step = c_step
    RETURNING v_filled + b.done INTO v_filled;  -- what all sessions did; each counts in the commit of what it wrote
    IF v_left > 0 THEN
        PERFORM kingston.fresh_statistics('client_products', ARRAY['id', 'ownership_details']);
    END IF;
    IF v_filled > 0 THEN
        PERFORM kingston.log_movement('filled', 'client_products', NULL, ARRAY['ownership_details'], v_filled);
    END IF;
    COMMIT;
END
$procedure$;

SELECT kingston.give_back_grants('procedure', 'kingston.fill_ownership()');

-- procedure kingston.adopt_link_percentages()
-- A portal whose links carry shares (a numeric product_owner_products.ownership_percentage, as one of the documents
-- believes; production has none): they are taken over instead of the equal split (E-049, E-158).  Only for products whose
-- document is still assumed, and only where they are complete and right: one share per owner, all of them together a
-- valid document.  All others keep the equal split and stay in ownership_review.  The column is only read.
-- Batches of 2,000 products by key, each committed; repeatable.  Progress: kingston.backfill_progress.
-- Called by op.backfill in revision phase_3_ownership.  Tests: tests/revisions/test_phase_3_ownership.py
CREATE OR REPLACE PROCEDURE kingston.adopt_link_percentages()
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_step CONSTANT text := 'adopt_link_percentages';
    v_after bigint := -9223372036854775808;
    v_upto bigint;
    v_rows bigint;
    v_done bigint := 0;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_attribute AS a
                   WHERE a.attrelid = 'public.product_owner_products'::regclass AND a.attname = 'ownership_percentage'
                     AND a.atttypid = 'numeric'::regtype AND NOT a.attisdropped) THEN
        RETURN;
    END IF;
    INSERT INTO kingston.backfill_progress AS b (step) VALUES (c_step)
    ON CONFLICT (step) DO UPDATE SET done = 0, position = NULL, started_at = clock_timestamp(), finished_at = NULL;
    COMMIT;
    LOOP
        SELECT max(n.id) INTO v_upto
        FROM (SELECT p.id FROM public.client_products AS p WHERE p.id > v_after ORDER BY p.id LIMIT 2000) AS n;
        EXIT WHEN v_upto IS NULL;
        UPDATE public.client_products AS p SET ownership_details = s.ownership
        FROM (
            SELECT o.product_id, count(*) AS owners, bool_and(o.shares = 1 AND o.share IS NOT NULL) AS complete,
                   '{"association_type": "tenants_in_common"}'::jsonb
                   || jsonb_object_agg(o.product_owner_id, o.share) AS ownership
            FROM (
                SELECT l.product_id, l.product_owner_id, max(l.ownership_percentage) AS share,
                       count(DISTINCT coalesce(l.ownership_percentage, -1)) AS shares
                FROM public.product_owner_products AS l
                WHERE l.product_id > v_after AND l.product_id <= v_upto AND l.product_owner_id > 0
                GROUP BY l.product_id, l.product_owner_id
            ) AS o
            GROUP BY o.product_id
        ) AS s
        WHERE p.id = s.product_id AND p.id > v_after AND p.id <= v_upto AND s.owners > 1 AND s.complete
          AND p.ownership_details ->> 'note' = 'equal_split_assumed'
          AND public.is_assumed_ownership(p.ownership_details)
          AND public.validate_ownership_percentages_precise(s.ownership);
        GET DIAGNOSTICS v_rows = ROW_COUNT;
        v_done := v_done + v_rows;
        UPDATE kingston.backfill_progress AS b
           SET position = v_upto, done = v_done, updated_at = clock_timestamp() WHERE b.step = c_step;
        COMMIT;
        v_after := v_upto;
    END LOOP;
    UPDATE kingston.backfill_progress AS b
       SET total = v_done, updated_at = clock_timestamp(), finished_at = clock_timestamp() WHERE b.step = c_step;
    COMMIT;
END
$procedure$;

SELECT kingston.give_back_grants('procedure', 'kingston.adopt_link_percentages()');

COMMIT;

CALL kingston.check_ownership_column();

BEGIN;

SELECT kingston.hold_tables(ARRAY['client_products', 'product_owner_products']::text[], 'ACCESS EXCLUSIVE', false);

SELECT kingston.add_columns('client_products',
  ARRAY['ownership_details']::text[],
  ARRAY['ownership_details JSONB']::text[],
  ARRAY['Owners and their shares in per cent; follows the links']::text[]);

SELECT kingston.set_default('client_products', 'ownership_details', '''{"association_type": "individual", "note": "no_previous_ownership"}''::jsonb');

-- triggers ownership_insert, ownership_update, ownership_delete, ownership_truncate on product_owner_products
-- Links to JSON: after every statement that changed links, ownership_details of the products concerned follows
-- (sync_ownership_from_links).  Statement-level with transition tables, so that deleting an owner of many products
-- is one set-based step; one trigger per event, as transition tables want it.
-- Tests: tests/sql/test_sync_ownership_from_links.py
CREATE OR REPLACE TRIGGER ownership_insert AFTER INSERT ON product_owner_products
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sync_ownership_from_links();
CREATE OR REPLACE TRIGGER ownership_update AFTER UPDATE ON product_owner_products
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sync_ownership_from_links();
CREATE OR REPLACE TRIGGER ownership_delete AFTER DELETE ON product_owner_products
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sync_ownership_from_links();
CREATE OR REPLACE TRIGGER ownership_truncate AFTER TRUNCATE ON product_owner_products
    FOR EACH STATEMENT EXECUTE FUNCTION sync_ownership_from_links();

COMMIT;

BEGIN;

COMMIT;

CALL kingston.fill_ownership();

BEGIN;

COMMIT;

CALL kingston.adopt_link_percentages();

BEGIN;

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
SET search_path = public, pg_temp
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

SELECT kingston.give_back_grants('function', 'sync_links_from_ownership()');

SELECT kingston.take_locks(ARRAY['client_products']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers owner_links_insert, owner_links_update on client_products
-- JSON to links: whoever writes ownership_details changes the links with it (sync_links_from_ownership).  Only a
-- statement that names the column can fire them, and only for rows where the value changed; new products of the
-- Phase 1 application carry the default and pass.  So its statements pay nothing.
-- Created after the fill: ALTER TYPE, with which a small table is filled, is refused while they stand.
-- Tests: tests/sql/test_sync_links_from_ownership.py
CREATE OR REPLACE TRIGGER owner_links_insert AFTER INSERT ON client_products
    FOR EACH ROW
    WHEN (NEW.ownership_details <> '{"association_type": "individual", "note": "no_previous_ownership"}')
    EXECUTE FUNCTION sync_links_from_ownership();
CREATE OR REPLACE TRIGGER owner_links_update AFTER UPDATE OF ownership_details ON client_products
    FOR EACH ROW
    WHEN (NEW.ownership_details IS DISTINCT FROM OLD.ownership_details)
    EXECUTE FUNCTION sync_links_from_ownership();

COMMIT;

BEGIN;

-- view product_ownership
-- Ownership of managed products as rows: one per product, owner and share, whatever the association type.  Products
-- without an owner have no row.  Joint owners have equal shares here, for reporting, and is_equal_split says so; the
-- document gives none.  is_assumed marks shares that nobody has confirmed (note equal_split_assumed).
-- percentage is in per cent and adds up to 100 per product (99.99 to 100.01 where somebody wrote it so).
-- Unmanaged products: SELECT ... FROM client_unmanaged_products AS p, ownership_shares(p.ownership_details).
-- Errata E-052, E-064, E-068.  Tests: tests/sql/test_product_ownership.py
CREATE OR REPLACE VIEW product_ownership AS
SELECT p.id AS product_id,
       p.client_id AS client_group_id,
       s.product_owner_id,
       s.percentage,
       p.ownership_details ->> 'association_type' AS association_type,
       s.is_equal_split,
       coalesce(p.ownership_details ->> 'note' = 'equal_split_assumed', false) AS is_assumed
FROM client_products AS p
CROSS JOIN LATERAL ownership_shares(p.ownership_details) AS s;

COMMENT ON VIEW product_ownership IS 'One row per managed product, owner and share in per cent; joint owners with equal shares, flagged';

SELECT kingston.give_back_grants('view', 'product_ownership');

-- view ownership_review
-- Products whose ownership somebody should look at, because the migration had to guess: the links say who owns a
-- product but never in which shares, so several owners got equal ones (E-049), and some products have no owner at
-- all (E-051).  A row goes when the shares are confirmed: write ownership_details without that note.
-- Tests: tests/sql/test_ownership_review.py
CREATE OR REPLACE VIEW ownership_review AS
SELECT p.id AS product_id,
       p.client_id AS client_group_id,
       p.product_name,
       p.status,
       p.ownership_details ->> 'note' AS reason,
       (SELECT count(*) FROM ownership_shares(p.ownership_details) AS s) AS owners,
       p.ownership_details
FROM client_products AS p
WHERE p.ownership_details ->> 'note' IN ('equal_split_assumed', 'no_previous_ownership');

COMMENT ON VIEW ownership_review IS 'Products whose shares are assumed or whose owner is unknown; confirm by writing ownership_details without the note';

SELECT kingston.give_back_grants('view', 'ownership_review');

-- view ownership_link_findings
-- Links that carry no ownership of their own: repeated (the owner counts once), without owner, without product, or
-- with an owner id below 1.  They are legal in the portal, stay as they are, and are reported here (E-047).
-- Tests: tests/sql/test_ownership_review.py
CREATE OR REPLACE VIEW ownership_link_findings AS
SELECT l.id AS link_id, l.product_id, l.product_owner_id, l.created_at, l.finding
FROM (
    SELECT k.id, k.product_id, k.product_owner_id, k.created_at,
           CASE WHEN k.product_id IS NULL AND k.product_owner_id IS NULL THEN 'no product and no owner'
                WHEN k.product_id IS NULL THEN 'no product'
                WHEN k.product_owner_id IS NULL THEN 'no owner'
                WHEN k.product_owner_id < 1 THEN 'owner id below 1'
                WHEN row_number() OVER (PARTITION BY k.product_id, k.product_owner_id
                                        ORDER BY k.created_at, k.id) > 1 THEN 'repeated' END AS finding
    FROM product_owner_products AS k
) AS l
WHERE l.finding IS NOT NULL;

COMMENT ON VIEW ownership_link_findings IS 'Repeated and incomplete links between products and owners; legal, counted once or not at all';

SELECT kingston.give_back_grants('view', 'ownership_link_findings');

-- function reconcile_ownership()
-- Where links and ownership documents of managed products are apart; no row: they agree (E-080, E-084, E-131).
-- One row per product and finding:
--   missing        ownership_details is NULL
--   invalid        the document is refused by validate_ownership_percentages_precise; explanation says why
--   owners differ  the document names other owners than the links
-- Called by the gates of phase 3 and 5, by people, and by the tests of everything that writes ownership.
-- Tests: tests/sql/test_reconcile_ownership.py
CREATE OR REPLACE FUNCTION reconcile_ownership()
RETURNS TABLE (product_id bigint, finding text, linked_owners bigint[], stated_owners bigint[], explanation text)
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $body$
    WITH compared AS (
        SELECT p.id, p.ownership_details AS stated, coalesce(l.owner_set, '{}') AS linked,
               -- Equal documents have equal owners; only the others are taken apart.
               CASE WHEN p.ownership_details = l.ownership_details THEN l.owner_set
                    ELSE ownership_owner_ids(p.ownership_details) END AS owners
        FROM client_products AS p
        LEFT JOIN ownership_from_links AS l ON l.product_id = p.id
    )
    SELECT c.id, f.finding, c.linked, c.owners, f.explanation
    FROM compared AS c
    CROSS JOIN LATERAL (
        SELECT 'missing', 'ownership_details is NULL' WHERE c.stated IS NULL
        UNION ALL
        SELECT 'invalid', coalesce(explain_ownership(c.stated), 'association_type is missing')
        WHERE c.stated IS NOT NULL
          AND (c.stated = '{}' OR NOT validate_ownership_percentages_precise(c.stated))
        UNION ALL
        SELECT 'owners differ', format('links name %s, the document names %s', c.linked, c.owners)
        WHERE c.stated IS NOT NULL AND c.owners <> c.linked
    ) AS f (finding, explanation)
    ORDER BY c.id, f.finding
$body$;

COMMENT ON FUNCTION reconcile_ownership() IS 'Products whose links and ownership document are apart, or whose document is missing or invalid';

SELECT kingston.give_back_grants('function', 'reconcile_ownership()');

SELECT kingston.grant_roles(ARRAY['product_ownership', 'ownership_review', 'ownership_link_findings', 'reconcile_ownership']::text[]);

UPDATE alembic_version SET version_num='phase_3_ownership' WHERE alembic_version.version_num = 'phase_2';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_3_ownership', '{"outcome": "done", "revision": "phase_3_ownership", "detail": "by a script", "files": {"versions/0300_phase_3_ownership.py": "SHA-256", "sql/adopt_link_percentages/0300.sql": "SHA-256", "sql/check_ownership_column/0300.sql": "SHA-256", "sql/client_products_owner_links/0300.sql": "SHA-256", "sql/explain_ownership/0300.sql": "SHA-256", "sql/fill_ownership/0300.sql": "SHA-256", "sql/fill_ownership_batches/0300.sql": "SHA-256", "sql/fill_ownership_in_place/0300.sql": "SHA-256", "sql/fill_ownership_range/0300.sql": "SHA-256", "sql/help_fill_ownership/0300.sql": "SHA-256", "sql/is_assumed_ownership/0300.sql": "SHA-256", "sql/ownership_from_links/0300.sql": "SHA-256", "sql/ownership_link_findings/0300.sql": "SHA-256", "sql/ownership_owner_ids/0300.sql": "SHA-256", "sql/ownership_review/0300.sql": "SHA-256", "sql/ownership_shares/0300.sql": "SHA-256", "sql/product_owner_products_ownership/0300.sql": "SHA-256", "sql/product_ownership/0300.sql": "SHA-256", "sql/rebuild_ownership/0300.sql": "SHA-256", "sql/reconcile_ownership/0300.sql": "SHA-256", "sql/restore_ownership/0300.sql": "SHA-256", "sql/settle_archived_ownership/0300.sql": "SHA-256", "sql/sync_links_from_ownership/0300.sql": "SHA-256", "sql/sync_ownership_from_links/0300.sql": "SHA-256", "sql/validate_ownership_percentages_precise/0300.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;

