"""``alembic check`` for what SQLAlchemy does not model: functions, triggers and views.

Read-only: the live catalogue against the fingerprint of head that ships with the package.  (Creating the
objects in a rolled-back transaction to compare them, as other tools do, takes locks on live tables.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.operations import MigrateOperation
from alembic.util import PriorityDispatchResult

if TYPE_CHECKING:
    from alembic.runtime.plugins import Plugin

KINDS = ("function", "procedure", "trigger", "view", "materialized view")


class Drift(MigrateOperation):
    """An object that is not what head says it is; ``alembic check`` prints it."""

    def __init__(self, what: str, name: str) -> None:
        self.what, self.name = what, name

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return (self.what, self.name)

    def reverse(self) -> MigrateOperation:
        return self


def register(plugin: Plugin) -> None:
    """Hang the comparison on Alembic's autogenerate."""
    plugin.add_autogenerate_comparator(compare_objects, "schema")


def compare_objects(autogen_context: Any, upgrade_ops: Any, schemas: Any) -> PriorityDispatchResult:
    """Append one Drift per function, trigger or view that is missing or differs; extra ones are not ours."""
    from ..catalog import expected, fingerprint
    from ..settings import Schemas

    run = autogen_context.opts.get("kingston_schemas") or Schemas()
    connection = autogen_context.connection.connection.dbapi_connection
    live = fingerprint.read(connection, run.application).portable().objects
    should = expected.expected(expected.revisions()[-1], connection.info.server_version).objects
    for name, value in should.items():
        if not name.startswith(KINDS):
            continue
        if name not in live:
            upgrade_ops.ops.append(Drift("missing", name))
        elif live[name] != value:
            upgrade_ops.ops.append(Drift("changed", name))
    return PriorityDispatchResult.CONTINUE
