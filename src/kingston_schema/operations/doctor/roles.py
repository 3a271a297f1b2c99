"""The four roles of a portal: missing, too strong, or without a right that the matrix gives them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...catalog import history
from ...wording import count
from .hands import Hands
from .patient import Ill, Patient

CODE = "roles"
SINCE = "pre_migration_roles"
SHOWN = 4
_FOUND = (
    "SELECT p.role_name, p.kind, array_agg(p.problem ORDER BY p.object), array_agg(p.remedy ORDER BY p.object),"
    " bool_and(CASE p.kind WHEN 'missing' THEN"
    "  (SELECT u.rolsuper OR u.rolcreaterole FROM pg_roles AS u WHERE u.rolname = current_user)"
    "  WHEN 'right' THEN (SELECT bool_and(pg_has_role(r.owner, 'USAGE')) FROM @control@.role_rights() AS r"
    "   WHERE r.role_name = p.role_name AND r.object = p.object) ELSE false END)"
    " FROM @control@.role_problems() AS p GROUP BY p.role_name, p.kind ORDER BY p.kind, p.role_name"
)


def find(patient: Patient) -> Iterator[Ill]:
    """What an administrator has to say comes with the exact statements; the rest is given by --fix."""
    made = history.position(patient.revision) >= history.position(SINCE)
    if not made or not patient.all("SELECT to_regprocedure('@control@.role_problems()') IS NOT NULL")[0][0]:
        return
    for role, kind, problems, remedies, ours in patient.all(_FOUND):
        more = f", and {count(len(problems) - SHOWN, 'more')}" if len(problems) > SHOWN else ""
        message = "; ".join(problems[:SHOWN]) + more
        if ours:
            remedy = "the role is made and given its rights" if kind == "missing" else "the rights are given"
            yield Ill(CODE, f"role {role}", message, remedy=remedy, repair=partial(_give, kind=kind))
        else:
            yield Ill(CODE, f"role {role}", message, fix="; ".join(remedies))


def _give(hands: Hands, kind: str) -> str:
    if kind == "missing":
        hands.execute("SELECT @control@.make_roles()")
        return "made and given its rights"
    hands.execute("SELECT @control@.grant_roles(NULL)")
    return "the rights are given"
