-- control kept_grants
-- Grants of functions and views that a downgrade dropped; they come back with the object.
-- Tests: tests/ddl/test_objects.py
CREATE TABLE IF NOT EXISTS @control@.kept_grants (
    kind text NOT NULL,
    identity text NOT NULL,
    statements text[] NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kind, identity)
);
COMMENT ON TABLE @control@.kept_grants IS 'GRANT statements of objects that a downgrade dropped';
