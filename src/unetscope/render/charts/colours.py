"""The colours of charts by theme: the diagrams' palette, and a hatch wherever lightness does not tell."""

from __future__ import annotations

from dataclasses import dataclass, replace

from unetscope.cost import OpClass
from unetscope.errors import OutputError
from unetscope.layout.scene import ColourRole
from unetscope.render.charts.sheets import WIDE, Sheet, sheet
from unetscope.render.picture.theme import DARK, LIGHT, PAPER, Palette


@dataclass(frozen=True, slots=True)
class Paint:
    """How one kind of thing is drawn: its fill, its outline and text, and a hatch in matplotlib's signs."""

    fill: str
    ink: str
    hatch: str = ""


@dataclass(frozen=True, slots=True)
class ChartStyle:
    """All colours of a chart, and its page. `kinds` are for series of no class of their own: models,
    families."""

    background: str
    ink: str
    dim: str
    grid: str
    axis: str
    classes: dict[OpClass, Paint]
    skips: Paint
    live: Paint
    eager: Paint
    kinds: tuple[Paint, ...]
    sheet: Sheet = WIDE


def _look(palette: Palette) -> ChartStyle:
    def paint(fill: ColourRole, ink: ColourRole, hatch: str = "") -> Paint:
        return Paint(palette[fill], palette[ink], hatch)

    residual, feed_forward = paint("residual", "residual-ink"), paint("feed-forward", "feed-forward-ink")
    return ChartStyle(
        background=palette["background"],
        ink=palette["ink"],
        dim=palette["dim"],
        grid=palette["line"],
        axis=palette["outline"],
        classes={
            "conv": residual,
            "linear": feed_forward,
            # Hatched as in the diagrams: these matmuls have no weights.
            "attention": paint("attention", "attention-ink", "//"),
            "other": paint("other", "other-ink", "\\\\\\\\"),
        },
        skips=paint("concat", "concat"),
        live=residual,
        eager=paint("macs", "macs-ink", "//"),
        kinds=(
            residual,
            paint("attention", "attention-ink"),
            feed_forward,
            paint("macs", "macs-ink"),
            paint("params", "params"),
            paint("context", "context"),
            paint("concat", "concat"),
            paint("other", "other-ink"),
        ),
    )


# Blue, green and grey are equally light on paper, so that green is ruled and grey is hatched.
_BLUE = Paint(PAPER["residual"], "#2b5580")
_GREEN = Paint(PAPER["attention"], "#40682b", "--")
_WHITE, _GREY, _BLACK = PAPER["background"], PAPER["concat"], PAPER["ink"]
_PAPER = ChartStyle(
    background=_WHITE,
    ink=_BLACK,
    dim=PAPER["dim"],
    grid=PAPER["line"],
    axis=_GREY,
    classes={
        "conv": _BLUE,
        "linear": _GREEN,
        "attention": Paint("#7f7f7f", "#262626"),
        "other": Paint(_WHITE, PAPER["dim"], "\\\\\\\\"),
    },
    skips=Paint(_GREY, _GREY),
    live=_BLUE,
    eager=Paint(_WHITE, _GREY, "//"),
    kinds=(
        _BLUE,
        replace(_GREEN, hatch=""),
        Paint(PAPER["conv"], PAPER["dim"]),
        Paint(_GREY, _GREY),
        Paint(_BLUE.ink, _BLUE.ink),
        Paint(_GREEN.ink, _GREEN.ink),
        Paint(_WHITE, _BLACK),
        Paint(_BLACK, _BLACK),
    ),
)

LOOKS: dict[str, ChartStyle] = {"light": _look(LIGHT), "dark": _look(DARK), "paper": _PAPER}


def look(theme: str, width: str = "readme") -> ChartStyle:
    """The colours of a theme and the page of a width; raises OutputError for an unknown one."""
    if theme not in LOOKS:
        raise OutputError(f"no theme {theme!r} for charts", hint="themes: " + ", ".join((*LOOKS, "auto")))
    return replace(LOOKS[theme], sheet=sheet(width))
