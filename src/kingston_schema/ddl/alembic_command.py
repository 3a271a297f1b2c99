"""The command that Alembic is carrying out: what it changes, and with which options its context is configured."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context

from ..settings import Schemas

VERSION_TABLE = "alembic_version"
PLUGINS = ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname", "kingston_schema"]
_DIRECTIONS = {"upgrade": "upgrade", "downgrade": "downgrade", "do_stamp": "stamp"}


def target() -> tuple[str, str] | None:
    """(upgrade | downgrade | stamp, revision) of a command that changes the database; None for the others."""
    try:
        revision = context.get_revision_argument()
    except KeyError:
        return None
    direction = _DIRECTIONS.get(_function())
    wanted = revision if isinstance(revision, str) else ",".join(revision) if revision else "base"
    return (direction, wanted) if direction else None


def options(names: Schemas) -> dict[str, Any]:
    """For ``context.configure``, of every command."""
    return {
        "target_metadata": _metadata(),
        "transaction_per_migration": True,
        "version_table": VERSION_TABLE,
        "compare_type": True,
        "compare_server_default": True,
        "include_object": _include_object,
        "autogenerate_plugins": PLUGINS,
        "kingston_schemas": names,
    }


def _metadata() -> sa.MetaData | None:
    """The models, for commands that compare them with the database; importing them is a third of the start of all others."""
    if _function() != "retrieve_migrations":
        return None
    from ..models import metadata

    return metadata


def _function() -> str:
    """The name of the function in Alembic that goes through the revisions of this command."""
    steps = context._proxy.context_opts.get("fn")  # type: ignore[attr-defined]
    return getattr(steps, "__name__", "")


def _include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """A production database may hold more than the models: extra tables, columns and indexes are not ours."""
    return not (reflected and compare_to is None and kind in ("table", "column", "index"))
