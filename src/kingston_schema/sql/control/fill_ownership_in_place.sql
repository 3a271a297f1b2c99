-- function @control@.fill_ownership_in_place()
-- Fill a small client_products in one step under the lock budget: the table is rewritten as it lies, so rows read without
-- ORDER BY come in the same order as before, which answers of the Phase 1 application follow (promise P3).
-- Under the lock nobody can be half-way through a change of links: whoever changed one has read client_products.
-- filled: products whose document was made from their links; restored: those that got their archived one, which is removed
-- from the archive by settle_archived_ownership afterwards.  Both NULL, and nothing done, where something of the portal's own
-- (a view, a trigger) stands on the column, so that it cannot be rewritten.
-- Called by fill_ownership.  Tests: tests/revisions/test_phase_3_ownership.py
CREATE OR REPLACE FUNCTION @control@.fill_ownership_in_place(OUT filled bigint, OUT restored bigint)
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
SET jit = off
AS $function$
BEGIN
    CREATE TEMPORARY TABLE kingston_ownership (id bigint PRIMARY KEY, ownership jsonb NOT NULL) ON COMMIT DROP;
    CREATE OR REPLACE FUNCTION pg_temp.kingston_ownership_of(p_product bigint) RETURNS jsonb LANGUAGE sql STABLE
        RETURN (SELECT k.ownership FROM pg_temp.kingston_ownership AS k WHERE k.id = p_product);
    PERFORM @control@.take_locks(ARRAY['client_products']);
    INSERT INTO pg_temp.kingston_ownership (id, ownership)
    SELECT p.id, coalesce(m.ownership_details, l.ownership_details,
                          '{"association_type": "individual", "note": "no_previous_ownership"}')
    FROM client_products AS p
    LEFT JOIN ownership_from_links AS l ON l.product_id = p.id
    LEFT JOIN LATERAL (
        SELECT r.ownership_details FROM ownership_memory AS r
        WHERE r.product_id = p.id AND r.owner_ids = coalesce(l.owner_set, '{}')
          AND r.ownership_details <> '{}' AND validate_ownership_percentages_precise(r.ownership_details)
        ORDER BY r.saved_at DESC, r.id DESC LIMIT 1
    ) AS m ON true
    WHERE p.ownership_details IS NULL;
    GET DIAGNOSTICS filled = ROW_COUNT;
    restored := 0;
    IF to_regclass('@archive@.client_products__phase_3_ownership') IS NOT NULL THEN
        UPDATE pg_temp.kingston_ownership AS k SET ownership = a.ownership_details
        FROM @archive@.client_products__phase_3_ownership AS a
        WHERE a.id = k.id AND a.quarantined_at IS NULL
          AND ownership_owner_ids(a.ownership_details) = ownership_owner_ids(k.ownership);
        GET DIAGNOSTICS restored = ROW_COUNT;
        filled := filled - restored;
    END IF;
    BEGIN
        ALTER TABLE client_products ALTER COLUMN ownership_details TYPE jsonb
            USING coalesce(ownership_details, pg_temp.kingston_ownership_of(id));
    EXCEPTION WHEN feature_not_supported THEN
        filled := NULL;
        restored := NULL;
    END;
    DROP FUNCTION pg_temp.kingston_ownership_of(bigint);
    DROP TABLE pg_temp.kingston_ownership;
END
$function$;
