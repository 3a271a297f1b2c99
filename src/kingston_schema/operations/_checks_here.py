"""Checks that look at more than the database: backups, free space, clocks, key file, the application's role."""

from __future__ import annotations

import os
import shutil
import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from ..ddl.sqltext import quote, render
from ..settings import Schemas
from ..wording import count
from . import checkpoint
from ._checks import Outcome
from .archive.items import resting

BACKUP_AGE = timedelta(days=7)
CLOCK_SECONDS = 5.0
_LACKING = """
SELECT r.object || CASE r.column_name WHEN '' THEN '' ELSE '.' || r.column_name END || ': ' || r.privilege
  FROM @control@.role_rights() AS r
 WHERE r.role_name = 'portal_app' AND NOT CASE r.kind
       WHEN 'table' THEN CASE r.column_name WHEN '' THEN has_table_privilege(%(role)s, r.object, r.privilege)
                                            ELSE has_column_privilege(%(role)s, r.object, r.column_name, r.privilege) END
       WHEN 'sequence' THEN has_sequence_privilege(%(role)s, r.object, r.privilege)
       WHEN 'function' THEN has_function_privilege(%(role)s, r.object, r.privilege)
       ELSE has_schema_privilege(%(role)s, to_regnamespace(r.object)::oid, r.privilege) END
 ORDER BY 1"""


def outcomes(
    connection: psycopg.Connection, names: Schemas, stage: str, role: str | None, folder: str | None
) -> list[Outcome]:
    """The checks of ``stage``; ``role``: the application's, where its readiness shall be judged."""
    found = [clock(connection)]
    if stage in ("pre", "go-live"):
        found += [backup_proven(connection, names, folder), space(connection, names)]
    if stage in ("post", "go-live"):
        found.append(quarantine(connection, names))
    if stage in ("post", "go-live") and role:
        found.append(application_role(connection, names, role))
    if stage == "go-live":
        found.append(key_file(connection, names))
    return found


def _is(
    name: str, severity: str, ok: bool | None, found: str, needed: str, fix: str, keys: tuple[str, ...] = ()
) -> Outcome:
    state = "unknown" if ok is None else "passed" if ok else "failed"
    return Outcome(name, "here", severity, state, found, needed, fix, () if ok else keys[:20])


def backup_proven(connection: psycopg.Connection, names: Schemas, folder: str | None) -> Outcome:
    """The latest *proven* restore of a checkpoint of this portal, from the manifests."""
    database = connection.info.dbname
    proven = [
        item
        for item in checkpoint.listing(folder)
        if item.proven_at and item.schema == names.application and item.database == database
    ]
    last = max(proven, key=lambda item: item.proven_at or datetime.min.replace(tzinfo=UTC), default=None)
    needed = "a checkpoint of this portal whose restore was proven in the last 7 days"
    fix = "kingston checkpoint create; kingston checkpoint verify <name>"
    if last is None or last.proven_at is None:
        return _is("backup_proven", "critical", False, "no restore was ever proven", needed, fix)
    age = datetime.now(UTC) - last.proven_at
    found = f"{last.name}, proven {age.total_seconds() / 3600:.1f} hours ago, {last.bytes:,} bytes"
    return _is("backup_proven", "critical", age <= BACKUP_AGE, found, needed, fix)


def space(connection: psycopg.Connection, names: Schemas) -> Outcome:
    """Room for index builds, rewritten rows, archives and WAL, where the server's disk can be seen from here."""
    row = connection.execute(
        "SELECT coalesce(sum(pg_table_size(c.oid)), 0)::bigint, coalesce(sum(pg_indexes_size(c.oid)), 0)::bigint,"
        " coalesce(pg_table_size(to_regclass('client_products')) + pg_indexes_size(to_regclass('client_products')), 0)::bigint,"
        " pg_size_bytes(current_setting('max_wal_size'))"
        " FROM pg_class AS c WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind IN ('r', 'p')",
        (names.application,),
    ).fetchone()
    assert row is not None
    tables, indexes, products, wal = map(int, row)
    # New indexes about as large as those there are, client_products written once more, WAL for both and its reserve.
    build, rewrite = max(indexes, tables // 4), products
    total = 2 * (build + rewrite) + wal
    needed = f"{_mb(total)}: {_mb(build)} new indexes, {_mb(rewrite)} rows written anew, as much WAL, {_mb(wal)} max_wal_size"
    fix = "make room on the server's disk, or add a tablespace"
    free = _free(connection)
    if free is None:
        return _is(
            "space",
            "critical",
            None,
            "the server's disk cannot be seen from this machine",
            needed,
            "df on the server",
        )
    return _is("space", "critical", free >= total, f"{_mb(free)} free", needed, fix)


def _free(connection: psycopg.Connection) -> int | None:
    """Free bytes under the server's data directory; None when that is another machine's, or hidden."""
    if not (connection.info.host or "").startswith("/"):
        return None
    try:
        row = connection.execute("SELECT current_setting('data_directory')").fetchone()
        return shutil.disk_usage(str(row[0])).free if row else None
    except (psycopg.Error, OSError):
        return None


def _mb(size: int) -> str:
    return f"{size / 2**20:,.0f} MB"


def quarantine(connection: psycopg.Connection, names: Schemas) -> Outcome:
    """Rows and values that no upgrade could bring back."""
    held = [item for item in resting(connection, names) if item.quarantined]
    found = ", ".join(f"{item.name}: {item.quarantined:,}" for item in held) or "empty"
    fix = "kingston archive list --quarantine"
    return _is("quarantine", "warning", not held, found, "nothing in quarantine", fix, tuple(i.name for i in held))


def clock(connection: psycopg.Connection) -> Outcome:
    """The server's clock beside this machine's, half a round trip taken off."""
    before = time.time()
    row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::double precision").fetchone()
    after = time.time()
    assert row is not None
    apart = float(row[0]) - (before + after) / 2
    needed = f"the server's clock within {CLOCK_SECONDS:.0f} s of this machine's"
    return _is(
        "clock",
        "warning",
        abs(apart) <= CLOCK_SECONDS,
        f"{apart:+.1f} s apart",
        needed,
        "run an NTP client on both",
    )


def key_file(connection: psycopg.Connection, names: Schemas) -> Outcome:
    """KINGSTON_KEY_FILE where encryption is on: there, and readable by its owner alone."""
    needed = "a key file that only its owner can read, wherever encryption is on"
    fix = "export KINGSTON_KEY_FILE=…; chmod 600 it"
    row = connection.execute("SELECT to_regclass('migration_control') IS NOT NULL").fetchone()
    wanted = None
    if row and row[0]:
        wanted = connection.execute(
            "SELECT value FROM migration_control WHERE setting = 'encryption_enabled'"
        ).fetchone()
    if wanted is None or wanted[0] != "true":
        return _is("key_file", "critical", True, "encryption is off", needed, fix)
    given = os.environ.get("KINGSTON_KEY_FILE")
    if os.environ.get("KINGSTON_KEY_COMMAND"):
        return _is("key_file", "critical", True, "the key comes from a command", needed, fix)
    if not given:
        return _is(
            "key_file", "critical", False, "encryption is on, and KINGSTON_KEY_FILE is not set", needed, fix
        )
    try:
        mode = Path(given).stat().st_mode
    except OSError as error:
        return _is(
            "key_file", "critical", False, f"the key file cannot be read: {error.strerror}", needed, fix
        )
    return _is(
        "key_file",
        "critical",
        not mode & (stat.S_IRWXG | stat.S_IRWXO),
        f"mode {mode & 0o777:o}",
        needed,
        fix,
    )


def application_role(connection: psycopg.Connection, names: Schemas, role: str) -> Outcome:
    """Whether the application's role may do all that portal_app may, as a member of it or by grants of its own."""
    needed = f"role {role} may log in, and may do everything that portal_app may"
    fix = f"GRANT portal_app TO {quote(role)}"
    name = "application_role"
    known = connection.execute(
        "SELECT rolcanlogin OR EXISTS (SELECT 1 FROM pg_roles AS m WHERE m.rolcanlogin AND NOT m.rolsuper"
        " AND pg_has_role(m.oid, r.oid, 'MEMBER')), to_regprocedure(%s) IS NOT NULL FROM pg_roles AS r WHERE rolname = %s",
        (render("@control@.role_rights()", names), role),
    ).fetchone()
    if known is None:
        return _is(name, "critical", False, f"role {role} does not exist", needed, f"CREATE ROLE {quote(role)} LOGIN; {fix}")
    logs_in, judged = known
    if not judged:
        return _is(name, "critical", None, "what it needs is known from pre_migration_control on", needed, fix)
    missing = [str(row[0]) for row in connection.execute(render(_LACKING, names).encode(), {"role": role})]
    if not logs_in:
        missing.insert(0, "LOGIN, or a login that is a member")
    found = f"{count(len(missing), 'right is', 'rights are')} missing" if missing else f"{role} may do all of it"
    return _is(name, "critical", not missing, found, needed, fix, tuple(missing))
