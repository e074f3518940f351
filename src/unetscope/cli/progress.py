"""A bar on stderr for work that takes a while, where stderr is a terminal; nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TypeVar

import click

T = TypeVar("T")


def watched(items: Sequence[T]) -> Iterator[T]:
    """The items one by one, with a bar that shows how many are done."""
    if not items or not sys.stderr.isatty():
        yield from items
        return
    with click.progressbar(items, label="tracing", file=sys.stderr, show_pos=True) as bar:
        yield from bar
