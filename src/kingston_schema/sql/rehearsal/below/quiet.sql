-- What people do below without touching anything that rests in the archive.

-- step: a group gets another name
UPDATE client_groups SET name = name || ' ☃ renamed', advisor = '' WHERE id = (SELECT p.client_group_id FROM party AS p WHERE p.role = 'stays')

-- step: owners are written
UPDATE product_owners SET surname = surname || ' ☃', known_as = E'a\tb', status = NULL
 WHERE id IN (SELECT unnest(ARRAY[p.owner_1, p.owner_2]) FROM party AS p WHERE p.role IN ('stays', 'owners_saved_again'))

-- step: a product is written
UPDATE client_products SET product_name = NULL, notes = '𝔘', plan_number = '1e400', end_date = 'infinity'
 WHERE id = (SELECT p.product_id FROM party AS p WHERE p.role = 'stays')

-- step: a profile is written
UPDATE profiles SET last_name = 'ключ' WHERE id = (SELECT p.profile_id FROM party AS p WHERE p.role = 'stays')

-- step: the same owners are saved again, links go
DELETE FROM product_owner_products WHERE product_id = (SELECT p.product_id FROM party AS p WHERE p.role = 'owners_saved_again')

-- step: the second owner is linked
INSERT INTO product_owner_products (product_id, product_owner_id) SELECT p.product_id, p.owner_2 FROM party AS p WHERE p.role = 'owners_saved_again'

-- step: the first owner is linked
INSERT INTO product_owner_products (product_id, product_owner_id) SELECT p.product_id, p.owner_1 FROM party AS p WHERE p.role = 'owners_saved_again'
