-- sample ownership
-- Who owns what: the links that the migration turns into shares.  None to five owners per product, mostly one
-- or two; the same owner linked twice; links without an owner or without a product; the order of created_at
-- may be that of the ids, the reverse, or no order at all (ties).
-- Owners of a product are people of its client group first, then the next people in the register.
-- Tests: tests/operations/test_seed.py

-- stage: sample_link
CREATE TEMP TABLE sample_link ON COMMIT DROP AS
WITH family AS (
    SELECT o.group_id, min(o.owner_id) AS first_owner, count(*) AS people, sum(count(*)) OVER ()::bigint AS everybody
    FROM sample_owner AS o
    GROUP BY o.group_id
), owned AS (
    SELECT p.product_id, p.start_date, f.first_owner, f.people, f.everybody,
           pg_temp.share('link order', p.product_id) AS order_share, pg_temp.share('link oddity', p.product_id) AS odd,
           least(f.everybody, CASE WHEN pg_temp.share('owners', p.product_id) < 4 THEN 0
                                   WHEN pg_temp.share('owners', p.product_id) < 66 THEN 1
                                   WHEN pg_temp.share('owners', p.product_id) < 93 THEN 2
                                   WHEN pg_temp.share('owners', p.product_id) < 97 THEN 3
                                   WHEN pg_temp.share('owners', p.product_id) < 99 THEN 4 ELSE 5 END) AS owners
    FROM sample_product AS p
    JOIN family AS f ON f.group_id = p.group_id
), linked AS (
    SELECT w.product_id, w.start_date, w.owners, w.order_share, n.place,
           CASE WHEN w.owners <= w.people
                THEN w.first_owner + (pg_temp.draw('first of family', w.product_id, w.people) + n.place - 1) % w.people
                ELSE (w.first_owner + n.place - 2) % w.everybody + 1 END AS owner_id,
           w.product_id AS linked_product_id
    FROM owned AS w, generate_series(1, w.owners) AS n (place)
    UNION ALL
    SELECT w.product_id, w.start_date, w.owners, w.order_share, o.place,
           CASE WHEN o.place <> 7 THEN w.first_owner END, CASE WHEN o.place <> 8 THEN w.product_id END
    FROM owned AS w
    JOIN (VALUES (0, 6), (1, 6), (2, 6), (3, 7), (4, 7), (5, 8)) AS o (odd, place) ON o.odd = w.odd
)
SELECT row_number() OVER (ORDER BY l.product_id, l.place) AS link_id, l.owner_id, l.linked_product_id AS product_id,
       pg_temp.recorded(l.start_date, l.product_id)
       + make_interval(secs => CASE WHEN l.order_share < 30 THEN 0 WHEN l.order_share < 75 THEN l.place * 2
                                    ELSE 20 - l.place * 2 END) AS created_at
FROM linked AS l;

-- table: product_owner_products
INSERT INTO product_owner_products (id, product_owner_id, product_id, created_at)
SELECT s.link_id, s.owner_id, s.product_id, s.created_at
FROM sample_link AS s
ORDER BY s.link_id;
