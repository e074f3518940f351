"""What follows from an architecture alone is worked out once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from unetscope.model import Architecture

T = TypeVar("T")


def once(function: Callable[[Architecture], T]) -> Callable[[Architecture], T]:
    """The same function, which keeps its result with the architecture, as a cached property is kept."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def remembering(architecture: Architecture) -> T:
        known: dict[str, T] = vars(architecture)
        if name not in known:
            known[name] = function(architecture)
        return known[name]

    return remembering
