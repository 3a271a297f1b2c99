"""Rolling back new tables that hold rows: whole tables move to the archive, so their size must not matter."""

from __future__ import annotations

from typing import Any

from . import runs
from .databases import Databases
from .figures import median

PRODUCTS = 10_000
BELOW = "phase_2_audit"
FILL = {
    "client_information_items": "INSERT INTO client_information_items (client_group_id, item_type, item_category, data_content, last_edited_by)"
    " SELECT g.id, 'basic_detail', 'Address', '{\"product_owners\": [1], \"address_line_one\": \"1 High Street\"}', 1",
    "client_objectives": "INSERT INTO client_objectives (client_group_id, title, created_by) SELECT g.id, 'Objective', 1",
    "client_actions": "INSERT INTO client_actions (client_group_id, action_name, owner, created_by) SELECT g.id, 'Action', 'advisor', 1",
}
FROM = (
    " FROM generate_series(1, %(rows)s) AS n JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place,"
    " count(*) OVER () AS groups FROM client_groups) AS g ON g.place = 1 + n %% g.groups"
)


def fill(url: str, rows: int) -> None:
    """``rows`` rows in each table, as if nobody had written them."""
    with runs.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for text in FILL.values():
            connection.execute((text + FROM).encode(), {"rows": rows})
        connection.execute(f"VACUUM ANALYZE {', '.join(FILL)}".encode())


def measure(databases: Databases, rows: int) -> dict[str, Any]:
    """Milliseconds of each ``op.archive_table`` of ``downgrade`` and of its revisions, with ``rows`` rows in three tables."""
    found: list[dict[str, float]] = []
    revisions: list[dict[str, float]] = []
    filled = databases.prepared(f"filled_{rows}", databases.head(PRODUCTS), lambda url: fill(url, rows))
    for _ in range(3):
        with databases.copy(filled) as url:
            ran = runs.alembic(url, "downgrade", BELOW)
        found.append(
            {
                step.arguments[0]: 1000 * (step.ended - step.begun)
                for step in ran.steps
                if step.operation == "archive_table" and step.arguments[0] in FILL
            }
        )
        revisions.append({name: 1000 * seconds for name, seconds, *_ in ran.revisions})
    return {
        "tables": {table: round(median([f[table] for f in found]), 2) for table in FILL},
        "revisions": {name: round(median([r[name] for r in revisions]), 1) for name in revisions[0]},
        "together_ms": round(median([sum(f.values()) for f in found]), 2),
        "runs": len(found),
    }
