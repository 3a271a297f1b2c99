-- What people do below to rows that something in the archive belongs to.

-- step: a client group is deleted
DELETE FROM client_groups WHERE id = (SELECT p.client_group_id FROM party AS p WHERE p.role = 'group_deleted')

-- step: an owner is deleted
DELETE FROM product_owners WHERE id = (SELECT p.owner_1 FROM party AS p WHERE p.role = 'owner_deleted')

-- step: a product is deleted
DELETE FROM client_products WHERE id = (SELECT p.product_id FROM party AS p WHERE p.role = 'product_deleted')

-- step: a provider is deleted
DELETE FROM available_providers WHERE id = (SELECT p.provider_id FROM party AS p WHERE p.role = 'provider_deleted')

-- step: a profile is deleted
DELETE FROM profiles WHERE id = (SELECT p.profile_id FROM party AS p WHERE p.role = 'profile_deleted')

-- step: the owners of a product change, links go
DELETE FROM product_owner_products WHERE product_id = (SELECT p.product_id FROM party AS p WHERE p.role = 'owners_changed')

-- step: the other owner is linked
INSERT INTO product_owner_products (product_id, product_owner_id) SELECT p.product_id, p.owner_2 FROM party AS p WHERE p.role = 'owners_changed'

-- step: an encrypted number is written anew | below has product_owner_phones; below lacks product_owner_phones.phone_number_encrypted; above has product_owner_phones.phone_number_encrypted
UPDATE product_owner_phones SET phone_number = '020 7946 0999'
 WHERE phone_number LIKE '%X%' AND product_owner_id = (SELECT p.owner_1 FROM party AS p WHERE p.role = 'number_rewritten')

-- step: a first number is given to an owner who has one in the archive | below has product_owners.phone; below lacks product_owner_phones; above has product_owner_phones
UPDATE product_owners SET phone = '020 7946 0998' WHERE id = (SELECT p.owner_1 FROM party AS p WHERE p.role = 'number_taken')
