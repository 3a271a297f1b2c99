-- view product_owner_details
-- Legacy: one row per active owner with the groups and products that belong to them. Read by no route.
-- The two counts count links, the two lists only active groups and products.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW product_owner_details AS
SELECT
    owner.id,
    owner.firstname,
    owner.surname,
    owner.known_as,
    owner.status,
    owner.created_at,
    coalesce(owner.known_as, concat(owner.firstname, ' ', owner.surname)) AS display_name,
    count(DISTINCT membership.client_group_id) AS client_group_count,
    count(DISTINCT link.product_id) AS product_count,
    string_agg(DISTINCT client_group.name, ', ' ORDER BY client_group.name) AS client_groups,
    string_agg(DISTINCT product.product_name, ', ' ORDER BY product.product_name) AS products
FROM product_owners AS owner
LEFT JOIN client_group_product_owners AS membership ON membership.product_owner_id = owner.id
LEFT JOIN client_groups AS client_group
    ON membership.client_group_id = client_group.id AND client_group.status = 'active'
LEFT JOIN product_owner_products AS link ON link.product_owner_id = owner.id
LEFT JOIN client_products AS product
    ON link.product_id = product.id AND product.status = 'active'
WHERE owner.status = 'active'
GROUP BY
    owner.id, owner.firstname, owner.surname, owner.known_as, owner.status, owner.created_at;
