"""What goes into a U and what comes out of it, over the first cells of its halves."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope.layout.chain import ends
from unetscope.layout.measure import text, width
from unetscope.layout.parts.glyphs import arrow
from unetscope.layout.scene import Frame, Item
from unetscope.layout.u.measures import UForm
from unetscope.model import Architecture
from unetscope.words import units

_SIZE = 11.0


def goes_in(architecture: Architecture, frame: Frame, form: UForm, *, top: float) -> Iterator[Item]:
    """The name of the input, with an arrow down to the first cell; a longer one below the first line."""
    x, y = frame.centre, frame.y
    below = y > top + 1
    long = 24 if below else 14
    words = f"{ends.given(architecture)} {units.dimensions(architecture.inputs[0].shape)}"
    yield _name(words, x, y - long - 5, form)
    yield arrow((x, y - long), (x, y - 0.5))
    groups = ends.groups(architecture)
    if groups and below:  # on the first line the title stands there
        yield text(x, y - 45, groups, size=10.5, role="dim", anchor="middle", limit=360)


def comes_out(architecture: Architecture, frame: Frame, form: UForm, *, top: float) -> Iterator[Item]:
    """The name of the output with an arrow up from the last cell, which is on the first line."""
    del top
    words = f"{ends.made(architecture)} {units.dimensions(ends.output_shape(architecture) or ())}".strip()
    yield _name(words, frame.centre, frame.y - 19, form)
    yield arrow((frame.centre, frame.y), (frame.centre, frame.y - 14))


def _name(words: str, x: float, y: float, form: UForm) -> Item:
    """A name over the middle x of a half, moved inwards where the page ends."""
    room = form.page.content / 2
    half = min(width(words, _SIZE, bold=True), room) / 2
    x = min(max(x, form.page.margin + half), form.page.right - half)
    return text(x, y, words, size=_SIZE, anchor="middle", bold=True, limit=room)
