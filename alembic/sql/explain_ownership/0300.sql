-- function explain_ownership(jsonb)
-- What is wrong with an ownership document, in words, for people and reports; NULL when nothing is.  It says
-- why validate_ownership_details or validate_ownership_percentages_precise refuse a document: the rules
-- themselves stay silent (E-095).  Never an error.  No query per row is needed here, so it may take its time.
-- Tests: tests/sql/test_explain_ownership.py
CREATE OR REPLACE FUNCTION explain_ownership(p_ownership jsonb)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = @schema@, pg_temp
AS $body$
    SELECT CASE
        WHEN p_ownership IS NULL THEN 'ownership is missing'
        WHEN jsonb_typeof(p_ownership) <> 'object'
            THEN format('ownership must be a JSON object, not %s', jsonb_typeof(p_ownership))
        WHEN p_ownership = '{}' THEN NULL
        WHEN octet_length(p_ownership::text) > 8192
            THEN format('the document has %s bytes, at most 8192 are allowed', octet_length(p_ownership::text))
        WHEN NOT p_ownership ? 'association_type' THEN 'association_type is missing'
        WHEN coalesce(p_ownership ->> 'association_type', '')
             NOT IN ('individual', 'tenants_in_common', 'joint_ownership')
            THEN format('association_type %s is unknown: individual, tenants_in_common or joint_ownership',
                        p_ownership -> 'association_type')
        WHEN d.bad_key IS NOT NULL
            THEN format('"%s" is not the id of an owner: a whole number from 1 without leading zeros', d.bad_key)
        WHEN p_ownership ->> 'association_type' = 'joint_ownership' AND d.owners > 0
            THEN 'joint_ownership carries its owners in joint_owners, not as shares'
        WHEN p_ownership ->> 'association_type' = 'joint_ownership'
             AND NOT validate_ownership_percentages(p_ownership)
            THEN 'joint_ownership needs joint_owners: an array of two or more different owner ids'
        WHEN p_ownership ->> 'association_type' = 'joint_ownership' THEN NULL
        WHEN d.not_number IS NOT NULL
            THEN format('the share of owner %s is not a number: %s', d.not_number,
                        p_ownership -> d.not_number)
        WHEN p_ownership ->> 'association_type' = 'individual' AND d.owners > 1
            THEN format('individual ownership has one owner, not %s', d.owners)
        WHEN p_ownership ->> 'association_type' = 'individual' AND d.owners = 0 THEN NULL
        WHEN d.owners = 0 THEN 'tenants_in_common needs at least one owner with a share'
        WHEN d.out_of_range IS NOT NULL AND d.owners > 1
            THEN format('the share of owner %s is not between 0 and 100: %s', d.out_of_range,
                        p_ownership -> d.out_of_range)
        WHEN d.total NOT BETWEEN 99.99 AND 100.01
            THEN format('the shares add up to %s instead of 100 (99.99 to 100.01 are accepted)', d.total)
        WHEN d.out_of_range IS NOT NULL AND p_ownership ->> 'association_type' <> 'individual'
            THEN format('the share of owner %s is not between 0 and 100: %s', d.out_of_range,
                        p_ownership -> d.out_of_range)
        WHEN d.too_fine IS NOT NULL
            THEN format('the share of owner %s has more than two decimals: %s', d.too_fine,
                        p_ownership -> d.too_fine)
        END
    FROM (
        SELECT count(*) AS owners,
               min(e.key) FILTER (WHERE e.key LIKE '0%' OR lpad(e.key, 19, '0') > '9223372036854775807'
                                     OR length(e.key) > 19) AS bad_key,
               min(e.key) FILTER (WHERE e.share IS NULL) AS not_number,
               min(e.key) FILTER (WHERE e.share NOT BETWEEN 0 AND 100) AS out_of_range,
               min(e.key) FILTER (WHERE round(e.share, 2) <> e.share) AS too_fine,
               sum(e.share) AS total
        FROM (SELECT p.key COLLATE "C" AS key,
                     CASE WHEN jsonb_typeof(p.value) = 'number' THEN p.value::numeric END AS share
              FROM jsonb_each(CASE WHEN jsonb_typeof(p_ownership) = 'object' THEN p_ownership ELSE '{}' END) AS p
              WHERE p.key ~ '^[0-9]+$') AS e
    ) AS d
$body$;

COMMENT ON FUNCTION explain_ownership(jsonb) IS
    'What is wrong with an ownership document, in words; NULL when nothing is';
