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
AS $function$
DECLARE
    c_actor CONSTANT text := 'migrate_owner_phones';
    v_found bigint;
    v_migrated bigint;
    v_rejected bigint;
    v_duplicates bigint;
BEGIN
    -- Whoever is being deleted is left to the next round; the others cannot go before COMMIT.
    DELETE FROM phone_cells AS c WHERE NOT EXISTS (
        SELECT 1 FROM (SELECT t.id FROM product_owners AS t
                        WHERE t.id IN (SELECT n.owner_id FROM phone_cells AS n) FOR KEY SHARE SKIP LOCKED) AS held
         WHERE held.id = c.owner_id);
    INSERT INTO phone_parts
    SELECT c.owner_id, c.source_column, c.nr, p.part, p.part_text, p.phone_number, p.extension, p.phone_type, p.label,
           p.reason, @control@.phone_key(p.phone_number, p.extension)
      FROM phone_cells AS c CROSS JOIN LATERAL parse_phone_numbers(c.cell) AS p;

    WITH before AS (
        SELECT h.id, @control@.phone_key(h.phone_number, h.extension) AS number_key
          FROM phone_cells AS c
          JOIN product_owner_phones AS h ON h.product_owner_id = c.owner_id AND h.source_column = c.source_column
         WHERE h.updated_at = h.created_at
    ), gone AS (
        DELETE FROM product_owner_phones AS h USING before AS b
         WHERE h.id = b.id
           AND NOT EXISTS (SELECT 1 FROM phone_parts AS p
                            WHERE p.owner_id = h.product_owner_id AND p.number_key = b.number_key)
           -- another column of the owner may hold the same number, unchanged
           AND NOT EXISTS (SELECT 1 FROM product_owner_phone_sources AS s
                            CROSS JOIN LATERAL parse_phone_numbers(s.source_text) AS p
                            WHERE s.product_owner_id = h.product_owner_id
                              AND @control@.phone_key(p.phone_number, p.extension) = b.number_key
                              AND NOT EXISTS (SELECT 1 FROM phone_cells AS c
                                               WHERE c.owner_id = s.product_owner_id
                                                 AND c.source_column = s.source_column))
        RETURNING h.*)
    INSERT INTO product_owner_phone_rejects
           (product_owner_id, source_column, source_text, reason, resolved_at, resolved_by, resolution)
    SELECT g.product_owner_id, g.source_column, g.phone_number || coalesce(' ext ' || g.extension, ''),
           'superseded: the source value was changed', now(), c_actor, 'replaced by the newer value'
      FROM gone AS g;
    UPDATE product_owner_phone_rejects AS r
       SET resolved_at = now(), resolved_by = c_actor, resolution = 'the source value was changed'
      FROM phone_cells AS c
     WHERE r.product_owner_id = c.owner_id AND r.source_column = c.source_column AND r.resolved_at IS NULL;

    UPDATE phone_parts AS p SET duplicate = true
     WHERE p.phone_number IS NOT NULL
       AND (EXISTS (SELECT 1 FROM product_owner_phones AS h
                     WHERE h.product_owner_id = p.owner_id
                       AND @control@.phone_key(h.phone_number, h.extension) = p.number_key)
            OR EXISTS (SELECT 1 FROM phone_parts AS e
                        WHERE e.owner_id = p.owner_id AND (e.nr, e.part) < (p.nr, p.part)
                          AND e.number_key = p.number_key));
    INSERT INTO product_owner_phones (product_owner_id, phone_type, phone_number, extension, label, is_primary,
                                      updated_by, source_column)
    SELECT p.owner_id, p.phone_type, p.phone_number, p.extension, p.label,
           row_number() OVER (PARTITION BY p.owner_id ORDER BY p.nr, p.part) = 1
           AND NOT EXISTS (SELECT 1 FROM product_owner_phones AS h
                            WHERE h.product_owner_id = p.owner_id AND h.is_primary),
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

    DELETE FROM product_owner_phone_sources AS s USING phone_cells AS c
     WHERE s.product_owner_id = c.owner_id AND s.source_column = c.source_column;
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
