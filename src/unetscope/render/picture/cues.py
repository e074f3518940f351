"""Second marks on fills that a theme's colours alone do not tell apart: rules and dashes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from unetscope.layout.scene import Box, ColourRole, Group, Item, Line
from unetscope.render.picture.theme import Cue

_FROM_EDGE = 3.0
_ROOM = 14.0
"""A box lower than this has no room for rules beside its letter."""


def cued(items: Iterable[Item], cues: Mapping[ColourRole, Cue]) -> Iterator[Item]:
    """The items, those boxes marked whose fill has a cue."""
    for item in items:
        if isinstance(item, Group):
            yield replace(item, items=tuple(cued(item.items, cues)))
        elif isinstance(item, Box) and item.fill is not None and item.stroke is not None:
            yield from _marked(item, cues.get(item.fill))
        else:
            yield item


def _marked(box: Box, cue: Cue | None) -> Iterator[Item]:
    yield replace(box, dashed=True) if cue == "dashed" else box
    frame = box.frame
    if cue == "ruled" and frame.height >= _ROOM:
        for y in (frame.y + _FROM_EDGE, frame.bottom - _FROM_EDGE):
            yield Line(((frame.x + 1, y), (frame.right - 1, y)), box.stroke or "ink", 1.2)
