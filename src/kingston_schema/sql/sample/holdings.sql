-- sample holdings
-- What each portfolio holds: one to six funds and, nearly always, Cash; about four rows per product.
-- Some holdings are closed, some portfolios hold the same fund twice (no constraint forbids it).
-- Tests: tests/operations/test_seed.py

-- stage: sample_holding
CREATE TEMP TABLE sample_holding ON COMMIT DROP AS
WITH placed AS (
    SELECT f.*, n.place, f.portfolio_id * 8 + n.place AS key,
           CASE WHEN n.place = 2 AND pg_temp.share('fund twice', f.portfolio_id) = 0 THEN 1 ELSE n.place END AS fund_place,
           CASE WHEN n.place >= 2 AND pg_temp.draw('closed', f.portfolio_id * 8 + n.place, 12) = 0
                THEN f.first_month + pg_temp.draw('closed in', f.portfolio_id * 8 + n.place, f.last_month - f.first_month + 1)
           END AS closed_month,
           ('{{100,0,0,0,0,0},{60,40,0,0,0,0},{50,30,20,0,0,0},{40,30,20,10,0,0},{30,25,20,15,10,0},{25,20,20,15,10,10}}'
            ::integer[])[f.funds][n.place] AS weight
    FROM sample_portfolio AS f, generate_series(f.first_place, f.funds) AS n (place)
), bought AS (
    SELECT p.portfolio_id, p.founder AS product_id, p.place, p.key, p.start_date, p.closed_month, p.weight, p.whole_history,
           CASE p.place WHEN 0 THEN 1 ELSE 2 + (pg_temp.draw('fund', p.portfolio_id, 41)
                + p.fund_place * (1 + pg_temp.draw('fund stride', p.portfolio_id, 40))) % 41 END::bigint AS fund_id,
           CASE p.place WHEN 0 THEN p.pounds + pg_temp.draw('pence', p.key, 100)
                        ELSE p.pounds * p.weight + pg_temp.draw('pence', p.key, 100) END AS invested,
           CASE WHEN p.place IN (1, 2) THEN p.regular ELSE 0 END AS regular,
           10000 + CASE p.place WHEN 0 THEN 0 ELSE p.months_before * pg_temp.draw('growth', p.key, 60) END AS growth,
           p.first_month, p.months_before, least(p.last_month, coalesce(p.closed_month, 24)) AS last_month,
           CASE WHEN p.whole_history THEN p.first_month ELSE least(p.last_month, coalesce(p.closed_month, 24)) END AS valued_from
    FROM placed AS p
)
SELECT row_number() OVER in_order AS holding_id, b.*,
       1 + coalesce(sum(b.last_month - b.valued_from + 1)
                    OVER (in_order ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS first_valuation_id,
       1 + coalesce(sum(CASE b.place WHEN 0 THEN 0 ELSE greatest(b.last_month - b.valued_from, 1) END)
                    OVER (in_order ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS first_return_id,
       b.place > 0 AND b.whole_history AND pg_temp.share('measured twice', b.key) = 0 AS measured_twice
FROM bought AS b
WINDOW in_order AS (ORDER BY b.portfolio_id, b.place);

-- table: portfolio_funds
INSERT INTO portfolio_funds
    (id, portfolio_id, available_funds_id, target_weighting, amount_invested, start_date, end_date, status, created_at)
SELECT s.holding_id, s.portfolio_id, s.fund_id,
       CASE WHEN s.place = 0 THEN NULL WHEN pg_temp.share('weighting', s.holding_id) = 0 THEN NULL ELSE s.weight END,
       CASE WHEN pg_temp.share('invested', s.holding_id) = 0 THEN NULL ELSE s.invested * 0.01 END,
       s.start_date, CASE WHEN s.closed_month IS NOT NULL THEN pg_temp.month_end(s.closed_month) END,
       CASE WHEN s.closed_month IS NULL THEN 'active' ELSE 'inactive' END, pg_temp.recorded(s.start_date, s.portfolio_id)
FROM sample_holding AS s
ORDER BY s.holding_id;
