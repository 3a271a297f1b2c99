"""``@operation``: one decorator that puts a function on Alembic's ``op``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic.operations import MigrateOperation, Operations

from .sqltext import run_of


def operation(
    function: Callable[..., Any] | None = None, /, *, describe: Callable[..., list[str]] | None = None
) -> Callable[..., Any]:
    """Register ``function(operations, …)`` as ``op.<its name>(…)`` and return it unchanged.

    ``describe(operations, *args)`` gives the arguments that the journal keeps; else they are the names among them.
    """
    if function is None:
        return functools.partial(operation, describe=describe)
    name = function.__name__

    def build(self: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.args, self.kwargs = args, kwargs

    def invoke(cls: Any, operations: Any, *args: Any, **kwargs: Any) -> Any:
        return operations.invoke(cls(args, kwargs))

    invoke.__name__ = name
    invoke.__doc__ = function.__doc__
    kind = type(name, (MigrateOperation,), {"__init__": build, name: classmethod(invoke)})
    Operations.register_operation(name)(kind)
    Operations.implementation_for(kind)(_implementation(function, describe))
    return function


def _implementation(
    function: Callable[..., Any], describe: Callable[..., list[str]] | None
) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(operations: Any, call: Any) -> Any:
        current = run_of(operations)
        if current is None or operations.get_context().as_sql:
            return function(operations, *call.args, **call.kwargs)
        arguments = describe(operations, *call.args) if describe else named(call.args)
        with current.step(function.__name__, arguments):
            return function(operations, *call.args, **call.kwargs)

    return run


def named(arguments: tuple[Any, ...]) -> list[str]:
    """The names among the arguments of an operation: texts as they are, columns by name."""
    return [
        item if isinstance(item, str) else item.name
        for item in arguments
        if isinstance(item, (str, sa.Column))
    ]
