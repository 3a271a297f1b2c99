-- sample catalogue
-- Providers, funds and portfolio templates: invented houses, ISINs with correct check digits that belong to
-- nobody.  Fund 1 is the row named Cash with ISIN N/A which the portal looks up by those two values;
-- two funds carry the same ISIN (no constraint forbids it), two are inactive, two lack risk or cost.
-- Tests: tests/operations/test_seed.py

-- stage: sample_provider
CREATE TEMP TABLE sample_provider (provider_id, name, status, theme_color, prefix) ON COMMIT DROP AS
VALUES
    (1::bigint, 'Harbour Wrap', 'active', '#1D4ED8', 'HW'), (2, 'Northgate Platform', 'active', '#0F766E', 'NG'),
    (3, 'Albion Life', 'active', '#B91C1C', 'AL'), (4, 'Caledonian Mutual', 'active', '#6D28D9', 'CM'),
    (5, 'Meridian Pensions', 'active', '#C2410C', 'MP'), (6, 'Wexford International', 'active', '#15803D', 'WX'),
    (7, 'Severn & Trent Bonds', 'active', '#0E7490', 'ST'), (8, 'Fairlight Investments', 'active', '#BE185D', 'FL'),
    (9, 'Pennine Building Society', 'active', '#A16207', 'PB'), (10, 'Castlegate SIPP', 'active', '#4338CA', 'CG'),
    (11, 'Manx Assurance', 'active', '#047857', 'MX'), (12, 'Société Générale d''Épargne', 'active', NULL, 'SG'),
    (13, 'Old Exchange Life (closed)', 'inactive', '#57534E', 'OE'), (14, 'Union Friendly', 'inactive', NULL, 'UF');

-- stage: sample_fund
CREATE TEMP TABLE sample_fund (fund_id, fund_name, isin_number, risk_factor, fund_cost, status) ON COMMIT DROP AS
VALUES
    (1::bigint, 'Cash', 'N/A', 1, 0.00, 'active'),
    (2, 'Albion UK Equity Income', 'GB00BYL2P418', 4, 0.78, 'active'),
    (3, 'Northgate UK Equity Index', 'GB00B952Z8V5', 5, 0.06, 'active'),
    (4, 'Harbour UK Smaller Companies', 'GB00BB5S39K9', 6, 0.92, 'active'),
    (5, 'Caledon UK Mid Cap Growth', 'IE00BZC7HFP0', 6, 0.85, 'active'),
    (6, 'Meridian UK Property Feeder', 'LU00BT6KQWF4', 4, 1.12, 'inactive'),
    (7, 'Wexford Global Equity Index', 'GB00BXKB2JR9', 5, 0.12, 'active'),
    (8, 'Albion Global Sustainable Equity', 'GB00BLH863Q8', 5, 0.81, 'active'),
    (9, 'Northgate Global Technology', 'GB00BH34DGY1', 7, 0.98, 'active'),
    (10, 'Harbour Global Infrastructure', 'IE00BYSGGB67', 5, 0.88, 'active'),
    (11, 'Caledon Global Strategic Bond', 'LU00BBJ3J9H8', 3, 0.57, 'active'),
    (12, 'Meridian Global Inflation Linked Bond', 'GB00B6HMN9J3', 3, 0.35, 'active'),
    (13, 'Wexford European ex UK Equity', 'GB00BW70ZJH6', 5, 0.76, 'active'),
    (14, 'Albion European Smaller Companies', 'GB00B991J998', 6, 0.95, 'active'),
    (15, 'Northgate US Equity Index', 'IE00B7QMBPR2', 5, 0.08, 'active'),
    (16, 'Harbour US Growth Opportunities', 'IE00B7QMBPR2', 6, 0.84, 'active'),
    (17, 'Caledon Japan Equity Alpha', 'GB00BM5YXBY5', 6, 0.89, 'active'),
    (18, 'Meridian Asia Pacific Leaders', 'GB00B01NDMP4', 6, 0.91, 'active'),
    (19, 'Wexford Emerging Markets Equity', 'GB00B5MT1NH0', 7, 1.02, 'active'),
    (20, 'Albion Emerging Markets Debt', 'IE00BTT1HCL8', 5, 0.82, 'active'),
    (21, 'Northgate India & China Opportunities', 'LU00B9B92P65', 7, 1.15, 'active'),
    (22, 'Harbour Sterling Corporate Bond', 'GB00BQBW4RP7', 3, 0.42, 'active'),
    (23, 'Caledon Sterling Short Dated Bond', 'GB00BQX5BSC9', 2, 0.31, 'active'),
    (24, 'Meridian Gilt Index', 'GB00B1HY99J9', 3, 0.10, 'active'),
    (25, 'Wexford Index Linked Gilt', 'IE00BF3K8590', 4, 0.14, 'active'),
    (26, 'Albion High Yield Bond', 'LU00BSPVP7V9', 4, 0.66, 'active'),
    (27, 'Northgate Absolute Return', 'GB00BL3SFX21', 3, 0.94, 'active'),
    (28, 'Harbour Money Market', 'GB00B34P6MC3', 1, 0.15, 'active'),
    (29, 'Caledon Cautious Managed', 'GB00BR9DJNV6', 3, 0.65, 'active'),
    (30, 'Meridian Balanced Managed', 'IE00BYP8GNL9', 4, 0.68, 'active'),
    (31, 'Wexford Adventurous Managed', 'LU00B81WDM09', 6, 0.72, 'active'),
    (32, 'Albion Ethical Growth', 'GB00BNMH4DZ5', 5, 0.79, 'active'),
    (33, 'Northgate Ethical Income', 'GB00BG21MTH9', 4, 0.77, 'active'),
    (34, 'Harbour Multi Asset Income', 'GB00B2CDYW84', 4, 0.74, 'active'),
    (35, 'Caledon Multi Asset Growth', 'IE00BQCK2YP5', 5, 0.75, 'active'),
    (36, 'Meridian Target Retirement 2035', 'LU00B5LSZRG7', 4, 0.40, 'active'),
    (37, 'Wexford With Profits Pension', 'GB00BC8ZC4T3', 2, NULL, 'active'),
    (38, 'Albion Commodities', 'GB00BN5JG2X5', 6, 0.55, 'inactive'),
    (39, 'Northgate Healthcare Innovation', 'GB00B9GZ74R7', 6, 0.99, 'active'),
    (40, 'Harbour Clean Energy Transition', 'IE00BFHRPGC3', 7, 1.05, 'active'),
    (41, 'Caledon Real Estate Securities', 'LU00B6RMGS80', 5, 0.69, 'active'),
    (42, 'Meridian Private Markets Access', 'GB00BY6HVS96', NULL, 1.85, 'active');

-- stage: sample_price
-- Prices of each fund at the end of months 1 to 24: integer steps of up to (risk x 0.8) % either way with a
-- small drift upwards; Cash stays at 10000.
CREATE TEMP TABLE sample_price ON COMMIT DROP AS
WITH RECURSIVE walk (fund_id, risk, month, price) AS (
    SELECT f.fund_id, coalesce(f.risk_factor, 4), 1,
           CASE f.fund_id WHEN 1 THEN 10000 ELSE 8000 + pg_temp.draw('first price', f.fund_id, 12000) END
    FROM sample_fund AS f
    UNION ALL
    SELECT w.fund_id, w.risk, w.month + 1,
           CASE w.fund_id WHEN 1 THEN w.price
                ELSE w.price * (10000 + w.risk * 8
                                + pg_temp.draw('price', w.fund_id * 100 + w.month, w.risk * 160 + 1) - w.risk * 80) / 10000
           END
    FROM walk AS w
    WHERE w.month < 24
)
SELECT w.fund_id, array_agg(w.price ORDER BY w.month) AS prices
FROM walk AS w
GROUP BY w.fund_id;

-- stage: sample_template
CREATE TEMP TABLE sample_template (template_id, name) ON COMMIT DROP AS
VALUES (1::bigint, 'Cautious'), (2, 'Balanced'), (3, 'Adventurous'), (4, 'Income'), (5, 'Ethical'), (6, 'Empty shell');

-- stage: sample_generation
-- Up to three generations per template: archived, active, draft.  Template 6 has none.
CREATE TEMP TABLE sample_generation ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY t.template_id, n.number) AS generation_id, t.template_id, n.number,
       t.name || ' ' || (2023 + n.number) AS name, (ARRAY['archived', 'active', 'draft'])[n.number] AS status
FROM sample_template AS t, generate_series(1, 3) AS n (number)
WHERE t.template_id <= CASE n.number WHEN 3 THEN 2 ELSE 5 END;

-- stage: sample_generation_fund
-- Five funds and Cash, weights adding up to 100; drafts have no funds yet.
CREATE TEMP TABLE sample_generation_fund ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY g.generation_id, w.place) AS row_id, g.generation_id, g.number,
       CASE w.place WHEN 0 THEN 1
            ELSE 2 + (pg_temp.draw('template fund', g.generation_id, 41) + w.place * 7) % 41 END AS fund_id, w.weight
FROM sample_generation AS g,
     (VALUES (0, 2.00), (1, 30.00), (2, 25.00), (3, 20.50), (4, 12.50), (5, 10.00)) AS w (place, weight)
WHERE g.status <> 'draft';

-- table: available_providers
INSERT INTO available_providers (id, name, status, created_at, theme_color)
SELECT s.provider_id, s.name, s.status, pg_temp.moment(date '2025-07-31', 29000), s.theme_color
FROM sample_provider AS s
ORDER BY s.provider_id;

-- table: available_funds
INSERT INTO available_funds (id, fund_name, isin_number, risk_factor, fund_cost, status, created_at)
SELECT s.fund_id, s.fund_name, s.isin_number, s.risk_factor, s.fund_cost, s.status,
       pg_temp.moment(date '2025-07-31', 29100)
FROM sample_fund AS s
ORDER BY s.fund_id;

-- table: available_portfolios
INSERT INTO available_portfolios (id, created_at, name)
SELECT s.template_id, pg_temp.moment(date '2025-07-31', 29200), s.name
FROM sample_template AS s
ORDER BY s.template_id;

-- table: template_portfolio_generations
INSERT INTO template_portfolio_generations
    (id, available_portfolio_id, version_number, generation_name, description, status, created_at, updated_at)
SELECT s.generation_id, s.template_id, CASE WHEN s.number = 1 THEN 1 END, s.name,
       CASE s.status WHEN 'archived' THEN 'Replaced at the yearly review' END, s.status,
       pg_temp.moment(date '2025-07-31', 29300 + s.number), pg_temp.moment(date '2025-07-31', 29300 + s.number)
FROM sample_generation AS s
ORDER BY s.generation_id;

-- table: available_portfolio_funds
INSERT INTO available_portfolio_funds (id, template_portfolio_generation_id, fund_id, target_weighting, created_at)
SELECT s.row_id, s.generation_id, s.fund_id, s.weight, pg_temp.moment(date '2025-07-31', 29400 + s.number)
FROM sample_generation_fund AS s
ORDER BY s.row_id;
