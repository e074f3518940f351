"""The scene: placed boxes, texts, lines and circles as frozen plain data, all a renderer may read.

Coordinates are px with y downwards. Colours are roles, never values; nothing here knows a theme,
a file format or a network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

ColourRole: TypeAlias = Literal[
    "background", "card", "line", "ink", "dim", "flow", "skip", "outline",
    "residual", "residual-ink", "attention", "attention-ink", "feed-forward", "feed-forward-ink",
    "conv-block", "conv-block-ink", "conv", "conv-ink", "concat", "concat-ink", "other", "other-ink",
    "time", "context", "image", "params", "macs", "macs-ink",
    "scale-1", "scale-2", "scale-3", "scale-4", "scale-5",
    "scale-1-ink", "scale-2-ink", "scale-3-ink", "scale-4-ink", "scale-5-ink",
    "work-1", "work-2", "work-3", "work-4", "work-5",
    "work-1-ink", "work-2-ink", "work-3-ink", "work-4-ink", "work-5-ink",
    # what a diff keeps, and what it marks
    "kept-residual", "kept-attention", "kept", "kept-ink",
    "gone", "gone-fill", "moved", "new", "new-hatch", "rejoined",
]  # fmt: skip
Anchor: TypeAlias = Literal["start", "middle", "end"]
Point: TypeAlias = tuple[float, float]

SKIP = "skip:"
"""How the path of a group begins that draws a skip from one module to another: "skip:conv_in>up_blocks.2"."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle that something must stay within."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> float:
        return self.x + self.width / 2

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle. `hatch` is the role of diagonal lines over the fill; `dashed` its outline."""

    frame: Frame
    fill: ColourRole | None
    stroke: ColourRole | None = None
    stroke_width: float = 1.0
    radius: float = 0.0
    dashed: bool = False
    hatch: ColourRole | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text at its baseline. `width` is what it measures at most in a common font.

    `frame` is the box the text has to stay in; None where that is the page. `upright` text runs
    from bottom to top.
    """

    x: float
    y: float
    content: str
    size: float
    role: ColourRole
    width: float
    anchor: Anchor = "start"
    bold: bool = False
    mono: bool = False
    upright: bool = False
    frame: Frame | None = None

    @property
    def left(self) -> float:
        """Where the text starts when it is as wide as measured; for level text only."""
        return self.x - self.width * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]


@dataclass(frozen=True, slots=True)
class Line:
    """A polyline with rounded corners, in `role`. `head` is the length of its arrowhead, 0 for none.

    `dashes` are lengths on and off in turn.
    """

    points: tuple[Point, ...]
    role: ColourRole
    width: float = 1.0
    radius: float = 0.0
    dashes: tuple[float, ...] | None = None
    head: float = 0.0


@dataclass(frozen=True, slots=True)
class Circle:
    """A disc, or a ring where `fill` is the colour of what it stands on."""

    x: float
    y: float
    radius: float
    fill: ColourRole
    stroke: ColourRole | None = None
    stroke_width: float = 1.0


@dataclass(frozen=True, slots=True)
class Group:
    """Items that belong to one module: `path` names it, `tooltip` says what it is.

    In a diff `side` is "a" or "b" around the part that shows one of the two networks, and `tells` holds
    the paths, in A and in B, of what a bracket or its words tell of.
    """

    items: tuple[Item, ...]
    path: str = ""
    tooltip: str = ""
    side: Literal["a", "b", ""] = ""
    tells: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


Item: TypeAlias = Box | Text | Line | Circle | Group


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture. `title` and `description` are read out where it cannot be seen.

    `ground` is the colour behind all of it, None for none.
    """

    width: float
    height: float
    title: str
    description: str
    items: tuple[Item, ...]
    ground: ColourRole | None = "background"


def flat(items: Iterable[Item]) -> Iterator[Box | Text | Line | Circle]:
    """Every item outside and inside groups, in the order of drawing."""
    for item in items:
        if isinstance(item, Group):
            yield from flat(item.items)
        else:
            yield item


def shifted(items: Iterable[Item], dx: float) -> Iterator[Item]:
    """The items as far to the right."""
    for item in items:
        if isinstance(item, Group):
            yield replace(item, items=tuple(shifted(item.items, dx)))
        elif isinstance(item, Line):
            yield replace(item, points=tuple((x + dx, y) for x, y in item.points))
        elif isinstance(item, Box):
            yield replace(item, frame=moved(item.frame, dx=dx))
        elif isinstance(item, Text):
            yield replace(item, x=item.x + dx, frame=item.frame and moved(item.frame, dx=dx))
        else:
            yield replace(item, x=item.x + dx)


def moved(frame: Frame, *, dx: float = 0, dy: float = 0) -> Frame:
    """The frame at another place."""
    return Frame(frame.x + dx, frame.y + dy, frame.width, frame.height)


def inset(frame: Frame, *, by: float) -> Frame:
    """The frame without a margin on every side."""
    return Frame(frame.x + by, frame.y + by, frame.width - 2 * by, frame.height - 2 * by)
