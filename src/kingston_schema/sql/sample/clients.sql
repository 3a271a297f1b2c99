-- sample clients
-- Client groups, the people in them and who belongs where, with what a portal collects over the years:
-- no name, no type, no adviser, an adviser who left, an adviser id that points nowhere (there is no foreign
-- key), names missing or empty, people in no group or in two, memberships twice or with one end missing.
-- Tests: tests/operations/test_seed.py

-- stage: sample_group
CREATE TEMP TABLE sample_group ON COMMIT DROP AS
SELECT g::bigint AS group_id, t.type, pg_temp.draw('group surname', g, 67) AS surname_number,
       CASE coalesce(t.type, 'Family')
           WHEN 'Family' THEN ('{1,1,1,2,2,2,2,2,3,4}'::integer[])[1 + pg_temp.draw('people', g, 10)]
           WHEN 'Trust' THEN 2 + pg_temp.draw('people', g, 3)
           ELSE 1 + pg_temp.draw('people', g, 5) END AS people,
       CASE WHEN a.share < 94 THEN 1 + pg_temp.draw('adviser', g, 6) END::bigint AS adviser_id, a.share AS adviser_share,
       date '2008-01-01' + pg_temp.draw('client since', g, 6800) AS since
FROM generate_series(1, @clients@) AS g
CROSS JOIN LATERAL (SELECT CASE WHEN pg_temp.share('group type', g) < 74 THEN 'Family'
                                WHEN pg_temp.share('group type', g) < 90 THEN 'Business'
                                WHEN pg_temp.share('group type', g) < 99 THEN 'Trust' END AS type) AS t
CROSS JOIN LATERAL (SELECT pg_temp.share('group adviser', g) AS share) AS a;

-- stage: sample_owner
CREATE TEMP TABLE sample_owner ON COMMIT DROP AS
WITH person AS (
    SELECT row_number() OVER (ORDER BY g.group_id, n.place) AS owner_id, g.group_id, n.place, g.since, g.type,
           g.surname_number
    FROM sample_group AS g, generate_series(1, g.people) AS n (place)
), named AS (
    SELECT p.*, pg_temp.draw('first name', p.owner_id, 59) AS first_number,
           CASE WHEN p.type = 'Business' OR pg_temp.draw('own surname', p.owner_id, 12) = 0
                THEN pg_temp.draw('surname', p.owner_id, 67) ELSE p.surname_number END AS last_number,
           pg_temp.share('names', p.owner_id) AS name_share, pg_temp.share('known as', p.owner_id) AS known_share,
           pg_temp.share('owner status', p.owner_id) AS status_share
    FROM person AS p
)
SELECT n.owner_id, n.group_id, n.place, n.since,
       CASE n.name_share WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN pg_temp.first_name(n.first_number) || ' '
                         ELSE pg_temp.first_name(n.first_number) END AS firstname,
       CASE n.name_share WHEN 0 THEN NULL WHEN 3 THEN NULL WHEN 4 THEN ''
                         ELSE pg_temp.surname(n.last_number) END AS surname,
       CASE WHEN n.known_share < 10 THEN NULL WHEN n.known_share < 14 THEN ''
            WHEN n.known_share = 14 THEN 'Mr & Mrs ' || pg_temp.surname(n.last_number)
            WHEN n.known_share < 60 THEN pg_temp.first_name(n.first_number)
            ELSE pg_temp.short_name(n.first_number) END AS known_as,
       CASE WHEN n.status_share < 90 THEN 'active' WHEN n.status_share < 97 THEN 'inactive' END AS status
FROM named AS n
ORDER BY n.owner_id;

-- stage: sample_membership
CREATE TEMP TABLE sample_membership ON COMMIT DROP AS
WITH member AS (
    SELECT o.owner_id, o.group_id, o.since, pg_temp.share('membership', o.owner_id) AS share FROM sample_owner AS o
), wanted AS (
    SELECT m.owner_id, m.group_id, m.since, 1 AS place, m.owner_id AS near FROM member AS m WHERE m.share < 92
    UNION ALL
    SELECT m.owner_id, m.group_id, m.since, 2, m.owner_id FROM member AS m WHERE m.share IN (10, 11)  -- twice
    UNION ALL
    SELECT m.owner_id, m.group_id % @clients@ + 1, m.since, 3, m.owner_id FROM member AS m WHERE m.share IN (20, 21, 22)
    UNION ALL
    SELECT NULL, m.group_id, m.since, 4, m.owner_id FROM member AS m WHERE m.share = 30
    UNION ALL
    SELECT m.owner_id, NULL, m.since, 5, m.owner_id FROM member AS m WHERE m.share = 31
)
SELECT row_number() OVER (ORDER BY w.near, w.place) AS membership_id, w.owner_id, w.group_id,
       pg_temp.recorded(w.since, w.near) AS created_at
FROM wanted AS w;

-- table: client_groups
INSERT INTO client_groups (id, advisor, status, created_at, name, type, advisor_id)
SELECT s.group_id,
       CASE WHEN s.adviser_share < 94 THEN concat_ws(' ', p.first_name, p.last_name)
            WHEN s.adviser_share < 96 THEN 'Graham Tuttle' WHEN s.adviser_share = 96 THEN '' END,
       CASE WHEN pg_temp.share('group status', s.group_id) < 84 THEN 'active'
            WHEN pg_temp.share('group status', s.group_id) < 93 THEN 'dormant' ELSE 'inactive' END,
       pg_temp.recorded(s.since, s.group_id),
       CASE WHEN pg_temp.share('group name', s.group_id) = 0 THEN NULL
            WHEN s.type = 'Business' THEN pg_temp.surname(s.surname_number) || ' & '
                 || pg_temp.surname(pg_temp.draw('partner', s.group_id, 67)) || ' Ltd'
            WHEN s.type = 'Trust' THEN 'The ' || pg_temp.surname(s.surname_number) || ' Settlement'
            ELSE pg_temp.surname(s.surname_number) || ' Family' END,
       s.type, CASE WHEN s.adviser_share = 94 THEN 99 ELSE s.adviser_id END
FROM sample_group AS s
LEFT JOIN sample_profile AS p ON p.profile_id = s.adviser_id
ORDER BY s.group_id;

-- table: product_owners
INSERT INTO product_owners (id, created_at, status, firstname, surname, known_as)
SELECT s.owner_id, pg_temp.recorded(s.since, s.owner_id), s.status, s.firstname, s.surname, s.known_as
FROM sample_owner AS s
ORDER BY s.owner_id;

-- table: client_group_product_owners
INSERT INTO client_group_product_owners (id, client_group_id, product_owner_id, created_at)
SELECT s.membership_id, s.group_id, s.owner_id, s.created_at
FROM sample_membership AS s
ORDER BY s.membership_id;
