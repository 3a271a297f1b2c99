-- function @control@.fill_ownership_in_place()
-- Fill a small client_products in one step under the lock budget: the table is rewritten as it lies, so rows read without
-- ORDER BY come in the same order as before, which answers of the Phase 1 application follow (promise P3).  All documents
-- travel as one JSON object inside the statement, the fastest way to look one up per row.
-- Under the lock nobody can be half-way through a change of links: whoever changed one has read client_products.
-- filled: products whose document was made from their links; restored: those that got their archived one, which is removed
-- from the archive by settle_archived_ownership afterwards.  Both NULL, and nothing done, where something of the portal's own
-- (a view, a trigger) stands on the column, so that it cannot be rewritten.
-- Called by fill_ownership.  Tests: tests/revisions/test_phase_3_ownership.py
CREATE OR REPLACE FUNCTION @control@.fill_ownership_in_place(OUT filled bigint, OUT restored bigint)
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
SET jit = off
SET enable_nestloop = off  -- nothing is known about a new column: a nested loop would compute all links once per product
AS $function$
DECLARE
    v_archived jsonb;
    v_documents jsonb;
BEGIN
    IF to_regclass('@archive@.client_products__phase_3_ownership') IS NOT NULL THEN
        SELECT jsonb_object_agg(a.id, a.ownership_details) INTO v_archived
        FROM @archive@.client_products__phase_3_ownership AS a WHERE a.quarantined_at IS NULL;
    END IF;
    PERFORM @control@.take_locks(ARRAY['client_products']);
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
