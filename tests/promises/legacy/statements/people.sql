-- Users, sessions, presence (section 5.3: 1 to 6).

-- 1 auth.signup
SELECT * FROM profiles WHERE email = 'new.user@portal.example';
INSERT INTO profiles (email, first_name, last_name) VALUES ('new.user@portal.example', 'Nia', NULL) RETURNING *;
INSERT INTO authentication (profiles_id, password_hash, created_at, updated_at)
    VALUES (%(new_profiles)s, '$2b$12$x', now(), now()) RETURNING auth_id, created_at, updated_at, last_login;
SELECT count(*) FROM authentication WHERE profiles_id = %(new_profiles)s;
DELETE FROM profiles WHERE id = %(new_profiles)s;
SELECT count(*) FROM authentication WHERE profiles_id = %(new_profiles)s;

-- 2 auth.login
SELECT * FROM profiles WHERE email = %(email)s;
SELECT auth_id, password_hash FROM authentication WHERE profiles_id = %(profile)s;
UPDATE authentication SET last_login = '2026-11-20T08:00:00+00:00' WHERE profiles_id = %(profile)s;
INSERT INTO session (session_id, profiles_id, expires_at, created_at, last_activity)
    VALUES ('a-new-session', %(profile)s, now(), now(), '2026-11-20T08:00:00+00:00') RETURNING *;

-- 3 auth.get_current_user, security helpers
SELECT * FROM session WHERE session_id = %(session)s;
SELECT p.* FROM profiles AS p JOIN session AS s ON s.profiles_id = p.id WHERE s.session_id = %(session)s;
UPDATE session SET last_activity = '2026-11-20T08:01:00+00:00' WHERE session_id = %(session)s;
DELETE FROM session WHERE session_id = %(session)s;
DELETE FROM session WHERE expires_at < '2026-10-31';

-- 4 auth.update_profile
UPDATE profiles SET preferred_client_view = 'tiles', preferred_landing_page = '/client_groups',
    profile_picture_url = NULL WHERE id = %(profile)s RETURNING *;

-- 5 presence.enter
INSERT INTO user_page_presence (user_id, page_identifier, entered_at, last_seen, user_info)
    VALUES (%(profile)s, 'a page', now(), now(), '{"name": "Nia"}')
    ON CONFLICT (user_id, page_identifier) DO UPDATE SET last_seen = EXCLUDED.last_seen, user_info = EXCLUDED.user_info
    RETURNING *;
INSERT INTO user_page_presence (user_id, page_identifier, entered_at, last_seen, user_info)
    SELECT user_id, page_identifier, now(), now(), '{}' FROM user_page_presence WHERE id = %(presence)s
    ON CONFLICT (user_id, page_identifier) DO UPDATE SET last_seen = EXCLUDED.last_seen, user_info = EXCLUDED.user_info
    RETURNING *;

-- 6 presence heartbeat, exit, clean-up
UPDATE user_page_presence SET last_seen = now() WHERE id = %(presence)s RETURNING *;
DELETE FROM user_page_presence WHERE user_id = %(profile)s AND page_identifier = 'client_groups';
DELETE FROM user_page_presence WHERE last_seen < now() - interval '2 minutes';

-- 1 auth.signup of a user whose rows go with the profile
INSERT INTO profiles DEFAULT VALUES RETURNING *;
INSERT INTO session (session_id, profiles_id) VALUES ('s', %(new_profiles)s) RETURNING *;
INSERT INTO user_page_presence (user_id, page_identifier) VALUES (%(new_profiles)s, 'x') RETURNING *;
DELETE FROM profiles WHERE id = %(new_profiles)s;
SELECT (SELECT count(*) FROM session), (SELECT count(*) FROM user_page_presence);
DELETE FROM authentication WHERE profiles_id = %(profile)s RETURNING auth_id, profiles_id;
