"""Definitions as PostgreSQL prints them again after a dump and restore.

A dump holds definitions as text; restoring parses that text anew, and what is printed then differs in the casts of
text literals and arrays of them, in brackets and in column labels (``ANY ((ARRAY['a'::character varying])::text[])``
becomes ``ANY (ARRAY[('a'::character varying)::text])``).  Names of columns are compared on their own, so nothing is
lost by leaving these out.  Every other cast counts.
"""

from __future__ import annotations

import re
from typing import Any

DEFINITIONS = frozenset(
    {"definition", "default", "generated", "sql body", "using", "check", "partition key", "partition bound"}
)
# Of a literal (\0number\0 stands for it) or of an ARRAY, in brackets or not.
_CAST = re.compile(r"(\0\d+\0\s?\)?|\]\s?\)?)::(?:character varying|text|bpchar)(?:\[\])?(?![\w(])")
_LABEL = re.compile(r"\sAS (?:\"[^\"]+\"|[a-z_][a-z0-9_]*)(?=[\s,)]|$)")
# Brackets that a cast had needed: around one name, one literal or one ARRAY, not those of a call; and doubled ones.
_ATOM = re.compile(r"(?<![\w\"])\(\s*((?:[\w.\"]+|\0\d+\0|ARRAY\s*\[[^\[\]()]*\])\s*)\)")
_TWICE = re.compile(r"\(\(([^()]*)\)\)")
_LITERAL = re.compile(r"('(?:[^']|'')*')")


def same(attribute: str, before: Any, after: Any) -> bool:
    """Whether two values of one attribute mean the same object; strict for all but definitions."""
    if before == after:
        return True
    if attribute not in DEFINITIONS or not isinstance(before, str) or not isinstance(after, str):
        return False
    return canonical(before) == canonical(after)


def canonical(definition: str) -> str:
    """``definition`` without casts of text literals, brackets they need, labels and space outside quotes."""
    parts = _LITERAL.split(definition)
    code = " ".join(part if number % 2 == 0 else f"\0{number}\0" for number, part in enumerate(parts))
    code = _LABEL.sub("", re.sub(r"\s+", " ", re.sub(r"\s*::\s*", "::", code)))
    before = ""
    while before != code:
        before = code
        code = _CAST.sub(r"\1", code)
        code = _TWICE.sub(r"(\1)", _ATOM.sub(r"\1", code))
    code = re.sub(r"\s+", "", code)
    return re.sub(r"\0(\d+)\0", lambda found: parts[int(found.group(1))], code)
