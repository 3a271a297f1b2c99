"""What a checkpoint says of itself: ``manifest.json`` beside the dump."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ..catalog.contents import Content
from ..errors import RefusedError

FILE = "manifest.json"


@dataclass(frozen=True)
class Proof:
    """When a restore was last proven equal, on which server, in how many seconds."""

    at: datetime
    server: str
    seconds: float


@dataclass(frozen=True)
class Manifest:
    """One checkpoint.  ``fingerprints`` {schema: {object: attributes}}; ``files`` {path: [bytes, sha256]}."""

    name: str
    created_at: datetime
    kind: str
    database: str
    server: str
    application: str
    schemas: tuple[str, ...]
    revision: str | None
    tools: dict[str, str]
    seconds: float
    contents: dict[str, Content] = field(default_factory=dict)
    fingerprints: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    proven: Proof | None = None
    keys: dict[str, list[int]] | None = None
    """Key versions that its sensitive values need, by purpose; None: made before this was written down."""

    @property
    def rows(self) -> int:
        """Rows of all tables (sequences have none)."""
        return sum(c.rows for c in self.contents.values())

    @property
    def bytes(self) -> int:
        """Size of the backup's files."""
        return sum(size for size, _ in self.files.values())


def write(folder: Path, manifest: Manifest) -> None:
    """Write it so that a crash leaves the old one or the new one."""
    text = json.dumps(asdict(manifest), indent=1, default=str)
    unfinished = folder / f"{FILE}.new"
    unfinished.write_text(text + "\n", encoding="utf-8")
    with unfinished.open("rb") as handle:
        os.fsync(handle.fileno())
    unfinished.replace(folder / FILE)


def read(folder: Path) -> Manifest:
    """The manifest in ``folder``; raises RefusedError when there is none that can be read."""
    try:
        found: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        proven = found.pop("proven")
        return Manifest(
            **{
                **found,
                "created_at": datetime.fromisoformat(found["created_at"]),
                "schemas": tuple(found["schemas"]),
                "contents": {name: Content(**value) for name, value in found["contents"].items()},
                "files": {name: (int(size), str(digest)) for name, (size, digest) in found["files"].items()},
                "proven": proven
                and Proof(datetime.fromisoformat(proven["at"]), proven["server"], proven["seconds"]),
            }
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RefusedError(
            f"{folder / FILE} is no manifest of a checkpoint: {error}", fix="kingston checkpoint list"
        ) from error


def with_files(folder: Path, manifest: Manifest) -> Manifest:
    """``manifest`` with size and SHA-256 of every file of the backup."""
    return replace(manifest, files=_files(folder))


def damaged(folder: Path, manifest: Manifest) -> list[str]:
    """Files that are missing, added, truncated or changed, in words."""
    now = _files(folder)
    found = [f"{name} is missing" for name in manifest.files if name not in now]
    found += [f"{name} was not part of the checkpoint" for name in now if name not in manifest.files]
    for name, (size, digest) in manifest.files.items():
        if name in now and now[name][0] != size:
            found.append(f"{name} has {now[name][0]:,} bytes instead of {size:,}")
        elif name in now and now[name][1] != digest:
            found.append(f"{name} has changed: another SHA-256")
    return found


def _files(folder: Path) -> dict[str, tuple[int, str]]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in (FILE, f"{FILE}.new"):
            with path.open("rb") as handle:
                digest = hashlib.file_digest(handle, "sha256").hexdigest()
            found[path.relative_to(folder).as_posix()] = (path.stat().st_size, digest)
    return found
