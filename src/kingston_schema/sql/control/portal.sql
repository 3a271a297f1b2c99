-- control portal
-- What kind of database this is: built new by revision legacy, or production (stamped).  Gates read it.
-- Tests: tests/ddl/test_control.py
CREATE TABLE IF NOT EXISTS @control@.portal (
    application_schema text PRIMARY KEY,
    origin text NOT NULL CONSTRAINT portal_origin_check CHECK (origin IN ('new', 'production')),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE @control@.portal IS 'The portal these two schemas belong to, and whether it was built new or is production';

INSERT INTO @control@.portal AS p (application_schema, origin)
SELECT '@schema@',
       CASE WHEN obj_description(to_regclass('@schema@.alembic_version'), 'pg_class')
                 = 'Kingston Schema: this portal was built new by revision legacy'
            THEN 'new' ELSE 'production' END
ON CONFLICT (application_schema) DO UPDATE SET origin = EXCLUDED.origin WHERE p.origin <> EXCLUDED.origin;
