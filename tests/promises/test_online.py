"""P4: the portal stays in use.  Eight clients go on without pause while ``upgrade head`` and ``downgrade legacy`` run.

Six of them are the Phase 1 application, two the Phase 2 application wherever its tables are there
(tests/promises/online/phase_2.py says how that is decided).  Latencies are printed and recorded beside those of the
same clients with no migration; nothing is judged by them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from statistics import quantiles

import pytest

from portals import Portal
from promises.online.crowd import Crowd
from promises.online.portal import COUNTED, OWNERS, PRODUCTS, grow

BASELINE = 3.0  # seconds
# A measurement beside eight busy clients is no measurement; the gate itself is tested elsewhere.
ALLOW = ["benchmarks_within_tolerance:clients are at work"]
OUT_OF_STEP = """
SELECT p.id FROM client_products AS p LEFT JOIN ownership_from_links AS l ON l.product_id = p.id
 WHERE p.ownership_details IS NULL
    OR ownership_owner_ids(p.ownership_details) IS DISTINCT FROM coalesce(l.owner_set, '{}')"""
ARCHIVE = "kingston_archive."


class Journey:
    """Up and down under load, and what was seen at head while the clients went on."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.spans: dict[str, tuple[float, float]] = {}
        self.crowd = Crowd(portal.url)
        try:
            self._span("idle", lambda: time.sleep(BASELINE))
            self._span("up", lambda: portal.alembic("upgrade", "head", allow=ALLOW))
            self.products_at_head = portal.one("SELECT count(*) FROM client_products")
            self.out_of_step = portal.all(OUT_OF_STEP)
            time.sleep(0.5)
            self._span("down", lambda: portal.alembic("downgrade", "legacy"))
            self.crowd.end()
        finally:
            self.crowd.kill()

    def _span(self, name: str, work: object) -> None:
        began = time.monotonic()
        work()  # type: ignore[operator]
        self.spans[name] = (began, time.monotonic())

    def figures(self) -> list[tuple[str, str, int, float, float, float]]:
        """(span, kind, requests, p50, p99, longest) in milliseconds."""
        rows = []
        for span, times in self.spans.items():
            for kind in ("read", "write", "refresh"):
                found = self.crowd.latencies(kind, *times)
                if len(found) < 2:
                    continue
                cuts = quantiles(found, n=100, method="inclusive")
                rows.append((span, kind, len(found), cuts[49], cuts[98], found[-1]))
        return rows


@pytest.fixture(scope="module")
def journey(newest_server) -> Iterator[Journey]:
    portal = newest_server.templates.clone("legacy", True)
    grow(portal)
    yield Journey(portal)
    newest_server.templates.drop(portal)


def facts(journey: Journey, kind: str, name: str) -> dict[int, object]:
    """What clients of one kind wrote last: key → value."""
    return {int(k): v for client in journey.crowd.of(kind) for k, v in client["facts"][name].items()}


def test_no_statement_failed(journey, record_property):
    for span, kind, count, middle, high, longest in journey.figures():
        print(
            f"{span:5} {kind:8}{count:7} requests: p50 {middle:7.2f} p99 {high:8.2f} longest {longest:8.1f} ms"
        )
        for name, value in (("p50", middle), ("p99", high), ("max", longest)):
            record_property(f"{span} {kind} {name} ms", round(value, 3))
    counts = dict(journey.crowd.counts)
    print(", ".join(f"{span} {end - began:.1f} s" for span, (began, end) in journey.spans.items()), counts)
    record_property("counts", json.dumps(counts))
    assert journey.crowd.failures == []


def test_the_clients_were_there_all_the_time(journey):
    """Every client sent requests in each span, and those of Phase 2 both found their tables and missed them."""
    for client in journey.crowd.clients:
        for span, (began, ended) in journey.spans.items():
            if span != "idle" or client["kind"] not in ("Tables", "Owners"):
                assert [s for s in client["samples"] if began <= s[1] < ended], (client["name"], span)
    assert journey.crowd.counts["not there"] > 0
    assert journey.products_at_head >= PRODUCTS


def test_links_and_documents_agreed_for_every_product_at_head(journey):
    assert journey.out_of_step == []


def test_no_update_of_the_phase_1_application_was_lost(journey):
    portal = journey.portal
    assert (
        dict(portal.all("SELECT id, notes FROM client_products")).items()
        >= facts(journey, "Products", "notes").items()
    )
    known = dict(portal.all("SELECT id, known_as FROM product_owners WHERE known_as IS NOT NULL"))
    assert known.items() >= facts(journey, "People", "known_as").items()
    assert (
        dict(portal.all("SELECT id, advisor FROM client_groups")).items()
        >= facts(journey, "People", "groups").items()
    )
    counted = sum(client["facts"]["counted"] for client in journey.crowd.of("Products"))
    assert counted > 0
    assert (
        portal.one(
            "SELECT sum(fixed_fee_direct::integer) FROM client_products WHERE id BETWEEN %s AND %s", *COUNTED
        )
        == counted
    )
    for client in journey.crowd.of("Products"):
        made, gone = client["facts"]["made"], client["facts"]["deleted"]
        assert portal.one("SELECT count(*) FROM client_products WHERE id = ANY (%s)", made) == len(made)
        assert portal.one("SELECT count(*) FROM client_products WHERE id = ANY (%s)", gone) == 0
    for product, owners in facts(journey, "Patcher", "owners").items():
        found = portal.all(
            "SELECT product_owner_id FROM product_owner_products WHERE product_id = %s ORDER BY id", product
        )
        assert found == owners, product


def test_what_the_phase_2_application_wrote_is_in_the_archive(journey):
    portal = journey.portal
    actions, items = facts(journey, "Tables", "actions"), facts(journey, "Tables", "items")
    signed, documents = facts(journey, "Owners", "signed"), facts(journey, "Owners", "documents")
    assert min(len(actions), len(items), len(signed), len(documents)) > 0
    assert dict(portal.all(f"SELECT id, action_name FROM {ARCHIVE}client_actions")) == actions
    assert (
        dict(
            portal.all(
                f"SELECT id, data_content ->> 'address_line_one' FROM {ARCHIVE}client_information_items"
            )
        )
        == items
    )
    found = dict(
        portal.all(
            f"SELECT id, date_signed_tc::text FROM {ARCHIVE}product_owners__phase_2_product_owners"
            " WHERE date_signed_tc IS NOT NULL"
        )
    )
    assert found == signed
    kept = dict(portal.all(f"SELECT id, ownership_details FROM {ARCHIVE}client_products__phase_3_ownership"))
    assert {product: kept[product] for product in documents} == documents


def test_at_legacy_nothing_of_the_migration_is_left_on_the_tables(journey):
    triggers = (  # the event log in the control schema keeps its own
        "SELECT t.tgname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace"
    )
    assert journey.portal.all(triggers) == []
    assert journey.portal.all("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid") == []
    assert (
        journey.portal.one(f"SELECT to_regclass('{ARCHIVE}client_products__phase_3_ownership__copy')") is None
    )
    assert journey.portal.one("SELECT count(*) FROM product_owners WHERE id <= %s", OWNERS) == OWNERS
