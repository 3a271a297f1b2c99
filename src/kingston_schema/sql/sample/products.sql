-- sample products
-- Products, the portfolios behind them, and changes of provider.
-- One product in seven has lapsed (within the two years that valuations cover); some share the portfolio of an
-- earlier product of the same client, some have none (the portal can fail between the two inserts).
-- The three fee columns are text: the text form of a float, mostly null, never anything else.
-- Tests: tests/operations/test_seed.py

-- stage: sample_product
CREATE TEMP TABLE sample_product ON COMMIT DROP AS
WITH drawn AS (
    SELECT p::bigint AS product_id,
           1 + least(pg_temp.draw('client', p, @clients@), pg_temp.draw('client again', p, @clients@))::bigint AS group_id,
           CASE WHEN pg_temp.share('portfolio', p) < 94 THEN 'own' WHEN pg_temp.share('portfolio', p) < 98 THEN 'shared'
                ELSE 'none' END AS portfolio,
           CASE WHEN pg_temp.share('lapse', p) < 14 THEN 3 + pg_temp.draw('lapse month', p, 20) END AS lapse_month,
           pg_temp.share('lapse', p) AS lapse_share, pg_temp.share('type', p) AS type_share,
           CASE WHEN pg_temp.share('start', p) < 85 OR pg_temp.share('lapse', p) < 14 THEN 1
                ELSE 2 + pg_temp.draw('start month', p, 22) END AS first_month,
           1 + pg_temp.draw('provider', p, 14)::bigint AS provider_id
    FROM generate_series(1, @products@) AS p
)
SELECT d.product_id, d.group_id, d.provider_id, d.first_month, d.lapse_month, d.lapse_share,
       CASE WHEN d.type_share < 28 THEN 'ISA' WHEN d.type_share < 43 THEN 'GIA' WHEN d.type_share < 51 THEN 'Onshore Bond'
            WHEN d.type_share < 58 THEN 'Offshore Bond' WHEN d.type_share < 83 THEN 'Pension'
            WHEN d.type_share < 88 THEN 'Other' WHEN d.type_share < 92 THEN 'Investment'
            WHEN d.type_share < 96 THEN 'Savings' WHEN d.type_share < 100 THEN 'Bond' END AS product_type,
       CASE d.first_month WHEN 1 THEN date '2010-01-01' + pg_temp.draw('started', d.product_id, 5400)
                          ELSE pg_temp.month_end(d.first_month) - pg_temp.draw('started', d.product_id, 27) END AS start_date,
       CASE WHEN d.lapse_month IS NOT NULL AND d.lapse_share <> 1
            THEN pg_temp.month_end(d.lapse_month) + 1 + pg_temp.draw('ended', d.product_id, 20) END AS end_date,
       CASE d.portfolio WHEN 'own' THEN d.product_id
                        WHEN 'shared' THEN max(d.product_id) FILTER (WHERE d.portfolio = 'own')
                                           OVER (PARTITION BY d.group_id ORDER BY d.product_id) END AS founder
FROM drawn AS d
ORDER BY d.product_id;

-- stage: sample_portfolio
-- One per founding product; kept up while any of its products is.  Above @history@ products only the newest
-- @history@ portfolios have their whole monthly history, the others their latest values.
CREATE TEMP TABLE sample_portfolio ON COMMIT DROP AS
WITH founded AS (
    SELECT p.founder, max(coalesce(p.lapse_month, 24)) AS last_month FROM sample_product AS p
    WHERE p.founder IS NOT NULL GROUP BY p.founder
), numbered AS (
    SELECT f.*, row_number() OVER (ORDER BY f.founder) AS portfolio_id, count(*) OVER () AS portfolios FROM founded AS f
)
SELECT n.portfolio_id, n.founder, n.last_month, p.group_id, p.product_type, p.start_date, p.first_month, p.lapse_month,
       n.portfolio_id > n.portfolios - @history@ AS whole_history,
       CASE WHEN n.portfolio_id > n.portfolios - @history@ THEN p.first_month ELSE n.last_month END AS valued_from,
       greatest(0, (date '2024-11-01' - p.start_date) / 30) AS months_before,
       CASE WHEN pg_temp.share('portfolio status', n.portfolio_id) < 8 THEN p.end_date END AS end_date,
       CASE WHEN pg_temp.share('template', n.portfolio_id) < 60
            THEN 1 + pg_temp.draw('generation', n.portfolio_id, 10) END::bigint AS generation_id,
       (5000 + pg_temp.draw('size', n.portfolio_id, 200) * pg_temp.draw('scale', n.portfolio_id, 100) * 10)::bigint AS pounds,
       ('{1,2,2,3,3,3,4,4,5,6}'::integer[])[1 + pg_temp.draw('funds', n.portfolio_id, 10)] AS funds,
       CASE WHEN pg_temp.share('cash', n.portfolio_id) < 95 THEN 0 ELSE 1 END AS first_place,
       CASE WHEN pg_temp.share('regular', n.portfolio_id) < 30
            THEN 10000 + pg_temp.draw('contribution', n.portfolio_id, 36) * 2500 ELSE 0 END::bigint AS regular
FROM numbered AS n
JOIN sample_product AS p ON p.product_id = n.founder
ORDER BY n.portfolio_id;

-- stage: sample_switch
-- One product in a hundred went to another provider and came back.
CREATE TEMP TABLE sample_switch ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY p.product_id, n.number) AS switch_id, p.product_id,
       n.number = 2 OR pg_temp.share('switch', p.product_id) <> 0 AS arrived,
       1 + (p.provider_id - 1 + pg_temp.draw('other provider', p.product_id, 13) + 1) % 14 AS other_provider_id,
       p.provider_id, least(p.start_date + 200 * n.number, date '2026-10-30') AS day
FROM sample_product AS p
CROSS JOIN LATERAL generate_series(1, CASE WHEN pg_temp.share('switch', p.product_id) = 0 THEN 2 ELSE 1 END) AS n (number)
WHERE pg_temp.share('switch', p.product_id) < 6;

-- table: portfolios
INSERT INTO portfolios (id, portfolio_name, status, start_date, end_date, template_generation_id, created_at)
SELECT s.portfolio_id,
       CASE WHEN pg_temp.share('portfolio name', s.portfolio_id) = 0 THEN NULL
            ELSE coalesce(s.product_type, 'Bespoke') || ' portfolio ' || s.founder END,
       CASE WHEN s.end_date IS NULL THEN 'active' ELSE 'inactive' END, s.start_date, s.end_date, s.generation_id,
       pg_temp.recorded(s.start_date, s.founder)
FROM sample_portfolio AS s
ORDER BY s.portfolio_id;

-- table: client_products
-- Generation 77 was deleted; the column has no foreign key.
INSERT INTO client_products
    (id, client_id, product_name, product_type, status, start_date, end_date, provider_id, portfolio_id, plan_number,
     created_at, notes, template_generation_id, fixed_fee_direct, fixed_fee_facilitated, percentage_fee_facilitated)
SELECT s.product_id, s.group_id,
       CASE n.share WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'Grandma''s "rainy day" £££'
                    ELSE v.name || ' ' || coalesce(s.product_type, 'Plan') END,
       s.product_type,
       CASE WHEN s.lapse_month IS NULL THEN 'active' WHEN s.lapse_share = 0 THEN 'lapsed' ELSE 'inactive' END,
       CASE WHEN n.share <> 3 THEN s.start_date END, s.end_date, CASE WHEN n.share <> 4 THEN s.provider_id END,
       f.portfolio_id,
       CASE WHEN n.share < 8 THEN NULL WHEN n.share < 20 THEN v.prefix || ' ' || lpad(s.product_id::text, 7, '0')
            WHEN n.share < 60 THEN lpad((s.product_id * 7919 % 100000000)::text, 8, '0') || '-0' || s.product_id % 9
            ELSE v.prefix || lpad((s.product_id * 104729 % 10000000)::text, 7, '0') END,
       pg_temp.recorded(s.start_date, s.product_id),
       CASE n.share WHEN 10 THEN '' WHEN 11 THEN E'Reviewed with client.\nNext: "protection"; ask about 5% — 10%.'
                    WHEN 12 THEN 'Transfer value £12,345.67; see letter' WHEN 13 THEN 'Zoë’s plan — naïve façade 税' END,
       CASE WHEN n.share = 14 THEN 77 ELSE f.generation_id END,
       CASE WHEN fee.share < 12 THEN ('{0.0,100.0,250.0,480.0,1200.0,99.99}'::text[])[1 + pg_temp.draw('direct', s.product_id, 6)] END,
       CASE WHEN fee.share BETWEEN 8 AND 20
            THEN ('{150.0,300.0,600.0,1000.0,12.5}'::text[])[1 + pg_temp.draw('facilitated', s.product_id, 5)] END,
       CASE WHEN fee.share BETWEEN 16 AND 40
            THEN ('{0.5,0.75,1.0,0.25,0.35,1.25,0.1}'::text[])[1 + pg_temp.draw('percentage', s.product_id, 7)] END
FROM sample_product AS s
JOIN sample_provider AS v ON v.provider_id = s.provider_id
LEFT JOIN sample_portfolio AS f ON f.founder = s.founder
CROSS JOIN LATERAL (SELECT pg_temp.share('product details', s.product_id) AS share) AS n
CROSS JOIN LATERAL (SELECT pg_temp.share('fees', s.product_id) AS share) AS fee
ORDER BY s.product_id;

-- table: provider_switch_log
INSERT INTO provider_switch_log
    (id, client_product_id, previous_provider_id, new_provider_id, switch_date, created_at, description)
SELECT s.switch_id, s.product_id, CASE WHEN s.arrived THEN s.other_provider_id ELSE s.provider_id END,
       CASE WHEN s.arrived THEN s.provider_id ELSE s.other_provider_id END,
       pg_temp.moment(s.day, 0), pg_temp.recorded(s.day, s.switch_id),
       CASE WHEN s.switch_id % 3 = 0 THEN NULL ELSE 'Moved after review of charges' END
FROM sample_switch AS s
ORDER BY s.switch_id;
