-- function @control@.make_roles()
-- The four roles of a portal: made where they are missing (NOLOGIN, no attribute) and given their rights.  Refuses where a
-- role of that name may do more than any of ours.  Roles belong to the whole server: another database may be making them
-- at this moment.  What the migrating role may not do is said in one warning (KS011) with the statements for an
-- administrator, and the migration goes on without.  Repeatable.
-- Called by op.make_roles and kingston doctor.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION @control@.make_roles() RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_missing record;
    v_said text;
    v_fix text;
    v_left bigint;
BEGIN
    SELECT string_agg(p.problem, '; ' ORDER BY p.role_name), string_agg(p.remedy, '; ' ORDER BY p.role_name) INTO v_said, v_fix
      FROM @control@.role_problems() AS p WHERE p.kind = 'strong';
    IF v_said IS NOT NULL THEN
        RAISE EXCEPTION 'the rights of a portal are for roles without special powers: %', v_said
            USING ERRCODE = 'KS003', HINT = v_fix || '; then run the same command again';
    END IF;
    FOR v_missing IN SELECT p.role_name, p.remedy FROM @control@.role_problems() AS p WHERE p.kind = 'missing' ORDER BY 1 LOOP
        BEGIN
            EXECUTE v_missing.remedy;
            EXECUTE format('COMMENT ON ROLE %I IS %L', v_missing.role_name,
                           'Kingston Schema: rights of portals, for logins that are made members');
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;  -- another database was first
            WHEN insufficient_privilege THEN NULL;  -- said below
        END;
    END LOOP;
    PERFORM @control@.grant_roles(NULL);
    PERFORM @control@.join_owner();
    SELECT concat_ws('; ', 'no ' || string_agg(p.role_name, ', ' ORDER BY p.role_name) FILTER (WHERE p.kind = 'missing'),
                     'no grant on ' || string_agg(DISTINCT p.object, ', ')
                         FILTER (WHERE p.kind = 'right')),
           string_agg(p.remedy, '; ' ORDER BY p.kind, p.role_name, p.object), count(*)
      INTO v_said, v_fix, v_left
      FROM @control@.role_problems() AS p;
    IF v_left > 0 THEN
        RAISE WARNING 'role % may not give all rights of the portal: %; the migration goes on without', current_user, v_said
            USING ERRCODE = 'KS011',
                  HINT = CASE WHEN v_left <= 8 THEN 'as an administrator: ' || v_fix || '; then ' ELSE '' END || 'kingston doctor --fix';
    END IF;
END
$function$;
