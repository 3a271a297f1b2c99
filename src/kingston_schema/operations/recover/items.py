"""``kingston recover items``: information items whose content is broken get their last good content back."""

from __future__ import annotations

from psycopg import sql

from ...errors import RefusedError, UsageError
from .carrying import Report, carry
from .change import Change, Left
from .ground import ground
from .replay import Row, parsed

ITEMS = "client_information_items"
# Broken: against the rules of the item's type, or what a given JSON path finds.
_RULE = {"invalid": "NOT validate_client_item_data({type}, {data})", "path": "jsonb_path_exists({data}, %(path)s)"}
_BROKEN = """
WITH broken AS (
    SELECT i.* FROM client_information_items AS i
    WHERE (%(client)s::bigint IS NULL OR i.client_group_id = %(client)s) AND {broken}
), states AS (
    SELECT i.id, i.item_type, h.id AS line, h.changes -> 'data_content' -> 0 AS data FROM broken AS i
    JOIN row_history AS h ON h.table_name = 'client_information_items' AND h.row_id = i.id
     AND h.action = 'update' AND h.changes ? 'data_content'
), good AS (
    SELECT DISTINCT ON (s.id) s.id, s.data FROM states AS s WHERE NOT ({broken_then}) ORDER BY s.id, s.line DESC
)
SELECT jsonb_build_object('id', i.id)::text, to_jsonb(i)::text,
       (CASE WHEN g.id IS NOT NULL THEN to_jsonb(i) || jsonb_build_object('data_content', g.data) END)::text
FROM broken AS i LEFT JOIN good AS g ON g.id = i.id ORDER BY i.id
"""


def run(
    url: str, schema: str | None = None, *, client: int | None = None, path: str = "", remove: bool = False,
    reason: str = "", dry_run: bool = False, shown: tuple[Change, ...] | None = None,
) -> Report:  # fmt: skip
    """Find by rule, restore the newest content of the history that the rule does not find.

    What was broken stays in the history, under the recovery's id, and can be brought back.  ``remove``: items that
    never were good are taken out too; else they are left and listed.  Raises RefusedError below
    phase_2_client_information, UsageError for a JSON path that is none.
    """
    told = "" if dry_run else "recover items"
    with ground(url, schema, told, None if client is None else f"client group {client}") as here:
        if ITEMS not in here.recorded:
            raise RefusedError("there are no information items here yet", fix="kingston upgrade phase_2")
        if path and not _is_path(here.connection, path):
            raise UsageError(f'"{path}" is no JSON path', fix="--broken '$.current_balance ? (@ < 0)'")
        rule = _RULE["path" if path else "invalid"]
        statement = _BROKEN.format(
            broken=rule.format(type="i.item_type", data="i.data_content"),
            broken_then=rule.format(type="s.item_type", data="s.data"),
        )
        found = here.connection.execute(statement.encode(), {"client": client, "path": path}).fetchall()
        rows = [Row(key, parsed(now), parsed(then), then) for key, now, then in found]
        left = [
            Left(ITEMS, row.key, "the history holds no good content of it (--remove takes it out)")
            for row in rows if row.then is None and not remove
        ]  # fmt: skip
        return carry(
            here, {ITEMS: [row for row in rows if row.then is not None or remove]}, left, client=client, at=None,
            reason=reason or f"broken information items ({path or 'against the rules of their type'})",
            lose_secrets=False, dry_run=dry_run, shown=shown,
        )  # fmt: skip


def _is_path(connection: object, path: str) -> bool:
    import psycopg

    assert isinstance(connection, psycopg.Connection)
    try:
        with connection.transaction():
            connection.execute(sql.SQL("SELECT {}::jsonpath").format(sql.Literal(path)))
    except psycopg.errors.DataError:
        return False
    except psycopg.errors.SyntaxError:
        return False
    return True
