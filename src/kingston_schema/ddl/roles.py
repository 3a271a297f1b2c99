"""``op.make_roles``, ``op.grant_roles``, ``op.take_back_rights``: the four roles of a portal and their rights.

What each may do stands in sql/control/role_matrix.sql.
"""

from __future__ import annotations

from typing import Any

from .registry import operation
from .sqltext import emit, text_array


@operation
def make_roles(operations: Any) -> None:
    """Make portal_app, portal_readonly, portal_auditor and portal_migrator where missing, and give them their rights."""
    emit(operations, "SELECT @control@.make_roles()")


@operation
def grant_roles(operations: Any, *names: str) -> None:
    """Give the roles their rights on what a revision has made: tables, views and functions by name, columns as table.column."""
    emit(operations, f"SELECT @control@.grant_roles({text_array(names)})")


@operation
def take_back_rights(operations: Any) -> None:
    """Take back every right that was given, and none that somebody else gave; the roles stay."""
    emit(operations, "SELECT @control@.take_back_rights()")
