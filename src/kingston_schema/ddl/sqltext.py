"""SQL as text: frozen files, their headers, placeholders, quoting, and sending it on its way."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..settings import Schemas
from .attempts import patiently

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")
# In the options of the migration context: op.lock_tables holds locks at the moment.
LOCKED = "kingston_locked"
_HEADER = re.compile(r"\A-- (materialized view|[a-z]+) (.+)\n")


def quote(identifier: str) -> str:
    """An identifier for SQL, quoted only where it must be."""
    return identifier if _PLAIN.match(identifier) else '"' + identifier.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text literal for SQL (standard_conforming_strings)."""
    return "'" + value.replace("'", "''") + "'"


def text_array(values: Any) -> str:
    """``ARRAY['a', 'b']::text[]``."""
    return "ARRAY[" + ", ".join(literal(v) for v in values) + "]::text[]"


def render(sql: str, schemas: Schemas) -> str:
    """Put the names of this portal's schemas in the place of @schema@, @control@ and @archive@."""
    return (
        sql.replace("@schema@", quote(schemas.application))
        .replace("@control@", quote(schemas.control))
        .replace("@archive@", quote(schemas.archive))
    )


def context_schemas(operations: Any) -> Schemas:
    """The schemas of the portal this run works on."""
    run = run_of(operations)
    return run.schemas if run is not None else Schemas()


def run_of(operations: Any) -> Any:
    """The run that env.py opened (kingston_schema.ddl.run.Run, or ScriptRun); None outside our env.py."""
    return operations.get_context().opts.get("kingston_run")


def emit(operations: Any, sql: str, *, once: bool = False) -> Any:
    """Send one SQL text (several statements allowed) to the server, or to the script in ``--sql`` mode.

    Returns the cursor result online and None offline.  The text goes as it is: no bind parameters,
    no percent or colon processing.  A lock that somebody holds is tried for again (attempts.patiently), but
    not with ``once`` (the server function does that itself) and not while ``op.lock_tables`` holds others.
    """
    context = operations.get_context()
    text = render(sql, context_schemas(operations)).strip()
    if context.as_sql:
        context.impl.static_output(text if text.endswith(";") else text + ";")
        return None

    def execute() -> Any:
        return context.connection.exec_driver_sql(text, execution_options={"no_parameters": True})

    return (
        execute() if once or context.opts.get(LOCKED) is not None else patiently(context.connection, execute)
    )


def outside_transaction(operations: Any) -> AbstractContextManager[None]:
    """Commit what is open, run the block in autocommit, then begin again (also in ``--sql`` mode)."""
    context = operations.get_context()
    if context.opts.get(LOCKED) is not None:
        raise UsageError("a step that commits cannot stand inside op.lock_tables")
    return context.autocommit_block()


@dataclass(frozen=True)
class SqlObject:
    """A frozen SQL file: what it makes (``kind``, ``identity``, for triggers ``table``) and its text."""

    kind: str
    identity: str
    table: str
    text: str

    @property
    def names(self) -> list[str]:
        """Names of the objects: one, or several for ``triggers a, b on t``."""
        return (
            [name.strip() for name in self.identity.split(",")]
            if self.kind == "triggers"
            else [self.identity]
        )


def parse(text: str, path: Path | str = "") -> SqlObject:
    """Read the header line of an SQL object file; raises UsageError when it has none."""
    found = _HEADER.match(text)
    if not found:
        raise UsageError(f"{path} does not begin with a header such as '-- function f(text)'")
    kind, rest = found.group(1), found.group(2).strip()
    table = ""
    if kind in ("trigger", "triggers"):
        rest, _, table = rest.rpartition(" on ")
    return SqlObject(kind, rest.strip(), table.strip(), text)


def frozen(operations: Any, name: str, version: str) -> SqlObject:
    """The frozen text ``alembic/sql/<name>/<version>.sql`` of the history being run."""
    folder = Path(operations.get_context().environment_context.script.dir) / "sql"
    path = folder / name / f"{version}.sql"
    if not path.is_file():
        raise UsageError(
            f"the frozen text {path.relative_to(folder.parent)} does not exist",
            fix=f"make snapshot OBJ={name} REV={version}",
        )
    return parse(path.read_text(encoding="utf-8"), path)
