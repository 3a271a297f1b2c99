-- function is_liability_item(text, jsonb)
-- Is an assets_liabilities item a liability?  "is_liability" in its content decides when it is true or false; else
-- the category does, when it holds one of these words (any case, singular or plural, "_" and "-" are blanks):
-- liability, mortgage, loan, debt, overdraft, borrowing, credit card - unless it also speaks of assets ("Assets and
-- liabilities" says nothing about the item).  Whole words only: "Sloane Street" is no loan.  Never NULL.
-- The documents never say how the two kinds differ; document 000 uses the category 'liabilities' in one view.
-- Called by the view networth_parts and by the client summaries.
-- No SET search_path: pg_catalog functions only, bound when the function is created.
-- Tests: tests/sql/test_networth_parts.py
CREATE OR REPLACE FUNCTION is_liability_item(p_item_category text, p_data jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN p_data -> 'is_liability' = 'true'::jsonb THEN true
    WHEN p_data -> 'is_liability' = 'false'::jsonb THEN false
    ELSE coalesce(
        translate(p_item_category, '_-', '  ')
            ~* '\m(liability|liabilities|mortgages?|loans?|debts?|overdrafts?|borrowings?|credit ?cards?)\M'
        AND translate(p_item_category, '_-', '  ') !~* '\massets?\M', false)
END;

COMMENT ON FUNCTION is_liability_item(text, jsonb) IS
    'true when an assets_liabilities item is a liability: its is_liability flag, else the words of its category';
