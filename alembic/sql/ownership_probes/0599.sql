-- function ownership_probes()
-- Ownership documents with the rule that must refuse each, on managed and on unmanaged products; NULL: it must
-- be accepted.  The five cases of document 000 (C-047) are the first five; then errata E-092 to E-094.
-- Called by prove_rules.  Tests: tests/sql/test_prove_rules.py
CREATE OR REPLACE FUNCTION ownership_probes()
RETURNS TABLE (document text, managed_rule text, unmanaged_rule text)
LANGUAGE sql IMMUTABLE
SET search_path = @schema@, pg_temp
AS $body$
VALUES
('{"association_type": "tenants_in_common", "1": 50, "2": 60}'::text, 'valid_product_ownership_details_precise'::text, 'valid_ownership_percentages_precise'::text),
('{"association_type": "tenants_in_common", "1": 33.33, "2": 33.33, "3": 33.34}', NULL, NULL),
('{"association_type": ', 'not json', 'not json'),
('{"association_type": "individual", "1": 100}', NULL, NULL),
('{"association_type": "tenants_in_common", "1": 33.33, "2": 33.34, "3": 33.33}', NULL, NULL),
('{"association_type": "tenants_in_common", "1": 60, "2": 40, "note": "as agreed"}', NULL, NULL),
('{"association_type": "joint_ownership", "joint_owners": [1, 2]}', NULL, NULL),
('{"association_type": "individual", "note": "no_previous_ownership"}', NULL, NULL),
('{"association_type": "tenants_in_common", "1": 49, "2": 50}', 'valid_product_ownership_details_precise', 'valid_ownership_percentages_precise'),
('{"association_type": "tenants_in_common", "1": 33.334, "2": 33.333, "3": 33.333}', 'valid_product_ownership_details_precise', 'valid_ownership_percentages_precise'),
('{"association_type": "individual", "1": 50, "2": 50}', 'valid_product_ownership_details_precise', 'valid_ownership_percentages_precise'),
('{"association_type": "individual", "1": 3}', 'valid_product_ownership_details_precise', 'valid_ownership_percentages_precise'),
('{"association_type": "individual", "1": "100"}', 'product_ownership_share_is_number', 'valid_ownership_percentages_precise'),
('{"association_type": "tenants_in_common", "1": 110, "2": -10}', 'product_ownership_share_not_negative', 'valid_ownership_percentages_precise'),
('{"association_type": "tenants_in_common"}', 'product_ownership_has_owners', 'valid_ownership_percentages_precise'),
('{"association_type": "joint_ownership", "joint_owners": [1]}', 'product_ownership_has_owners', 'valid_ownership_percentages_precise'),
('{"association_type": "friends", "1": 100}', 'valid_product_ownership_details', 'valid_ownership_details'),
('[]', 'valid_product_ownership_details', 'valid_ownership_details')
$body$;
COMMENT ON FUNCTION ownership_probes() IS 'ownership documents with the rule that must refuse each, or none';
