SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_liquidity';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_2_networth -> phase_2_liquidity

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('asset_liquidity_config') THEN
    CREATE TABLE asset_liquidity_config (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      asset_type VARCHAR(100) NOT NULL,
      asset_subtype VARCHAR(100),
      default_liquidity_rank INTEGER NOT NULL,
      liquidity_description TEXT,
      business_days_to_liquidate INTEGER,
      is_system_default BOOLEAN DEFAULT true NOT NULL,
      created_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      updated_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      CONSTRAINT asset_liquidity_config_pkey PRIMARY KEY (id),
      CONSTRAINT unique_asset_liquidity UNIQUE NULLS NOT DISTINCT (asset_type, asset_subtype),
      CONSTRAINT asset_liquidity_config_default_liquidity_rank_check CHECK (default_liquidity_rank BETWEEN 1 AND 10)
    );
    COMMENT ON TABLE asset_liquidity_config IS 'Default liquidity rank of each type and subtype of asset';
    COMMENT ON COLUMN asset_liquidity_config.asset_subtype IS 'Null: the type as a whole';
    COMMENT ON COLUMN asset_liquidity_config.default_liquidity_rank IS '1 (at once) to 10';
    COMMENT ON COLUMN asset_liquidity_config.business_days_to_liquidate IS 'Calendar days in the system defaults, whatever the name says';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('client_liquidity_customization') THEN
    CREATE TABLE client_liquidity_customization (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      client_group_id BIGINT NOT NULL,
      asset_type VARCHAR(100) NOT NULL,
      asset_subtype VARCHAR(100),
      custom_liquidity_rank INTEGER NOT NULL,
      reason_for_customization TEXT,
      approved_by VARCHAR(100) DEFAULT COALESCE(NULLIF(current_setting('app.current_user_id', true), ''), CURRENT_USER) NOT NULL,
      created_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      CONSTRAINT client_liquidity_customization_pkey PRIMARY KEY (id),
      CONSTRAINT unique_client_asset_customization UNIQUE NULLS NOT DISTINCT (client_group_id, asset_type, asset_subtype),
      CONSTRAINT client_liquidity_customization_custom_liquidity_rank_check CHECK (custom_liquidity_rank BETWEEN 1 AND 10)
    );
    COMMENT ON TABLE client_liquidity_customization IS 'Liquidity ranks that a client group sets for itself';
    COMMENT ON COLUMN client_liquidity_customization.asset_subtype IS 'Null: the type as a whole';
    COMMENT ON COLUMN client_liquidity_customization.custom_liquidity_rank IS '1 (at once) to 10';
    COMMENT ON COLUMN client_liquidity_customization.approved_by IS 'Id of the approving profile (app.current_user_id); else the database role';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('product_type_liquidity') THEN
    CREATE TABLE product_type_liquidity (
      product_type VARCHAR(100) NOT NULL,
      asset_type VARCHAR(100) NOT NULL,
      asset_subtype VARCHAR(100),
      created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
      updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
      CONSTRAINT product_type_liquidity_pkey PRIMARY KEY (product_type)
    );
    COMMENT ON TABLE product_type_liquidity IS 'The asset type and subtype that a product type counts as';
    COMMENT ON COLUMN product_type_liquidity.product_type IS 'Type of a managed or unmanaged product, or category of an information item';
    COMMENT ON COLUMN product_type_liquidity.asset_subtype IS 'Null: the type as a whole';
  END IF;
END $kingston$;

-- seed asset_liquidity_config
-- The 21 liquidity defaults of document 000, value for value.  Ranks and days need not agree (erratum E-103): the
-- column says business days, the figures of the document are calendar days.
-- Only into an empty table, so that what an administrator changed or removed stays changed or removed, also when the
-- table comes back from the archive (erratum E-102).
-- Tests: tests/sql/test_asset_liquidity.py
INSERT INTO asset_liquidity_config
    (asset_type, asset_subtype, default_liquidity_rank, liquidity_description, business_days_to_liquidate)
SELECT s.asset_type, s.asset_subtype, s.liquidity_rank, s.description, s.days
FROM (VALUES
    ('cash', 'checking_account', 1, 'Immediate access - same day', 0),
    ('cash', 'savings_account', 1, 'Immediate access - same day', 0),
    ('cash', 'money_market', 1, 'Immediate access - same day', 0),
    ('investments', 'public_stocks', 2, 'High liquidity - 1-3 business days', 3),
    ('investments', 'mutual_funds', 2, 'High liquidity - 1-3 business days', 3),
    ('investments', 'etfs', 2, 'High liquidity - 1-3 business days', 3),
    ('investments', 'corporate_bonds', 3, 'Medium-high liquidity - 3-7 business days', 7),
    ('investments', 'government_bonds', 3, 'Medium-high liquidity - 3-7 business days', 7),
    ('investments', 'gics', 4, 'Medium liquidity - 7-14 business days', 14),
    ('retirement', '401k', 5, 'Medium liquidity - potential penalties', 30),
    ('retirement', 'ira', 5, 'Medium liquidity - potential penalties', 30),
    ('retirement', 'roth_ira', 5, 'Medium liquidity - potential penalties', 30),
    ('investments', 'annuities', 6, 'Medium-low liquidity - surrender charges possible', 60),
    ('real_estate', 'primary_residence', 7, 'Low liquidity - 60-180 days typical', 120),
    ('real_estate', 'investment_property', 7, 'Low liquidity - 60-180 days typical', 120),
    ('investments', 'private_equity', 8, 'Very low liquidity - years to liquidate', 1095),
    ('investments', 'hedge_funds', 8, 'Very low liquidity - lock-up periods', 365),
    ('business', 'private_business', 9, 'Very low liquidity - highly illiquid', 1825),
    ('collections', 'art', 10, 'Lowest liquidity - specialty market required', 1825),
    ('collections', 'jewelry', 10, 'Lowest liquidity - specialty market required', 365),
    ('other', 'other', 5, 'Default medium liquidity for uncategorized assets', 30)
) AS s (asset_type, asset_subtype, liquidity_rank, description, days)
WHERE NOT EXISTS (SELECT 1 FROM asset_liquidity_config)
ON CONFLICT ON CONSTRAINT unique_asset_liquidity DO NOTHING;

-- seed product_type_liquidity
-- Which asset a product type stands for: the portal's managed types, the ten unmanaged types, and common categories of
-- information items (erratum E-104: without it nearly everything would rank 5).  British wrappers take the liquidity of
-- what they usually hold; a bond of an insurer is an annuity-like contract with surrender charges.
-- Only into an empty table: what an administrator changed or removed stays so (erratum E-102).
-- Tests: tests/sql/test_asset_liquidity.py
INSERT INTO product_type_liquidity (product_type, asset_type, asset_subtype)
SELECT s.product_type, s.asset_type, s.asset_subtype
FROM (VALUES
    -- managed products (client_products.product_type)
    ('ISA', 'investments', 'mutual_funds'),
    ('GIA', 'investments', 'mutual_funds'),
    ('Onshore Bond', 'investments', 'annuities'),
    ('Offshore Bond', 'investments', 'annuities'),
    ('Pension', 'retirement', 'ira'),
    ('Investment', 'investments', 'mutual_funds'),
    ('Savings', 'cash', 'savings_account'),
    ('Bond', 'investments', 'annuities'),
    ('Other', 'other', 'other'),
    -- unmanaged products (client_unmanaged_products.product_type)
    ('GIAs', 'investments', 'mutual_funds'),
    ('Stocks_and_Shares_ISAs', 'investments', 'mutual_funds'),
    ('Cash_ISAs', 'cash', 'savings_account'),
    ('Bank_Accounts', 'cash', 'checking_account'),
    ('Pensions', 'retirement', 'ira'),
    ('Offshore_Bonds', 'investments', 'annuities'),
    ('Onshore_Bonds', 'investments', 'annuities'),
    ('Individual_Shares', 'investments', 'public_stocks'),
    ('Property', 'real_estate', 'investment_property'),
    ('Others', 'other', 'other'),
    -- information items (client_information_items.item_category, free text)
    ('Cash', 'cash', 'savings_account'),
    ('Bank Account', 'cash', 'checking_account'),
    ('Primary Residence', 'real_estate', 'primary_residence'),
    ('Investment Property', 'real_estate', 'investment_property'),
    ('Business', 'business', 'private_business'),
    ('Art', 'collections', 'art'),
    ('Jewellery', 'collections', 'jewelry')
) AS s (product_type, asset_type, asset_subtype)
WHERE NOT EXISTS (SELECT 1 FROM product_type_liquidity)
ON CONFLICT ON CONSTRAINT product_type_liquidity_pkey DO NOTHING;

SELECT kingston.hold_tables(ARRAY['asset_liquidity_config', 'client_liquidity_customization', 'product_type_liquidity']::text[], 'ACCESS EXCLUSIVE', false);

-- trigger asset_liquidity_config_touch on asset_liquidity_config
-- updated_at says when the row last changed (erratum E-201).
-- Tests: tests/sql/test_asset_liquidity.py
CREATE OR REPLACE TRIGGER asset_liquidity_config_touch BEFORE UPDATE ON asset_liquidity_config
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();

-- triggers history_insert, history_update, history_delete, history_truncate on asset_liquidity_config
-- Row history of the liquidity defaults: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_asset_liquidity.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON asset_liquidity_config
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('asset_liquidity_config', 'id', '', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON asset_liquidity_config
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('asset_liquidity_config', 'id', '', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON asset_liquidity_config
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('asset_liquidity_config', 'id', '', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON asset_liquidity_config
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('asset_liquidity_config', 'id', '', '');
ALTER TABLE asset_liquidity_config
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

-- triggers history_insert, history_update, history_delete, history_truncate on client_liquidity_customization
-- Row history of the liquidity rules of client groups: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_asset_liquidity.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON client_liquidity_customization
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_liquidity_customization', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON client_liquidity_customization
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_liquidity_customization', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON client_liquidity_customization
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_liquidity_customization', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON client_liquidity_customization
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_liquidity_customization', 'id', 'client_group_id', '');
ALTER TABLE client_liquidity_customization
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

-- trigger product_type_liquidity_touch on product_type_liquidity
-- updated_at says when the row last changed (erratum E-201).
-- Tests: tests/sql/test_asset_liquidity.py
CREATE OR REPLACE TRIGGER product_type_liquidity_touch BEFORE UPDATE ON product_type_liquidity
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();

-- triggers history_insert, history_update, history_delete, history_truncate on product_type_liquidity
-- Row history of the product types' asset types: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_asset_liquidity.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON product_type_liquidity
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_type_liquidity', 'product_type', '', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON product_type_liquidity
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_type_liquidity', 'product_type', '', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON product_type_liquidity
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_type_liquidity', 'product_type', '', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON product_type_liquidity
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_type_liquidity', 'product_type', '', '');
ALTER TABLE product_type_liquidity
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

COMMIT;

BEGIN;

SELECT kingston.add_foreign_key('client_liquidity_customization', 'client_liquidity_customization_client_group_id_fkey',
  'FOREIGN KEY (client_group_id) REFERENCES client_groups (id) ON DELETE CASCADE', 'client_groups');

COMMIT;

SELECT kingston.quarantine_orphans('client_liquidity_customization', 'client_liquidity_customization_client_group_id_fkey');

SELECT kingston.validate_constraint('client_liquidity_customization', 'client_liquidity_customization_client_group_id_fkey');

BEGIN;

-- function asset_liquidity(bigint, character varying, character varying)
-- The liquidity rank of an asset for a client group (1 most liquid, 10 least) and where it comes from.  The first of
--   client_subtype   the group's own rule for type and subtype
--   client_type      the group's own rule for the type as a whole (no subtype)
--   default_subtype  the default for type and subtype
--   default_type     the default for the type as a whole
--   fallback         5
-- Rules of the group count while migration_control says liquidity_rankings_enabled (C-072 to C-074, erratum E-101).
-- Always one row.  Called by get_asset_liquidity_rank() and networth_by_liquidity().
-- Tests: tests/sql/test_asset_liquidity.py
CREATE OR REPLACE FUNCTION asset_liquidity(
    p_client_group_id bigint,
    p_asset_type character varying,
    p_asset_subtype character varying DEFAULT NULL
) RETURNS TABLE (liquidity_rank integer, rank_source text)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp
AS $body$
    SELECT found.liquidity_rank, found.rank_source
    FROM (
        SELECT c.custom_liquidity_rank AS liquidity_rank, 1 AS preference,
               CASE WHEN c.asset_subtype IS NULL THEN 'client_type' ELSE 'client_subtype' END AS rank_source,
               c.asset_subtype IS NULL AS generic
        FROM client_liquidity_customization AS c
        WHERE c.client_group_id = p_client_group_id AND c.asset_type = p_asset_type
          AND (c.asset_subtype = p_asset_subtype OR c.asset_subtype IS NULL)
          AND feature_enabled('liquidity_rankings_enabled')
        UNION ALL
        SELECT d.default_liquidity_rank, 2,
               CASE WHEN d.asset_subtype IS NULL THEN 'default_type' ELSE 'default_subtype' END,
               d.asset_subtype IS NULL
        FROM asset_liquidity_config AS d
        WHERE d.asset_type = p_asset_type
          AND (d.asset_subtype = p_asset_subtype OR d.asset_subtype IS NULL)
        UNION ALL
        SELECT 5, 3, 'fallback', false
    ) AS found
    ORDER BY found.preference, found.generic
    LIMIT 1
$body$;

COMMENT ON FUNCTION asset_liquidity(bigint, character varying, character varying) IS
    'liquidity rank of an asset for a client group, with where it comes from; always one row';

SELECT kingston.give_back_grants('function', 'asset_liquidity(bigint, character varying, character varying)');

-- function get_asset_liquidity_rank(bigint, character varying, character varying)
-- The liquidity rank of an asset for a client group, 1 (at once) to 10; asset_liquidity() has the rules and says where
-- a rank comes from.  5 when nothing is known about the asset.  C-074, erratum E-101.
-- Called by applications.
-- Tests: tests/sql/test_asset_liquidity.py
CREATE OR REPLACE FUNCTION get_asset_liquidity_rank(
    p_client_group_id bigint,
    p_asset_type character varying,
    p_asset_subtype character varying DEFAULT NULL
) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp
AS $body$
    SELECT a.liquidity_rank FROM asset_liquidity(p_client_group_id, p_asset_type, p_asset_subtype) AS a
$body$;

COMMENT ON FUNCTION get_asset_liquidity_rank(bigint, character varying, character varying) IS
    'liquidity rank 1..10 of an asset for a client group: its own rule, else the default, else 5';

SELECT kingston.give_back_grants('function', 'get_asset_liquidity_rank(bigint, character varying, character varying)');

-- function networth_by_liquidity(bigint)
-- The counted assets of a client group, most liquid first, with a running total whose last value is the total_assets
-- of a statement taken now (both read networth_parts).  Within a rank the largest amount comes first.
-- A product type, or the category of an information item, is looked up in product_type_liquidity as it is written,
-- else without regard to case; one that is not listed there counts as other/other.
-- Called by applications.  C-072 to C-074, errata E-101, E-104, E-176.
-- Tests: tests/sql/test_networth_by_liquidity.py
CREATE OR REPLACE FUNCTION networth_by_liquidity(p_client_group_id bigint)
RETURNS TABLE (
    liquidity_rank integer,
    rank_source text,
    asset_type character varying,
    asset_subtype character varying,
    source text,
    source_id bigint,
    name text,
    product_type text,
    amount numeric,
    running_total numeric
)
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $body$
    SELECT l.liquidity_rank, l.rank_source, coalesce(t.asset_type, 'other'),
           CASE WHEN t.asset_type IS NULL THEN 'other' ELSE t.asset_subtype END,
           n.source, n.source_id, n.name, n.type, n.amount,
           sum(n.amount) OVER (ORDER BY l.liquidity_rank, n.amount DESC, n.source, n.source_id)
    FROM networth_parts AS n
    LEFT JOIN LATERAL (
        SELECT m.asset_type, m.asset_subtype
        FROM product_type_liquidity AS m
        WHERE lower(m.product_type) = lower(n.type)
        ORDER BY (m.product_type = n.type) DESC, m.product_type
        LIMIT 1
    ) AS t ON true
    CROSS JOIN LATERAL asset_liquidity(
        p_client_group_id, coalesce(t.asset_type, 'other'),
        CASE WHEN t.asset_type IS NULL THEN 'other' ELSE t.asset_subtype END) AS l
    WHERE n.client_group_id = p_client_group_id AND n.kind = 'asset' AND n.counted
    ORDER BY l.liquidity_rank, n.amount DESC, n.source, n.source_id
$body$;

COMMENT ON FUNCTION networth_by_liquidity(bigint) IS
    'the assets of a client group ordered by liquidity rank, with a running total that ends at its total assets';

SELECT kingston.give_back_grants('function', 'networth_by_liquidity(bigint)');

SELECT kingston.grant_roles(ARRAY['asset_liquidity_config', 'client_liquidity_customization', 'product_type_liquidity', 'asset_liquidity', 'get_asset_liquidity_rank', 'networth_by_liquidity']::text[]);

UPDATE alembic_version SET version_num='phase_2_liquidity' WHERE alembic_version.version_num = 'phase_2_networth';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_2_liquidity', '{"outcome": "done", "revision": "phase_2_liquidity", "detail": "by a script", "files": {"versions/0260_phase_2_liquidity.py": "SHA-256", "sql/asset_liquidity/0260.sql": "SHA-256", "sql/asset_liquidity_config/0260.sql": "SHA-256", "sql/asset_liquidity_config_touch/0260.sql": "SHA-256", "sql/get_asset_liquidity_rank/0260.sql": "SHA-256", "sql/history_asset_liquidity_config/0260.sql": "SHA-256", "sql/history_client_liquidity_customization/0260.sql": "SHA-256", "sql/history_product_type_liquidity/0260.sql": "SHA-256", "sql/networth_by_liquidity/0260.sql": "SHA-256", "sql/product_type_liquidity/0260.sql": "SHA-256", "sql/product_type_liquidity_touch/0260.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;

