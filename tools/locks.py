"""Write which locks each step of each revision takes, as a real server granted them: ``make locks``.

Walks every revision up, down and up again on the newest server found, over a small and a larger portal (some steps
rewrite a small table as it lies and go in batches through a large one), and reads pg_locks behind each operation.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from kingston_schema.operations import seed  # noqa: E402
from lock_trace import walk  # noqa: E402
from portals import Portal  # noqa: E402
from servers import discover, start  # noqa: E402

FOLDER = ROOT / "src" / "kingston_schema" / "catalog" / "locks"
# Above every threshold below which a table is rewritten in place: 2,000 products, one megabyte of owners.
SIZES = {"small": {"clients": 13, "products": 100}, "large": {"clients": 14000, "products": 14000}}


def _lines(traced: dict[str, object]) -> str:
    """JSON with one step a line."""
    parts = [f' "revision": {json.dumps(traced["revision"])}']
    for size in SIZES.keys() & traced.keys():
        ways = traced[size]
        assert isinstance(ways, dict)
        inner = ",\n".join(
            f'  "{way}": [\n' + ",\n".join(f"   {json.dumps(step)}" for step in ways[way]) + "\n  ]"
            for way in ("up", "down")
        )
        parts.append(f' "{size}": {{\n{inner}\n }}')
    return "{\n" + ",\n".join(sorted(parts)) + "\n}"


def main() -> int:
    servers = discover()
    name = next(iter(servers))
    found: dict[str, dict[str, object]] = {}
    for size, amount in SIZES.items():
        server = start(name, servers[name])
        try:
            portal = Portal(server.url("postgres"))
            portal.alembic("upgrade", "legacy")
            seed.run(portal.url, schema="public", seed=7, **amount)
            for revision, ways in walk(portal).items():
                found.setdefault(revision, {"revision": revision})[size] = ways
            portal.close()
        finally:
            server.stop()
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    numbers = {path.stem.split("_", 1)[1]: path.stem for path in (ROOT / "alembic" / "versions").glob("*.py")}
    for revision, traced in found.items():
        if traced["small"] == traced["large"]:
            del traced["large"]
        text = _lines(traced)
        (FOLDER / f"{numbers[revision]}.json").write_text(text + "\n", encoding="utf-8")
    print(f"locks of {len(found)} revisions in {FOLDER.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
