-- sample activities
-- The ledger of money movements, in the order in which they happened: all eight types that the portal writes.
-- A portfolio without its whole history has one row, the opening payment into its first fund.
-- Tests: tests/operations/test_seed.py

-- stage: sample_activity
CREATE TEMP TABLE sample_activity ON COMMIT DROP AS
WITH holding AS (
    SELECT h.*, f.product_type, p.end_date, f.lapse_month = f.last_month AS moved_out,
           h.holding_id - h.place + 1 AS first_holding_id,
           pg_temp.worth(h.invested, h.regular, h.last_month - h.first_month, h.growth, c.prices[h.last_month],
                         c.prices[h.first_month]) AS last_worth
    FROM sample_holding AS h
    JOIN sample_portfolio AS f ON f.portfolio_id = h.portfolio_id
    JOIN sample_product AS p ON p.product_id = f.founder
    JOIN sample_price AS c ON c.fund_id = h.fund_id
    WHERE h.whole_history OR h.place = 1
), happened AS (
    SELECT h.product_id, h.holding_id, h.start_date AS day, h.invested AS pence,
           CASE WHEN pg_temp.share('transferred in', h.portfolio_id) < 25 THEN 'ProductSwitchIn' ELSE 'Investment' END AS type
    FROM holding AS h
    UNION ALL
    SELECT h.product_id, h.holding_id, pg_temp.month_end(m.month - 1) + 5, h.regular, 'RegularInvestment'
    FROM holding AS h, generate_series(h.first_month + 1, h.last_month) AS m (month)
    WHERE h.whole_history AND h.regular > 0
    UNION ALL
    SELECT h.product_id, h.holding_id, pg_temp.month_end(m.month - 1) + 20, h.regular / 4, 'TaxUplift'
    FROM holding AS h, generate_series(h.first_month + 1, h.last_month) AS m (month)
    WHERE h.whole_history AND h.regular > 0 AND h.product_type = 'Pension'
    UNION ALL
    SELECT h.product_id, h.holding_id, pg_temp.month_end(m.month) - 3,
           20000 + pg_temp.draw('withdrawal', h.holding_id, 120) * 1000, 'Withdrawal'
    FROM holding AS h, generate_series(h.first_month + 1, h.last_month) AS m (month)
    WHERE h.whole_history AND h.place = 1 AND m.month % 3 = 0 AND pg_temp.share('withdraws', h.portfolio_id) < 10
    UNION ALL
    SELECT h.product_id, CASE side.type WHEN 'FundSwitchOut' THEN h.holding_id ELSE h.first_holding_id END,
           pg_temp.month_end(h.closed_month), h.last_worth, side.type
    FROM holding AS h, (VALUES ('FundSwitchOut'), ('FundSwitchIn')) AS side (type)
    WHERE h.whole_history AND h.closed_month IS NOT NULL
    UNION ALL
    SELECT h.product_id, h.holding_id, h.end_date, h.last_worth, 'ProductSwitchOut'
    FROM holding AS h
    WHERE h.whole_history AND h.moved_out AND h.closed_month IS NULL AND h.end_date IS NOT NULL
)
SELECT row_number() OVER (ORDER BY e.day, e.holding_id, e.type COLLATE "C", e.pence) AS activity_id, e.*
FROM happened AS e;

-- table: holding_activity_log
INSERT INTO holding_activity_log (id, product_id, portfolio_fund_id, activity_type, amount, activity_timestamp, created_at)
SELECT s.activity_id, s.product_id, s.holding_id, s.type, s.pence * 0.01, pg_temp.moment(s.day, 0),
       pg_temp.recorded(s.day, s.activity_id)
FROM sample_activity AS s
ORDER BY s.activity_id;
