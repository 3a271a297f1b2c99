-- Client groups with two owners, a product and whom else they need, one per role of the rehearsal, written as Phase 1
-- writes them: numbers from the sequences, one statement each.  Parameters: roles, round.

-- step: numbers
CREATE TEMP TABLE party AS
SELECT r.role, r.n::int AS n, %(round)s::text AS round,
       nextval(pg_get_serial_sequence('client_groups', 'id')) AS client_group_id,
       nextval(pg_get_serial_sequence('product_owners', 'id')) AS owner_1,
       nextval(pg_get_serial_sequence('product_owners', 'id')) AS owner_2,
       nextval(pg_get_serial_sequence('portfolios', 'id')) AS portfolio_id,
       nextval(pg_get_serial_sequence('client_products', 'id')) AS product_id,
       nextval(pg_get_serial_sequence('available_providers', 'id')) AS provider_id,
       nextval(pg_get_serial_sequence('profiles', 'id')) AS profile_id
  FROM unnest(%(roles)s::text[]) WITH ORDINALITY AS r (role, n)

-- step: profiles
INSERT INTO profiles (id, first_name, last_name, email)
SELECT p.profile_id, 'Ädviser', p.role, p.role || '@' || p.round || '.example' FROM party AS p

-- step: providers
INSERT INTO available_providers (id, name, status) SELECT p.provider_id, 'Provider ' || p.role, 'active' FROM party AS p

-- step: groups
INSERT INTO client_groups (id, name, advisor, status, type)
SELECT p.client_group_id, 'O''Hara & Söhne ☃ ' || p.role, NULL, 'active', 'Family' FROM party AS p

-- step: owners
INSERT INTO product_owners (id, firstname, surname, known_as, status)
SELECT o.id, o.firstname, p.role, NULL, 'active'
  FROM party AS p CROSS JOIN LATERAL (VALUES (p.owner_1, 'Zoë'), (p.owner_2, 'שלום')) AS o (id, firstname)

-- step: members
INSERT INTO client_group_product_owners (client_group_id, product_owner_id)
SELECT p.client_group_id, o.id FROM party AS p CROSS JOIN LATERAL (VALUES (p.owner_1), (p.owner_2)) AS o (id)

-- step: portfolios
INSERT INTO portfolios (id, portfolio_name, status, start_date)
SELECT p.portfolio_id, 'Portfolio ' || p.role, 'active', '1900-01-01' FROM party AS p

-- step: valuations
INSERT INTO portfolio_valuations (portfolio_id, valuation_date, valuation)
SELECT p.portfolio_id, '2024-02-29', p.n * 1000.01 FROM party AS p

-- step: products
INSERT INTO client_products (id, client_id, product_name, product_type, status, start_date, portfolio_id, plan_number, notes)
SELECT p.product_id, p.client_group_id, 'Product ' || p.role, 'ISA', 'active', '-infinity', p.portfolio_id, '\N', ''
  FROM party AS p

-- step: first links
INSERT INTO product_owner_products (product_id, product_owner_id) SELECT p.product_id, p.owner_1 FROM party AS p

-- step: second links
INSERT INTO product_owner_products (product_id, product_owner_id) SELECT p.product_id, p.owner_2 FROM party AS p
