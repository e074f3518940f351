"""A line on stderr that says how far long work has come, if stderr is a terminal; nothing elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from unetscope.hooks import listener, told
from unetscope.words import safe

if TYPE_CHECKING:
    from rich.status import Status

T = TypeVar("T")


@contextmanager
def shown() -> Iterator[None]:
    """Show what is being done while it is; the line is gone afterwards."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    line = _ProgressLine()
    listener.set(line.tell)
    try:
        yield
    finally:
        listener.set(None)
        line.clear()


class _ProgressLine:
    """The line, made when there is first something to say: most commands are done before that."""

    def __init__(self) -> None:
        self.status: Status | None = None

    def tell(self, doing: str) -> None:
        """Show what begins now, as it is: rich takes no markup from it."""
        if not doing:
            self.clear()
            return
        from rich.console import Console
        from rich.text import Text

        text = Text(safe.line(doing, limit=60))
        if self.status is None:
            self.status = Console(stderr=True, no_color=bool(os.environ.get("NO_COLOR"))).status(text)
            self.status.start()
        self.status.update(text)

    def clear(self) -> None:
        """Clear the line, so that lasting words can follow."""
        if self.status is not None:
            self.status.stop()
            self.status = None


def watched(items: Sequence[T]) -> Iterator[T]:
    """The sizes to trace, one by one; each is announced."""
    return told(items, "tracing size", of=len(items))
