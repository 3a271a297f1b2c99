"""Two databases change places: by rename, with owner, comment, rights and settings."""

from __future__ import annotations

import time

import psycopg
from psycopg import sql


def swap(admin: psycopg.Connection, database: str, new: str, old: str) -> None:
    """Rename both; settings, owner and rights of the database come along.  Undone when the second rename fails."""
    was = sql.Identifier(database)
    _take_over(admin, database, new)
    admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(was))
    try:
        for name in (database, new):
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
        _rename(admin, database, old)
        try:
            _rename(admin, new, database)
        except psycopg.Error:
            _rename(admin, old, database)
            raise
    except psycopg.Error:
        admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(was))
        raise
    admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(old)))


def _rename(admin: psycopg.Connection, before: str, after: str) -> None:
    """Rename a database; sessions that are just ending get five seconds."""
    until = time.monotonic() + 5
    while True:
        try:
            admin.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(before), sql.Identifier(after)
                )
            )
            return
        except psycopg.errors.ObjectInUse:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def _take_over(admin: psycopg.Connection, database: str, new: str) -> None:
    """Owner, comment, rights and settings of the old database for the new one."""
    row = admin.execute(
        "SELECT pg_get_userbyid(d.datdba), shobj_description(d.oid, 'pg_database') FROM pg_database AS d WHERE datname = %s",
        (database,),
    ).fetchone()
    assert row is not None
    target = sql.Identifier(new)
    admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(target, sql.Identifier(row[0])))
    admin.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(target, row[1]))
    settings = admin.execute(
        "SELECT r.rolname, split_part(c, '=', 1), substr(c, strpos(c, '=') + 1) FROM pg_db_role_setting AS s"
        " JOIN pg_database AS d ON d.oid = s.setdatabase CROSS JOIN unnest(s.setconfig) AS c"
        " LEFT JOIN pg_roles AS r ON r.oid = s.setrole WHERE d.datname = %s",
        (database,),
    ).fetchall()
    for role, name, value in settings:
        whose = (
            sql.SQL("ROLE {} IN DATABASE {}").format(sql.Identifier(role), target)
            if role
            else sql.SQL("DATABASE {}").format(target)
        )
        admin.execute(sql.SQL("ALTER {} SET {} = {}").format(whose, sql.Identifier(name), value))
    rights = admin.execute(
        "SELECT coalesce(r.rolname, ''), x.privilege_type, x.is_grantable FROM pg_database AS d"
        " CROSS JOIN aclexplode(d.datacl) AS x LEFT JOIN pg_roles AS r ON r.oid = x.grantee WHERE d.datname = %s",
        (database,),
    ).fetchall()
    if rights:
        admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(target))
    for role, privilege, grantable in rights:
        admin.execute(
            sql.SQL("GRANT {} ON DATABASE {} TO {}{}").format(
                sql.SQL(privilege), target, sql.Identifier(role) if role else sql.SQL("PUBLIC"),
                sql.SQL(" WITH GRANT OPTION" if grantable else ""),
            )
        )  # fmt: skip
