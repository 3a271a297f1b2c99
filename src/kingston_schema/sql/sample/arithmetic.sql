-- sample arithmetic
-- Where all variety of the sample data comes from: hashes of (seed, purpose, id), never random() or the clock,
-- so the same clients, products and seed give the same bytes on every server version.
-- hashint8extended and hashtextextended decide in which hash partition a row lives; their results are
-- therefore kept from release to release.
-- Temporary functions, gone with the transaction; plain SQL, so that the planner inlines them.
-- Used by every other file of this folder.  Tests: tests/operations/test_seed.py

-- function: draw(text, bigint, bigint)
-- A number from 0 to choices - 1, independent for each purpose.
CREATE FUNCTION pg_temp.draw(purpose text, id bigint, choices bigint) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ((hashint8extended(id, hashtextextended(purpose COLLATE "C", @seed@)) & 9223372036854775807)
            % choices)::integer
$$;

-- function: share(text, bigint)
-- A number from 0 to 100 of which every 101 consecutive ids get each exactly once: a kind of row that is
-- given one of these numbers appears in every 101 rows, however small the portal is.
CREATE FUNCTION pg_temp.share(purpose text, id bigint) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (((id % 101) * (1 + pg_temp.draw(purpose || ' stride', id / 101, 100))
             + pg_temp.draw(purpose || ' start', id / 101, 101)) % 101)::integer
$$;

-- function: month_end(integer)
-- The last day of month 1 (2024-11-30) to month 24 (2026-10-31), the two years that valuations cover.
CREATE FUNCTION pg_temp.month_end(month integer) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (date '2024-11-01' + make_interval(months => month))::date - 1
$$;

-- function: moment(date, bigint)
-- So many seconds after midnight UTC of a day, whatever the session's time zone is.
CREATE FUNCTION pg_temp.moment(day date, seconds bigint) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (day::timestamp + make_interval(secs => seconds)) AT TIME ZONE 'UTC'
$$;

-- function: recorded(date, bigint)
-- When the portal learned of something that began on a day: older things came with the import of
-- 31 July 2025, many within the same second; later ones were typed in on their day.
CREATE FUNCTION pg_temp.recorded(day date, id bigint) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN day > date '2025-07-31'
                THEN pg_temp.moment(day, 32400 + pg_temp.draw('recorded', id, 28800))
                ELSE pg_temp.moment(date '2025-07-31', 36000 + id / 20 % 7200) END
$$;

-- function: worth(bigint, bigint, integer, integer, integer, integer)
-- What a holding is worth, in pence: money paid in, times the growth before month 1 (10000 = none), times
-- the fund's price now over its price when the records begin.
CREATE FUNCTION pg_temp.worth(
    invested bigint, regular bigint, months integer, growth integer, price integer, first_price integer
) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (invested + regular * months) * growth / 10000 * price / first_price
$$;
