-- view client_ownership_summary_source
-- What client_ownership_summary must hold, computed now: one row per active client group and owner who is
-- a member of the group and owns at least one active product or information item of it (C-051).
-- Ownership is unnested to one row per product and owner first, then added up (errata E-064); joint owners
-- have equal shares.  Values are those of networth_parts (latest valuation; a portfolio shared by several
-- products of the group counts once, with the product of the lowest id) times the share; nothing is
-- rounded to the penny, so that the owners of a product add up to its value wherever their shares add up
-- to 100.  An owner who is not a member of the group is not listed, as the plan has it.
-- The members are collected once per query: the link table of the portal has no index on the group.
-- LIMIT 1 keeps the look-ups of a name and of a document index scans, whatever the planner expects of the rows before
-- them: statistics from before the fill must not make it join every document of the portal for each group.
-- Called by refresh_summary.  Tests: tests/sql/test_client_ownership_summary.py
CREATE OR REPLACE VIEW client_ownership_summary_source AS
SELECT l.client_group_id,
       w.product_owner_id,
       o.owner_name,
       w.managed_products_owned,
       w.managed_ownership_value,
       w.unmanaged_products_owned,
       w.unmanaged_ownership_value,
       w.information_items_owned
FROM (
    SELECT c.client_group_id, array_agg(DISTINCT c.product_owner_id) AS members
    FROM client_group_product_owners AS c
    WHERE c.client_group_id IS NOT NULL AND c.product_owner_id IS NOT NULL
    GROUP BY c.client_group_id
) AS l
JOIN client_groups AS g ON g.id = l.client_group_id AND g.status = 'active'
CROSS JOIN LATERAL (
    SELECT t.product_owner_id,
           count(*) FILTER (WHERE t.source = 'managed_products') AS managed_products_owned,
           coalesce(sum(t.worth) FILTER (WHERE t.source = 'managed_products'), 0)::numeric(22, 6)
               AS managed_ownership_value,
           count(*) FILTER (WHERE t.source = 'unmanaged_products') AS unmanaged_products_owned,
           coalesce(sum(t.worth) FILTER (WHERE t.source = 'unmanaged_products'), 0)::numeric(22, 6)
               AS unmanaged_ownership_value,
           count(DISTINCT t.source_id) FILTER (WHERE t.source = 'information_items') AS information_items_owned
    FROM (
        SELECT n.source, n.source_id, s.product_owner_id,
               CASE n.kind WHEN 'liability' THEN -n.amount ELSE n.amount END * s.percentage / 100 AS worth
        FROM networth_parts AS n
        CROSS JOIN LATERAL (
            SELECT p.ownership_details FROM client_products AS p WHERE p.id = n.source_id LIMIT 1
        ) AS d
        CROSS JOIN LATERAL ownership_shares(d.ownership_details) AS s
        WHERE n.client_group_id = l.client_group_id AND n.source = 'managed_products'
        UNION ALL
        SELECT n.source, n.source_id, s.product_owner_id,
               CASE n.kind WHEN 'liability' THEN -n.amount ELSE n.amount END * s.percentage / 100
        FROM networth_parts AS n
        JOIN client_unmanaged_products AS p ON p.id = n.source_id
        CROSS JOIN LATERAL ownership_shares(p.ownership_details) AS s
        WHERE n.client_group_id = l.client_group_id AND n.source = 'unmanaged_products'
        UNION ALL
        SELECT 'information_items', c.id, s.product_owner_id, NULL
        FROM client_information_items AS c
        CROSS JOIN LATERAL ownership_shares(c.data_content -> 'associated_product_owners') AS s
        WHERE c.client_group_id = l.client_group_id
        UNION ALL
        SELECT 'information_items', c.id, e.value::numeric::bigint, NULL
        FROM client_information_items AS c
        CROSS JOIN LATERAL jsonb_path_query(c.data_content, 'lax $.product_owners[*] ? (@.type() == "number")')
            AS e (value)
        WHERE c.client_group_id = l.client_group_id
    ) AS t
    WHERE t.product_owner_id = ANY (l.members)
    GROUP BY t.product_owner_id
) AS w
CROSS JOIN LATERAL (
    SELECT coalesce(p.known_as, concat(p.firstname, ' ', p.surname)) AS owner_name
    FROM product_owners AS p
    WHERE p.id = w.product_owner_id
    LIMIT 1
) AS o;
COMMENT ON VIEW client_ownership_summary_source IS
    'What client_ownership_summary must hold, computed now from the tables';
