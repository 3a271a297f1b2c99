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
