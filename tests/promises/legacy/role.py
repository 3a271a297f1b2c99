"""The two roles of a real portal: the application owns the Phase 1 objects, the migration belongs to somebody else."""

from __future__ import annotations

from psycopg import sql

from kingston_schema.ddl.preflight import LEGACY_TABLES
from portals import Portal

_VIEWS = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'v' ORDER BY 1"
)
_FUNCTIONS = (
    "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1"
)


class Roles:
    """Names of the roles of one database.

    ``application`` owns tables, views, functions and sequences; ``migrator`` is an ordinary member of it, no
    superuser; ``reader`` has been granted a few things that must stay granted.
    """

    def __init__(self, portal: Portal) -> None:
        database = portal.one("SELECT current_database()")
        self.portal, self.database = portal, database
        self.application, self.migrator, self.reader = (
            f"{kind}_{database}" for kind in ("app", "mig", "read")
        )

    def _run(self, text: str, **names: str) -> None:
        self.portal.run(
            sql.SQL(text).format(**{name: sql.Identifier(value) for name, value in names.items()})
        )

    def hand_over(self) -> None:
        """Give a portal at ``legacy`` to its application, as a production that was only stamped."""
        app, migrator, reader = self.application, self.migrator, self.reader
        self.portal.run("DROP SCHEMA kingston CASCADE")  # the event log of whoever built it
        self._run(
            "CREATE ROLE {a} LOGIN; CREATE ROLE {m} LOGIN; CREATE ROLE {r}; GRANT {a} TO {m}",
            a=app,
            m=migrator,
            r=reader,
        )
        self._run(
            "GRANT CREATE ON DATABASE {d} TO {m}; GRANT CREATE ON SCHEMA public TO {m}",
            d=self.database,
            m=migrator,
        )
        for table in LEGACY_TABLES:
            self._run("ALTER TABLE {t} OWNER TO {a}", t=table, a=app)
        for view in self.portal.all(_VIEWS):
            self._run("ALTER VIEW {v} OWNER TO {a}", v=view, a=app)
        for function in self.portal.all(_FUNCTIONS):
            self.portal.run(
                sql.SQL("ALTER FUNCTION " + function + " OWNER TO {}").format(sql.Identifier(app))
            )
        self._run(
            "ALTER TABLE alembic_version OWNER TO {m}; COMMENT ON TABLE alembic_version IS NULL", m=migrator
        )
        self._run("GRANT SELECT ON products_list_view, client_groups, client_products TO {r}", r=reader)
        self._run("GRANT UPDATE (notes) ON client_products TO {r} WITH GRANT OPTION", r=reader)
        self._run("GRANT USAGE ON SEQUENCE client_products_id_seq TO {r}", r=reader)
        self._run("GRANT EXECUTE ON FUNCTION global_search_entities TO {r}", r=reader)

    def migrating(self) -> Portal:
        """The same database, for the migrating role."""
        return Portal(self.portal.url.replace("//postgres@", f"//{self.migrator}@", 1))

    def remove(self) -> None:
        """Take the roles out of the server; all sessions of theirs are closed by now."""
        for role in (self.application, self.migrator, self.reader):
            self._run("REASSIGN OWNED BY {r} TO postgres; DROP OWNED BY {r}; DROP ROLE {r}", r=role)
