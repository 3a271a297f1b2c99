SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_product_owners';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_1 -> phase_2_product_owners

SELECT kingston.hold_tables(ARRAY['product_owners']::text[], 'ACCESS EXCLUSIVE', false);

SELECT kingston.add_columns('product_owners',
  ARRAY['security_words', 'notes', 'next_meeting_date', 'date_signed_tc', 'last_fee_agreement_date', 'inception_date', 'updated_at', 'updated_by']::text[],
  ARRAY['security_words TEXT', 'notes TEXT', 'next_meeting_date TIMESTAMP WITH TIME ZONE', 'date_signed_tc DATE', 'last_fee_agreement_date DATE', 'inception_date TIMESTAMP WITH TIME ZONE', 'updated_at TIMESTAMP WITH TIME ZONE', 'updated_by VARCHAR(100)']::text[],
  ARRAY['Sensitive: an encrypted envelope wherever encryption is on', 'Sensitive: an encrypted envelope wherever encryption is on', 'In the future when it is written', 'Day the terms and conditions were signed', '', 'Start of the relationship', 'Last real change; empty: none since Phase 2', 'Who made the last change: app.current_user_id or the role']::text[]);

SELECT kingston.set_default('product_owners', 'inception_date', 'now()');

SELECT kingston.set_default('product_owners', 'updated_at', 'now()');

COMMIT;

BEGIN;

COMMIT;

CALL kingston.restore_columns('product_owners', ARRAY['security_words', 'notes', 'next_meeting_date', 'date_signed_tc', 'last_fee_agreement_date', 'inception_date', 'updated_at', 'updated_by']::text[]);

BEGIN;

-- procedure kingston.fill_inception_dates()
-- inception_date := created_at for product owners who were there before the column (erratum E-036).  Filled are rows
-- that nobody has written at this level: inception_date empty and updated_at empty.  So a date that came back from the
-- archive stays, and so does one that somebody emptied on purpose.
-- A small table (one megabyte, some 12,000 owners) is rewritten in one step of about 15 ms under the lock budget: the
-- rows keep their physical order, which answers of the Phase 1 application without ORDER BY follow (promise P3).
-- A larger one is filled in physical order, page range by page range, one committed batch of about 25 ms each;
-- a batch that meets a locked row is passed over and done later.  Repeatable; ends when nothing is left to fill.
-- A column the portal had before us is not filled.  Progress: kingston.backfill_progress, step fill_inception_dates.
-- Called by op.backfill in revision phase_2_product_owners.  Tests: tests/revisions/test_phase_2_product_owners.py
CREATE OR REPLACE PROCEDURE kingston.fill_inception_dates()
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_step CONSTANT text := 'fill_inception_dates';
    c_small CONSTANT bigint := 1024 * 1024;
    c_cap CONSTANT interval := interval '60 seconds';
    v_ours text[] := kingston.our_columns('product_owners', ARRAY['inception_date', 'updated_at']);
    v_open text;
    v_pages bigint;
    v_page bigint;
    v_range integer := 20;
    v_rows bigint;
    v_left bigint;
    v_done bigint := 0;
    v_started timestamptz;
    v_progress timestamptz := clock_timestamp();
    v_ms double precision;
BEGIN
    IF NOT 'inception_date' = ANY (v_ours) THEN
        RETURN;
    END IF;
    v_open := 'inception_date IS NULL' || CASE WHEN 'updated_at' = ANY (v_ours) THEN ' AND updated_at IS NULL' ELSE '' END;
    EXECUTE format('SELECT count(*) FROM public.product_owners WHERE %s', v_open) INTO v_left;
    INSERT INTO kingston.backfill_progress AS b (step, total) VALUES (c_step, v_left)
    ON CONFLICT (step) DO UPDATE
       SET position = NULL, done = 0, total = EXCLUDED.total, started_at = clock_timestamp(), finished_at = NULL;

    IF v_left > 0 AND pg_relation_size('public.product_owners') <= c_small THEN
        PERFORM kingston.take_locks(ARRAY['product_owners']);
        EXECUTE format('ALTER TABLE public.product_owners ALTER COLUMN inception_date TYPE timestamptz'
                       ' USING CASE WHEN %s THEN created_at ELSE inception_date END', v_open);
        v_done := v_left;
        v_left := 0;
    END IF;
    COMMIT;

    WHILE v_left > 0 LOOP
        v_pages := pg_relation_size('public.product_owners') / current_setting('block_size')::bigint;
        v_page := 0;
        WHILE v_page <= v_pages LOOP
            v_started := clock_timestamp();
            v_rows := 0;
            BEGIN
                PERFORM set_config('lock_timeout', '50ms', true);
                EXECUTE format('UPDATE public.product_owners SET inception_date = created_at'
                               ' WHERE ctid >= %L::tid AND ctid < %L::tid AND %s',
                               format('(%s,0)', v_page), format('(%s,0)', v_page + v_range), v_open);
                GET DIAGNOSTICS v_rows = ROW_COUNT;
            EXCEPTION WHEN lock_not_available THEN
                NULL;  -- somebody is writing one of these rows: the next round fills this range
            END;
            v_done := v_done + v_rows;
            UPDATE kingston.backfill_progress AS b
               SET position = v_page, done = v_done, batch = v_rows, updated_at = clock_timestamp()
             WHERE b.step = c_step;
            COMMIT;
            v_page := v_page + v_range;
            v_ms := extract(epoch FROM clock_timestamp() - v_started) * 1000;
            IF v_rows > 0 THEN
                v_progress := clock_timestamp();
                v_range := least(60, greatest(4, CASE WHEN v_ms < 12 THEN v_range * 2
                                                      WHEN v_ms > 40 THEN v_range / 2 ELSE v_range END));
            END IF;
        END LOOP;
        EXECUTE format('SELECT count(*) FROM public.product_owners WHERE %s', v_open) INTO v_left;
        IF v_left > 0 AND clock_timestamp() - v_progress > c_cap THEN
            RAISE EXCEPTION '% product owners have been locked by others for %', v_left, c_cap
                USING ERRCODE = '55P03', HINT = 'end the transactions that hold them and run the same command again';
        ELSIF v_left > 0 THEN
            PERFORM pg_sleep(0.05);
        END IF;
    END LOOP;

    UPDATE kingston.backfill_progress AS b SET done = v_done, finished_at = clock_timestamp() WHERE b.step = c_step;
    IF v_done > 0 THEN
        PERFORM kingston.log_movement('filled', 'product_owners', NULL, ARRAY['inception_date'], v_done);
    END IF;
    COMMIT;
END
$procedure$;

SELECT kingston.give_back_grants('procedure', 'kingston.fill_inception_dates()');

COMMIT;

CALL kingston.fill_inception_dates();

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_product_owners_inception_date__building;

SELECT kingston.index_intended('idx_product_owners_inception_date', 'product_owners', 'CREATE INDEX CONCURRENTLY idx_product_owners_inception_date__building ON product_owners USING btree (inception_date)');

CREATE INDEX CONCURRENTLY idx_product_owners_inception_date__building ON product_owners USING btree (inception_date);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_product_owners_inception_date', 'idx_product_owners_inception_date__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_product_owners_next_meeting__building;

SELECT kingston.index_intended('idx_product_owners_next_meeting', 'product_owners', 'CREATE INDEX CONCURRENTLY idx_product_owners_next_meeting__building ON product_owners USING btree (next_meeting_date) WHERE next_meeting_date IS NOT NULL');

CREATE INDEX CONCURRENTLY idx_product_owners_next_meeting__building ON product_owners USING btree (next_meeting_date) WHERE next_meeting_date IS NOT NULL;

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_product_owners_next_meeting', 'idx_product_owners_next_meeting__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_product_owners_updated_at__building;

SELECT kingston.index_intended('idx_product_owners_updated_at', 'product_owners', 'CREATE INDEX CONCURRENTLY idx_product_owners_updated_at__building ON product_owners USING btree (updated_at DESC)');

CREATE INDEX CONCURRENTLY idx_product_owners_updated_at__building ON product_owners USING btree (updated_at DESC);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_product_owners_updated_at', 'idx_product_owners_updated_at__building');

BEGIN;

-- function touch_updated_at()
-- Keeps updated_at true: the time of the last real change (erratum E-201).  Attached per table as
--   BEFORE UPDATE … FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at()
-- With the argument 'updated_by' it names the actor as well (then also BEFORE INSERT).  A statement that sets one of
-- the two columns itself is believed; a revision that moves data is no edit (kingston.revision is set, erratum E-050).
-- Attached to new tables only; product_owners has touch_product_owner().
-- Tests: tests/sql/test_touch_updated_at.py
CREATE OR REPLACE FUNCTION touch_updated_at() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
DECLARE
    v_actor text := left(coalesce(nullif(current_setting('app.current_user_id', true), ''), session_user), 100);
BEGIN
    IF coalesce(current_setting('kingston.revision', true), '') <> '' THEN
        RETURN NEW;
    ELSIF TG_OP = 'INSERT' THEN
        IF TG_NARGS > 0 THEN
            NEW.updated_by := coalesce(NEW.updated_by, v_actor);
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
        NEW.updated_at := now();
    END IF;
    IF TG_NARGS > 0 THEN  -- apart: a table without the column must not meet it even in an expression
        IF NEW.updated_by IS NOT DISTINCT FROM OLD.updated_by THEN
            NEW.updated_by := v_actor;
        END IF;
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION touch_updated_at() IS
    'trigger: updated_at := now() on a real change; argument updated_by: the actor too';
REVOKE ALL ON FUNCTION touch_updated_at() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'touch_updated_at()');

-- function touch_product_owner()
-- updated_at and updated_by of a product owner: time and author of the last real change (errata E-201, E-202).
-- Only columns that the migration added are touched: where a portal had a column of that name before, its values are
-- the Phase 1 application's own business (ledger; promise P3).  A statement that sets a column itself is believed; a
-- revision that moves data is no edit (kingston.revision is set, erratum E-050).
-- Called by the triggers product_owners_touch_insert and product_owners_touch_update.
-- SECURITY DEFINER: the application's role needs no right on the ledger.
-- Tests: tests/sql/test_touch_product_owner.py
CREATE OR REPLACE FUNCTION touch_product_owner() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
DECLARE
    v_ours  text[] := kingston.our_columns('product_owners', ARRAY['updated_at', 'updated_by']);
    v_actor text := left(coalesce(nullif(current_setting('app.current_user_id', true), ''), session_user), 100);
BEGIN
    IF coalesce(current_setting('kingston.revision', true), '') <> '' THEN
        RETURN NEW;
    ELSIF TG_OP = 'INSERT' THEN
        IF 'updated_by' = ANY (v_ours) THEN
            NEW.updated_by := v_actor;
        END IF;
        RETURN NEW;
    END IF;
    IF 'updated_at' = ANY (v_ours) AND NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
        NEW.updated_at := now();
    END IF;
    IF 'updated_by' = ANY (v_ours) AND NEW.updated_by IS NOT DISTINCT FROM OLD.updated_by THEN
        NEW.updated_by := v_actor;
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION touch_product_owner() IS
    'trigger: time and author of the last real change of a product owner, in the columns that the migration added';
REVOKE ALL ON FUNCTION touch_product_owner() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'touch_product_owner()');

SELECT kingston.take_locks(ARRAY['product_owners']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers product_owners_touch_insert, product_owners_touch_update on product_owners
-- Time and author of the last change.  *<> compares the stored images, so that it works whatever further columns a
-- portal has (IS DISTINCT FROM fails on json), and an UPDATE that changes nothing touches nothing (erratum E-201).
-- Tests: tests/sql/test_touch_product_owner.py
CREATE OR REPLACE TRIGGER product_owners_touch_insert BEFORE INSERT ON product_owners
    FOR EACH ROW WHEN (NEW.updated_by IS NULL) EXECUTE FUNCTION touch_product_owner();
CREATE OR REPLACE TRIGGER product_owners_touch_update BEFORE UPDATE ON product_owners
    FOR EACH ROW WHEN (OLD.* *<> NEW.*) EXECUTE FUNCTION touch_product_owner();

COMMIT;

BEGIN;

-- function check_product_owner_dates()
-- The three rules of document 000 that look at the clock, checked when a value is written and only then:
--   chk_meeting_date_future   next_meeting_date lies in the future
--   chk_tc_date_valid         date_signed_tc is not after today
--   chk_fee_agreement_valid   last_fee_agreement_date is not after today
-- "Today" is the day of the session that writes (its TimeZone).  A meeting that has passed and a date written in
-- another zone never stop a later update of the row, nor a dump from being restored (errata E-037, E-038).
-- Errors: 23514 with the rule as CONSTRAINT.  A column the portal had before us is not judged (promise P3).
-- Called by the triggers product_owners_dates_insert and product_owners_dates_update.
-- Tests: tests/sql/test_check_product_owner_dates.py
CREATE OR REPLACE FUNCTION check_product_owner_dates() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
DECLARE
    v_ours text[] := kingston.our_columns(
        'product_owners', ARRAY['next_meeting_date', 'date_signed_tc', 'last_fee_agreement_date']);
BEGIN
    -- One IF inside the other: a column that is not ours may be of a type that compares with no date at all.
    IF 'next_meeting_date' = ANY (v_ours) THEN
        IF NEW.next_meeting_date <= now()
           AND (TG_OP = 'INSERT' OR NEW.next_meeting_date IS DISTINCT FROM OLD.next_meeting_date) THEN
            RAISE EXCEPTION 'the next meeting of product owner % must lie in the future, not at %',
                NEW.id, NEW.next_meeting_date
                USING ERRCODE = '23514', CONSTRAINT = 'chk_meeting_date_future', COLUMN = 'next_meeting_date',
                      TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
                      HINT = 'write a later time, or NULL when no meeting is planned';
        END IF;
    END IF;
    IF 'date_signed_tc' = ANY (v_ours) THEN
        IF NEW.date_signed_tc > current_date
           AND (TG_OP = 'INSERT' OR NEW.date_signed_tc IS DISTINCT FROM OLD.date_signed_tc) THEN
            RAISE EXCEPTION 'the terms of product owner % cannot have been signed on %, which is after today (%)',
                NEW.id, NEW.date_signed_tc, current_date
                USING ERRCODE = '23514', CONSTRAINT = 'chk_tc_date_valid', COLUMN = 'date_signed_tc',
                      TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
                      HINT = 'write the day of signing, or NULL until they are signed';
        END IF;
    END IF;
    IF 'last_fee_agreement_date' = ANY (v_ours) THEN
        IF NEW.last_fee_agreement_date > current_date
           AND (TG_OP = 'INSERT' OR NEW.last_fee_agreement_date IS DISTINCT FROM OLD.last_fee_agreement_date) THEN
            RAISE EXCEPTION 'the last fee agreement of product owner % cannot be of %, which is after today (%)',
                NEW.id, NEW.last_fee_agreement_date, current_date
                USING ERRCODE = '23514', CONSTRAINT = 'chk_fee_agreement_valid',
                      COLUMN = 'last_fee_agreement_date', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
                      HINT = 'write the day of the agreement, or NULL until there is one';
        END IF;
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION check_product_owner_dates() IS
    'trigger: chk_meeting_date_future, chk_tc_date_valid and chk_fee_agreement_valid, at the moment of writing';
REVOKE ALL ON FUNCTION check_product_owner_dates() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'check_product_owner_dates()');

SELECT kingston.take_locks(ARRAY['product_owners']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers product_owners_dates_insert, product_owners_dates_update on product_owners
-- The rules of check_product_owner_dates(), only where one of the three dates is written with a new value:
-- the statements of the Phase 1 application, which know none of them, never enter the function.
-- Tests: tests/sql/test_check_product_owner_dates.py
CREATE OR REPLACE TRIGGER product_owners_dates_insert BEFORE INSERT ON product_owners
    FOR EACH ROW WHEN (NEW.next_meeting_date IS NOT NULL OR NEW.date_signed_tc IS NOT NULL
                       OR NEW.last_fee_agreement_date IS NOT NULL)
    EXECUTE FUNCTION check_product_owner_dates();
CREATE OR REPLACE TRIGGER product_owners_dates_update BEFORE UPDATE ON product_owners
    FOR EACH ROW WHEN (NEW.next_meeting_date IS DISTINCT FROM OLD.next_meeting_date
                       OR NEW.date_signed_tc IS DISTINCT FROM OLD.date_signed_tc
                       OR NEW.last_fee_agreement_date IS DISTINCT FROM OLD.last_fee_agreement_date)
    EXECUTE FUNCTION check_product_owner_dates();

COMMIT;

BEGIN;

SELECT kingston.grant_roles(ARRAY['product_owners.security_words', 'product_owners.notes', 'product_owners.next_meeting_date', 'product_owners.date_signed_tc', 'product_owners.last_fee_agreement_date', 'product_owners.inception_date', 'product_owners.updated_at', 'product_owners.updated_by']::text[]);

UPDATE alembic_version SET version_num='phase_2_product_owners' WHERE alembic_version.version_num = 'phase_1';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_2_product_owners', '{"outcome": "done", "revision": "phase_2_product_owners", "detail": "by a script", "files": {"versions/0200_phase_2_product_owners.py": "SHA-256", "sql/check_product_owner_dates/0200.sql": "SHA-256", "sql/fill_inception_dates/0200.sql": "SHA-256", "sql/product_owners_dates/0200.sql": "SHA-256", "sql/product_owners_touch/0200.sql": "SHA-256", "sql/touch_product_owner/0200.sql": "SHA-256", "sql/touch_updated_at/0200.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;

