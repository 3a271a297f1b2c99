-- sample staff
-- Nine people of the firm: six advisers, three others, with their log-ins, sessions and open pages.
-- The password hashes have the form of bcrypt and belong to no password: nobody can log in.
-- Tests: tests/operations/test_seed.py

-- stage: sample_profile
CREATE TEMP TABLE sample_profile (profile_id, first_name, last_name, email, landing_page, created_at) ON COMMIT DROP AS
SELECT v.id, v.first_name, v.last_name, v.email, v.landing_page, pg_temp.moment(date '2025-07-31', 28800 + v.id * 60)
FROM (VALUES
    (1::bigint, 'Helen', 'Marsh', 'helen.marsh@portal.example', '/'),
    (2, 'Daniel', 'Okafor', 'daniel.okafor@portal.example', '/client_groups'),
    (3, 'Siobhán', 'Byrne', 'siobhan.byrne@portal.example', '/'),
    (4, 'Amir', 'Rahmani', 'amir.rahmani@portal.example', '/client_groups'),
    (5, 'Ruth', 'Castell', 'ruth.castell@portal.example', '/'),
    (6, 'Owen', 'Price', 'owen.price@portal.example', '/'),
    (7, 'Nadia', 'Iqbal', 'nadia.iqbal@portal.example', '/client_groups'),
    (8, 'Tom', 'Leigh', 'tom.leigh@portal.example', '/'),
    (9, 'Office', NULL, 'office@portal.example', '/')
) AS v (id, first_name, last_name, email, landing_page);

-- stage: sample_session
-- Two sessions each, one over and one running at the end of the records; keys have the form of a UUID.
CREATE TEMP TABLE sample_session ON COMMIT DROP AS
SELECT p.profile_id, md5('session ' || @seed@ || ' ' || p.profile_id || ' ' || n)::uuid::text AS session_id,
       pg_temp.moment(date '2026-10-30' + n, 28800 + pg_temp.draw('session', p.profile_id, 14400)) AS created_at
FROM sample_profile AS p, generate_series(0, 1) AS n;

-- stage: sample_presence
CREATE TEMP TABLE sample_presence ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY p.profile_id, page.key COLLATE "C") AS presence_id, p.profile_id, page.key AS page,
       pg_temp.moment(date '2026-10-31', 43200 + pg_temp.draw('presence', p.profile_id, 3600)) AS entered_at
FROM sample_profile AS p, (VALUES ('client_groups'), ('client-group:1'), ('product:1')) AS page (key)
WHERE pg_temp.draw('page ' || page.key, p.profile_id, 3) < 2 OR p.profile_id = 1;

-- table: profiles
INSERT INTO profiles (id, created_at, first_name, last_name, email, preferred_landing_page)
SELECT s.profile_id, s.created_at, s.first_name, s.last_name, s.email, s.landing_page
FROM sample_profile AS s
ORDER BY s.profile_id;

-- table: authentication
-- The office account never logged in; last_login is text in production.
INSERT INTO authentication (auth_id, created_at, password_hash, profiles_id, last_login, updated_at)
SELECT s.profile_id, s.created_at,
       '$2b$12$' || left(md5('salt ' || @seed@ || ' ' || s.profile_id) || md5('hash ' || @seed@ || ' ' || s.profile_id), 53),
       s.profile_id,
       CASE WHEN s.last_name IS NOT NULL
            THEN to_char(pg_temp.moment(date '2026-10-31', 28800 + s.profile_id * 77) AT TIME ZONE 'UTC',
                         'YYYY-MM-DD"T"HH24:MI:SS') || '+00:00' END,
       s.created_at
FROM sample_profile AS s
ORDER BY s.profile_id;

-- table: session
INSERT INTO session (session_id, profiles_id, expires_at, created_at, last_activity)
SELECT s.session_id, s.profile_id, s.created_at + make_interval(hours => 8), s.created_at,
       to_char((s.created_at + make_interval(mins => 45)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || '+00:00'
FROM sample_session AS s
ORDER BY s.profile_id, s.created_at;

-- table: user_page_presence
INSERT INTO user_page_presence (id, user_id, page_identifier, entered_at, last_seen, user_info)
SELECT s.presence_id, s.profile_id, s.page, s.entered_at, s.entered_at + make_interval(secs => 95),
       jsonb_build_object('name', concat_ws(' ', p.first_name, p.last_name), 'email', p.email)
FROM sample_presence AS s
JOIN sample_profile AS p ON p.profile_id = s.profile_id
ORDER BY s.presence_id;
