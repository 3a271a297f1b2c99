"""``kingston seed``: the same bytes everywhere, what it tells, what it refuses (the data: test_seed_data)."""

from __future__ import annotations

import psycopg
import pytest

from kingston_schema.errors import BusyError, NotAPortal, RefusedError, UnreachableError, UsageError
from kingston_schema.operations import _sample, seed
from operations.seed_cases import CHECKSUM, SMALL, TABLES, Listener, checksum
from portals import Portal

SIZES = [SMALL, {"clients": 1, "products": 0, "seed": 1}, {"clients": 2, "products": 30, "seed": 3}]
FOREIGN_KEYS = (
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated,"
    " obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE contype = 'f' ORDER BY oid"
)
BOTH = pytest.mark.parametrize("operation", [seed.run, seed.plan])


class TestDeterminism:
    """No clock, no random(), no setting of the session, no state of a sequence shows in the data."""

    def test_the_same_bytes_on_every_server(self, portal_at):
        portal = portal_at("legacy")
        seed.run(portal.url, **SMALL)
        assert checksum(portal) == CHECKSUM

    def test_session_settings_and_sequences_do_not_show(self, portal_at):
        portal = portal_at("legacy")
        portal.run("SELECT setval('client_products_id_seq', 5000), setval('portfolio_funds_id_seq', 77777)")
        connection = portal.connect()
        for setting in (
            "timezone TO 'Pacific/Auckland'", "datestyle TO 'German'", "intervalstyle TO 'sql_standard'",
            "client_encoding TO 'LATIN1'", "search_path TO pg_catalog", "jit TO on", "work_mem TO '64kB'",
            "enable_hashjoin TO off", "default_transaction_isolation TO 'repeatable read'",
        ):  # fmt: skip
            connection.execute(f"SET {setting}")
        seed.run(connection, **SMALL)
        assert checksum(portal) == CHECKSUM
        assert connection.execute("SHOW timezone").fetchone() == ("Pacific/Auckland",), "left as it was"

    def test_another_locale_does_not_show(self, server):
        admin = psycopg.connect(server.started.server.dsn("postgres"), autocommit=True)
        create = "CREATE DATABASE another_locale TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' "
        try:
            admin.execute(create + "LOCALE_PROVIDER icu ICU_LOCALE 'en'")
        except psycopg.errors.FeatureNotSupported:  # built without ICU
            admin.execute(create + "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'")
        portal = Portal(server.url("another_locale"))
        try:
            portal.alembic("upgrade", "legacy")
            seed.run(portal.url, **SMALL)
            assert checksum(portal) == CHECKSUM
        finally:
            portal.close()
            admin.execute("DROP DATABASE another_locale WITH (FORCE)")
            admin.close()

    def test_another_seed_gives_other_data(self, newest_portal_at):
        seven, eight = newest_portal_at("legacy"), newest_portal_at("legacy")
        seed.run(seven.url, **SMALL)
        seed.run(eight.url, **SMALL | {"seed": 8})
        for table in ("client_groups", "client_products", "product_owner_products", "portfolio_valuations"):
            assert checksum(seven, [table]) != checksum(eight, [table])

    def test_keys_taken_off_for_many_rows_come_back_as_they_were(self, portal_at, monkeypatch):
        monkeypatch.setattr(_sample, "KEYS_LATER", 0)
        portal = portal_at("legacy")
        portal.run(
            "COMMENT ON CONSTRAINT portfolio_funds_portfolio_id_fkey ON portfolio_funds IS 'it''s kept'"
        )
        before = portal.all(FOREIGN_KEYS)
        told = Listener()
        seed.run(portal.url, **SMALL, report=told)
        assert portal.all(FOREIGN_KEYS) == before
        assert len(before) == 25
        assert {name for _, name, *_ in before} <= {what for what, _, _ in told.heard}
        assert checksum(portal) == CHECKSUM

    def test_a_portal_in_another_schema(self, newest_portal_at):
        portal = newest_portal_at("base")
        portal.run("CREATE SCHEMA firm_a")
        firm = Portal(portal.url, "firm_a")
        try:
            firm.alembic("upgrade", "legacy")
            seed.run(portal.url, schema="firm_a", **SMALL)
            assert checksum(firm) == CHECKSUM
        finally:
            firm.close()
        assert portal.one("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


class TestReport:
    """What the caller learns, before and during a run."""

    @pytest.mark.parametrize("legacy_phones", [False, True])
    @pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["products"]))
    def test_dry_run_counts_what_a_run_writes_and_writes_nothing(self, portal_at, size, legacy_phones):
        portal = portal_at("legacy")
        catalogue = "SELECT count(*), max(oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        before = portal.one(catalogue)
        connection = portal.connect()
        planned = seed.plan(connection, **size, legacy_phones=legacy_phones)
        assert not planned.written
        assert portal.one(catalogue) == before
        assert sum(portal.one(f"SELECT count(*) FROM {table}") for table in TABLES) == 0
        assert seed.run(connection, **size, legacy_phones=legacy_phones).rows == planned.rows
        for temporary in ("pg_proc WHERE pronamespace", "pg_class WHERE relnamespace"):
            left = connection.execute(f"SELECT count(*) FROM {temporary} = pg_my_temp_schema()").fetchone()
            assert left == (0,)

    def test_progress_names_every_table_and_ends_at_the_total(self, newest_portal_at):
        told = Listener()
        report = seed.run(newest_portal_at("legacy").url, **SMALL, report=told)
        assert [what for what, _, _ in told.heard if what in TABLES] == TABLES
        assert [done for _, done, _ in told.heard] == sorted(done for _, done, _ in told.heard)
        assert told.heard[-1] == ("committing", report.total, report.total)
        assert report.total == sum(report.rows.values())
        assert report.seconds > 0

    def test_the_next_row_of_an_empty_table_gets_id_1(self, newest_portal_at):
        portal = newest_portal_at("legacy")
        portal.run("SELECT setval('client_products_id_seq', 400)")
        seed.run(portal.url, clients=1, products=0)
        assert portal.one("SELECT nextval('client_products_id_seq')") == 1


class TestRefusals:
    """One clear message each; nothing changed."""

    @BOTH
    def test_rows_already_there(self, newest_portal_at, operation):
        portal = newest_portal_at("legacy")
        portal.run("INSERT INTO client_groups (name) VALUES ('a'), ('b')")
        portal.run("INSERT INTO session (session_id) VALUES ('s')")
        with pytest.raises(RefusedError) as refused:
            operation(portal.url, **SMALL)
        assert refused.value.message.endswith("holds rows already: session 1, client_groups 2")
        assert "downgrade base && alembic upgrade legacy" in refused.value.fix
        assert portal.one("SELECT count(*) FROM profiles") == 0

    def test_twice(self, newest_portal_at):
        portal = newest_portal_at("legacy")
        seed.run(portal.url, **SMALL)
        with pytest.raises(RefusedError, match=r"profiles 9, .*, and 16 more tables; [0-9,]{6,} rows in all"):
            seed.run(portal.url, **SMALL)
        assert checksum(portal) == CHECKSUM

    @BOTH
    def test_tables_missing(self, newest_portal_at, operation):
        with pytest.raises(NotAPortal, match="lacks 22 of the 22 legacy tables: profiles, ") as refused:
            operation(newest_portal_at("base").url)
        assert refused.value.fix == "alembic upgrade legacy"

    def test_one_table_missing(self, newest_portal_at):
        portal = newest_portal_at("legacy")
        portal.run("DROP TABLE user_page_presence")
        with pytest.raises(NotAPortal, match="lacks 1 of the 22 legacy tables: user_page_presence"):
            seed.run(portal.url)

    def test_encoding_that_cannot_hold_the_names(self, newest_server):
        admin = psycopg.connect(newest_server.started.server.dsn("postgres"), autocommit=True)
        admin.execute(
            "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc"
        )
        try:
            with pytest.raises(RefusedError, match="LATIN1"):
                seed.run(newest_server.url("latin"))
        finally:
            admin.execute("DROP DATABASE latin WITH (FORCE)")
            admin.close()

    @pytest.mark.parametrize(
        ("option", "value"),
        [("clients", 0), ("products", -1), ("products", 10_000_001), ("seed", -1), ("seed", 2**31)],
    )
    def test_numbers_out_of_range(self, option, value):
        with pytest.raises(UsageError, match=f"--{option} {value} is out of range"):
            seed.run("postgresql:///nowhere", **{option: value})

    def test_a_connection_inside_a_transaction(self, newest_portal_at):
        connection = newest_portal_at("legacy").connect()
        with connection.transaction(), pytest.raises(UsageError, match="autocommit"):
            seed.run(connection, **SMALL)

    def test_unreachable(self):
        with pytest.raises(UnreachableError):
            seed.run("postgresql://localhost:1/nowhere")

    def test_somebody_is_writing(self, newest_portal_at, monkeypatch):
        monkeypatch.setitem(_sample.SETTINGS, "lock_timeout", "100ms")
        portal = newest_portal_at("legacy")
        other = portal.connect()
        with other.transaction(force_rollback=True):
            other.execute("INSERT INTO client_groups (name) VALUES ('a')")
            with pytest.raises(BusyError):
                seed.run(portal.connect(), **SMALL)
        seed.run(portal.url, **SMALL)
        assert checksum(portal) == CHECKSUM

    def test_missing_privilege(self, newest_portal_at):
        portal = newest_portal_at("legacy")
        portal.run("CREATE ROLE seed_reader LOGIN")
        try:
            portal.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO seed_reader")
            with pytest.raises(RefusedError, match="missing privilege"):
                seed.run(portal.connect(user="seed_reader"), **SMALL)
        finally:
            portal.run("DROP OWNED BY seed_reader")
            portal.run("DROP ROLE seed_reader")

    @pytest.mark.parametrize("keys_later", [0, 10**9])
    def test_a_failure_half_way_leaves_nothing_behind(self, newest_portal_at, monkeypatch, keys_later):
        monkeypatch.setattr(_sample, "KEYS_LATER", keys_later)
        portal = newest_portal_at("legacy")
        connection = portal.connect()
        before = portal.all(FOREIGN_KEYS)
        portal.run("ALTER TABLE portfolio_irr_values ADD CONSTRAINT refuses CHECK (portfolio_id < 0)")
        with pytest.raises(psycopg.errors.CheckViolation):
            seed.run(connection, **SMALL, legacy_phones=True)
        assert sum(portal.one(f"SELECT count(*) FROM {table}") for table in TABLES) == 0
        assert portal.all(FOREIGN_KEYS) == before
        portal.run("ALTER TABLE portfolio_irr_values DROP CONSTRAINT refuses")
        seed.run(connection, **SMALL)
        assert checksum(portal) == CHECKSUM
