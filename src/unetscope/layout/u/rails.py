"""The rails of a U: what blocks read from outside comes down beside the encoder, goes along under the mid
stage and up beside the decoder, with a mark beside each row that reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from unetscope.layout.chain.blocks import Block, Chain
from unetscope.layout.chain.conditioning import rail_widths
from unetscope.layout.measure import text, width
from unetscope.layout.parts.glyphs import rail_mark
from unetscope.layout.scene import ColourRole, Item, Line, Point
from unetscope.layout.u.measures import RAIL, UForm
from unetscope.model import Architecture

_FIRST = 10.0
_SIZE = 10.0

Reading = tuple[float, Iterable[Block]]
"""Where blocks stand that may read: the y of a row, the x of a block of the mid stage."""


Ring = Callable[[float, float], Iterator[Item]]
"""What is drawn before the name of a rail, around a point."""


@dataclass(frozen=True, slots=True)
class Readers:
    """The rows of both halves and the blocks of the mid stage; the y where the rails begin, and of what
    they lead around below."""

    encoder: Sequence[Reading]
    mid: Sequence[Reading]
    decoder: Sequence[Reading]
    head: float
    foot: float


def railed(form: UForm, chain: Chain) -> UForm:
    """The measures with room for the rails of a chain."""
    read = [any(getattr(block, what) for block in chain.blocks()) for what in ("times", "texts")]
    return replace(form, railed=tuple(index for index, is_read in enumerate(read) if is_read))


def no_ring(_x: float, _y: float) -> Iterator[Item]:
    return iter(())


def rails(
    architecture: Architecture,
    readers: Readers,
    form: UForm,
    ring: Ring = no_ring,
) -> Iterator[Item]:
    """Each rail with its name at its head, and before that a `ring`; without those that no block reads."""
    widths = rail_widths(architecture)
    for at, index in enumerate(form.railed):
        places = [_reading(part, index) for part in (readers.encoder, readers.mid, readers.decoder)]
        if any(places):
            name = f"{'tc'[index]} {widths[index] or ''}".strip()
            yield from _rail(name, places, readers, form, index=index, at=at)
            yield from ring(form.left - 13 - width(name, _SIZE, bold=True), readers.head + 13 * at)


def _reading(part: Sequence[Reading], index: int) -> list[float]:
    return [place for place, blocks in part if any((block.times, block.texts)[index] for block in blocks)]


def _rail(
    name: str, places: Sequence[list[float]], readers: Readers, form: UForm, *, index: int, at: int
) -> Iterator[Item]:
    """One rail, the `at`th from the cells on."""
    role: ColourRole = "context" if index else "time"
    away = _FIRST + RAIL * at
    left, right = form.cells_left - away, form.right + form.pad + form.room + away
    head, foot = readers.head + 13 * at, readers.foot + away
    yield text(form.left - 5, head + 0.36 * _SIZE, name, size=_SIZE, role=role, anchor="end", bold=True)
    down, across, up = places
    points: list[Point] = [(form.left - 1, head), (left, head), (left, foot if across or up else down[-1])]
    points += [(right, foot), (right, min(up))] if up else [(across[-1], foot)] if across else []
    yield Line(tuple(points), role, 1, 6)
    marks = [*((left, y) for y in down), *((x, foot) for x in across), *((right, y) for y in up)]
    yield from (rail_mark(x, y, index) for x, y in marks)
