-- seed monitoring_schedule
-- The four schedules of document 000 (C-060); setup_post_deployment_monitoring() holds their names and intervals.
-- Tests: tests/sql/test_run_due_monitoring.py
SELECT setup_post_deployment_monitoring();
