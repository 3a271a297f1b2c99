"""Proving a backup: restore it somewhere empty and compare everything with its manifest."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from .. import db
from ..catalog import contents, fingerprint
from . import tools
from .dumping import Tell
from .manifest import Manifest

# A dump of schemas leaves publications out: they belong to the database.
NOT_DUMPED = frozenset({"publications"})


def restored(held: Manifest, path: Path, target: str, server: int, jobs: int, tell: Tell) -> list[str]:
    """Restore into the empty database of ``target``; what differs from the manifest."""
    program = tools.find("pg_restore", server)
    # Schema public is there already, with the rights every new database has; making it anew would lose them.
    everything = subprocess.run(
        [program, "--list", str(path / "dump")], capture_output=True, text=True, check=False
    ).stdout
    wanted = [line for line in everything.splitlines() if " SCHEMA - public " not in line]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".list") as chosen:
        chosen.write("\n".join(wanted))
        chosen.flush()
        restoring = ["--exit-on-error", f"--jobs={jobs}", f"--use-list={chosen.name}", str(path / "dump")]
        tools.run(program, target, restoring)
    tell("comparing tables, sequences and fingerprints with the manifest")
    found = contents.differences(held.contents, contents.read(target, held.schemas, jobs=jobs), ahead=True)
    with db.connect(target) as connection, db.plain_errors(target):
        for schema in held.schemas:
            was = fingerprint.Fingerprint(held.fingerprints[schema]).without(NOT_DUMPED)
            now = fingerprint.read(connection, schema).without(NOT_DUMPED)
            found += [f"{schema}: {line}" for line in fingerprint.differences(was, now)]
    return found


def physical(path: Path, server: int) -> list[str]:
    """What pg_verifybackup finds wrong with a physical backup."""
    program = tools.find("pg_verifybackup", server)
    done = subprocess.run([program, str(path / "base")], capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [line for line in done.stderr.splitlines() if line][:10]
