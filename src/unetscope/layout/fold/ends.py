"""The ends of a folded strip: what goes in at the top left and comes out at the top right, a cell for each
channel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

from unetscope.layout.chain.blocks import Chain
from unetscope.layout.chain.ends import input_groups, made, output_shape, sample_shape, sides
from unetscope.layout.fold.places import LINE, PlacedElement
from unetscope.layout.fold.widths import SIZE, Across
from unetscope.layout.measure import text, width, wrapped
from unetscope.layout.page import Page
from unetscope.layout.parts.glyphs import MOST, arrow, cells, cells_width, fill_of
from unetscope.layout.scene import Anchor, ColourRole, Item
from unetscope.model import Architecture
from unetscope.sizes import Shape

_ARROW = 15.0
_BETWEEN = 5.0
_BESIDE_CELLS = 92.0
"""The room of a size beside the cells."""


def height(architecture: Architecture, chain: Chain, at: Across, page: Page) -> float:
    """What names, cells and arrows need above the first line."""
    both = any(stage.stage.role == "up" for stage in chain.stages)
    count = max(len(_given(architecture, page)), len(_made(architecture, page)) if both else 0)
    shapes = (sample_shape(architecture), output_shape(architecture))
    beside = _beside(architecture, at, page)
    sizes = [_size(*shape) for shape in zip(shapes, beside if both else (beside[0], inf), strict=True)]
    return LINE * (count + max(map(len, sizes))) + _ARROW


def _room(page: Page) -> float:
    return page.content / 2 - 8


def _given(architecture: Architecture, page: Page) -> list[str]:
    """The names of what goes in; of several groups each with its channels."""
    groups = input_groups(architecture)
    named = [f"{count} {name}" if len(groups) > 1 else name for count, name in groups]
    return [line for name in named for line in wrapped(name, _room(page), SIZE, bold=True)]


def _made(architecture: Architecture, page: Page) -> list[str]:
    return wrapped(made(architecture), _room(page), SIZE, bold=True)


def _beside(architecture: Architecture, at: Across, page: Page) -> tuple[float, float]:
    """The room at the left of what goes in, and at the right of what comes out."""
    groups = _row([count for count, _ in input_groups(architecture)])
    shape = output_shape(architecture)
    result = _row([shape[1] if shape else 0])
    return at.flows[0] - groups / 2 - page.margin, page.right - at.flows[1] - result / 2


def drawn_ends(
    architecture: Architecture,
    left: Sequence[PlacedElement],
    right: Sequence[PlacedElement],
    at: Across,
    page: Page,
) -> Iterator[Item]:
    """Names, sizes, cells and arrows at both ends."""
    if left:
        top, flow = left[0].frame.y, at.flows[0]
        base = top - _ARROW - 4
        names = _given(architecture, page)
        size = _size(sample_shape(architecture), _beside(architecture, at, page)[0])
        yield from _named(names, size, page.margin, base, "start")
        yield from _cells([count for count, _ in input_groups(architecture)], architecture, flow, base)
        yield arrow((flow, base + 3), (flow, top - 0.5))
    shape = output_shape(architecture)
    count = shape[1] if shape else 0
    if right:
        top, flow = right[0].frame.y, at.flows[1]
        base = top - _ARROW - 4
        size = _size(shape, _beside(architecture, at, page)[1])
        yield from _named(_made(architecture, page), size, page.right, base, "end")
        yield from _cells([count], architecture, flow, base)
        yield arrow((flow, top), (flow, base + 2.5))
    elif left:
        yield from _below(architecture, left[-1], at.flows[0], shape, page)


def _below(
    architecture: Architecture, last: PlacedElement, flow: float, shape: Shape | None, page: Page
) -> Iterator[Item]:
    """What comes out of a network that has but one half, beside the foot of it."""
    y = last.frame.bottom
    yield arrow((flow, y), (flow, y + _ARROW))
    words, size = made(architecture), f"{shape[1]}×{sides(shape)}" if shape else ""
    fits = 1.1 * width(f"{words} {size}", SIZE, bold=True) <= page.right - flow - 12
    for index, line in enumerate([f"{words} {size}".strip()] if fits else [words, size]):
        yield text(flow + 12, y + _ARROW + LINE * index, line, size=SIZE, bold=True)


def _named(names: Sequence[str], size: Sequence[str], x: float, base: float, side: Anchor) -> Iterator[Item]:
    """Names above the size, which stands beside the cells."""
    for index, line in enumerate(reversed([*names, *size])):
        named = index >= len(size)
        role: ColourRole = "ink" if named else "dim"
        if line:
            yield text(x, base - LINE * index, line, size=SIZE, role=role, bold=named, anchor=side)


def _size(shape: Shape | None, room: float) -> list[str]:
    """C×H×W, in two lines where it would meet the cells, and above these where they leave no room."""
    if not shape:
        return []
    whole = f"{shape[1]}×{sides(shape)}"
    lines = [whole] if width(whole, SIZE) <= _BESIDE_CELLS else [f"{shape[1]} ×", sides(shape)]
    return lines if width(lines[-1], SIZE) <= room else [*lines, ""]


def _most(counts: Sequence[int]) -> int:
    """A run of more channels is one box."""
    return MOST if sum(counts) <= MOST else MOST // 2


def _row(counts: Sequence[int]) -> float:
    """The width of the cells of all groups."""
    return sum(cells_width(count, _most(counts)) for count in counts) + _BETWEEN * (len(counts) - 1)


def _cells(counts: Sequence[int], architecture: Architecture, flow: float, base: float) -> Iterator[Item]:
    """The channels side by side over the flow, groups apart."""
    names = [name for _, name in input_groups(architecture)]
    most = _most(counts)
    x = flow - _row(counts) / 2
    for index, count in enumerate(counts):
        name = names[index] if len(counts) > 1 else ""
        yield from cells(count, x, base - 8.5, fill_of(name, index), most)
        x += cells_width(count, most) + _BETWEEN
