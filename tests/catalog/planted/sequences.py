"""Sequences."""

from __future__ import annotations

from .plant import Plant

PLANTS = [
    Plant("sequence_missing", "", "DROP SEQUENCE labels", "sequence labels is missing", mends=False),
    Plant("sequence_moved", "state", "SELECT nextval('labels')", "sequence labels stands at 2 (last given), should stand at 1 (last given)", local=True),
    Plant("sequence_not_called", "state", "SELECT setval('labels', 1, false)", "sequence labels stands at 1 (not given yet), should stand at 1 (last given)", local=True),
    Plant("sequence_type", "sequence", "ALTER SEQUENCE labels AS integer MAXVALUE 9000", "sequence labels has type integer, should be bigint; max 9000, should be 9223372036854775807"),
    Plant("sequence_start", "sequence", "ALTER SEQUENCE labels START 7", "sequence labels has start 7, should be 1"),
    Plant("sequence_increment", "sequence", "ALTER SEQUENCE labels INCREMENT 5", "sequence labels has increment 5, should be 1"),
    Plant("sequence_bounds", "sequence", "ALTER SEQUENCE labels MINVALUE -5 MAXVALUE 900", "sequence labels has min -5, should be 1; max 900, should be 9223372036854775807"),
    Plant("sequence_cache", "sequence", "ALTER SEQUENCE labels CACHE 20", "sequence labels has cache 20, should be 1"),
    Plant("sequence_cycle", "sequence", "ALTER SEQUENCE labels CYCLE", "sequence labels has cycle yes, should be no"),
    Plant("sequence_owned_by", "owned by", "ALTER SEQUENCE labels OWNED BY beds.id", "sequence labels is owned by beds.id, should be owned by no column"),
    Plant("sequence_unlogged", "persistence", "ALTER SEQUENCE labels SET UNLOGGED", "sequence labels is unlogged (a crash empties it), should be permanent"),
    Plant("identity_sequence", "sequence", "ALTER SEQUENCE beds_id_seq INCREMENT 2", "sequence beds_id_seq has increment 2, should be 1"),
    Plant("sequence_comment", "comment", "COMMENT ON SEQUENCE labels IS 'Printed'", "comment of sequence labels is \"Printed\", should be none"),
]  # fmt: skip
