"""``kingston recover ownership``: back to the relational model: links that say what the documents say, shares kept aside."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from ...errors import RefusedError, UsageError
from .carrying import Report as Carried
from .carrying import carry
from .change import Left
from .ground import ground
from .replay import Row, parsed
from .scope import LINKS

_MISSING = """
SELECT jsonb_build_object('id', n.id)::text,
       jsonb_build_object('id', n.id, 'product_owner_id', n.owner, 'product_id', n.product_id, 'created_at', now())::text
FROM (SELECT nextval(pg_get_serial_sequence('product_owner_products', 'id')) AS id, r.product_id, o.owner
      FROM reconcile_ownership() AS r CROSS JOIN LATERAL unnest(r.stated_owners) AS o (owner)
      WHERE r.finding = 'owners differ' AND NOT o.owner = ANY (coalesce(r.linked_owners, '{}'))) AS n
"""
_TOO_MANY = """
SELECT jsonb_build_object('id', l.id)::text, to_jsonb(l)::text FROM reconcile_ownership() AS r
JOIN product_owner_products AS l ON l.product_id = r.product_id
WHERE r.finding = 'owners differ' AND l.product_owner_id IS NOT NULL AND NOT l.product_owner_id = ANY (r.stated_owners)
"""
_SHARES = """
SELECT p.id, p.ownership_details::text FROM client_products AS p
WHERE EXISTS (SELECT 1 FROM jsonb_object_keys(p.ownership_details) AS k WHERE k ~ '^[0-9]+$') ORDER BY p.id
"""


@dataclass(frozen=True)
class Report:
    """``mismatches`` in words; ``shares``: documents whose shares no link can hold, written to ``kept_in``."""

    mismatches: tuple[str, ...]
    shares: int
    kept_in: str | None
    carried: Carried


def run(
    url: str, schema: str | None = None, *, keep: Path | None = None, reason: str = "", dry_run: bool = False
) -> Report:
    """List products whose links and document name other owners, and give the links the document's owners.

    The documents stay, so shares are not lost; ``keep`` gets a copy of them, one JSON document a line.  Links of owners
    who are gone are listed and left.  Raises RefusedError below phase_3_ownership, UsageError for the file.
    """
    with ground(url, schema, "" if dry_run else "recover ownership") as here:
        connection = here.connection
        row = connection.execute("SELECT to_regproc('reconcile_ownership') IS NULL").fetchone()
        if row and row[0]:
            raise RefusedError("ownership has no documents here yet", fix="kingston upgrade phase_3")
        found = connection.execute("SELECT * FROM reconcile_ownership() ORDER BY 1, 2").fetchall()
        shares = connection.execute(_SHARES.encode()).fetchall()
        rows = [Row(key, None, parsed(then), then) for key, then in _rows(connection, _MISSING)]
        rows += [Row(key, parsed(now), None, None) for key, now in _rows(connection, _TOO_MANY)]
        left = [
            Left("client_products", json.dumps({"id": product}), f"document {finding}: {why or 'no document'}")
            for product, finding, _, _, why in found if finding != "owners differ"
        ]  # fmt: skip
        carried = carry(
            here, {LINKS: rows}, left, client=None, at=None, lose_secrets=False, dry_run=dry_run,
            reason=reason or "ownership back to the links", in_step=True,
        )  # fmt: skip
        kept = _keep(keep, shares) if keep is not None and not dry_run else None
    return Report(
        tuple(
            f"product {product}: linked {linked or 'nobody'}, stated {stated or 'nobody'}"
            for product, finding, linked, stated, _ in found if finding == "owners differ"
        ),
        len(shares), kept, carried,
    )  # fmt: skip


def _rows(connection: psycopg.Connection[Any], statement: str) -> list[tuple[str, str]]:
    return [(str(key), str(text)) for key, text in connection.execute(statement.encode())]


def _keep(path: Path, shares: list[tuple[int, str]]) -> str:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.writelines(f'{{"product": {number}, "ownership": {text}}}\n' for number, text in shares)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", fix="--keep NEW_FILE") from error
    return str(path)
