"""Which pairs of revisions are rehearsed, and whether that can be done here; changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from ... import db
from ...backup import scratch
from ...catalog import history, portal
from ...errors import RefusedError, UsageError
from ...settings import schemas
from .. import seed as sample
from .place import allowed, leftovers

LEGACY = "legacy"


@dataclass(frozen=True)
class Plan:
    """The pairs to rehearse, (upper, lower) each, and on what."""

    server: str
    schema: str
    here: bool
    pairs: tuple[tuple[str, str], ...]
    clients: int
    products: int
    seed: int
    leftovers: tuple[str, ...]


def plan(
    url: str, schema: str | None = None, *, upper: str = "head", lower: str = LEGACY, every: bool = False,
    here: bool = False, clients: int = 130, products: int = 1000, seed: int = 7,
) -> Plan:  # fmt: skip
    """What ``run`` would do; changes nothing.

    ``every``: each revision between the two and the one below it, then the whole way.  Raises UsageError for unknown
    revisions and for an order that is none, RefusedError when the role may not create databases.
    """
    pairs = _pairs(upper, lower, every)
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        row = connection.execute("SELECT current_setting('server_version')").fetchone()
        if here and portal.read(connection, names).revision is None:
            raise RefusedError(
                f"schema {names.application} holds no portal to rehearse on",
                fix="leave out --here",
                obj=names.application,
            )
    with scratch.administering(url) as admin, db.plain_errors(url):
        allowed(admin)
        left = tuple(leftovers(admin))
    sample.check(clients, products, seed)
    server = str(row[0]).split()[0] if row else ""
    return Plan(server, names.application, here, pairs, clients, products, seed, left)


def _pairs(upper: str, lower: str, every: bool) -> tuple[tuple[str, str], ...]:
    order = history.names()
    high, low = (history.target_position(name, None) for name in (upper, lower))
    if low < 1:
        raise UsageError(
            "below legacy there is no portal to write to",
            fix="kingston verify rollback --to legacy",
            obj=lower,
        )
    if high <= low:
        raise UsageError(
            f"--from {upper} is not above --to {lower}: a rollback goes down",
            fix=f"kingston verify rollback --from {lower if high < low else 'head'} --to {upper if high < low else lower}",
        )
    whole = (order[high - 1], order[low - 1])
    steps = [(order[i], order[i - 1]) for i in range(low, high)]
    return (*steps, whole) if every and len(steps) > 1 else (whole,)
