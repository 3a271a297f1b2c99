"""Filling client_products.ownership_details: op.backfill against the ways people do it, and who waits meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from . import probes, runs
from .databases import FILL, Databases
from .figures import in_turns, median, spread

NO_OWNER = {"association_type": "individual", "note": "no_previous_ownership"}
# (c) is measured on so many products where there are more, and scaled.
SAMPLE = 20_000
IDLE = 5.0  # seconds

# (b) One statement, one transaction; the same documents as ours.
ONE_UPDATE = """
UPDATE client_products AS p SET ownership_details = n.document
FROM (SELECT q.id, coalesce(l.ownership_details,
                            '{"association_type": "individual", "note": "no_previous_ownership"}') AS document
      FROM client_products AS q LEFT JOIN ownership_from_links AS l ON l.product_id = q.id) AS n
WHERE p.id = n.id
"""
# (a) The conversion of document 000, with what keeps it from running put right (E-004, and updated_at, which no
# portal has); the index on the links that we add is there already.
ROW_LOOP = """
DO $$
DECLARE
    v_product record;
    v_document jsonb;
    v_share numeric;
BEGIN
    CREATE TEMP TABLE temp_ownership_migration ON COMMIT DROP AS
    SELECT p.id AS product_id, array_agg(l.product_owner_id ORDER BY l.created_at) AS owner_ids,
           count(l.product_owner_id) AS owner_count
    FROM client_products AS p LEFT JOIN product_owner_products AS l ON l.product_id = p.id AND l.product_owner_id > 0
    GROUP BY p.id;
    FOR v_product IN SELECT t.product_id, t.owner_ids, t.owner_count FROM temp_ownership_migration AS t LOOP
        IF v_product.owner_count = 0 THEN
            v_document := '{"association_type": "individual", "note": "no_previous_ownership"}';
        ELSIF v_product.owner_count = 1 THEN
            v_document := jsonb_build_object('association_type', 'individual', v_product.owner_ids[1]::text, 100.00);
        ELSE
            v_share := round(100.0 / v_product.owner_count, 2);
            v_document := '{"association_type": "tenants_in_common"}'::jsonb;
            FOR i IN 1 .. array_length(v_product.owner_ids, 1) LOOP
                v_document := v_document || jsonb_build_object(v_product.owner_ids[i]::text, v_share);
            END LOOP;
            v_document := v_document || jsonb_build_object(
                v_product.owner_ids[v_product.owner_count]::text, 100.00 - v_share * (v_product.owner_count - 1));
        END IF;
        UPDATE client_products SET ownership_details = v_document WHERE id = v_product.product_id;
    END LOOP;
END $$
"""


def measure(databases: Databases, products: int) -> dict[str, Any]:
    """Seconds of each way, in turns on copies of one database; then one run of each with a portal in use."""
    template = databases.before_the_fill(products)

    def on_a_copy(way: Callable[[str], float]) -> Callable[[], float]:
        def run() -> float:
            with databases.copy(template) as url:
                return way(url)

        return run

    large = products > 100_000
    took = in_turns(
        3 if large else 5,
        ours=on_a_copy(ours),
        one_update=on_a_copy(statement(ONE_UPDATE)),
        row_loop=on_a_copy(statement(ROW_LOOP)),
    )
    sample = products if products <= 50_000 else SAMPLE
    took |= in_turns(
        2 if products > 10_000 else 3, python_rows=on_a_copy(lambda url: python_rows(url, sample))
    )
    took["python_rows"] = [seconds * products / sample for seconds in took["python_rows"]]
    return {
        "ways": {name: spread(values) for name, values in took.items()},
        "us_per_row": round(1e6 * median(took["ours"]) / products, 2),
        "python_sample": sample,
        "waits": _waits(databases, template, 3),
    }


def ours(url: str) -> float:
    """The step of revision phase_3_ownership, by its journal."""
    step = runs.alembic(url, "upgrade", FILL[0]).step(*FILL)
    return step.ended - step.begun


def statement(text: str) -> Callable[[str], float]:
    """One statement in one transaction."""

    def run(url: str) -> float:
        with runs.connect(url) as connection:
            begun = time.perf_counter()
            connection.execute(text.encode())
            return time.perf_counter() - begun

    return run


def python_rows(url: str, sample: int) -> float:
    """(c) One SELECT, a document made in Python and an UPDATE per product, all in one transaction."""
    engine = sa.create_engine(url)
    links = sa.text(
        "SELECT p.id, array_agg(l.product_owner_id ORDER BY l.created_at) FILTER (WHERE l.product_owner_id > 0)"
        " FROM (SELECT id FROM client_products ORDER BY id LIMIT :sample) AS p"
        " LEFT JOIN product_owner_products AS l ON l.product_id = p.id GROUP BY p.id"
    )
    update = sa.text("UPDATE client_products SET ownership_details = :document WHERE id = :id")
    try:
        with engine.connect() as connection:
            begun = time.perf_counter()
            for number, owners in connection.execute(links, {"sample": sample}).all():
                connection.execute(update, {"id": number, "document": json.dumps(_document(owners))})
            connection.commit()
            return time.perf_counter() - begun
    finally:
        engine.dispose()


def _document(owners: list[int] | None) -> dict[str, Any]:
    if not owners:
        return NO_OWNER
    if len(owners) == 1:
        return {"association_type": "individual", str(owners[0]): 100}
    share = round(Decimal(100) / len(owners), 2)
    shares = {str(owner): float(share) for owner in owners}
    shares[str(owners[-1])] = float(100 - share * (len(owners) - 1))
    return {"association_type": "tenants_in_common", **shares}


def _waits(databases: Databases, template: str, times: int) -> dict[str, Any]:
    """Longest and usual waits of a writer and a reader: idle, during ours (every run), during the other two."""
    found: dict[str, Any] = {"ours": []}
    for _ in range(times):
        with databases.copy(template) as url:
            found["idle"] = _worse(found.get("idle"), probes.idle(url, IDLE))
            with probes.listening(url) as heard:
                step = runs.alembic(url, "upgrade", FILL[0]).step(*FILL)
            found["ours"].append(heard.waits(step.begun, step.ended))
            found["failures"] = found.get("failures", 0) + len(heard.failures)
    for name, text in (("one_update", ONE_UPDATE), ("row_loop", ROW_LOOP)):
        with databases.copy(template) as url:
            with probes.listening(url) as heard:
                statement(text)(url)
            found[name] = heard.waits()
    return found


def _worse(one: dict[str, Any] | None, other: dict[str, Any]) -> dict[str, Any]:
    """For each role the one with the longer longest wait."""
    return {role: max((one or other)[role], other[role], key=lambda w: w["most_ms"]) for role in other}
