"""Grants put right."""

from __future__ import annotations

from ..names import Objects, identified, owner_and_part, quote, split, sql_name

_BY_KIND = ("sequence", "function", "procedure", "schema", "domain", "type")


def statement(key: str, was: list[str], now: list[str], found: Objects) -> str:
    """GRANT and REVOKE that lead from ``now`` to ``was``; "" where another grantor's hand is needed."""
    lost = [line for line in was if line not in now]
    gained = [line for line in now if line not in was]
    if any(" from " in line for line in lost + gained):
        return ""
    owner = str(found[key].get("owner", ""))
    revokes = [_one("REVOKE", line, "FROM", key, owner, found) for line in gained]
    return " ".join([*revokes, *(_one("GRANT", line, "TO", key, owner, found) for line in lost)])


def _one(verb: str, line: str, word: str, key: str, owner: str, objects: Objects) -> str:
    grantee, _, right = line.partition(": ")
    privilege, option, _ = right.partition(" with grant option")
    kind, _ = split(key)
    if kind == "column":
        table, name = map(quote, owner_and_part(key, objects))
        on = f"{privilege} ({name}) ON TABLE {table}"
    else:
        on = f"{privilege} ON {identified(key, objects) if kind in _BY_KIND else f'TABLE {sql_name(key)}'}"
    who = {"PUBLIC": "PUBLIC", "owner": quote(owner)}.get(grantee, quote(grantee))
    return f"{verb} {on} {word} {who}{option if verb == 'GRANT' else ''};"
