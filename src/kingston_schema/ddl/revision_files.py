"""The texts of a revision: its file and its frozen SQL, each with its SHA-256."""

from __future__ import annotations

import hashlib
from pathlib import Path

from alembic.script import Script, ScriptDirectory


def hashes(history: Path, revision_file: Path) -> dict[str, str]:
    """Path below the folder ``history`` → SHA-256, of the revision file and of ``sql/<object>/<its number>.sql``."""
    number = revision_file.stem.split("_", 1)[0]
    found = [revision_file, *sorted((history / "sql").glob(f"*/{number}.sql"))]
    return {
        path.relative_to(history).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found
    }


def of(revision: Script, scripts: ScriptDirectory) -> dict[str, str]:
    """``hashes`` of ``revision`` in its history."""
    return hashes(Path(scripts.dir), Path(revision.path))
