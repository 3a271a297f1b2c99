"""Row security and policies."""

from __future__ import annotations

from .plant import Plant

PLANTS = [
    Plant("row_security_off", "row security", "ALTER TABLE secrets DISABLE ROW LEVEL SECURITY", "table secrets has row security off, should have it on"),
    Plant("row_security_on", "row security", "ALTER TABLE beds ENABLE ROW LEVEL SECURITY", "table beds has row security on, should have it off"),
    Plant("row_security_forced", "row security", "ALTER TABLE secrets FORCE ROW LEVEL SECURITY", "table secrets has row security on (forced on the owner), should have it on"),
    Plant("policy_missing", "", "DROP POLICY own_secrets ON secrets", "policy own_secrets on secrets is missing", mends=False),
    Plant("policy_added", "", "CREATE POLICY anyone ON secrets USING (true)", "policy anyone on secrets is there in addition"),
    Plant("policy_using", "using", "ALTER POLICY own_secrets ON secrets USING (true)", "condition USING of policy own_secrets on secrets is true, should be (owner = CURRENT_USER)"),
    Plant("policy_check", "check", "ALTER POLICY own_secrets ON secrets WITH CHECK (true)", "condition WITH CHECK of policy own_secrets on secrets is true, should be none", mends=False),
    Plant("policy_command", "command", "DROP POLICY own_secrets ON secrets; CREATE POLICY own_secrets ON secrets FOR UPDATE USING (owner = CURRENT_USER)", "policy own_secrets on secrets is for UPDATE, should be for every command", mends=False),
    Plant("policy_roles", "roles", "ALTER POLICY own_secrets ON secrets TO plant_reader", "roles of policy own_secrets on secrets are plant_reader, should be PUBLIC"),
    Plant("policy_restrictive", "permissive", "DROP POLICY own_secrets ON secrets; CREATE POLICY own_secrets ON secrets AS RESTRICTIVE USING (owner = CURRENT_USER)", "policy own_secrets on secrets is restrictive, should be permissive", mends=False),
    Plant("policy_comment", "comment", "COMMENT ON POLICY own_secrets ON secrets IS 'Own'", "comment of policy own_secrets on secrets is \"Own\", should be none"),
]  # fmt: skip
