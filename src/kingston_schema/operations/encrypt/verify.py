"""Every ciphertext opened at its place, masks and blind indexes compared, and the values looked for everywhere else."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from ... import db
from ...crypto import batches
from ...crypto.blind_index import blind_index, mask
from ...crypto.fields import FIELDS, Field
from ...crypto.keyring import BLIND_INDEX, Ring
from ...errors import NotDecryptable
from ...settings import schemas
from .._rewriting import Tell, announce, opened
from ..keys import state
from . import places
from .search import Values, search
from .status import columns_of_theirs

WHAT = "kingston encrypt verify"


@dataclass(frozen=True)
class Report:
    """``opened`` values; ``decoys`` among them; ``faults`` in words; ``found`` {column: values that stand there in plain}."""

    schema: str
    opened: int
    decoys: int
    faults: tuple[str, ...]
    places: tuple[places.Place, ...]
    searched: bool
    found: dict[str, int]


def run(
    url: str, schema: str | None = None, *, by_content: bool = True, tell: Tell = lambda text: None
) -> Report:
    """Prove what is stored; nothing is changed and no value is handed out.  Raises KeyRingError, RefusedError."""
    names = schemas(schema)
    values = Values()
    faults: list[str] = []
    number = decoys = 0
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        ring = state.usable(connection)
        theirs = columns_of_theirs(connection)
        for of in (f for f in FIELDS if f.label not in theirs):
            tell(of.label)
            announce(connection, of, WHAT, "access")
            whole = sql.SQL("t.{} <> ''").format(sql.Identifier(of.column))
            for rows in batches.read(connection, of, whole, batches.SIZE):
                for row in rows:
                    if not (row.stored or "").startswith("enc:"):
                        continue  # readable: places tells
                    try:
                        plain, decoy = opened(ring, of, row.id, row.stored or "")
                    except NotDecryptable as error:
                        faults.append(error.message)
                        continue
                    number += 1
                    decoys += decoy
                    values.add(plain, of.mask is not None)
                    faults += _beside(ring, of, row, plain)
        found = places.find(connection, names, theirs)
        if by_content:
            tell("looking for the values everywhere else")
        elsewhere = search(connection, names, values) if by_content else {}
    return Report(names.application, number, decoys, tuple(faults), found, by_content, elsewhere)


def _beside(ring: Ring, of: Field, row: batches.Row, plain: str) -> list[str]:
    """What stands beside a number and does not belong to it."""
    faults = []
    if of.mask and row.mask != mask(plain):
        faults.append(f"{of.label} of row {row.id}: the mask is not that of the number")
    if of.index and row.index:
        version = int(row.index.split(":")[2])
        key = ring.find(BLIND_INDEX, version)
        if key is None or blind_index(key.material, version, of, plain) != row.index:
            faults.append(f"{of.label} of row {row.id}: the blind index is not that of the number")
    elif of.index:
        faults.append(f"{of.label} of row {row.id} has no blind index: nobody finds it")
    return faults
