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
