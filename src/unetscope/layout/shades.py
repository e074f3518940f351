"""Fills that mean costs: five steps, violet as the bars of parameters, red as those of the work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from unetscope.layout.scene import Box, ColourRole, Group, Item, Text

SHADES: tuple[tuple[ColourRole, ColourRole], ...] = (
    ("scale-1", "scale-1-ink"),
    ("scale-2", "scale-2-ink"),
    ("scale-3", "scale-3-ink"),
    ("scale-4", "scale-4-ink"),
    ("scale-5", "scale-5-ink"),
)
"""Fill and ink of each step of parameters."""
WORK_SHADES: tuple[tuple[ColourRole, ColourRole], ...] = (
    ("work-1", "work-1-ink"),
    ("work-2", "work-2-ink"),
    ("work-3", "work-3-ink"),
    ("work-4", "work-4-ink"),
    ("work-5", "work-5-ink"),
)
"""Fill and ink of each step of MACs or FLOPs."""

_OF_WORK: dict[ColourRole, ColourRole] = {
    role: other
    for pair, others in zip(SHADES, WORK_SHADES, strict=True)
    for role, other in zip(pair, others, strict=True)
}


def of_work(items: Iterable[Item]) -> Iterator[Item]:
    """The items with the steps of parameters in the hue of the work, which they show."""
    for item in items:
        if isinstance(item, Group):
            yield replace(item, items=tuple(of_work(item.items)))
        elif isinstance(item, Box) and item.fill in _OF_WORK:
            yield replace(item, fill=_OF_WORK[item.fill])
        elif isinstance(item, Text):
            yield replace(item, role=_OF_WORK.get(item.role, item.role))
        else:
            yield item
