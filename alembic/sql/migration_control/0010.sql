-- seed migration_control
-- The nine settings of document 000 (C-003).  A value that an administrator changed stays as it is.
-- Tests: tests/revisions/test_pre_migration_control.py
INSERT INTO migration_control (setting, value, description) VALUES
    ('current_phase', 'pre_migration', 'Phase the database is in; kept by the gates, alembic_version is the truth'),
    ('rollback_enabled', 'true', 'Whether kingston rollback may run'),
    ('performance_tolerance_percent', '15', 'How much slower a measured query may become before a gate objects'),
    ('max_downtime_hours', '168', 'Window of the migration: seven days'),
    ('encryption_enabled', 'true', 'Whether sensitive fields must hold ciphertext'),
    ('audit_logging_level', 'comprehensive', 'How much is audited'),
    ('dense_ui_optimization', 'true', 'Whether the dense summary is kept'),
    ('global_actions_enabled', 'true', 'Whether actions across client groups may be made'),
    ('liquidity_rankings_enabled', 'true', 'Whether liquidity ranks of a client group count')
ON CONFLICT (setting) DO NOTHING;
