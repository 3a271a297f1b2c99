"""``ops``: the operations of revisions on a database of the test, in a transaction as Alembic opens it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from kingston_schema import db, settings
from kingston_schema.ddl.attempts import listen
from kingston_schema.ddl.events import Reporter, SilentReporter
from kingston_schema.ddl.records import Records
from kingston_schema.ddl.run import Run
from kingston_schema.ddl.sessions import SESSION

Ops = Callable[..., contextlib.AbstractContextManager[Operations]]


@contextlib.contextmanager
def operations(
    portal: Any, revision: str = "test_revision", reporter: Reporter | None = None
) -> Iterator[Operations]:
    """One revision's worth of operations on ``portal``; commits at the end."""
    engine = db.engine(portal.url, portal.schema)
    side = db.connect(portal.url, portal.schema)
    run = Run(Records(side, settings.schemas(portal.schema)), reporter or SilentReporter())
    with side, engine.connect() as connection:
        for name, value in SESSION.items():
            connection.exec_driver_sql(f"SET {name} = '{value}'")
        connection.exec_driver_sql(f"SET kingston.revision = '{revision}'")
        connection.commit()
        listen(connection.connection.dbapi_connection, run.reporter)
        context = MigrationContext.configure(
            connection, opts={"kingston_run": run, "transaction_per_migration": True}
        )
        with context.begin_transaction(_per_migration=True):
            yield Operations(context)
    engine.dispose()


@pytest.fixture
def ops() -> Ops:
    return operations


@pytest.fixture
def controlled(portal_at: Any) -> Any:
    """A portal with the control schema and nothing else of Phase 2."""
    return portal_at("pre_migration_control")


@pytest.fixture
def pets(controlled: Any, ops: Ops) -> Any:
    """Two owners and a table of ours, with a foreign key in each way of deleting."""
    controlled.run("INSERT INTO profiles (id, email) VALUES (1, 'a@x'), (2, 'b@x')")
    controlled.run("INSERT INTO available_providers (id, name) VALUES (7, 'Seven'), (8, 'Eight')")
    with ops(controlled) as op:
        make_pets(op)
    controlled.run(
        "INSERT INTO pets (name, profile_id, provider_id) VALUES ('Rex', 1, 7), ('Tom', 2, 8), ('Ida', 2, NULL)"
    )
    return controlled


def make_pets(op: Operations) -> None:
    """What the upgrade of a small revision would do."""
    op.restore_table_or(  # type: ignore[attr-defined]
        "pets",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text, nullable=False, comment="what it answers to"),
        sa.Column("profile_id", sa.BigInteger),
        sa.Column("provider_id", sa.BigInteger),
        sa.Column("weight", sa.Numeric),
        sa.Column("seen", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pets_pkey"),
        sa.CheckConstraint("name <> ''", name="pets_name_check"),
        sa.Index("pets_profile", "profile_id"),
        comment="Animals",
    )
    op.add_foreign_key_online("fk_pets_profile", "pets", "profiles", ["profile_id"])  # type: ignore[attr-defined]
    op.add_foreign_key_online(  # type: ignore[attr-defined]
        "fk_pets_provider", "pets", "available_providers", ["provider_id"], ondelete="SET NULL"
    )


class Heard(SilentReporter):
    """Keeps what a run says."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def told() -> Heard:
    return Heard()
