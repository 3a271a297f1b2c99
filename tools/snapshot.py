"""Freeze the current text of an SQL object for a revision: ``make snapshot OBJ=row_history REV=0220``.

Without OBJ: every object whose newest frozen copy differs is copied over that copy (allowed until 1.0,
see docs/adr), and what has no copy yet is named.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from conventions.history import current  # noqa: E402


def main(arguments: list[str]) -> int:
    objects = current()
    if len(arguments) == 2:
        name, revision = arguments
        if name not in objects:
            print(f"there is no current text of {name} under src/kingston_schema/sql", file=sys.stderr)
            return 2
        _copy(objects[name][0], ROOT / "alembic" / "sql" / name / f"{revision}.sql")
        return 0
    missing = []
    for name, (path, _) in objects.items():
        copies = sorted((ROOT / "alembic" / "sql" / name).glob("*.sql"))
        if not copies:
            missing.append(name)
        elif copies[-1].read_bytes() != path.read_bytes():
            _copy(path, copies[-1])
    for name in missing:
        print(f"not frozen yet: make snapshot OBJ={name} REV=NNNN", file=sys.stderr)
    return 1 if missing else 0


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
