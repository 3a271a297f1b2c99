SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_owner_phones';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_2_product_owners -> phase_2_owner_phones

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('product_owner_phones') THEN
    CREATE TABLE product_owner_phones (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      product_owner_id BIGINT NOT NULL,
      phone_type VARCHAR(20) NOT NULL,
      phone_number VARCHAR(25) NOT NULL,
      label VARCHAR(50),
      is_primary BOOLEAN DEFAULT false NOT NULL,
      created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
      updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
      updated_by VARCHAR(100),
      extension VARCHAR(10),
      source_column VARCHAR(63),
      CONSTRAINT product_owner_phones_pkey PRIMARY KEY (id),
      CONSTRAINT product_owner_phones_phone_type_check CHECK (phone_type IN ('mobile', 'house_phone', 'work', 'other')),
      CONSTRAINT chk_phone_format CHECK ((phone_number ~ '^\+?[0-9 ().-]{7,25}$' OR phone_number ~ '^\+?[X ().-]+([0-9][ ().-]*){3}$') AND length(regexp_replace(phone_number, '[^0-9X]', '', 'g')) BETWEEN 7 AND 15),
      CONSTRAINT phone_number_not_empty CHECK (length(btrim(phone_number)) >= 7),
      CONSTRAINT chk_other_requires_label CHECK (phone_type <> 'other' OR (label IS NOT NULL AND btrim(label) <> '')),
      CONSTRAINT chk_phone_extension CHECK (extension ~ '^[0-9]{1,10}$')
    );
    CREATE UNIQUE INDEX idx_product_owner_phones_primary ON product_owner_phones (product_owner_id) WHERE is_primary;
    CREATE INDEX idx_product_owner_phones_owner_id ON product_owner_phones (product_owner_id);
    CREATE INDEX idx_product_owner_phones_type ON product_owner_phones (phone_type);
    CREATE INDEX idx_product_owner_phones_updated_at ON product_owner_phones (updated_at DESC);
    COMMENT ON TABLE product_owner_phones IS 'Telephone numbers of product owners; at most one of an owner is primary';
    COMMENT ON COLUMN product_owner_phones.phone_number IS 'The number, or the mask of an encrypted one';
    COMMENT ON COLUMN product_owner_phones.label IS 'Required for other';
    COMMENT ON COLUMN product_owner_phones.source_column IS 'Column of product_owners it was migrated from';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('product_owner_phone_rejects') THEN
    CREATE TABLE product_owner_phone_rejects (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      product_owner_id BIGINT NOT NULL,
      source_column VARCHAR(63) NOT NULL,
      source_text TEXT NOT NULL,
      reason TEXT NOT NULL,
      rejected_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
      resolved_at TIMESTAMP WITH TIME ZONE,
      resolved_by VARCHAR(100),
      resolution TEXT,
      CONSTRAINT product_owner_phone_rejects_pkey PRIMARY KEY (id)
    );
    CREATE INDEX idx_product_owner_phone_rejects_owner_id ON product_owner_phone_rejects (product_owner_id);
    CREATE INDEX idx_product_owner_phone_rejects_open ON product_owner_phone_rejects (rejected_at) WHERE resolved_at IS NULL;
    COMMENT ON TABLE product_owner_phone_rejects IS 'Texts in telephone columns that could not be migrated as a number, and numbers a newer value replaced';
    COMMENT ON COLUMN product_owner_phone_rejects.source_text IS 'What stands in the source, as it stands there';
    COMMENT ON COLUMN product_owner_phone_rejects.resolved_at IS 'Empty: somebody still has to look at it';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('product_owner_phone_sources') THEN
    CREATE TABLE product_owner_phone_sources (
      product_owner_id BIGINT NOT NULL,
      source_column VARCHAR(63) NOT NULL,
      source_text TEXT NOT NULL,
      numbers_found INTEGER NOT NULL,
      migrated INTEGER NOT NULL,
      rejected INTEGER NOT NULL,
      duplicates INTEGER NOT NULL,
      read_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
      CONSTRAINT product_owner_phone_sources_pkey PRIMARY KEY (product_owner_id, source_column),
      CONSTRAINT chk_phone_source_adds_up CHECK (numbers_found > 0 AND numbers_found = migrated + rejected + duplicates)
    );
    COMMENT ON TABLE product_owner_phone_sources IS 'Telephone texts already read from product_owners, so that none is migrated twice and a changed one is';
  END IF;
END $kingston$;

SELECT kingston.add_foreign_key('product_owner_phones', 'fk_phone_product_owner',
  'FOREIGN KEY (product_owner_id) REFERENCES product_owners (id) ON DELETE CASCADE', 'product_owners');

COMMIT;

SELECT kingston.quarantine_orphans('product_owner_phones', 'fk_phone_product_owner');

SELECT kingston.validate_constraint('product_owner_phones', 'fk_phone_product_owner');

BEGIN;

SELECT kingston.add_foreign_key('product_owner_phone_rejects', 'fk_phone_reject_product_owner',
  'FOREIGN KEY (product_owner_id) REFERENCES product_owners (id) ON DELETE CASCADE', 'product_owners');

COMMIT;

SELECT kingston.quarantine_orphans('product_owner_phone_rejects', 'fk_phone_reject_product_owner');

SELECT kingston.validate_constraint('product_owner_phone_rejects', 'fk_phone_reject_product_owner');

BEGIN;

SELECT kingston.add_foreign_key('product_owner_phone_sources', 'fk_phone_source_product_owner',
  'FOREIGN KEY (product_owner_id) REFERENCES product_owners (id) ON DELETE CASCADE', 'product_owners');

COMMIT;

SELECT kingston.quarantine_orphans('product_owner_phone_sources', 'fk_phone_source_product_owner');

SELECT kingston.validate_constraint('product_owner_phone_sources', 'fk_phone_source_product_owner');

BEGIN;

-- function validate_phone_number(text)
-- Is this text a telephone number?  An optional +, then digits, blanks, brackets, dots and hyphens, 7 to 25 characters
-- with 7 to 15 digits among them (E.164).  False for NULL.  The same rule as the CHECK chk_phone_format of
-- product_owner_phones, which also lets the mask of an encrypted number stand (see mask_phone_number).
-- Called by applications before they write; errata E-034, E-111, E-172.
-- No SET search_path: pg_catalog only, and the clause would cost more than the test.
-- Tests: tests/sql/test_validate_phone_number.py
CREATE OR REPLACE FUNCTION validate_phone_number(p_phone_number text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(p_phone_number ~ '^\+?[0-9 ().-]{7,25}$' AND length(p_phone_number) <= 25
                AND length(regexp_replace(p_phone_number, '[^0-9]', '', 'g')) BETWEEN 7 AND 15, false);

COMMENT ON FUNCTION validate_phone_number(text) IS
    'whether a text is a telephone number: optional +, digits with separators, 7 to 15 digits';

SELECT kingston.give_back_grants('function', 'validate_phone_number(text)');

-- function parse_phone_numbers(text)
-- The telephone numbers in a free text such as "Home (020) 7946-0018 / mob 07700 900 456 ext. 12": one row per number,
-- in their order; a text without a usable number gives one row with a reason.  Never drops anything in silence.
--   numbers     digits with blanks, dots, hyphens and brackets between them; several numbers may stand in one text
--   +           kept; 00 before a country code and "+44 (0)20" and "+44 020" become "+4420"; national ones stay national
--   extension   ext, extn, extension, x or # and up to 8 digits behind a number
--   phone_type  what the text says (mobile, home, work ...), else mobile for UK numbers 071-075, 077-079, else other
--   label       what else stands beside the number; "unclassified (migrated)" where the type is other and nothing does
--   reason      why a text or number cannot be used; then phone_number is NULL
-- A text in which some group has fewer than 7 digits is refused whole: nobody can tell what belongs together.
-- Called by kingston.migrate_owner_phones().  Errata E-034, E-035.
-- No SET search_path: pg_catalog only.  Tests: tests/sql/test_parse_phone_numbers.py
CREATE OR REPLACE FUNCTION parse_phone_numbers(
    p_text text,
    OUT part integer, OUT part_text text, OUT phone_number text, OUT extension text, OUT phone_type text,
    OUT label text, OUT reason text
) RETURNS SETOF record
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $body$
DECLARE
    c_digits CONSTANT text := '[+(]{0,3}[0-9](?:[ ().-]*[0-9])*';
    c_extension CONSTANT text := '(?:[ ,.;:(]*(?:extension|extn|ext|x|#)[ .:]*([0-9]{1,8})(?![0-9]))?';
    c_generic CONSTANT text := '\m(?:telephone|tel|phone|ph|t|number|no|nr|or|and|mobile|mob|cell|m|home|house|h|work|office|w)\M[.]?';
    v_text text := btrim(regexp_replace(p_text, '[^ -~[:alpha:]]', ' ', 'g'));  -- odd blanks and dashes, line ends
    v_found text[];
    v_notes text[];
    v_before boolean;
    v_note text;
    v_hints text[];
BEGIN
    IF coalesce(v_text, '') = '' THEN
        RETURN;
    END IF;
    -- A line end separates two numbers; so does a blank before 0 or + once there are too many digits for one.
    v_text := btrim(regexp_replace(regexp_replace(p_text, '[\n\r]+', ' ; ', 'g'), '[^ -~[:alpha:]]', ' ', 'g'));
    IF length(regexp_replace(v_text, '[^0-9]', '', 'g')) > 15 THEN
        v_text := regexp_replace(v_text, '([0-9]{3}) +(?=(?:\+|00?[1-9])[0-9 ]{6,})', '\1 ; ', 'g');
    END IF;
    v_notes := regexp_split_to_array(v_text, c_digits || replace(c_extension, '([0-9]', '(?:[0-9]'), 'i');
    v_before := v_notes[1] ~* '[[:alpha:]]';
    part := 0;
    IF cardinality(v_notes) = 1 THEN
        part := 1;
        part_text := p_text;
        reason := 'no digits';
        RETURN NEXT;
        RETURN;
    END IF;
    FOR v_found IN SELECT regexp_matches(v_text, '(' || c_digits || ')' || c_extension, 'gi') LOOP
        IF length(regexp_replace(v_found[1], '[^0-9]', '', 'g')) < 7 THEN
            part := 1;
            part_text := p_text;
            phone_number := NULL;
            reason := CASE WHEN cardinality(v_notes) = 2 THEN 'fewer than 7 digits'
                           ELSE 'a group of fewer than 7 digits: unclear what belongs together' END;
            EXIT;
        END IF;
    END LOOP;
    IF reason IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    FOR v_found IN SELECT regexp_matches(v_text, '(' || c_digits || ')' || c_extension, 'gi') LOOP
        part := part + 1;
        part_text := v_found[1] || coalesce(' ext ' || v_found[2], '');
        phone_number := v_found[1];
        IF regexp_replace(phone_number, '[ (.-]', '', 'g') ~ '^(\+|00[1-9])' THEN
            phone_number := regexp_replace(phone_number, '\( *0 *\)', '');
        END IF;
        phone_number := regexp_replace(phone_number, '[^0-9+]', '', 'g');
        phone_number := regexp_replace(regexp_replace(phone_number, '^00(?=[1-9])', '+'), '^\+440', '+44');
        extension := v_found[2];
        v_note := CASE WHEN v_before THEN v_notes[part] ELSE v_notes[part + 1] END;
        IF v_before AND part = cardinality(v_notes) - 1 THEN
            v_note := v_note || ' ' || v_notes[part + 1];
        ELSIF NOT v_before AND part = 1 THEN
            v_note := v_notes[1] || ' ' || v_note;
        END IF;
        v_hints := array_remove(ARRAY[
            CASE WHEN v_note ~* '\m(?:mobile|mob|cell|m)\M' THEN 'mobile' END,
            CASE WHEN v_note ~* '\m(?:home|house|h)\M' THEN 'house_phone' END,
            CASE WHEN v_note ~* '\m(?:work|office|w)\M' THEN 'work' END], NULL);
        phone_type := CASE WHEN cardinality(v_hints) = 1 THEN v_hints[1]
                           WHEN phone_number ~ '^(?:0|\+44)7[1-57-9][0-9]{8}$' THEN 'mobile'
                           ELSE 'other' END;
        v_note := btrim(regexp_replace(regexp_replace(v_note, c_generic, ' ', 'gi'), '[][ /;,:|&()"<>-]+', ' ', 'g'));
        label := left(coalesce(nullif(v_note, ''), CASE phone_type WHEN 'other' THEN 'unclassified (migrated)' END), 50);
        reason := CASE
            WHEN length(regexp_replace(phone_number, '[^0-9]', '', 'g')) > 15 THEN 'more than 15 digits'
            WHEN phone_number ~ '^(\+|0)0' THEN 'no number begins with these zeros'
            WHEN NOT phone_number ~ '^\+?[0-9]{7,15}$' THEN 'fewer than 7 digits'
        END;
        IF reason IS NOT NULL THEN
            phone_number := NULL;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$body$;

COMMENT ON FUNCTION parse_phone_numbers(text) IS
    'the telephone numbers in a free text, normalised, with extension, type and label; or why there is none';

SELECT kingston.give_back_grants('function', 'parse_phone_numbers(text)');

-- function kingston.phone_key(text, text)
-- What two writings of the same telephone number have in common: its digits, with +44 as 0, and the extension.
-- The mask of an encrypted number equals no number.
-- Called by migrate_owner_phones().  Tests: tests/revisions/test_phase_2_owner_phones.py
CREATE OR REPLACE FUNCTION kingston.phone_key(p_number text, p_extension text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(regexp_replace(p_number, '[^0-9+X]', '', 'g'), '^\+44', '0') || ' ' || coalesce(p_extension, '');

SELECT kingston.give_back_grants('function', 'kingston.phone_key(text, text)');

-- function kingston.migrate_phone_batch()
-- One batch of migrate_owner_phones(): the source values in pg_temp.phone_cells become telephone numbers, rejects and
-- memory.  Returns how many numbers were written.
-- Numbers from the text that stood in the same place before, and that nobody edited since, make way for the new ones and
-- are kept in product_owner_phone_rejects.  What parse_phone_numbers() cannot use goes there as well.  The first number
-- of an owner becomes primary unless one is.  Every number is accounted for: found = migrated + rejected + duplicates,
-- judged by the rows really written; a difference raises KS005 and nothing of the batch is kept (erratum E-034).
-- Tests: tests/revisions/test_phase_2_owner_phones.py
CREATE OR REPLACE FUNCTION kingston.migrate_phone_batch() RETURNS bigint
LANGUAGE plpgsql
SET search_path = public, pg_temp
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
           p.reason, kingston.phone_key(p.phone_number, p.extension)
      FROM phone_cells AS c CROSS JOIN LATERAL parse_phone_numbers(c.cell) AS p;

    WITH before AS MATERIALIZED (
        SELECT h.id, c.owner_id, kingston.phone_key(h.phone_number, h.extension) AS number_key
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
                              AND kingston.phone_key(p.phone_number, p.extension) = b.number_key
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
                       AND kingston.phone_key(h.phone_number, h.extension) = p.number_key OFFSET 0)
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

SELECT kingston.give_back_grants('function', 'kingston.migrate_phone_batch()');

-- procedure kingston.migrate_owner_phones()
-- Brings telephone numbers from columns that a portal may have on product_owners (phone, phone_1, phone_2, phone_3) into
-- product_owner_phones.  The source columns are only read; none of them there: nothing to do, which is success.
-- A source value is handled once: product_owner_phone_sources remembers owner, column and the text that was read.  A
-- value that is new or was changed since, also while the database was below this revision, is picked up.  So the
-- procedure may be called again at any time: CALL kingston.migrate_owner_phones().
-- (Once an encryption key is active only the application can write new numbers: then new values are refused, not stored.)
-- Batches of 1,000 owners (migrate_phone_batch), committed one by one; owners that somebody is deleting are passed over
-- and looked at in the next round.  Ends when every source value is remembered, else raises (errata E-034, E-035).
-- Progress: kingston.backfill_progress, step migrate_owner_phones.
-- Called by op.backfill in revision phase_2_owner_phones.  Tests: tests/revisions/test_phase_2_owner_phones.py
CREATE OR REPLACE PROCEDURE kingston.migrate_owner_phones()
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_step CONSTANT text := 'migrate_owner_phones';
    c_rounds CONSTANT integer := 20;
    c_first CONSTANT bigint := -9223372036854775808;
    c_last CONSTANT bigint := 9223372036854775807;
    v_changed text;
    v_highest bigint;
    v_after bigint;
    v_upto bigint;
    v_sum bigint := 0;
    v_left bigint;
BEGIN
    SELECT string_agg(format(
               'SELECT t.id AS owner_id, %1$L::varchar AS source_column, %2$s AS nr,'
               ' CASE WHEN t.%1$I::text ~ ''[^[:space:]]'' THEN t.%1$I::text END AS cell'
               ' FROM public.product_owners AS t WHERE t.id > $1 AND t.id <= $2', c.name, c.nr), ' UNION ALL ')
      INTO v_changed
      FROM unnest(ARRAY['phone', 'phone_1', 'phone_2', 'phone_3']) WITH ORDINALITY AS c (name, nr)
      JOIN pg_attribute AS a ON a.attrelid = 'public.product_owners'::regclass AND a.attname = c.name
       AND NOT a.attisdropped;
    IF v_changed IS NULL THEN
        RETURN;
    END IF;
    v_changed := 'SELECT c.* FROM (' || v_changed || ') AS c LEFT JOIN public.product_owner_phone_sources AS s'
        ' ON s.product_owner_id = c.owner_id AND s.source_column = c.source_column'
        ' AND s.product_owner_id > $1 AND s.product_owner_id <= $2'  -- on both sides, or each batch reads the whole memory
        ' WHERE c.cell IS DISTINCT FROM s.source_text';
    CREATE TEMP TABLE IF NOT EXISTS phone_cells (owner_id bigint, source_column varchar(63), nr integer, cell text,
        PRIMARY KEY (owner_id, source_column)) ON COMMIT DELETE ROWS;
    CREATE TEMP TABLE IF NOT EXISTS phone_parts (owner_id bigint, source_column varchar(63), nr integer, part integer, part_text text,
        phone_number text, extension text, phone_type text, label text, reason text, number_key text,
        duplicate boolean DEFAULT false, PRIMARY KEY (owner_id, nr, part)) ON COMMIT DELETE ROWS;
    SELECT coalesce(max(t.id), 0) INTO v_highest FROM public.product_owners AS t;
    INSERT INTO kingston.backfill_progress AS b (step, total) VALUES (c_step, v_highest)
    ON CONFLICT (step) DO UPDATE
       SET position = NULL, done = 0, total = EXCLUDED.total, started_at = clock_timestamp(), finished_at = NULL;
    COMMIT;

    FOR v_round IN 1 .. c_rounds LOOP
        v_after := c_first;
        LOOP
            SELECT max(o.id) INTO v_upto
              FROM (SELECT t.id FROM public.product_owners AS t WHERE t.id > v_after ORDER BY t.id LIMIT 1000) AS o;
            EXIT WHEN v_upto IS NULL;
            EXECUTE 'INSERT INTO pg_temp.phone_cells ' || v_changed USING v_after, v_upto;
            IF FOUND THEN
                v_sum := v_sum + kingston.migrate_phone_batch();
            END IF;
            UPDATE kingston.backfill_progress AS b
               SET position = v_upto, done = greatest(0, least(v_upto, v_highest)), updated_at = clock_timestamp()
             WHERE b.step = c_step;
            COMMIT;
            v_after := v_upto;
        END LOOP;
        EXECUTE 'SELECT count(*) FROM (' || v_changed || ') AS n' INTO v_left USING c_first, c_last;
        EXIT WHEN v_left = 0;
        PERFORM pg_sleep(0.05);
    END LOOP;
    IF v_left > 0 THEN
        RAISE EXCEPTION '% telephone values of product owners are neither migrated nor rejected after % rounds', v_left, c_rounds
            USING ERRCODE = '55P03', HINT = 'their owners are locked, or written faster than they are read; run the same command again';
    END IF;
    DROP TABLE pg_temp.phone_cells, pg_temp.phone_parts;
    UPDATE kingston.backfill_progress AS b SET finished_at = clock_timestamp() WHERE b.step = c_step;
    IF v_sum > 0 THEN
        PERFORM kingston.log_movement('filled', 'product_owner_phones', NULL, NULL, v_sum);
    END IF;
    COMMIT;
END
$procedure$;

SELECT kingston.give_back_grants('procedure', 'kingston.migrate_owner_phones()');

COMMIT;

CALL kingston.migrate_owner_phones();

BEGIN;

SELECT kingston.take_locks(ARRAY['product_owner_phones']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers product_owner_phones_touch_insert, product_owner_phones_touch_update on product_owner_phones
-- Time and author of the last change of a telephone number (errata E-201, E-202).
-- Tests: tests/sql/test_product_owner_phones.py
CREATE OR REPLACE TRIGGER product_owner_phones_touch_insert BEFORE INSERT ON product_owner_phones
    FOR EACH ROW WHEN (NEW.updated_by IS NULL) EXECUTE FUNCTION touch_updated_at('updated_by');
CREATE OR REPLACE TRIGGER product_owner_phones_touch_update BEFORE UPDATE ON product_owner_phones
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at('updated_by');

COMMIT;

BEGIN;

UPDATE alembic_version SET version_num='phase_2_owner_phones' WHERE alembic_version.version_num = 'phase_2_product_owners';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_2_owner_phones', '{"outcome": "done", "revision": "phase_2_owner_phones", "detail": "by a script", "files": {"versions/0210_phase_2_owner_phones.py": "SHA-256", "sql/migrate_owner_phones/0210.sql": "SHA-256", "sql/migrate_phone_batch/0210.sql": "SHA-256", "sql/parse_phone_numbers/0210.sql": "SHA-256", "sql/phone_key/0210.sql": "SHA-256", "sql/product_owner_phones_touch/0210.sql": "SHA-256", "sql/validate_phone_number/0210.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;

