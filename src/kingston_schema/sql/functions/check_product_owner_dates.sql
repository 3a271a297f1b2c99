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
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    v_ours text[] := @control@.our_columns(
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
