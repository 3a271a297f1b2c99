-- sample valuations
-- Month-end values of each holding, and of each portfolio as the sum of its holdings on that day.
-- A portfolio without its whole history has the latest value of each holding only.
-- Tests: tests/operations/test_seed.py

-- table: portfolio_fund_valuations
INSERT INTO portfolio_fund_valuations (id, portfolio_fund_id, valuation_date, valuation, created_at)
SELECT h.first_valuation_id + m.month - h.valued_from, h.holding_id, pg_temp.month_end(m.month),
       pg_temp.worth(h.invested, h.regular, m.month - h.first_month, h.growth, f.prices[m.month], f.prices[h.first_month])
       * 0.01,
       pg_temp.moment(pg_temp.month_end(m.month), 64800 + h.holding_id % 3600)
FROM sample_holding AS h
JOIN sample_price AS f ON f.fund_id = h.fund_id
CROSS JOIN LATERAL generate_series(h.valued_from, h.last_month) AS m (month)
ORDER BY 1;

-- stage: sample_portfolio_month
-- The months of each portfolio in which it is valued.
CREATE TEMP TABLE sample_portfolio_month ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY f.portfolio_id, m.month) AS valuation_id, f.portfolio_id, m.month,
       m.month > f.valued_from OR f.valued_from = f.last_month AS measured
FROM sample_portfolio AS f
CROSS JOIN LATERAL generate_series(f.valued_from, f.last_month) AS m (month);

-- table: portfolio_valuations
INSERT INTO portfolio_valuations (id, portfolio_id, valuation_date, valuation, created_at)
SELECT s.valuation_id, s.portfolio_id, pg_temp.month_end(s.month), sum(v.valuation),
       pg_temp.moment(pg_temp.month_end(s.month), 68400 + s.portfolio_id % 3600)
FROM sample_portfolio_month AS s
JOIN sample_holding AS h ON h.portfolio_id = s.portfolio_id AND s.month BETWEEN h.valued_from AND h.last_month
JOIN portfolio_fund_valuations AS v ON v.id = h.first_valuation_id + s.month - h.valued_from
GROUP BY s.valuation_id, s.portfolio_id, s.month
ORDER BY s.valuation_id;
