"""A database made from the models and the current SQL files equals one built by replaying history."""

from __future__ import annotations

import psycopg

from conventions.history import current, used
from kingston_schema import models, settings
from kingston_schema.catalog import fingerprint
from kingston_schema.ddl.sqltext import SqlObject, render
from portals import Portal


def build(portal: Portal) -> None:
    """Control schema, functions, tables, views, triggers: the current texts, in the order history runs them; rights."""
    names = settings.schemas()
    portal.run(f"CREATE SCHEMA {names.control}; CREATE SCHEMA {names.archive}")
    order = [name for _, name, _ in used("upgrade")]
    items = [current()[name][1] for name in dict.fromkeys(order) if name in current()]
    portal.run("SET check_function_bodies = off")
    run(portal, [i for i in items if i.kind == "function"])
    models.metadata.create_all(portal.engine)
    left = run(portal, [i for i in items if i.kind not in ("trigger", "triggers", "gate")])
    assert left == []
    assert run(portal, [i for i in items if i.kind in ("trigger", "triggers")]) == []
    portal.run(f"SELECT {names.control}.make_roles()")


def run(portal: Portal, items: list[SqlObject]) -> list[SqlObject]:
    """Run texts, those that need another one after it; returns what still lacks something (a table, before those are made)."""
    waiting = items
    while waiting:
        left = []
        for item in waiting:
            try:
                with portal.connection.transaction():
                    portal.run(render(item.text, settings.schemas()))
            except (
                psycopg.errors.UndefinedTable,
                psycopg.errors.UndefinedFunction,
                psycopg.errors.UndefinedObject,
            ):
                left.append(item)
        if len(left) == len(waiting):
            return left
        waiting = left
    return []


def test_models_and_current_texts_give_what_history_gives(portal_at):
    replayed, built = portal_at("head"), portal_at("base")
    build(built)
    assert (
        fingerprint.differences(
            without_order(fingerprint.read(replayed.connection, "public")),
            without_order(fingerprint.read(built.connection, "public")),
        )
        == []
    )


def without_order(found: fingerprint.Fingerprint) -> fingerprint.Fingerprint:
    """Column positions apart: history appends columns, models group them."""
    return fingerprint.Fingerprint(
        {name: {k: v for k, v in value.items() if k != "position"} for name, value in found.objects.items()}
    )
