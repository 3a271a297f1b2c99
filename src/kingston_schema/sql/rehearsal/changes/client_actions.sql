-- needs: client_actions
-- Through the triggers, too: the time of completion is the database's.
UPDATE client_actions AS a SET status = 'completed' FROM party AS p
 WHERE a.client_group_id = p.client_group_id AND a.status = 'outstanding' AND p.n % 2 = 0
