"""SQL that puts one difference right: what the line "next" of a difference says.

A text that ends in a semicolon is SQL, ready to run in the portal's schema; anything else is advice, and "" means that
no short statement does it.  tests/catalog/test_planted_differences.py runs every one of them.
"""

from __future__ import annotations

from ...ddl.sqltext import literal
from ..names import Objects, identified, owner_and_part, quote, split
from . import columns, constraints, domains, functions, indexes, policies, relations, rights, sequences
from .creation import creation, removal, renaming

__all__ = ["creation", "removal", "renaming", "statement"]

_ENABLING = {None: "ENABLE", "disabled": "DISABLE", "always": "ENABLE ALWAYS", "replica": "ENABLE REPLICA"}


def statement(key: str, attribute: str, should: Objects, found: Objects) -> str:
    """SQL that makes ``attribute`` of ``key`` what ``should`` says."""
    kind, _ = split(key)
    was, now = should[key].get(attribute), found[key].get(attribute)
    match kind, attribute:
        case _, "comment":
            return f"COMMENT ON {identified(key, should)} IS {'NULL' if was is None else literal(str(was))};"
        case _, "owner":
            return f"ALTER {identified(key, should)} OWNER TO {quote(str(was))};"
        case _, "grants":
            return rights.statement(key, was or [], now or [], found)
        case "column", _:
            return columns.statement(key, attribute, was, now, found)
        case "constraint" | "domain constraint", _:
            return constraints.statement(key, attribute, should, found)
        case "index", _:
            return indexes.statement(key, attribute, was, now, should)
        case "trigger" | "rule", "enabled":
            table, name = owner_and_part(key, should)
            return f"ALTER TABLE {quote(table)} {_ENABLING[was]} {kind.upper()} {quote(name)};"
        case "trigger", "definition":
            table, name = owner_and_part(key, should)
            return f"DROP TRIGGER {quote(name)} ON {quote(table)}; {was};"
        case "function" | "procedure", _:
            return functions.statement(key, attribute, was, now)
        case "sequence", "sequence" | "owned by" | "state":
            return sequences.statement(key, attribute, was, now)
        case "domain", "default" | "not null":
            return domains.statement(key, attribute, was)
        case "policy", "using" | "check" | "roles":
            return policies.statement(key, attribute, was, should)
        case "rule" | "statistics", "definition":
            return f"{removal(key, should)} {creation(key, should)}"
        case "statistics", "statistics target":
            return f"ALTER {identified(key, should)} SET STATISTICS {-1 if was is None else was};"
    return relations.statement(key, attribute, should, found)
