SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_client_information';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_2_audit -> phase_2_client_information

-- function validate_ownership_details(jsonb)
-- Is this an ownership document at all: an object of at most 8192 bytes that is either {} (ownership
-- unknown) or names one of the three association types.  The shares are another rule's business
-- (validate_ownership_percentages).
-- Used by CHECK rules, so: IMMUTABLE, PARALLEL SAFE, never an error, never NULL (E-053, E-092, E-172), only
-- pg_catalog objects and therefore no SET clause, which would cost more than the check itself (E-097).
-- Bytes, not characters of an internal form (E-084).  Inlined where it stands in an expression.
-- Tests: tests/sql/test_validate_ownership_details.py
CREATE OR REPLACE FUNCTION validate_ownership_details(p_ownership jsonb)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(
    jsonb_typeof(p_ownership) = 'object'
    AND octet_length(p_ownership::text) <= 8192
    AND (p_ownership = '{}'::jsonb
         OR coalesce(p_ownership ->> 'association_type', '')
            IN ('individual', 'tenants_in_common', 'joint_ownership')),
    false);

COMMENT ON FUNCTION validate_ownership_details(jsonb) IS
    'True for {} or an object of at most 8192 bytes whose association_type is individual, tenants_in_common or joint_ownership; false for anything else, NULL included';

SELECT kingston.give_back_grants('function', 'validate_ownership_details(jsonb)');

-- function validate_ownership_shares(jsonb, boolean)
-- Do the shares of an ownership document add up?  Owner keys are decimal ids ("17"); everything else in the
-- document ("note", ...) is kept and ignored.
--   individual         no owner, or exactly one with 99.99 to 100.01
--   tenants_in_common  one owner or more, each a number from 0 to 100, together 99.99 to 100.01
--   joint_ownership    joint_owners is an array of two or more distinct positive ids; no shares beside it
--   {}                 ownership unknown: nothing to add up
-- p_precise: and no share has more than two decimals (E-094: 33.334 is refused, not rounded; 33.330 is 33.33).
-- Refused: strings, nulls and nested values as shares, negatives, ids that are no bigint or have leading
-- zeros, unknown or missing association types, missing owners (E-093).
-- The body of validate_ownership_percentages and validate_ownership_percentages_precise, which rules call.
-- IMMUTABLE, PARALLEL SAFE, never an error or a message (E-092, E-095), never NULL (E-053), only pg_catalog
-- objects and therefore no SET clause, which would cost more than the check (E-097), and no query per row.
-- The usual documents are recognised by their text, any other goes key by key.
-- Tests: tests/sql/test_validate_ownership_percentages.py
CREATE OR REPLACE FUNCTION validate_ownership_shares(p_ownership jsonb, p_precise boolean)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $body$
DECLARE
    v_rest jsonb;
    v_text text;
    v_shares jsonb;
    v_pair jsonb;
    v_key text;
    v_count integer;
    v_sum numeric;
BEGIN
    -- The short ways: one owner with 100.00, any number with shares of up to two decimals.  With '": ' written as a
    -- backslash, which JSON only has before what is no digit, a quote only ever opens a key, and where none of the
    -- alternatives matches all is "<id>\<number>.  Keys are sorted by length: the last one tells whether any is too
    -- long for a bigint.  Each step costs as much as the next, so the equal shares that the migration assumes are
    -- known by their pattern.
    IF p_ownership ->> 'association_type' = 'tenants_in_common' THEN
        v_text := replace((p_ownership - '{association_type,note,joint_owners}'::text[])::text, '": ', '\');
        IF v_text !~ '"[^1-9]|"[0-9]*[^0-9\\]|\\[^0-9]' THEN
            IF (v_text LIKE '{"%\\50.00, "%\\50.00}' AND octet_length(v_text) < 38 AND v_text NOT LIKE '%,%,%')
               OR ((v_text LIKE '{"%\\33.34, "%\\33.33, "%\\33.33}' OR v_text LIKE '{"%\\33.33, "%\\33.34, "%\\33.33}'
                    OR v_text LIKE '{"%\\33.33, "%\\33.33, "%\\33.34}')
                   AND v_text NOT LIKE '%,%,%,%' AND octet_length(split_part(v_text, '"', -1)) < 22) THEN
                RETURN true;
            END IF;
            IF octet_length(split_part(v_text, '"', -1)) < 22 THEN
                v_shares := jsonb_path_query_array(p_ownership - '{association_type,note,joint_owners}'::text[], '$.*');
                v_sum := (v_shares -> 0)::numeric + coalesce((v_shares -> 1)::numeric, 0)
                         + coalesce((v_shares -> 2)::numeric, 0);
                IF jsonb_array_length(v_shares) > 3 THEN
                    FOR v_index IN 3 .. jsonb_array_length(v_shares) - 1 LOOP
                        v_sum := v_sum + (v_shares -> v_index)::numeric;
                    END LOOP;
                END IF;
                IF v_sum BETWEEN 99.99 AND 100 AND scale(v_sum) <= 2 THEN
                    RETURN true;
                END IF;
            END IF;
        END IF;
    ELSIF p_ownership ->> 'association_type' = 'individual' THEN
        v_text := (p_ownership - '{association_type,note,joint_owners}'::text[])::text;
        IF v_text LIKE '{"%": 100.00}' AND octet_length(v_text) < 32
           AND substr(v_text, 3, octet_length(v_text) - 12) ~ '^[1-9][0-9]*$' THEN
            RETURN true;
        END IF;
    ELSIF p_ownership ->> 'association_type' = 'joint_ownership' THEN
        v_rest := p_ownership -> 'joint_owners';
        v_text := v_rest::text;
        -- As keys of an object only distinct ids stay apart.
        RETURN coalesce(v_text ~ '^\[[1-9][0-9]{0,18}(?:, [1-9][0-9]{0,18})+\]$', false)
           AND NOT jsonb_path_exists(v_rest, '$[*] ? (@ > 9223372036854775807)')
           AND NOT jsonb_path_exists(p_ownership, '$.keyvalue() ? (@.key like_regex "^[0-9]+$")')
           AND jsonb_array_length(v_rest) = jsonb_array_length(jsonb_path_query_array(
                   jsonb_object(translate(v_text, '[]', '{}')::text[], translate(v_text, '[]', '{}')::text[]),
                   '$.*'));
    ELSE
        RETURN coalesce(p_ownership = '{}'::jsonb, false);
    END IF;

    -- The long way: other keys beside the owners, other ways to write a number, or something wrong.
    v_rest := jsonb_path_query_array(p_ownership, '$.keyvalue() ? (@.key like_regex "^[0-9]+$")');
    v_count := jsonb_array_length(v_rest);
    v_sum := 0;
    FOR v_index IN 0 .. v_count - 1 LOOP
        v_pair := v_rest -> v_index;
        v_key := v_pair ->> 'key';
        IF v_key LIKE '0%' OR octet_length(v_key) > 19
           OR (octet_length(v_key) = 19 AND v_key COLLATE "C" > '9223372036854775807')
           OR jsonb_typeof(v_pair -> 'value') <> 'number' THEN
            RETURN false;
        END IF;
        IF (v_pair -> 'value')::numeric NOT BETWEEN 0 AND 100
           AND NOT (v_count = 1 AND p_ownership ->> 'association_type' = 'individual') THEN
            RETURN false;
        END IF;
        IF p_precise AND round((v_pair -> 'value')::numeric, 2) <> (v_pair -> 'value')::numeric THEN
            RETURN false;
        END IF;
        v_sum := v_sum + (v_pair -> 'value')::numeric;
    END LOOP;
    IF p_ownership ->> 'association_type' = 'individual' THEN
        RETURN v_count = 0 OR (v_count = 1 AND v_sum BETWEEN 99.99 AND 100.01);
    END IF;
    RETURN v_count > 0 AND v_sum BETWEEN 99.99 AND 100.01;
END
$body$;

COMMENT ON FUNCTION validate_ownership_shares(jsonb, boolean) IS
    'True when the shares of an ownership document add up to 99.99..100.01 (or it is joint with two owners or more, or {}); precise: with two decimals at most';

SELECT kingston.give_back_grants('function', 'validate_ownership_shares(jsonb, boolean)');

-- function validate_ownership_percentages(jsonb)
-- Do the shares of an ownership document add up?  The rules are in validate_ownership_shares.  One rule for
-- client_unmanaged_products, client_information_items and client_products (E-033, E-096).
-- A body bound when it is created, so that a restored dump finds what it calls (E-097); inlined into rules.
-- Tests: tests/sql/test_validate_ownership_percentages.py
CREATE OR REPLACE FUNCTION validate_ownership_percentages(p_ownership jsonb)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN validate_ownership_shares(p_ownership, false);

COMMENT ON FUNCTION validate_ownership_percentages(jsonb) IS
    'True when the shares of an ownership document add up to 99.99..100.01 (or it is joint with two owners or more, or {}); false for anything else, NULL included';

SELECT kingston.give_back_grants('function', 'validate_ownership_percentages(jsonb)');

-- function jsonb_key_count(jsonb)
-- How many top-level keys a JSON object has; NULL for anything that is not an object.
-- Called by the rule valid_data_content of client_information_items (at most 50 keys).  Erratum E-003: a CHECK may
-- neither call a set-returning function nor hold a sub-select, so the members are counted by a path expression.
-- No SET search_path: pg_catalog functions only, bound when the function is created, and inlined into the CHECK.
-- Tests: tests/sql/test_jsonb_key_count.py
CREATE OR REPLACE FUNCTION jsonb_key_count(p_document jsonb) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(p_document) = 'object'
            THEN jsonb_array_length(jsonb_path_query_array(p_document, 'strict $.*')) END;

COMMENT ON FUNCTION jsonb_key_count(jsonb) IS
    'number of top-level keys of a JSON object; NULL for anything else';

SELECT kingston.give_back_grants('function', 'jsonb_key_count(jsonb)');

-- function explain_product_owner_fields(character varying, jsonb)
-- What is wrong with the owner fields of an information item, in words; NULL when nothing is.  The rule itself:
--   basic_detail, income_expenditure, vulnerability_health: "product_owners", a non-empty array of distinct owner
--     ids (positive whole numbers);
--   assets_liabilities, protection: "associated_product_owners", an object with a known "association_type"; its
--     shares are judged by the ownership rules.
-- Other item types have no owner fields.  Called by validate_product_owner_fields() and by people (erratum E-095: a
-- rule must be silent, the words are asked for).  Errata E-092, E-114, E-157; C-030.
-- The text form of a jsonb array is canonical, so one pattern says "positive whole numbers only"; as keys of an
-- object repeated ids collapse, so comparing the counts finds them: no query per row.
-- No SET search_path: everything is bound when the function is created.
-- Tests: tests/sql/test_validate_product_owner_fields.py
CREATE OR REPLACE FUNCTION explain_product_owner_fields(p_item_type character varying, p_data jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN jsonb_typeof(p_data) IS DISTINCT FROM 'object' THEN 'the content must be a JSON object'
    WHEN p_item_type IN ('basic_detail', 'income_expenditure', 'vulnerability_health') THEN CASE
        WHEN jsonb_typeof(p_data -> 'product_owners') IS DISTINCT FROM 'array'
            THEN p_item_type || ' needs "product_owners", an array of owner ids'
        WHEN (p_data -> 'product_owners')::text !~ '^\[[1-9][0-9]{0,18}(, [1-9][0-9]{0,18})*\]$'
             OR p_data @? 'strict $.product_owners[*] ? (@ > 9223372036854775807)'
            THEN '"product_owners" must hold at least one owner id, and nothing but positive whole numbers'
        WHEN jsonb_key_count(jsonb_object(
                 string_to_array(btrim((p_data -> 'product_owners')::text, '[]'), ', '),
                 string_to_array(btrim((p_data -> 'product_owners')::text, '[]'), ', ')))
             <> jsonb_array_length(p_data -> 'product_owners')
            THEN '"product_owners" names an owner twice'
        END
    WHEN p_item_type IN ('assets_liabilities', 'protection') THEN CASE
        WHEN jsonb_typeof(p_data -> 'associated_product_owners') IS DISTINCT FROM 'object'
            THEN p_item_type || ' needs "associated_product_owners", an ownership object'
        WHEN (p_data #>> '{associated_product_owners,association_type}')
             IN ('individual', 'tenants_in_common', 'joint_ownership') IS NOT TRUE
            THEN '"associated_product_owners" needs an association_type: individual, tenants_in_common or joint_ownership'
        END
END;

COMMENT ON FUNCTION explain_product_owner_fields(character varying, jsonb) IS
    'what is wrong with the owner fields of an information item, in words; NULL when nothing is';

SELECT kingston.give_back_grants('function', 'explain_product_owner_fields(character varying, jsonb)');

-- function validate_product_owner_fields(character varying, jsonb)
-- Does an information item carry the owner fields its type asks for?  The rule and its words are in
-- explain_product_owner_fields().  Never NULL, never an error or a warning (errata E-092, E-095, E-097).
-- Called by the rule valid_product_owner_field_pattern of client_information_items.
-- No SET search_path: everything is bound when the function is created.
-- Tests: tests/sql/test_validate_product_owner_fields.py
CREATE OR REPLACE FUNCTION validate_product_owner_fields(p_item_type character varying, p_data jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN explain_product_owner_fields(p_item_type, p_data) IS NULL;

COMMENT ON FUNCTION validate_product_owner_fields(character varying, jsonb) IS
    'true when an information item carries the owner fields its type asks for';

SELECT kingston.give_back_grants('function', 'validate_product_owner_fields(character varying, jsonb)');

-- function is_json_amount(jsonb)
-- Is this JSON value a number that fits an amount of money, numeric(15,2)?  Text such as "1,250", null and a missing
-- key are not; never NULL, never an error.  Errata E-061, E-092, E-114.
-- Called by explain_client_item_data() and client_item_amount(), so what the rule accepts is what net worth counts.
-- CASE keeps the cast away from values that are no numbers (the order of AND is not promised).
-- No SET search_path: pg_catalog functions only, bound when the function is created.
-- Tests: tests/sql/test_validate_client_item_data.py
CREATE OR REPLACE FUNCTION is_json_amount(p_value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(p_value) = 'number'
            THEN abs(round(p_value::numeric, 2)) < 10000000000000
            ELSE false END;

COMMENT ON FUNCTION is_json_amount(jsonb) IS
    'true for a JSON number that fits numeric(15,2), false for anything else';

SELECT kingston.give_back_grants('function', 'is_json_amount(jsonb)');

-- function explain_client_item_data(text, jsonb)
-- What is wrong with the content of an information item, in words; NULL when nothing is.  The rule itself (C-044,
-- corrected by E-114: the values count, not the mere presence of a key).  Each type needs at least one of its keys,
-- and each of its keys that is there must hold a value of the right kind:
--   basic_detail          name, address_line_one (text, not blank), date_of_birth (text, a real date YYYY-MM-DD)
--   income_expenditure    amount, annual_gross, monthly_amount (amounts; outgoings may be negative)
--   assets_liabilities    latest_valuation, current_balance, estimated_value (amounts; a debt may be negative)
--   protection            policy_number (text, not blank), coverage_amount, premium (amounts, not negative)
--   vulnerability_health  any object
-- An amount is a JSON number that fits numeric(15,2).  Unknown types pass: the list of types is a rule of its own.
-- Called by validate_client_item_data() and by people (E-095).
-- No SET search_path: everything is bound when the function is created.
-- Tests: tests/sql/test_validate_client_item_data.py
CREATE OR REPLACE FUNCTION explain_client_item_data(p_item_type text, p_data jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN jsonb_typeof(p_data) IS DISTINCT FROM 'object' THEN 'the content must be a JSON object'
    WHEN p_item_type = 'basic_detail' THEN CASE
        WHEN NOT p_data ?| ARRAY['name', 'address_line_one', 'date_of_birth']
            THEN 'basic_detail needs name, address_line_one or date_of_birth'
        WHEN p_data ? 'name' AND NOT coalesce(p_data -> 'name' @? 'strict $ ? (@ like_regex "\\S")', false)
            THEN 'name must be a text that is not blank'
        WHEN p_data ? 'address_line_one'
             AND NOT coalesce(p_data -> 'address_line_one' @? 'strict $ ? (@ like_regex "\\S")', false)
            THEN 'address_line_one must be a text that is not blank'
        WHEN p_data ? 'date_of_birth'
             AND NOT (coalesce(p_data -> 'date_of_birth' @? 'strict $ ? (@ like_regex "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")', false)
                      AND coalesce(p_data -> 'date_of_birth' @? 'strict $.datetime("YYYY-MM-DD")', false))
            THEN 'date_of_birth must be a date written YYYY-MM-DD'
        END
    WHEN p_item_type = 'income_expenditure' THEN CASE
        WHEN NOT p_data ?| ARRAY['amount', 'annual_gross', 'monthly_amount']
            THEN 'income_expenditure needs amount, annual_gross or monthly_amount'
        WHEN p_data ? 'amount' AND NOT is_json_amount(p_data -> 'amount')
            THEN 'amount must be a number'
        WHEN p_data ? 'annual_gross' AND NOT is_json_amount(p_data -> 'annual_gross')
            THEN 'annual_gross must be a number'
        WHEN p_data ? 'monthly_amount' AND NOT is_json_amount(p_data -> 'monthly_amount')
            THEN 'monthly_amount must be a number'
        END
    WHEN p_item_type = 'assets_liabilities' THEN CASE
        WHEN NOT p_data ?| ARRAY['latest_valuation', 'current_balance', 'estimated_value']
            THEN 'assets_liabilities needs latest_valuation, current_balance or estimated_value'
        WHEN p_data ? 'latest_valuation' AND NOT is_json_amount(p_data -> 'latest_valuation')
            THEN 'latest_valuation must be a number'
        WHEN p_data ? 'current_balance' AND NOT is_json_amount(p_data -> 'current_balance')
            THEN 'current_balance must be a number'
        WHEN p_data ? 'estimated_value' AND NOT is_json_amount(p_data -> 'estimated_value')
            THEN 'estimated_value must be a number'
        END
    WHEN p_item_type = 'protection' THEN CASE
        WHEN NOT p_data ?| ARRAY['policy_number', 'coverage_amount', 'premium']
            THEN 'protection needs policy_number, coverage_amount or premium'
        WHEN p_data ? 'policy_number'
             AND NOT coalesce(p_data -> 'policy_number' @? 'strict $ ? (@ like_regex "\\S")', false)
            THEN 'policy_number must be a text that is not blank'
        WHEN p_data ? 'coverage_amount'
             AND NOT (is_json_amount(p_data -> 'coverage_amount') AND p_data -> 'coverage_amount' >= '0'::jsonb)
            THEN 'coverage_amount must be a number that is not negative'
        WHEN p_data ? 'premium'
             AND NOT (is_json_amount(p_data -> 'premium') AND p_data -> 'premium' >= '0'::jsonb)
            THEN 'premium must be a number that is not negative'
        END
END;

COMMENT ON FUNCTION explain_client_item_data(text, jsonb) IS
    'what is wrong with the content of an information item, in words; NULL when nothing is';

SELECT kingston.give_back_grants('function', 'explain_client_item_data(text, jsonb)');

-- function validate_client_item_data(text, jsonb)
-- Does an information item hold what its type asks for?  The rule and its words are in explain_client_item_data().
-- Never NULL, never an error or a warning (errata E-092, E-095, E-097, E-114).
-- Called by the rule valid_item_data_structure of client_information_items (from phase 5 on).
-- No SET search_path: everything is bound when the function is created.
-- Tests: tests/sql/test_validate_client_item_data.py
CREATE OR REPLACE FUNCTION validate_client_item_data(p_item_type text, p_data jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN explain_client_item_data(p_item_type, p_data) IS NULL;

COMMENT ON FUNCTION validate_client_item_data(text, jsonb) IS
    'true when the content of an information item is what its type asks for';

SELECT kingston.give_back_grants('function', 'validate_client_item_data(text, jsonb)');

-- function validate_unmanaged_product_transition(text, text)
-- May an unmanaged product go from one status to another?  (C-105)
--   active                     -> sold, transferred, matured, cancelled
--   sold, transferred, matured -> cancelled: the end was recorded by mistake
--   cancelled                  -> active: the product is taken up again
-- So an end of a product is never quietly rewritten into another end: correcting one takes two steps, and the row
-- history shows both.  Staying where one is, is no transition.  Unknown words and NULL: false, never an error.
-- Called by check_unmanaged_product_status() and by applications.
-- No SET search_path: operators of pg_catalog only.
-- Tests: tests/sql/test_validate_unmanaged_product_transition.py
CREATE OR REPLACE FUNCTION validate_unmanaged_product_transition(p_from text, p_to text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(CASE p_from
    WHEN 'active' THEN p_to IN ('sold', 'transferred', 'matured', 'cancelled')
    WHEN 'sold' THEN p_to = 'cancelled'
    WHEN 'transferred' THEN p_to = 'cancelled'
    WHEN 'matured' THEN p_to = 'cancelled'
    WHEN 'cancelled' THEN p_to = 'active'
END, false);

COMMENT ON FUNCTION validate_unmanaged_product_transition(text, text) IS
    'true when an unmanaged product may go from the first status to the second';

SELECT kingston.give_back_grants('function', 'validate_unmanaged_product_transition(text, text)');

-- function check_unmanaged_product_status()
-- Refuses a change of status that validate_unmanaged_product_transition() does not allow.  A word outside the list of
-- statuses is left to the rule client_unmanaged_products_status_check, which names the list.
-- Called by the trigger client_unmanaged_products_status (only when the status changes).
-- Refusal: SQLSTATE 23514, constraint valid_unmanaged_product_transition.
-- Tests: tests/sql/test_client_unmanaged_products.py
CREATE OR REPLACE FUNCTION check_unmanaged_product_status() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $body$
BEGIN
    IF NEW.status IN ('active', 'sold', 'transferred', 'matured', 'cancelled')
       AND NOT validate_unmanaged_product_transition(OLD.status, NEW.status) THEN
        RAISE EXCEPTION 'unmanaged product % cannot go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'status',
                  CONSTRAINT = 'valid_unmanaged_product_transition',
                  HINT = CASE OLD.status
                             WHEN 'cancelled' THEN 'take it up again first: set the status to active'
                             ELSE 'if the end was recorded by mistake, set the status to cancelled, then to active' END;
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION check_unmanaged_product_status() IS
    'trigger: refuses a change of status that is not allowed for unmanaged products';
REVOKE ALL ON FUNCTION check_unmanaged_product_status() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'check_unmanaged_product_status()');

-- function check_valuation_date()
-- A valuation date may not lie in the future, looked at when it is written and never again.  "Today" is the day of
-- the session that writes, as in the default of the column.  Erratum E-038: as a CHECK the rule depends on clock and
-- time zone, so a row that was fine could not be changed from another zone, nor be restored from a dump.
-- Called by the trigger client_unmanaged_products_valuation_date.
-- Refusal: SQLSTATE 23514, constraint valid_valuation_date.
-- Tests: tests/sql/test_client_unmanaged_products.py
CREATE OR REPLACE FUNCTION check_valuation_date() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $body$
BEGIN
    IF NEW.valuation_date > CURRENT_DATE
       AND (TG_OP = 'INSERT' OR NEW.valuation_date IS DISTINCT FROM OLD.valuation_date) THEN
        RAISE EXCEPTION 'the valuation date % lies in the future (today is %)', NEW.valuation_date, CURRENT_DATE
            USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  COLUMN = 'valuation_date', CONSTRAINT = 'valid_valuation_date',
                  HINT = 'a valuation is dated on the day it was made, today at the latest';
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION check_valuation_date() IS
    'trigger: a valuation date that is written may not lie in the future';
REVOKE ALL ON FUNCTION check_valuation_date() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'check_valuation_date()');

-- function bump_row_version()
-- Counts the changes of a row in its column version, whatever value the statement sends for it.  A client that writes
-- "... WHERE id = 7 AND version = 3" and finds no row knows that somebody else changed it first (C-106).
-- Called by the trigger client_information_items_version; the model maps the column as version_id_col.
-- Tests: tests/sql/test_client_information_items.py, tests/models/test_phase_2_models.py
CREATE OR REPLACE FUNCTION bump_row_version() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $body$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION bump_row_version() IS 'trigger: version counts the changes of a row';
REVOKE ALL ON FUNCTION bump_row_version() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'bump_row_version()');

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('client_information_items') THEN
    CREATE TABLE client_information_items (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      client_group_id BIGINT NOT NULL,
      item_type VARCHAR(50) NOT NULL,
      item_category VARCHAR(100) NOT NULL,
      data_content JSONB NOT NULL,
      created_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      updated_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      last_edited_by BIGINT NOT NULL,
      version INTEGER DEFAULT 1 NOT NULL,
      CONSTRAINT client_information_items_pkey PRIMARY KEY (id),
      CONSTRAINT client_information_items_item_type_check CHECK (item_type IN ('basic_detail', 'income_expenditure', 'assets_liabilities', 'protection', 'vulnerability_health')),
      CONSTRAINT item_category_not_empty CHECK (length(btrim(item_category)) > 0)
    );
    COMMENT ON TABLE client_information_items IS 'Information about a client group: details, income, assets, protection, vulnerability';
    COMMENT ON COLUMN client_information_items.data_content IS 'JSON object, at most 50 keys and 65536 bytes; what it holds depends on item_type';
    COMMENT ON COLUMN client_information_items.version IS 'Counts the changes of the row, for optimistic locking';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('client_unmanaged_products') THEN
    CREATE TABLE client_unmanaged_products (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      client_group_id BIGINT NOT NULL,
      product_name VARCHAR(255) NOT NULL,
      product_type VARCHAR(50) NOT NULL,
      provider_id BIGINT,
      latest_valuation NUMERIC(15, 2),
      valuation_date DATE DEFAULT CURRENT_DATE NOT NULL,
      ownership_details JSONB DEFAULT '{}'::jsonb NOT NULL,
      status VARCHAR(50) DEFAULT 'active' NOT NULL,
      notes TEXT,
      created_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      updated_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      last_edited_by BIGINT NOT NULL,
      CONSTRAINT client_unmanaged_products_pkey PRIMARY KEY (id),
      CONSTRAINT product_name_not_empty CHECK (length(btrim(product_name)) > 0),
      CONSTRAINT client_unmanaged_products_product_type_check CHECK (product_type IN ('GIAs', 'Stocks_and_Shares_ISAs', 'Cash_ISAs', 'Bank_Accounts', 'Pensions', 'Offshore_Bonds', 'Onshore_Bonds', 'Individual_Shares', 'Property', 'Others')),
      CONSTRAINT client_unmanaged_products_latest_valuation_check CHECK (latest_valuation >= 0 AND latest_valuation <> 'NaN'),
      CONSTRAINT client_unmanaged_products_status_check CHECK (status IN ('active', 'sold', 'transferred', 'matured', 'cancelled'))
    );
    COMMENT ON TABLE client_unmanaged_products IS 'Products of a client group that the firm does not manage';
    COMMENT ON COLUMN client_unmanaged_products.latest_valuation IS 'Amount of money on valuation_date';
    COMMENT ON COLUMN client_unmanaged_products.ownership_details IS 'Owners and their shares; {} when unknown';
  END IF;
END $kingston$;

SELECT kingston.hold_tables(ARRAY['client_information_items', 'client_unmanaged_products']::text[], 'ACCESS EXCLUSIVE', false);

-- trigger client_information_items_touch on client_information_items
-- updated_at says when the row last changed (erratum E-201).
-- Tests: tests/sql/test_client_information_items.py
CREATE OR REPLACE TRIGGER client_information_items_touch BEFORE UPDATE ON client_information_items
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();

-- trigger client_information_items_version on client_information_items
-- version counts the changes of the row, for optimistic locking (C-106).
-- Tests: tests/sql/test_client_information_items.py
CREATE OR REPLACE TRIGGER client_information_items_version BEFORE UPDATE ON client_information_items
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION bump_row_version();

-- triggers history_insert, history_update, history_delete, history_truncate on client_information_items
-- Row history of information items: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_client_information_items.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON client_information_items
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_information_items', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON client_information_items
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_information_items', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON client_information_items
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_information_items', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON client_information_items
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_information_items', 'id', 'client_group_id', '');
ALTER TABLE client_information_items
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

-- trigger client_unmanaged_products_touch on client_unmanaged_products
-- updated_at says when the row last changed (erratum E-201).
-- Tests: tests/sql/test_client_unmanaged_products.py
CREATE OR REPLACE TRIGGER client_unmanaged_products_touch BEFORE UPDATE ON client_unmanaged_products
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();

-- trigger client_unmanaged_products_status on client_unmanaged_products
-- A status changes only along the allowed steps (C-105); a new row may start with any status.
-- Tests: tests/sql/test_client_unmanaged_products.py
CREATE OR REPLACE TRIGGER client_unmanaged_products_status BEFORE UPDATE OF status ON client_unmanaged_products
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION check_unmanaged_product_status();

-- trigger client_unmanaged_products_valuation_date on client_unmanaged_products
-- No valuation date in the future, looked at when the date is written (erratum E-038).
-- Tests: tests/sql/test_client_unmanaged_products.py
CREATE OR REPLACE TRIGGER client_unmanaged_products_valuation_date
    BEFORE INSERT OR UPDATE OF valuation_date ON client_unmanaged_products
    FOR EACH ROW EXECUTE FUNCTION check_valuation_date();

-- triggers history_insert, history_update, history_delete, history_truncate on client_unmanaged_products
-- Row history of unmanaged products: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_client_unmanaged_products.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON client_unmanaged_products
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_unmanaged_products', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON client_unmanaged_products
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_unmanaged_products', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON client_unmanaged_products
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_unmanaged_products', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON client_unmanaged_products
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_unmanaged_products', 'id', 'client_group_id', '');
ALTER TABLE client_unmanaged_products
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

COMMIT;

BEGIN;

SELECT kingston.add_foreign_key('client_information_items', 'fk_client_items_client_group',
  'FOREIGN KEY (client_group_id) REFERENCES client_groups (id) ON DELETE CASCADE', 'client_groups');

COMMIT;

SELECT kingston.quarantine_orphans('client_information_items', 'fk_client_items_client_group');

SELECT kingston.validate_constraint('client_information_items', 'fk_client_items_client_group');

BEGIN;

SELECT kingston.add_foreign_key('client_information_items', 'fk_client_items_editor',
  'FOREIGN KEY (last_edited_by) REFERENCES profiles (id) ON DELETE RESTRICT', 'profiles');

COMMIT;

SELECT kingston.quarantine_orphans('client_information_items', 'fk_client_items_editor');

SELECT kingston.validate_constraint('client_information_items', 'fk_client_items_editor');

BEGIN;

SELECT kingston.add_foreign_key('client_unmanaged_products', 'fk_unmanaged_products_client_group',
  'FOREIGN KEY (client_group_id) REFERENCES client_groups (id) ON DELETE CASCADE', 'client_groups');

COMMIT;

SELECT kingston.quarantine_orphans('client_unmanaged_products', 'fk_unmanaged_products_client_group');

SELECT kingston.validate_constraint('client_unmanaged_products', 'fk_unmanaged_products_client_group');

BEGIN;

SELECT kingston.add_foreign_key('client_unmanaged_products', 'fk_unmanaged_products_provider',
  'FOREIGN KEY (provider_id) REFERENCES available_providers (id) ON DELETE SET NULL', 'available_providers');

COMMIT;

SELECT kingston.quarantine_orphans('client_unmanaged_products', 'fk_unmanaged_products_provider');

SELECT kingston.validate_constraint('client_unmanaged_products', 'fk_unmanaged_products_provider');

BEGIN;

SELECT kingston.add_foreign_key('client_unmanaged_products', 'fk_unmanaged_products_editor',
  'FOREIGN KEY (last_edited_by) REFERENCES profiles (id) ON DELETE RESTRICT', 'profiles');

COMMIT;

SELECT kingston.quarantine_orphans('client_unmanaged_products', 'fk_unmanaged_products_editor');

SELECT kingston.validate_constraint('client_unmanaged_products', 'fk_unmanaged_products_editor');

BEGIN;

SELECT kingston.refuse_breaking_rows('client_information_items', 'valid_data_content', 'jsonb_typeof(data_content) = ''object'' AND jsonb_key_count(data_content) <= 50 AND octet_length(data_content::text) <= 65536');

SELECT kingston.add_check('client_information_items', 'valid_data_content', 'jsonb_typeof(data_content) = ''object'' AND jsonb_key_count(data_content) <= 50 AND octet_length(data_content::text) <= 65536');

COMMIT;

SELECT kingston.validate_constraint('client_information_items', 'valid_data_content');

BEGIN;

SELECT kingston.refuse_breaking_rows('client_information_items', 'valid_product_owner_field_pattern', 'validate_product_owner_fields(item_type, data_content)');

SELECT kingston.add_check('client_information_items', 'valid_product_owner_field_pattern', 'validate_product_owner_fields(item_type, data_content)');

COMMIT;

SELECT kingston.validate_constraint('client_information_items', 'valid_product_owner_field_pattern');

BEGIN;

SELECT kingston.refuse_breaking_rows('client_information_items', 'valid_item_ownership_percentages', 'NOT data_content ? ''associated_product_owners'' OR validate_ownership_percentages(data_content -> ''associated_product_owners'')');

SELECT kingston.add_check('client_information_items', 'valid_item_ownership_percentages', 'NOT data_content ? ''associated_product_owners'' OR validate_ownership_percentages(data_content -> ''associated_product_owners'')');

COMMIT;

SELECT kingston.validate_constraint('client_information_items', 'valid_item_ownership_percentages');

BEGIN;

SELECT kingston.refuse_breaking_rows('client_unmanaged_products', 'valid_ownership_details', 'validate_ownership_details(ownership_details)');

SELECT kingston.add_check('client_unmanaged_products', 'valid_ownership_details', 'validate_ownership_details(ownership_details)');

COMMIT;

SELECT kingston.validate_constraint('client_unmanaged_products', 'valid_ownership_details');

BEGIN;

SELECT kingston.refuse_breaking_rows('client_unmanaged_products', 'valid_ownership_percentages', 'validate_ownership_percentages(ownership_details)');

SELECT kingston.add_check('client_unmanaged_products', 'valid_ownership_percentages', 'validate_ownership_percentages(ownership_details)');

COMMIT;

SELECT kingston.validate_constraint('client_unmanaged_products', 'valid_ownership_percentages');

BEGIN;

SELECT kingston.grant_roles(ARRAY['client_information_items', 'client_unmanaged_products']::text[]);

UPDATE alembic_version SET version_num='phase_2_client_information' WHERE alembic_version.version_num = 'phase_2_audit';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_2_client_information', '{"outcome": "done", "revision": "phase_2_client_information", "detail": "by a script", "files": {"versions/0230_phase_2_client_information.py": "SHA-256", "sql/bump_row_version/0230.sql": "SHA-256", "sql/check_unmanaged_product_status/0230.sql": "SHA-256", "sql/check_valuation_date/0230.sql": "SHA-256", "sql/client_information_items_touch/0230.sql": "SHA-256", "sql/client_information_items_version/0230.sql": "SHA-256", "sql/client_unmanaged_products_status/0230.sql": "SHA-256", "sql/client_unmanaged_products_touch/0230.sql": "SHA-256", "sql/client_unmanaged_products_valuation_date/0230.sql": "SHA-256", "sql/explain_client_item_data/0230.sql": "SHA-256", "sql/explain_product_owner_fields/0230.sql": "SHA-256", "sql/history_client_information_items/0230.sql": "SHA-256", "sql/history_client_unmanaged_products/0230.sql": "SHA-256", "sql/is_json_amount/0230.sql": "SHA-256", "sql/jsonb_key_count/0230.sql": "SHA-256", "sql/validate_client_item_data/0230.sql": "SHA-256", "sql/validate_ownership_details/0230.sql": "SHA-256", "sql/validate_ownership_percentages/0230.sql": "SHA-256", "sql/validate_ownership_shares/0230.sql": "SHA-256", "sql/validate_product_owner_fields/0230.sql": "SHA-256", "sql/validate_unmanaged_product_transition/0230.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;

