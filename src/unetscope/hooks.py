"""Hooks for whoever listens: how a result shows itself, and how far long work has come.

So the data in the middle know nothing of pictures and tables, and yet show themselves: a notebook, and
`print`, ask by these hooks, and `api` says what each shows. Nobody listens to long work, unless the command
line does on a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from functools import singledispatch
from typing import Any, TypeVar


class Shown:
    """A result that shows itself in Jupyter, VS Code and all that ask an object for its MIME bundle.

    Its `repr` is one line; as a string it is what the command prints.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return text(self).rstrip("\n")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Contents by MIME type; the viewer takes the richest that it knows."""
        del include, exclude  # IPython leaves out by itself what was not asked for
        return bundle(self)


@singledispatch
def bundle(result: object) -> dict[str, Any]:
    """What a result shows, by MIME type: its `repr`, until `api` is imported, which knows better."""
    return {"text/plain": repr(result)}


@singledispatch
def text(result: object) -> str:
    """What a result shows on a terminal: its `repr`, until `api` is imported."""
    return repr(result)


T = TypeVar("T")

listener: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)
"""The listener that gets a line such as "importing torch" whenever a new step begins."""


def tell(doing: str) -> None:
    """Announce what begins now; "" clears the line, as before lasting words."""
    heard = listener.get()
    if heard is not None:
        heard(doing)


def told(items: Iterable[T], doing: str, *, of: int) -> Iterator[T]:
    """The items one by one; each is announced with its number: "tracing size 3 of 7".

    Announcements made while an item is worked on belong to it and are dropped.
    """
    heard = listener.get()
    try:
        for number, item in enumerate(items, start=1):
            listener.set(heard)
            tell(f"{doing} {number} of {of}")
            listener.set(None)
            yield item
    finally:
        listener.set(heard)
