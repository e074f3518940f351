"""The colours of charts by theme: the diagrams' palette, and a hatch wherever lightness does not tell."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.errors import OutputError
from unetscope.layout.scene import ColourRole
from unetscope.model import OpClass
from unetscope.render.theme import DARK, LIGHT, Palette


@dataclass(frozen=True, slots=True)
class Paint:
    """How one kind of thing is drawn: its fill, its outline and text, and a hatch in matplotlib's signs."""

    fill: str
    ink: str
    hatch: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """All colours of a chart. `kinds` are for series of no class of their own: models, families."""

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


def _look(palette: Palette) -> Look:
    def paint(fill: ColourRole, ink: ColourRole, hatch: str = "") -> Paint:
        return Paint(palette[fill], palette[ink], hatch)

    residual, feed_forward = paint("residual", "residual-ink"), paint("feed-forward", "feed-forward-ink")
    return Look(
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


# The colours that papers on pruned networks have used since BK-SDM. Blue, green and grey are equally
# light there, so that green is ruled and grey is hatched.
_BLUE = Paint("#bdd7ee", "#2b5580")
_GREEN = Paint("#c5e0b4", "#40682b", "--")
_PAPER = Look(
    background="#ffffff",
    ink="#000000",
    dim="#404040",
    grid="#d9d9d9",
    axis="#595959",
    classes={
        "conv": _BLUE,
        "linear": _GREEN,
        "attention": Paint("#7f7f7f", "#262626"),
        "other": Paint("#ffffff", "#404040", "\\\\\\\\"),
    },
    skips=Paint("#595959", "#595959"),
    live=_BLUE,
    eager=Paint("#ffffff", "#595959", "//"),
    kinds=(
        Paint("#bdd7ee", "#2b5580"),
        Paint("#c5e0b4", "#40682b"),
        Paint("#dbdbdb", "#404040"),
        Paint("#595959", "#595959"),
        Paint("#2b5580", "#2b5580"),
        Paint("#40682b", "#40682b"),
        Paint("#ffffff", "#000000"),
        Paint("#000000", "#000000"),
    ),
)

LOOKS: dict[str, Look] = {"light": _look(LIGHT), "dark": _look(DARK), "paper": _PAPER}


def look(theme: str) -> Look:
    """The colours of a theme; raises OutputError for an unknown one."""
    if theme not in LOOKS:
        raise OutputError(f"no theme {theme!r} for charts", hint="themes: " + ", ".join(LOOKS))
    return LOOKS[theme]
