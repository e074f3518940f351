"""A page that is drawn on in px with matplotlib, and its bytes as SVG, PNG or PDF.

Knows nothing of networks. One axes covers the page and counts px from the top left corner.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from unetscope.errors import OutputError
from unetscope.layout.measure import ALLOWANCE, shorten, width
from unetscope.layout.scene import Anchor
from unetscope.render.charts import markup
from unetscope.render.charts.colours import ChartStyle, Paint
from unetscope.words.safe import clean

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = ("svg", "png", "pdf")
WIDTH = 900.0
MARGIN = 24.0
RIGHT = WIDTH - MARGIN

Points = Sequence[tuple[float, float]]

_PER_INCH = 72
"""matplotlib's points are then px, and so are the sizes of its letters."""

_ALIGNMENTS: dict[Anchor, Literal["left", "center", "right"]] = {
    "start": "left",
    "middle": "center",
    "end": "right",
}
# DejaVu Sans comes with matplotlib: the same letters, and no search for fonts, on every machine.
_SETTINGS: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "unetscope",
    "pdf.fonttype": 42,
    "hatch.linewidth": 0.8,
    "path.simplify": False,
}


@dataclass(frozen=True)
class Canvas:
    """A page of some height, WIDTH px wide, in the colours of a look."""

    axes: Axes
    look: ChartStyle
    height: float


def drawn(
    draw: Callable[[Canvas], None],
    *,
    height: float,
    look: ChartStyle,
    format: str,
    title: str,
    description: str,
) -> bytes:
    """What `draw` puts on a page as the bytes of a file in one of FORMATS; the same bytes each time."""
    with _own_settings():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDTH / _PER_INCH, height / _PER_INCH), dpi=_PER_INCH)
        figure.patch.set_facecolor(look.background)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(height, 0)
        draw(Canvas(axes, look, height))
        return _saved(figure, format, clean(title), clean(description))


@contextmanager
def _own_settings() -> Iterator[None]:
    """matplotlib with its defaults and ours, whatever the user's file says; all as before afterwards."""
    logger = logging.getLogger("matplotlib")
    level = logger.level
    # Before the import, which complains where it cannot keep its list of fonts.
    logger.setLevel(logging.ERROR)
    try:
        import matplotlib
    except ImportError as error:
        raise OutputError("a chart needs matplotlib", hint='pip install "unetscope[chart]"') from error

    with warnings.catch_warnings(), matplotlib.rc_context():
        # A letter that the font lacks is drawn as a box; nobody can do anything about it.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        try:
            yield
        finally:
            logger.setLevel(level)


def _saved(figure: Figure, format: str, title: str, description: str) -> bytes:
    file = io.BytesIO()
    match format:
        case "svg":
            nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            figure.savefig(file, format="svg", metadata=nothing)
            return markup.finished(file.getvalue(), title=title, description=description)
        case "png":
            figure.savefig(file, format="png", dpi=2 * _PER_INCH, metadata={"Software": None})
        case _:
            nothing = dict.fromkeys(("CreationDate", "Creator", "Producer"))
            figure.savefig(file, format="pdf", metadata={**nothing, "Title": title})
    return file.getvalue()


def text(
    page: Canvas,
    x: float,
    y: float,
    content: str,
    *,
    size: float = 11,
    colour: str | None = None,
    anchor: Anchor = "start",
    bold: bool = False,
    limit: float | None = None,
    patch: bool = False,
) -> None:
    """A line of text with its baseline at y, cut to `limit` px; the ink of the look unless told otherwise.

    `patch` blanks what is under it, so that no line crosses the letters.
    """
    content = clean(content)
    if limit is not None:
        content = shorten(content, limit, size, bold=bold)
    if patch:
        wide = width(content, size, bold=bold) / ALLOWANCE
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        blank = Paint(page.look.background, "none")
        box(page, left - 1, y - 0.8 * size, wide + 2, 1.05 * size, blank)
    page.axes.text(
        x,
        y,
        content,
        fontsize=size,
        fontweight="bold" if bold else "normal",
        color=colour or page.look.ink,
        ha=_ALIGNMENTS[anchor],
        va="baseline",
        parse_math=False,
        zorder=1,
    )


def box(page: Canvas, x: float, y: float, wide: float, high: float, paint: Paint) -> None:
    """A filled box with an outline, hatched where the paint is."""
    from matplotlib.patches import Rectangle

    hatch = paint.hatch or None
    page.axes.add_patch(
        Rectangle(
            (x, y),
            wide,
            high,
            facecolor=paint.fill,
            edgecolor=paint.ink,
            linewidth=0.8,
            hatch=hatch,
            clip_on=False,
            zorder=1,
        )
    )


def line(
    page: Canvas, points: Points, *, colour: str, width: float = 1, dashes: Sequence[float] = ()
) -> None:
    """A line through points; `dashes` are lengths on and off in px."""
    xs, ys = zip(*points, strict=True)
    style: Any = (0, tuple(dashes)) if dashes else "-"
    page.axes.plot(
        xs, ys, color=colour, linewidth=width, linestyle=style, solid_capstyle="butt", clip_on=False, zorder=1
    )


def area(page: Canvas, upper: Points, lower: Points, paint: Paint) -> None:
    """What lies between two lines, hatched where the paint is, without an outline."""
    from matplotlib.patches import Polygon

    style = {"facecolor": paint.fill, "edgecolor": paint.ink, "hatch": paint.hatch or None}
    page.axes.add_patch(
        Polygon([*upper, *reversed(lower)], closed=True, linewidth=0, clip_on=False, zorder=1, **style)
    )


def mark(page: Canvas, x: float, y: float, paint: Paint, *, shape: str = "o", size: float = 9) -> None:
    """A marker: `shape` is one of matplotlib's signs, `size` its height in px."""
    page.axes.plot(
        [x], [y], linestyle="none", marker=shape, markersize=size,
        markerfacecolor=paint.fill, markeredgecolor=paint.ink, markeredgewidth=1.3, clip_on=False, zorder=1,
    )  # fmt: skip
