"""Golden ``--sql`` files, one per revision and direction: ``make golden`` writes them, a test compares them.

They hold the effect of the operations on every revision still: a change of the kit shows as a diff here.  The hashes of
files that a script writes into the event log are left out: every word of a comment would change them.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "golden"
HASH = re.compile(r'"[0-9a-f]{64}"')


def scripts() -> dict[str, str]:
    """File name → script, for every revision up and down."""
    config = Config(str(ROOT / "alembic.ini"))
    found = {}
    for revision in reversed(list(ScriptDirectory.from_config(config).walk_revisions())):
        below = str(revision.down_revision or "base")
        stem = Path(revision.path).stem
        found[f"{stem}.up.sql"] = _script("upgrade", f"{below}:{revision.revision}")
        found[f"{stem}.down.sql"] = _script("downgrade", f"{revision.revision}:{below}")
    return found


def _script(direction: str, span: str) -> str:
    config = Config(str(ROOT / "alembic.ini"), output_buffer=io.StringIO())
    config.attributes["url"] = "postgresql://offline"
    getattr(command, direction)(config, span, sql=True)
    return HASH.sub('"SHA-256"', config.output_buffer.getvalue())  # type: ignore[attr-defined]


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    new = scripts()
    for path in FOLDER.glob("*.sql"):
        if path.name not in new:
            path.unlink()
    for name, text in new.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(new)} scripts in {FOLDER.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
