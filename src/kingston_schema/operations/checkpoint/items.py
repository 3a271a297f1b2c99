"""Checkpoints on disk: where they are kept, what they are called, what each holds."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ...backup import manifest as manifests
from ...errors import UsageError
from ...settings import state_folder

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
UNFINISHED = ".unfinished"


@dataclass(frozen=True)
class Item:
    """One checkpoint on disk.  ``bytes`` of its files; ``state``: proven, not proven or unfinished."""

    name: str
    folder: str
    state: str
    kind: str = ""
    database: str = ""
    schema: str = ""
    revision: str | None = None
    created_at: datetime | None = None
    seconds: float = 0.0
    tables: int = 0
    rows: int = 0
    bytes: int = 0
    proven_at: datetime | None = None


@dataclass(frozen=True)
class Report:
    """What ``create``, ``verify``, ``restore`` and ``drop`` came to; ``differences`` in words."""

    checkpoint: Item
    seconds: float
    differences: tuple[str, ...] = ()
    restored_to: str | None = None
    kept_as: str | None = None
    recorded: bool = False


def home(folder: str | None = None) -> Path:
    """Where checkpoints are kept: ``folder``, else KINGSTON_CHECKPOINTS, else ``.kingston/checkpoints``."""
    return Path(folder or os.environ.get("KINGSTON_CHECKPOINTS") or state_folder() / "checkpoints")


def listing(folder: str | None = None) -> tuple[Item, ...]:
    """Every checkpoint in the folder, newest first; unfinished ones too."""
    base = home(folder)
    found = [item(path) for path in base.iterdir() if path.is_dir()] if base.is_dir() else []
    return tuple(sorted(found, key=lambda i: i.created_at or datetime.min.replace(tzinfo=UTC), reverse=True))


def existing(folder: str | None, name: str) -> Path:
    """The folder of checkpoint ``name``; raises UsageError when there is none."""
    path = home(folder) / name
    if not _NAME.match(name) or not path.is_dir():
        raise UsageError(f'there is no checkpoint "{name}" in {home(folder)}', fix="kingston checkpoint list")
    return path


def free(base: Path, name: str) -> Path:
    """The folder that a new checkpoint ``name`` becomes; raises UsageError for what is taken or no file name."""
    if not _NAME.match(name) or name.endswith(UNFINISHED):
        raise UsageError(
            f'"{name}" cannot name a checkpoint: letters, digits, dots, dashes, at most 100',
            fix="--name before-phase-3",
        )
    if (base / name).exists():
        raise UsageError(f'checkpoint "{name}" is there already', fix="choose another --name")
    return base / name


def item(path: Path) -> Item:
    """What the folder ``path`` holds."""
    if path.name.endswith(UNFINISHED) or not (path / manifests.FILE).exists():
        return Item(path.name, str(path), "unfinished")
    held = manifests.read(path)
    return Item(
        name=path.name,
        folder=str(path),
        state="proven" if held.proven else "not proven",
        kind=held.kind,
        database=held.database,
        schema=held.application,
        revision=held.revision,
        created_at=held.created_at,
        seconds=held.seconds,
        tables=len(held.contents),
        rows=held.rows,
        bytes=held.bytes,
        proven_at=held.proven.at if held.proven else None,
    )
