"""Write the fingerprints that ship with the package, from real databases: ``make fingerprints``.

Walks every revision on the oldest and the newest server found and records what each changes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from kingston_schema.catalog import fingerprint  # noqa: E402
from portals import Portal, revisions  # noqa: E402
from servers import discover, start  # noqa: E402

FOLDER = ROOT / "src" / "kingston_schema" / "catalog" / "expected"


def walk(name: str, path: Path) -> list[dict[str, Any]]:
    """The objects of every revision, oldest first, on one server."""
    server = start(name, path)
    try:
        portal = Portal(server.url("postgres"))
        found = []
        for revision in revisions():
            # What is expected so far is what is about to be replaced.
            portal.alembic("upgrade", revision, allow=["catalogue:being written anew"])
            found.append(dict(fingerprint.read(portal.connection, "public").portable().objects))
        portal.close()
        return found
    finally:
        server.stop()


def steps(newer: list[dict[str, Any]], older: list[dict[str, Any]]) -> list[dict[str, object]]:
    """What each revision changes, and where the older server prints it differently."""
    below: dict[str, Any] = {}
    below_older: dict[str, Any] = {}
    found = []
    for revision, now, now_older in zip(revisions(), newer, older, strict=True):
        found.append(
            {
                "revision": revision,
                "set": {n: v for n, v in now.items() if below.get(n) != v},
                "set_15": {
                    n: v
                    for n, v in now_older.items()
                    if v != now[n] and (below_older.get(n) != v or below.get(n) != now[n])
                },
                "removed": sorted(below.keys() - now.keys()),
            }
        )
        below, below_older = now, now_older
    return found


def main() -> int:
    servers = discover()
    if "15" not in servers:
        print(
            "PostgreSQL 15 is needed beside the embedded server: apt-get install postgresql-15",
            file=sys.stderr,
        )
        return 2
    newest = next(iter(servers))
    found = steps(walk(newest, servers[newest]), walk("15", servers["15"]))
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    numbers = {path.stem.split("_", 1)[1]: path.stem for path in (ROOT / "alembic" / "versions").glob("*.py")}
    for step in found:
        text = json.dumps(step, indent=1, sort_keys=True)
        (FOLDER / f"{numbers[str(step['revision'])]}.json").write_text(text + "\n", encoding="utf-8")
    print(f"{len(found)} fingerprints in {FOLDER.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
