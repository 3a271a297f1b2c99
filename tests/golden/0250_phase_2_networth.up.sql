SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_networth';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_2_objectives_actions -> phase_2_networth

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('networth_statements') THEN
    CREATE TABLE networth_statements (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      client_group_id BIGINT NOT NULL,
      statement_name VARCHAR(255),
      created_by BIGINT NOT NULL,
      created_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
      snapshot_data JSONB NOT NULL,
      total_assets NUMERIC(15, 2) DEFAULT 0 NOT NULL,
      total_liabilities NUMERIC(15, 2) DEFAULT 0 NOT NULL,
      net_worth NUMERIC(15, 2) GENERATED ALWAYS AS (total_assets - total_liabilities) STORED,
      CONSTRAINT networth_statements_pkey PRIMARY KEY (id),
      CONSTRAINT valid_snapshot_data CHECK (jsonb_typeof(snapshot_data) = 'object' AND snapshot_data ?& ARRAY['snapshot_timestamp', 'managed_products', 'unmanaged_products', 'information_items']),
      CONSTRAINT valid_totals CHECK (total_assets >= 0 AND total_liabilities >= 0 AND total_assets <> 'NaN' AND total_liabilities <> 'NaN')
    );
    COMMENT ON TABLE networth_statements IS 'Net worth of a client group as it was; immutable, goes only with the client group';
    COMMENT ON COLUMN networth_statements.snapshot_data IS 'Every part that was counted';
  END IF;
END $kingston$;

-- function client_item_amount(jsonb)
-- The amount an assets_liabilities item stands for: the first of latest_valuation, current_balance, estimated_value
-- that is an amount (is_json_amount), rounded to the penny; NULL when none is.  The three keys are three ways to
-- state one value, so they are never added up.  Textual amounts do not count (errata E-061, E-114).
-- Called by the view networth_parts.
-- No SET search_path: everything is bound when the function is created.
-- Tests: tests/sql/test_networth_parts.py
CREATE OR REPLACE FUNCTION client_item_amount(p_data jsonb) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN round(CASE
    WHEN is_json_amount(p_data -> 'latest_valuation') THEN (p_data -> 'latest_valuation')::numeric
    WHEN is_json_amount(p_data -> 'current_balance') THEN (p_data -> 'current_balance')::numeric
    WHEN is_json_amount(p_data -> 'estimated_value') THEN (p_data -> 'estimated_value')::numeric
END, 2);

COMMENT ON FUNCTION client_item_amount(jsonb) IS
    'amount of an assets_liabilities item: latest_valuation, else current_balance, else estimated_value; JSON numbers only';

SELECT kingston.give_back_grants('function', 'client_item_amount(jsonb)');

-- function is_liability_item(text, jsonb)
-- Is an assets_liabilities item a liability?  "is_liability" in its content decides when it is true or false; else
-- the category does, when it holds one of these words (any case, singular or plural, "_" and "-" are blanks):
-- liability, mortgage, loan, debt, overdraft, borrowing, credit card - unless it also speaks of assets ("Assets and
-- liabilities" says nothing about the item).  Whole words only: "Sloane Street" is no loan.  Never NULL.
-- The documents never say how the two kinds differ; document 000 uses the category 'liabilities' in one view.
-- Called by the view networth_parts and by the client summaries.
-- No SET search_path: pg_catalog functions only, bound when the function is created.
-- Tests: tests/sql/test_networth_parts.py
CREATE OR REPLACE FUNCTION is_liability_item(p_item_category text, p_data jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN p_data -> 'is_liability' = 'true'::jsonb THEN true
    WHEN p_data -> 'is_liability' = 'false'::jsonb THEN false
    ELSE coalesce(
        translate(p_item_category, '_-', '  ')
            ~* '\m(liability|liabilities|mortgages?|loans?|debts?|overdrafts?|borrowings?|credit ?cards?)\M'
        AND translate(p_item_category, '_-', '  ') !~* '\massets?\M', false)
END;

COMMENT ON FUNCTION is_liability_item(text, jsonb) IS
    'true when an assets_liabilities item is a liability: its is_liability flag, else the words of its category';

SELECT kingston.give_back_grants('function', 'is_liability_item(text, jsonb)');

-- view networth_parts
-- What the net worth of a client group is made of, one row per part; the one definition that statements
-- (make_networth_statement), the liquidity list (networth_by_liquidity) and reports share.
--   managed_products    active products of the group at the latest valuation of their portfolio, as the portal shows
--                       it (latest_portfolio_valuations).  A portfolio that several active products of the group share
--                       counts once, with the product of the lowest id; the others are listed with amount 0 and name
--                       that product in counted_with.
--   unmanaged_products  active unmanaged products at their latest valuation
--   information_items   items of type assets_liabilities at client_item_amount(); a liability by is_liability_item()
-- Ownership shares do not matter here: the whole value belongs to the group.  kind is asset or liability, amount is
-- never negative: a liability is recorded as what is owed whatever its sign, and an asset below zero (an overdrawn
-- account) is a liability.  A part without a usable value is listed with counted = false and amount 0.
-- C-028, C-104; legacy view V14; errata E-061, E-062, E-114.
-- LIMIT 1 keeps the look-up of the latest valuation per portfolio (an index scan) instead of one sort of all of them.
-- Tests: tests/sql/test_networth_parts.py
CREATE OR REPLACE VIEW networth_parts AS
SELECT
    part.client_group_id,
    part.source,
    part.source_id,
    part.name,
    part.type,
    part.provider_id,
    part.portfolio_id,
    part.valuation,
    part.valuation_date,
    part.counted_with,
    CASE WHEN part.counted_with IS NULL AND (part.is_liability OR part.valuation < 0) THEN 'liability'
         ELSE 'asset' END AS kind,
    part.counted_with IS NULL AND part.valuation IS NOT NULL AS counted,
    CASE WHEN part.counted_with IS NULL THEN coalesce(abs(part.valuation), 0.00) ELSE 0.00 END AS amount
FROM (
    SELECT
        m.client_group_id,
        'managed_products'::text AS source,
        m.id AS source_id,
        m.product_name AS name,
        m.product_type AS type,
        m.provider_id,
        m.portfolio_id,
        nullif(v.valuation, 'NaN')::numeric AS valuation,
        v.valuation_date,
        CASE WHEN m.portfolio_id IS NOT NULL THEN nullif(m.first_id, m.id) END AS counted_with,
        false AS is_liability
    FROM (
        SELECT p.id, p.client_id AS client_group_id, p.product_name, p.product_type, p.provider_id, p.portfolio_id,
               min(p.id) OVER (PARTITION BY p.client_id, p.portfolio_id) AS first_id
        FROM client_products AS p
        WHERE p.status = 'active'
    ) AS m
    LEFT JOIN LATERAL (
        SELECT l.valuation, l.valuation_date
        FROM latest_portfolio_valuations AS l
        WHERE l.portfolio_id = m.portfolio_id
        LIMIT 1
    ) AS v ON true

    UNION ALL

    SELECT u.client_group_id, 'unmanaged_products'::text, u.id, u.product_name::text, u.product_type::text,
           u.provider_id, NULL::bigint, u.latest_valuation::numeric, u.valuation_date, NULL::bigint, false
    FROM client_unmanaged_products AS u
    WHERE u.status = 'active'

    UNION ALL

    SELECT i.client_group_id, 'information_items'::text, i.id,
           coalesce(nullif(btrim(i.data_content ->> 'name'), ''), i.item_category), i.item_category::text, NULL::bigint, NULL::bigint,
           client_item_amount(i.data_content), NULL::date, NULL::bigint,
           is_liability_item(i.item_category, i.data_content)
    FROM client_information_items AS i
    WHERE i.item_type = 'assets_liabilities'
) AS part;

COMMENT ON VIEW networth_parts IS
    'what the net worth of each client group is made of: one row per product or item, with kind (asset, liability) and amount';

SELECT kingston.give_back_grants('view', 'networth_parts');

-- function make_networth_statement(bigint, bigint, character varying)
-- Takes a net-worth statement of a client group: writes one immutable row of networth_statements and returns its id.
-- snapshot_data lists every part of networth_parts under managed_products, unmanaged_products and information_items,
-- and total_assets and total_liabilities are the sums of the amounts listed, to the penny.
-- One INSERT ... SELECT, so all of it is one snapshot of the database whatever others write meanwhile.
-- ownership_details is read through to_jsonb(): managed products gain that column in phase 3 only.
-- Errors: 23503 for a client group or profile that does not exist.
-- Called by applications.  C-028, C-104; erratum E-059.
-- Tests: tests/sql/test_make_networth_statement.py
CREATE OR REPLACE FUNCTION make_networth_statement(
    p_client_group_id bigint,
    p_created_by bigint,
    p_statement_name character varying DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $body$
DECLARE
    v_taken_at timestamptz := clock_timestamp();
    v_id bigint;
BEGIN
    INSERT INTO networth_statements AS s
        (client_group_id, statement_name, created_by, created_at, snapshot_data, total_assets, total_liabilities)
    SELECT g.id, p_statement_name, p_created_by, v_taken_at,
           jsonb_build_object(
               'snapshot_timestamp', v_taken_at,
               'managed_products', sums.managed_products,
               'unmanaged_products', sums.unmanaged_products,
               'information_items', sums.information_items,
               'total_assets', sums.total_assets,
               'total_liabilities', sums.total_liabilities,
               'net_worth', sums.total_assets - sums.total_liabilities),
           sums.total_assets, sums.total_liabilities
    FROM client_groups AS g
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(listed.entry ORDER BY listed.source_id)
                            FILTER (WHERE listed.source = 'managed_products'), '[]') AS managed_products,
               coalesce(jsonb_agg(listed.entry ORDER BY listed.source_id)
                            FILTER (WHERE listed.source = 'unmanaged_products'), '[]') AS unmanaged_products,
               coalesce(jsonb_agg(listed.entry ORDER BY listed.source_id)
                            FILTER (WHERE listed.source = 'information_items'), '[]') AS information_items,
               coalesce(sum(listed.amount) FILTER (WHERE listed.kind = 'asset'), 0.00) AS total_assets,
               coalesce(sum(listed.amount) FILTER (WHERE listed.kind = 'liability'), 0.00) AS total_liabilities
        FROM (
            SELECT n.source, n.source_id, n.kind, n.amount,
                   jsonb_strip_nulls(jsonb_build_object(
                       'id', n.source_id,
                       'name', n.name,
                       'type', n.type,
                       'provider', pr.name,
                       'portfolio_id', n.portfolio_id,
                       'valuation', n.valuation,
                       'valuation_date', n.valuation_date,
                       'kind', n.kind,
                       'amount', n.amount,
                       'counted', n.counted,
                       'counted_with', n.counted_with)
                   || CASE WHEN o.ownership IS NULL THEN '{}'
                           ELSE jsonb_build_object('ownership_details', o.ownership) END) AS entry
            FROM networth_parts AS n
            LEFT JOIN available_providers AS pr ON pr.id = n.provider_id
            CROSS JOIN LATERAL (
                SELECT CASE n.source
                    WHEN 'managed_products' THEN
                        (SELECT to_jsonb(c) -> 'ownership_details' FROM client_products AS c WHERE c.id = n.source_id)
                    WHEN 'unmanaged_products' THEN
                        (SELECT u.ownership_details FROM client_unmanaged_products AS u WHERE u.id = n.source_id)
                    ELSE
                        (SELECT i.data_content -> 'associated_product_owners'
                         FROM client_information_items AS i WHERE i.id = n.source_id)
                END AS ownership
            ) AS o
            WHERE n.client_group_id = g.id
        ) AS listed
    ) AS sums
    WHERE g.id = p_client_group_id
    RETURNING s.id INTO v_id;
    IF v_id IS NULL THEN
        RAISE EXCEPTION 'no net-worth statement: there is no client group %', coalesce(p_client_group_id::text, '(null)')
            USING ERRCODE = 'foreign_key_violation', TABLE = 'networth_statements',
                  CONSTRAINT = 'fk_networth_statements_client_group';
    END IF;
    RETURN v_id;
END
$body$;

COMMENT ON FUNCTION make_networth_statement(bigint, bigint, character varying) IS
    'takes an immutable net-worth statement of a client group and returns its id; the totals are the sums of the parts listed';

SELECT kingston.give_back_grants('function', 'make_networth_statement(bigint, bigint, character varying)');

-- function guard_networth_statement()
-- A net-worth statement is history: it is never changed, and it goes only with its client group (design decision;
-- erratum E-059).  The cascade from client_groups runs after the group is gone, so "the group is still there" tells
-- a direct DELETE from the cascade.  SECURITY DEFINER: whoever deletes a group needs no right to read it here.
-- Called by the triggers guard_rows and guard_truncate of networth_statements.
-- Refusal: SQLSTATE 23001.
-- Tests: tests/sql/test_networth_statements.py
CREATE OR REPLACE FUNCTION guard_networth_statement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'net-worth statements are immutable: the table cannot be truncated'
            USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  HINT = 'a statement goes only with its client group';
    ELSIF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'net-worth statement % is immutable: it cannot be changed', OLD.id
            USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  HINT = format('take a new one: SELECT make_networth_statement(%s, <your profile id>)', OLD.client_group_id);
    ELSIF EXISTS (SELECT 1 FROM client_groups AS g WHERE g.id = OLD.client_group_id) THEN
        RAISE EXCEPTION 'net-worth statement % is immutable: it cannot be deleted', OLD.id
            USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  HINT = format('it goes only with its client group %s', OLD.client_group_id);
    END IF;
    RETURN OLD;
END
$body$;

COMMENT ON FUNCTION guard_networth_statement() IS
    'trigger: net-worth statements are never changed and go only with their client group';
REVOKE ALL ON FUNCTION guard_networth_statement() FROM PUBLIC;

SELECT kingston.give_back_grants('function', 'guard_networth_statement()');

SELECT kingston.take_locks(ARRAY['networth_statements']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers history_insert, history_update, history_delete, history_truncate on networth_statements
-- Row history of net-worth statements: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_networth_statements.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON networth_statements
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('networth_statements', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON networth_statements
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('networth_statements', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON networth_statements
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('networth_statements', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON networth_statements
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('networth_statements', 'id', 'client_group_id', '');
ALTER TABLE networth_statements
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;

COMMIT;

BEGIN;

SELECT kingston.add_foreign_key('networth_statements', 'fk_networth_statements_client_group',
  'FOREIGN KEY (client_group_id) REFERENCES client_groups (id) ON DELETE CASCADE', 'client_groups');

COMMIT;

SELECT kingston.quarantine_orphans('networth_statements', 'fk_networth_statements_client_group');

SELECT kingston.validate_constraint('networth_statements', 'fk_networth_statements_client_group');

BEGIN;

SELECT kingston.add_foreign_key('networth_statements', 'fk_networth_statements_creator',
  'FOREIGN KEY (created_by) REFERENCES profiles (id) ON DELETE RESTRICT', 'profiles');

COMMIT;

SELECT kingston.quarantine_orphans('networth_statements', 'fk_networth_statements_creator');

SELECT kingston.validate_constraint('networth_statements', 'fk_networth_statements_creator');

BEGIN;

SELECT kingston.take_locks(ARRAY['networth_statements']::text[], 'SHARE ROW EXCLUSIVE');

-- triggers guard_rows, guard_truncate on networth_statements
-- Immutable: no UPDATE, no TRUNCATE, no DELETE but with the client group (erratum E-059).
-- Tests: tests/sql/test_networth_statements.py
CREATE OR REPLACE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON networth_statements
    FOR EACH ROW EXECUTE FUNCTION guard_networth_statement();
CREATE OR REPLACE TRIGGER guard_truncate BEFORE TRUNCATE ON networth_statements
    FOR EACH STATEMENT EXECUTE FUNCTION guard_networth_statement();

COMMIT;

BEGIN;

SELECT kingston.grant_roles(ARRAY['networth_statements', 'client_item_amount', 'is_liability_item', 'networth_parts', 'make_networth_statement', 'guard_networth_statement']::text[]);

UPDATE alembic_version SET version_num='phase_2_networth' WHERE alembic_version.version_num = 'phase_2_objectives_actions';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_2_networth', '{"outcome": "done", "revision": "phase_2_networth", "detail": "by a script", "files": {"versions/0250_phase_2_networth.py": "SHA-256", "sql/client_item_amount/0250.sql": "SHA-256", "sql/guard_networth_statement/0250.sql": "SHA-256", "sql/guard_networth_statements/0250.sql": "SHA-256", "sql/history_networth_statements/0250.sql": "SHA-256", "sql/is_liability_item/0250.sql": "SHA-256", "sql/make_networth_statement/0250.sql": "SHA-256", "sql/networth_parts/0250.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;

