-- workload writes
-- What the portal writes while people work: by the statements of the Phase 1 application, each committed alone, as it does.
-- Only against a scratch copy.  Statements of one query run one after the other; fields as in legacy.sql.
-- Run by kingston load.  Tests: tests/operations/test_load.py

-- query: save_valuation
-- weight: 4
-- keys: SELECT id AS portfolio FROM portfolios ORDER BY id
INSERT INTO portfolio_valuations (portfolio_id, valuation, valuation_date) VALUES (%(portfolio)s, 12345.67, now());

-- query: rename_client
-- weight: 2
-- keys: SELECT id AS client FROM client_groups ORDER BY id
UPDATE client_groups SET name = name WHERE id = %(client)s;

-- query: save_owners
-- weight: 3
-- keys: SELECT l.product_id AS product, min(l.product_owner_id) AS owner FROM product_owner_products AS l JOIN product_owners AS o ON o.id = l.product_owner_id JOIN client_products AS p ON p.id = l.product_id GROUP BY 1 ORDER BY 1
DELETE FROM product_owner_products WHERE product_id = %(product)s;
INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (%(product)s, %(owner)s);

-- query: log_activity
-- weight: 4
-- keys: SELECT f.id AS fund, p.id AS product FROM portfolio_funds AS f JOIN client_products AS p ON p.portfolio_id = f.portfolio_id ORDER BY f.id
INSERT INTO holding_activity_log (product_id, portfolio_fund_id, activity_type, activity_timestamp, amount)
    VALUES (%(product)s, %(fund)s, 'Investment', now(), 100);

-- query: add_action
-- from: phase_2_objectives_actions
-- weight: 2
-- keys: SELECT g.id AS client, (SELECT min(id) FROM profiles) AS editor FROM client_groups AS g ORDER BY g.id
INSERT INTO client_actions (client_group_id, action_name, owner, created_by) VALUES (%(client)s, 'Call', 'advisor', %(editor)s);
