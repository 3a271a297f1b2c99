-- Beside each member of the party a set of values that no ordinary day brings; "any" may be NULL, "some" is not.
-- Ten sets, taken in turn.
CREATE TEMP VIEW guest AS
SELECT p.*,
       (ARRAY['', ' ', E'tab\tand\nline\r\n', '𝔘 ☃ שלום', 'e' || U&'\0301\200D\FEFF', '\N', 'NULL', NULL,
              '''; DROP TABLE profiles; --', repeat('langer Text ☃ ', 1000)])[1 + p.n % 10] AS any_text,
       (ARRAY['plain', '50%_a\b', ' ☃ ', 'ключ', E'"quoted",\n{', 'null', '0', '1e400', 'إلى اليمين', repeat('ß', 40)
             ])[1 + p.n % 10] AS some_text,
       (ARRAY['infinity', '-infinity', '4713-01-01 00:00:00+00 BC', '294276-12-31 23:59:59.999999+00', NULL,
              '1969-12-31 23:59:59.999999+00', '2000-02-29 12:00:00+00', '2024-10-27 01:30:00.5+00', NULL, '0001-01-01 00:00:00+00'
             ])[1 + p.n % 10]::timestamptz AS any_moment,
       (ARRAY['infinity', '-infinity', '4713-01-01 BC', '5874897-12-31', NULL, '0001-01-01', '2024-02-29', '1900-01-01', NULL,
              '2031-01-01'])[1 + p.n % 10]::date AS any_day,
       (ARRAY['null', 'true', '-0.00', '1e300', '123456789012345678901234567890.123456789', '"☃ \n \" \\ 𝔘"', '[]', '{}',
              '[null, [true, [1.50, []]], {"a": {"b": {"c": null}}}]', '{"": "", " ": " ", "ключ": ["значение"], "17": 17}'
             ])[1 + p.n % 10]::jsonb AS some_json,
       (ARRAY[2147483647, -2147483648, 0, NULL, 1, -1, 7, NULL, 365, 42])[1 + p.n % 10] AS any_whole,
       (ARRAY[9223372036854775807, -9223372036854775808, 0, NULL, 1, -1, 7, NULL, 365, 42])[1 + p.n % 10] AS any_number
  FROM party AS p
