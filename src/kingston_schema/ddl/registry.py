"""``@operation``: one decorator that puts a function on Alembic's ``op``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from alembic.operations import MigrateOperation, Operations


def operation(function: Callable[..., Any]) -> Callable[..., Any]:
    """Register ``function(operations, …)`` as ``op.<its name>(…)`` and return it unchanged."""
    name = function.__name__

    def build(self: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.args, self.kwargs = args, kwargs

    def invoke(cls: Any, operations: Any, *args: Any, **kwargs: Any) -> Any:
        return operations.invoke(cls(args, kwargs))

    invoke.__name__ = name
    invoke.__doc__ = function.__doc__
    kind = type(name, (MigrateOperation,), {"__init__": build, name: classmethod(invoke)})
    Operations.register_operation(name)(kind)
    Operations.implementation_for(kind)(_implementation(function))
    return function


def _implementation(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(operations: Any, call: Any) -> Any:
        return function(operations, *call.args, **call.kwargs)

    return run
