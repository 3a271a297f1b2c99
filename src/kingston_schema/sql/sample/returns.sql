-- sample returns
-- Yearly returns in per cent: per holding (Cash has none) and, as their mean, per portfolio.
-- Older rows do not say which valuation they were measured on; one holding in a hundred was measured twice
-- on its last day, as two people working at once make the portal do.
-- Tests: tests/operations/test_seed.py

-- table: portfolio_fund_irr_values
INSERT INTO portfolio_fund_irr_values (id, fund_id, date, irr_result, created_at, fund_valuation_id)
SELECT r.id, r.holding_id, pg_temp.month_end(r.month),
       ((pg_temp.worth(1000000, 0, 0, r.growth, f.prices[r.month], f.prices[r.first_month]) - 1000000) * 12
        / greatest(r.months_before + r.month - r.first_month, 12)) * 0.0001 + r.again * 0.01,
       pg_temp.moment(pg_temp.month_end(r.month), 65000 + r.holding_id % 3600 + r.again * 3600),
       CASE WHEN r.month > 4 THEN r.first_valuation_id + r.month - r.valued_from END
FROM (
    SELECT h.first_return_id + m.month - least(h.valued_from + 1, h.last_month) AS id, h.*, m.month, 0 AS again
    FROM sample_holding AS h
    CROSS JOIN LATERAL generate_series(least(h.valued_from + 1, h.last_month), h.last_month) AS m (month)
    WHERE h.place > 0
    UNION ALL
    SELECT t.measured + row_number() OVER (ORDER BY h.holding_id), h.*, h.last_month, 1
    FROM sample_holding AS h
    CROSS JOIN (SELECT sum(greatest(last_month - valued_from, 1)) AS measured FROM sample_holding WHERE place > 0) AS t
    WHERE h.measured_twice
) AS r
JOIN sample_price AS f ON f.fund_id = r.fund_id
ORDER BY r.id;

-- table: portfolio_irr_values
INSERT INTO portfolio_irr_values (id, portfolio_id, date, irr_result, created_at, portfolio_valuation_id)
SELECT row_number() OVER (ORDER BY s.portfolio_id, s.month), s.portfolio_id, pg_temp.month_end(s.month), r.irr_result,
       pg_temp.moment(pg_temp.month_end(s.month), 72000 + s.portfolio_id % 3600),
       CASE WHEN s.month > 8 THEN s.valuation_id END
FROM sample_portfolio_month AS s
JOIN (
    SELECT h.portfolio_id, i.date, round(avg(i.irr_result), 4) AS irr_result
    FROM portfolio_fund_irr_values AS i
    JOIN sample_holding AS h ON h.holding_id = i.fund_id
    GROUP BY h.portfolio_id, i.date
) AS r ON r.portfolio_id = s.portfolio_id AND r.date = pg_temp.month_end(s.month)
WHERE s.measured
ORDER BY 1;
