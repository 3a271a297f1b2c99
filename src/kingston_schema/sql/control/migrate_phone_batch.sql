-- function @control@.migrate_phone_batch()
-- One batch of migrate_owner_phones(): the source values in pg_temp.phone_cells become telephone numbers, rejects and
-- memory.  Returns how many numbers were written.
-- Numbers from the text that stood in the same place before, and that nobody edited since, make way for the new ones and
-- are kept in product_owner_phone_rejects.  What parse_phone_numbers() cannot use goes there as well.  The first number
-- of an owner becomes primary unless one is.  Every number is accounted for: found = migrated + rejected + duplicates,
-- judged by the rows really written; a difference raises KS005 and nothing of the batch is kept (erratum E-034).
-- Tests: tests/revisions/test_phase_2_owner_phones.py
CREATE OR REPLACE FUNCTION @control@.migrate_phone_batch() RETURNS bigint
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
-- A plan is made for the first batch, while the tables are empty, and kept: OFFSET 0, ARRAY and these settings hold every
-- look into a growing table to one index probe per source value, so that the last batch costs what the first did.
SET enable_seqscan = off
SET jit = off
AS $function$
DECLARE
    c_actor CONSTANT text := 'migrate_owner_phones';
    v_held bigint[];
    v_found bigint;
    v_migrated bigint;
    v_rejected bigint;
    v_duplicates bigint;
BEGIN
    -- Whoever is being deleted is left to the next round; the others cannot go before COMMIT.
    v_held := ARRAY(SELECT t.id FROM product_owners AS t WHERE t.id = ANY (ARRAY(SELECT c.owner_id FROM phone_cells AS c))
                       FOR KEY SHARE SKIP LOCKED);
    DELETE FROM phone_cells AS c WHERE NOT EXISTS (SELECT 1 FROM unnest(v_held) AS h (id) WHERE h.id = c.owner_id);
    INSERT INTO phone_parts
    SELECT c.owner_id, c.source_column, c.nr, p.part, p.part_text, p.phone_number, p.extension, p.phone_type, p.label,
           p.reason, @control@.phone_key(p.phone_number, p.extension)
      FROM phone_cells AS c CROSS JOIN LATERAL parse_phone_numbers(c.cell) AS p;

    WITH before AS MATERIALIZED (
        SELECT h.id, c.owner_id, @control@.phone_key(h.phone_number, h.extension) AS number_key
          FROM phone_cells AS c
         CROSS JOIN LATERAL (SELECT x.id, x.phone_number, x.extension FROM product_owner_phones AS x
                              WHERE x.product_owner_id = c.owner_id AND x.source_column = c.source_column
                                AND x.updated_at = x.created_at OFFSET 0) AS h
    ), stale AS MATERIALIZED (
        SELECT b.id FROM before AS b
         WHERE NOT EXISTS (SELECT 1 FROM phone_parts AS p
                            WHERE p.owner_id = b.owner_id AND p.number_key = b.number_key OFFSET 0)
           -- another column of the owner may hold the same number, unchanged
           AND NOT EXISTS (SELECT 1 FROM product_owner_phone_sources AS s
                            CROSS JOIN LATERAL parse_phone_numbers(s.source_text) AS p
                            WHERE s.product_owner_id = b.owner_id
                              AND @control@.phone_key(p.phone_number, p.extension) = b.number_key
                              AND NOT EXISTS (SELECT 1 FROM phone_cells AS c
                                               WHERE c.owner_id = s.product_owner_id
                                                 AND c.source_column = s.source_column) OFFSET 0)
    ), gone AS (
        DELETE FROM product_owner_phones AS h WHERE h.id = ANY (ARRAY(SELECT o.id FROM stale AS o)) RETURNING h.*)
    INSERT INTO product_owner_phone_rejects
           (product_owner_id, source_column, source_text, reason, resolved_at, resolved_by, resolution)
    SELECT g.product_owner_id, g.source_column, g.phone_number || coalesce(' ext ' || g.extension, ''),
           'superseded: the source value was changed', now(), c_actor, 'replaced by the newer value'
      FROM gone AS g;
    UPDATE product_owner_phone_rejects AS r
       SET resolved_at = now(), resolved_by = c_actor, resolution = 'the source value was changed'
     WHERE r.id = ANY (ARRAY(
               SELECT o.id FROM phone_cells AS c
                CROSS JOIN LATERAL (SELECT x.id FROM product_owner_phone_rejects AS x
                                     WHERE x.product_owner_id = c.owner_id AND x.source_column = c.source_column
                                       AND x.resolved_at IS NULL OFFSET 0) AS o));

    UPDATE phone_parts AS p SET duplicate = true
     WHERE p.phone_number IS NOT NULL
       AND (EXISTS (SELECT 1 FROM product_owner_phones AS h
                     WHERE h.product_owner_id = p.owner_id
                       AND @control@.phone_key(h.phone_number, h.extension) = p.number_key OFFSET 0)
            OR EXISTS (SELECT 1 FROM phone_parts AS e
                        WHERE e.owner_id = p.owner_id AND (e.nr, e.part) < (p.nr, p.part)
                          AND e.number_key = p.number_key OFFSET 0));
    INSERT INTO product_owner_phones (product_owner_id, phone_type, phone_number, extension, label, is_primary,
                                      updated_by, source_column)
    SELECT p.owner_id, p.phone_type, p.phone_number, p.extension, p.label,
           row_number() OVER (PARTITION BY p.owner_id ORDER BY p.nr, p.part) = 1
           AND NOT EXISTS (SELECT 1 FROM product_owner_phones AS h
                            WHERE h.product_owner_id = p.owner_id AND h.is_primary OFFSET 0),
           c_actor, p.source_column
      FROM phone_parts AS p WHERE p.phone_number IS NOT NULL AND NOT p.duplicate
     ORDER BY p.owner_id, p.nr, p.part;
    GET DIAGNOSTICS v_migrated = ROW_COUNT;
    INSERT INTO product_owner_phone_rejects (product_owner_id, source_column, source_text, reason)
    SELECT p.owner_id, p.source_column, p.part_text, p.reason
      FROM phone_parts AS p WHERE p.phone_number IS NULL ORDER BY p.owner_id, p.nr, p.part;
    GET DIAGNOSTICS v_rejected = ROW_COUNT;

    SELECT count(*), count(*) FILTER (WHERE p.duplicate) INTO v_found, v_duplicates FROM phone_parts AS p;
    IF v_found <> v_migrated + v_rejected + v_duplicates THEN
        RAISE EXCEPTION '% telephone numbers were found, but % were migrated, % rejected and % are duplicates',
            v_found, v_migrated, v_rejected, v_duplicates
            USING ERRCODE = 'KS005',
                  HINT = 'a trigger or rule keeps rows out of product_owner_phones or product_owner_phone_rejects';
    END IF;

    DELETE FROM product_owner_phone_sources AS s
     WHERE s.ctid = ANY (ARRAY(
               SELECT o.place FROM phone_cells AS c
                CROSS JOIN LATERAL (SELECT x.ctid AS place FROM product_owner_phone_sources AS x
                                     WHERE x.product_owner_id = c.owner_id AND x.source_column = c.source_column
                                    OFFSET 0) AS o));
    INSERT INTO product_owner_phone_sources
           (product_owner_id, source_column, source_text, numbers_found, migrated, rejected, duplicates)
    SELECT c.owner_id, c.source_column, c.cell, count(*),
           count(*) FILTER (WHERE p.phone_number IS NOT NULL AND NOT p.duplicate),
           count(*) FILTER (WHERE p.phone_number IS NULL), count(*) FILTER (WHERE p.duplicate)
      FROM phone_cells AS c JOIN phone_parts AS p ON p.owner_id = c.owner_id AND p.nr = c.nr
     WHERE c.cell IS NOT NULL
     GROUP BY c.owner_id, c.source_column, c.cell;
    RETURN v_migrated;
END
$function$;
