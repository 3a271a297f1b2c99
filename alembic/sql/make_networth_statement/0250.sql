-- function make_networth_statement(bigint, bigint, character varying)
-- Takes a net-worth statement of a client group: writes one immutable row of networth_statements and returns its id.
-- snapshot_data lists every part of networth_parts under managed_products, unmanaged_products and information_items,
-- and total_assets and total_liabilities are the sums of the amounts listed, to the penny.
-- One INSERT ... SELECT, so all of it is one snapshot of the database whatever others write meanwhile.
-- ownership_details is read through to_jsonb(): managed products gain that column in phase 3 only.
-- Errors: 23503 for a client group or profile that does not exist.
-- Called by applications.  C-028, C-104; erratum E-059.
-- Tests: tests/sql/test_make_networth_statement.py
CREATE OR REPLACE FUNCTION make_networth_statement(
    p_client_group_id bigint,
    p_created_by bigint,
    p_statement_name character varying DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    v_taken_at timestamptz := clock_timestamp();
    v_id bigint;
BEGIN
    INSERT INTO networth_statements AS s
        (client_group_id, statement_name, created_by, created_at, snapshot_data, total_assets, total_liabilities)
    SELECT g.id, p_statement_name, p_created_by, v_taken_at,
           jsonb_build_object(
               'snapshot_timestamp', v_taken_at,
               'managed_products', sums.managed_products,
               'unmanaged_products', sums.unmanaged_products,
               'information_items', sums.information_items,
               'total_assets', sums.total_assets,
               'total_liabilities', sums.total_liabilities,
               'net_worth', sums.total_assets - sums.total_liabilities),
           sums.total_assets, sums.total_liabilities
    FROM client_groups AS g
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(listed.entry ORDER BY listed.source_id)
                            FILTER (WHERE listed.source = 'managed_products'), '[]') AS managed_products,
               coalesce(jsonb_agg(listed.entry ORDER BY listed.source_id)
                            FILTER (WHERE listed.source = 'unmanaged_products'), '[]') AS unmanaged_products,
               coalesce(jsonb_agg(listed.entry ORDER BY listed.source_id)
                            FILTER (WHERE listed.source = 'information_items'), '[]') AS information_items,
               coalesce(sum(listed.amount) FILTER (WHERE listed.kind = 'asset'), 0.00) AS total_assets,
               coalesce(sum(listed.amount) FILTER (WHERE listed.kind = 'liability'), 0.00) AS total_liabilities
        FROM (
            SELECT n.source, n.source_id, n.kind, n.amount,
                   jsonb_strip_nulls(jsonb_build_object(
                       'id', n.source_id,
                       'name', n.name,
                       'type', n.type,
                       'provider', pr.name,
                       'portfolio_id', n.portfolio_id,
                       'valuation', n.valuation,
                       'valuation_date', n.valuation_date,
                       'kind', n.kind,
                       'amount', n.amount,
                       'counted', n.counted,
                       'counted_with', n.counted_with)
                   || CASE WHEN o.ownership IS NULL THEN '{}'
                           ELSE jsonb_build_object('ownership_details', o.ownership) END) AS entry
            FROM networth_parts AS n
            LEFT JOIN available_providers AS pr ON pr.id = n.provider_id
            CROSS JOIN LATERAL (
                SELECT CASE n.source
                    WHEN 'managed_products' THEN
                        (SELECT to_jsonb(c) -> 'ownership_details' FROM client_products AS c WHERE c.id = n.source_id)
                    WHEN 'unmanaged_products' THEN
                        (SELECT u.ownership_details FROM client_unmanaged_products AS u WHERE u.id = n.source_id)
                    ELSE
                        (SELECT i.data_content -> 'associated_product_owners'
                         FROM client_information_items AS i WHERE i.id = n.source_id)
                END AS ownership
            ) AS o
            WHERE n.client_group_id = g.id
        ) AS listed
    ) AS sums
    WHERE g.id = p_client_group_id
    RETURNING s.id INTO v_id;
    IF v_id IS NULL THEN
        RAISE EXCEPTION 'no net-worth statement: there is no client group %', coalesce(p_client_group_id::text, '(null)')
            USING ERRCODE = 'foreign_key_violation', TABLE = 'networth_statements',
                  CONSTRAINT = 'fk_networth_statements_client_group';
    END IF;
    RETURN v_id;
END
$body$;

COMMENT ON FUNCTION make_networth_statement(bigint, bigint, character varying) IS
    'takes an immutable net-worth statement of a client group and returns its id; the totals are the sums of the parts listed';
