"""``op.mark_new`` and ``op.refuse_while_rows``: building and dropping the Phase 1 schema itself."""

from __future__ import annotations

from typing import Any

from .registry import operation
from .sqltext import emit, quote, run_of

BUILT_NEW = "Kingston Schema: this portal was built new by revision legacy"


@operation
def mark_new(operations: Any) -> None:
    """Mark a database built here as a new installation (a stamped one is production).

    The mark is a comment on Alembic's own version table, because revision ``legacy`` creates nothing
    outside the Phase 1 schema (acceptance list 7.1, point 1).
    """
    emit(operations, f"COMMENT ON TABLE alembic_version IS '{BUILT_NEW}'")


@operation
def refuse_while_rows(operations: Any, *tables: str) -> None:
    """Refuse to go on while any of ``tables`` holds rows, unless ``-x allow=drop_legacy:reason`` was given."""
    run = run_of(operations)
    if run is not None and "drop_legacy" in run.allowed:
        run.reporter.note(f"dropping legacy tables with their rows, as allowed: {run.allowed['drop_legacy']}")
        return
    tests = "\n  UNION ALL ".join(
        f"SELECT '{table}' AS name WHERE EXISTS (SELECT 1 FROM {quote(table)})" for table in tables
    )
    emit(
        operations,
        f"""DO $kingston$
DECLARE v_full text;
BEGIN
  LOCK TABLE {", ".join(quote(table) for table in sorted(tables))} IN ACCESS EXCLUSIVE MODE;
  SELECT string_agg(t.name, ', ') INTO v_full FROM ({tests}) AS t;
  IF v_full IS NOT NULL THEN
    RAISE EXCEPTION 'legacy tables hold rows and would be dropped with them: %', v_full
      USING ERRCODE = 'KS003',
            HINT = '-x allow=drop_legacy:reason, on a scratch database only';
  END IF;
END $kingston$""",
    )
