"""Start the embedded PostgreSQL and give it its database."""

from __future__ import annotations

from dataclasses import dataclass

from .. import embedded


@dataclass(frozen=True)
class Report:
    """What was found and done."""

    started: bool
    created: bool
    database: str
    version: int
    data: str
    url: str


def run(database: str = embedded.DEFAULT_DATABASE) -> Report:
    """Start the server unless it runs, create ``database`` unless it is there.

    Raises UnreachableError with the last lines of the server's log when it does not start.
    """
    server = embedded.default_server()
    started = server.start()
    created = server.create_database(database)
    return Report(
        started=started,
        created=created,
        database=database,
        version=server.major,
        data=str(server.data),
        url=server.dsn(database),
    )
