"""What long work is at, told to whoever listens: nobody, unless the command line does on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")

listener: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)
"""What is told a line such as "importing torch" whenever something else begins."""


def tell(doing: str) -> None:
    """Say what begins now; "" is nothing more, as before words that stay."""
    heard = listener.get()
    if heard is not None:
        heard(doing)


def told(items: Iterable[T], doing: str, *, of: int) -> Iterator[T]:
    """The items one by one, each told with its number: "tracing size 3 of 7".

    What is told while one of them is at work is part of it, and not heard.
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
