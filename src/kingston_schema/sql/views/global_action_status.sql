-- view global_action_status
-- Every global action with every client group: the recorded state, or outstanding where the group has no row yet.
-- So a new client group, and a new action, need no rows made for them (recorded says which kind it is).
-- C-032, errata E-170, E-171.  Read by applications.
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE VIEW global_action_status AS
SELECT
    a.id AS global_action_id,
    g.id AS client_group_id,
    a.action_name,
    a.owner,
    a.target_date,
    a.active,
    coalesce(s.status, 'outstanding'::character varying(20)) AS status,
    s.completed_at,
    s.id IS NOT NULL AS recorded,
    s.id AS global_action_state_id
FROM global_actions AS a
CROSS JOIN client_groups AS g
LEFT JOIN global_action_states AS s ON s.global_action_id = a.id AND s.client_group_id = g.id;

COMMENT ON VIEW global_action_status IS
    'status of each global action for each client group; outstanding where no state is recorded';
