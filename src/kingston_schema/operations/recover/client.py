"""``kingston recover client``: one client group's rows as they were at a time."""

from __future__ import annotations

from datetime import datetime

from ...errors import RefusedError
from . import scope
from .carrying import Report, carry, chosen
from .change import Change, Left
from .ground import Ground, ground
from .moment import cut, require_past
from .scope import GROUPS


def run(
    url: str, client: int, at: datetime, schema: str | None = None, *, tables: list[str] | None = None,
    reason: str = "", lose_secrets: bool = False, dry_run: bool = False, shown: tuple[Change, ...] | None = None,
) -> Report:  # fmt: skip
    """Bring back what the client group's rows were at ``at``; rows of others are proven untouched.

    Raises RefusedError when the history does not reach back so far, when there was no such client group then, or when
    a rule of the schema says no, or other rows differ than those ``shown``; BusyError when somebody writes the same
    rows; then nothing was changed.
    """
    require_past(at)
    told = "" if dry_run else "recover client"
    with ground(url, schema, told, f"client group {client} at {at:%Y-%m-%d %H:%M:%S%z}") as here:
        mine = chosen(scope.tables(here.recorded), tables or [])
        reaches_back(here, sorted(mine), at)
        found = scope.read(here.connection, here.recorded, client, cut(here.connection, at))
        was = [row for row in found.rows[GROUPS] if row.then is not None]
        if not was:
            there = "came later" if found.rows[GROUPS] else "never was, as far as the history goes"
            raise RefusedError(
                f"there was no client group {client} at {at:%Y-%m-%d %H:%M:%S}: it {there}",
                fix=f"kingston audit show --client {client}",
                obj=GROUPS,
            )
        return carry(
            here,
            {name: rows for name, rows in found.rows.items() if name in mine},
            [Left(*left) for left in found.left if left[0] in mine],
            client=client, at=at, lose_secrets=lose_secrets, dry_run=dry_run, shown=shown,
            reason=reason or f"client group {client} as it was at {at:%Y-%m-%d %H:%M:%S%z}",
        )  # fmt: skip


def reaches_back(here: Ground, names: list[str], at: datetime) -> None:
    """Raise RefusedError for a table whose rows were not recorded yet at ``at``, naming since when."""
    for name in names:
        since = here.begun.get(here.recorded[name].table)
        if since is not None and at < since:
            others = [n for n in names if (b := here.begun.get(here.recorded[n].table)) is None or b <= at]
            fix = f"--tables {','.join(others)}" if others else "a checkpoint from before: kingston checkpoint list"
            raise RefusedError(
                f"the history of {name} begins at {since.astimezone():%Y-%m-%d %H:%M:%S}; what it was before,"
                " nobody recorded",
                fix=fix,
                obj=name,
            )
