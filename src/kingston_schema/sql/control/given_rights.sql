-- control given_rights
-- Every right that we gave one of the four roles, and no other: a downgrade takes back exactly these (take_back_rights).
-- What somebody had granted before, or grants by hand, never stands here.
-- Tests: tests/promises/test_roles.py
CREATE TABLE IF NOT EXISTS @control@.given_rights (
    role_name text NOT NULL,
    kind text NOT NULL
        CONSTRAINT given_rights_kind_check CHECK (kind IN ('table', 'sequence', 'function', 'schema', 'role')),
    object text NOT NULL,
    column_name text NOT NULL DEFAULT '',
    privilege text NOT NULL,
    given_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    given_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (role_name, kind, object, column_name, privilege)
);
COMMENT ON TABLE @control@.given_rights IS 'Rights that the migration gave portal_app, portal_readonly, portal_auditor and portal_migrator';
COMMENT ON COLUMN @control@.given_rights.column_name IS 'Empty: the whole object';
