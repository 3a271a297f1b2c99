-- sample legacy phones
-- Some portals have a column product_owners.phone that people typed into freely for years: every way of writing
-- a number, and much that is none.  The numbers are those that the regulators keep for fiction.
-- Runs only when asked for; its product_owners takes the place of the one in clients.sql.
-- Tests: tests/operations/test_seed.py

-- stage: sample_phone
CREATE TEMP TABLE sample_phone ON COMMIT DROP AS
WITH spelled (number, written) AS (VALUES
    (0, '07700 900ddd'), (1, '07700900ddd'), (2, '07700-900-ddd'), (3, '07700.900.ddd'), (4, '+44 7700 900ddd'),
    (5, '+447700900ddd'), (6, '+44 (0)7700 900ddd'), (7, '+44(0)7700900ddd'), (8, '0044 7700 900ddd'),
    (9, '00447700900ddd'), (10, '44 7700 900ddd'), (11, '0113 496 0ddd'), (12, '(0113) 496 0ddd'), (13, '0113-496-0ddd'),
    (14, '0113.496.0ddd'), (15, '(0113)4960ddd'), (16, '020 7946 0ddd'), (17, '+44 (0)20 7946 0ddd'),
    (18, '+44 20 7946 0ddd'), (19, '0207 946 0ddd'), (20, '029 2018 0ddd'), (21, '01632 960ddd'), (22, '0808 157 0ddd'),
    (23, '0113 496 0ddd ext 12'), (24, '0113 496 0ddd x12'), (25, '0113 496 0ddd Ext. 3456'), (26, '01139 600 ddd ext12'),
    (27, '0113 496 0ddd extension 7'), (28, '0113 496 0ddd #12'), (29, '07700 900ddd / 0113 496 0ddd'),
    (30, '07700 900ddd or 020 7946 0ddd'), (31, '07700900ddd; 07700900111'), (32, '0113 496 0ddd (office), 07700 900ddd'),
    (33, 'Office: 0113 496 0ddd'), (34, 'Tel 020 7946 0ddd'), (35, 'home 0113 496 0ddd'), (36, 'mob: 07700 900ddd'),
    (37, 'Work 0161 496 0ddd'), (38, '07700 900ddd (m)'), (39, '07700 900ddd (wife)'), (40, 'O77OO 9OOddd'),
    (41, 'ask secretary'), (42, 'n/a'), (43, '-'), (44, '?'), (45, 'ex-directory'), (46, '12ddd'), (47, '496ddd'),
    (48, '960 0ddd'), (49, '0'), (50, '+'), (51, '...........'), (52, ' 07700 900ddd '), (53, E'07700\t900ddd'),
    (54, E'07700 900ddd\n0113 496 0ddd'), (55, '07700 900 ddd'), (56, '0113–496–0ddd'), (57, '+1 (202) 555-0ddd'),
    (58, '+1-202-555-0ddd'), (59, '+353 20 910 0ddd'), (60, '0033 1 99 00 0ddd'), (61, '+61 2 5550 0ddd'),
    (62, '+44 7700 900ddd9999999999'), (63, '0113 496 0ddd / 0114 496 0ddd / 0115 496 0ddd'), (64, '٠٧٧٠٠٩٠٠ddd'),
    (65, '07700 9OO ddd'), (66, '+44 (0) 113 496 0ddd'), (67, 'ddd'), (68, '(0)7700 900ddd'), (69, '++44 7700 900ddd'),
    (70, ''), (71, ' '), (72, '07700/900ddd'), (73, '7700900ddd'), (74, 'tel:+447700900ddd'))
SELECT o.owner_id,
       replace(s.written, 'ddd', lpad(pg_temp.draw('telephone', o.owner_id, 1000)::text, 3, '0')) AS phone
FROM sample_owner AS o
LEFT JOIN spelled AS s ON s.number = CASE WHEN pg_temp.share('phone', o.owner_id) < 75
                                          THEN pg_temp.share('phone', o.owner_id)
                                          WHEN pg_temp.share('phone', o.owner_id) < 90
                                          THEN pg_temp.draw('usual phone', o.owner_id, 23) END;

-- prepare: product_owners.phone
ALTER TABLE product_owners ADD COLUMN IF NOT EXISTS phone text;

-- table: product_owners
INSERT INTO product_owners (id, created_at, status, firstname, surname, known_as, phone)
SELECT s.owner_id, pg_temp.recorded(s.since, s.owner_id), s.status, s.firstname, s.surname, s.known_as, p.phone
FROM sample_owner AS s
JOIN sample_phone AS p ON p.owner_id = s.owner_id
ORDER BY s.owner_id;
