-- Product owners and both link tables (27 to 32).

-- 27 product_owners.create
INSERT INTO product_owners (firstname, surname, known_as, status) VALUES ('Zoë', 'O''Hara', 'Zo', 'active')
    RETURNING id, created_at, status, firstname, surname, known_as;
INSERT INTO product_owners (firstname, surname, known_as, status) VALUES (NULL, NULL, NULL, NULL)
    RETURNING id, created_at, status, firstname, surname, known_as;
INSERT INTO product_owners DEFAULT VALUES RETURNING *;

-- 28 product_owners.update
UPDATE product_owners SET known_as = 'Renamed' WHERE id = %(owner)s RETURNING *;
UPDATE product_owners SET firstname = NULL, surname = '', known_as = NULL, status = 'gone fishing' WHERE id = %(owner)s
    RETURNING *;
UPDATE product_owners SET status = 'inactive' RETURNING id;

-- 29 product_owners.delete
DELETE FROM product_owner_products WHERE product_owner_id = %(owner)s;
DELETE FROM client_group_product_owners WHERE product_owner_id = %(owner)s;
DELETE FROM product_owners WHERE id = %(owner)s RETURNING *;

-- 29 product_owners.delete, by the cascades alone
DELETE FROM product_owners WHERE id = %(owner)s;
SELECT (SELECT count(*) FROM product_owner_products), (SELECT count(*) FROM client_group_product_owners);
DELETE FROM product_owners WHERE id % 4 = 0;
SELECT (SELECT count(*) FROM product_owner_products), (SELECT count(*) FROM client_products);

-- 30 product_owners list, products, client groups
SELECT id, created_at, status, firstname, surname, known_as FROM product_owners ORDER BY id;
SELECT p.id, p.product_name, p.status FROM product_owner_products AS l JOIN client_products AS p ON p.id = l.product_id
WHERE l.product_owner_id = %(owner)s ORDER BY l.id;
SELECT g.* FROM client_group_product_owners AS m JOIN client_groups AS g ON g.id = m.client_group_id
WHERE m.product_owner_id = %(owner)s ORDER BY m.id;
SELECT id, product_owner_id, product_id, created_at FROM product_owner_products;

-- 31 product_owners, link create and delete
SELECT id FROM product_owner_products WHERE product_owner_id = %(owner)s AND product_id = %(product)s;
INSERT INTO product_owner_products (product_owner_id, product_id) VALUES (%(owner)s, %(product)s) RETURNING *;
INSERT INTO product_owner_products (product_owner_id, product_id) VALUES (%(owner)s, %(product)s) RETURNING *;
INSERT INTO product_owner_products (product_owner_id, product_id, created_at) VALUES (NULL, %(product)s, '2020-01-01') RETURNING *;
INSERT INTO product_owner_products (product_owner_id, product_id) VALUES (%(owner)s, NULL), (NULL, NULL) RETURNING *;
DELETE FROM product_owner_products WHERE product_owner_id = %(owner)s AND product_id = %(product)s RETURNING *;
DELETE FROM product_owner_products WHERE id = %(new_product_owner_products)s;
DELETE FROM product_owner_products WHERE product_owner_id IS NULL OR product_id IS NULL;
UPDATE product_owner_products SET product_owner_id = %(other_owner)s WHERE product_owner_id = %(owner)s RETURNING *;
DELETE FROM product_owner_products WHERE product_id % 4 = 0;

-- 31 product_owners, link to somebody who does not exist
INSERT INTO product_owner_products (product_owner_id, product_id) VALUES (2147483000, %(product)s);

-- 32 client_group_product_owners create and delete
SELECT id FROM client_groups WHERE id = %(group)s;
INSERT INTO client_group_product_owners (client_group_id, product_owner_id) VALUES (%(group)s, %(owner)s) RETURNING *;
INSERT INTO client_group_product_owners (client_group_id, product_owner_id) VALUES (%(group)s, %(owner)s) RETURNING *;
INSERT INTO client_group_product_owners (client_group_id, product_owner_id) VALUES (%(group)s, NULL), (NULL, %(owner)s) RETURNING *;
DELETE FROM client_group_product_owners WHERE id = %(new_client_group_product_owners)s;
DELETE FROM client_group_product_owners WHERE client_group_id = %(group)s AND product_owner_id = %(owner)s RETURNING *;
UPDATE client_group_product_owners SET client_group_id = %(other_group)s WHERE client_group_id = %(group)s RETURNING *;
