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
