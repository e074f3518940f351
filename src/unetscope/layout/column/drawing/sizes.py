"""The measures of a column: sizes of text and gaps, on a wide page and in one column of a paper."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.choices import Look
from unetscope.layout.column.reading.cells import Cell
from unetscope.layout.scene import ColourRole


@dataclass(frozen=True, slots=True)
class Measures:
    """`strong` is a box's first line, `plain` the others; `least` is where a text at the margin may start."""

    title: float
    heading: float
    strong: float
    plain: float
    gap: float
    narrow: bool


WIDE = Measures(title=22, heading=13.5, strong=10.5, plain=10, gap=11.5, narrow=False)
NARROW = Measures(title=17, heading=14, strong=12.6, plain=12.6, gap=14, narrow=True)
"""460 px at 3.3 in: 12.6 px are 6.5 pt."""


def measures(options: Look) -> Measures:
    """The sizes for a width."""
    return NARROW if options.width == "column" else WIDE


FILLS: dict[str, tuple[ColourRole, ColourRole]] = {
    "norm": ("background", "ink"),
    "projection": ("attention", "attention-ink"),
    "scores": ("attention", "attention-ink"),
    "feed-forward": ("feed-forward", "feed-forward-ink"),
    "linear": ("conv", "conv-ink"),
    "conv": ("conv", "conv-ink"),
    "other": ("background", "ink"),
}
"""What fills a box, and the colour of its outline and words."""


def fills_of(cell: Cell) -> tuple[ColourRole, ColourRole]:
    """Fill and ink of a box; a norm that a condition modulates has that condition's ink."""
    fill, ink = FILLS[cell.kind]
    return (fill, "time") if cell.kind == "norm" and "t" in cell.reads else (fill, ink)


def dashes_of(role: ColourRole) -> tuple[float, ...]:
    """The dashes of a stream's arrows: they tell the text's from the image's without colours."""
    return (4.0, 2.5) if role == "context" else ()


def lane_role(word: str, *, several: bool) -> ColourRole:
    """The colour of a stream's arrows: the image's, the text's, or that of all tokens together."""
    if word == "text":
        return "context"
    return "image" if word in ("image", "video") or several else "flow"
