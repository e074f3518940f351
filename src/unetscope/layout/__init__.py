"""Architecture → Scene: what stands where. Knows nothing of colours, fonts' files or formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module

from unetscope.choices import ColorBy, CostUnit, Detail, Look, Measured, Width, checked
from unetscope.errors import OutputError
from unetscope.layout.scene import Scene
from unetscope.layout.shades import of_work
from unetscope.layout.suiting import suits_column, suits_u
from unetscope.model import Architecture


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of picture: the folder that draws it, and the one for a column of a paper; which networks it
    suits, and what to say of one that it does not suit."""

    wide: str
    narrow: str
    suits: Callable[[Architecture], bool] = lambda _: True
    needs: str = ""

    def draw(self, architecture: Architecture, look: Look) -> Scene:
        """A picture; its folder is imported when one is drawn, since no process draws them all."""
        folder = import_module(f"{__name__}.{self.narrow if look.width == 'column' else self.wide}")
        scene: Scene = folder.draw(architecture, look)
        return scene


LAYOUTS: dict[str, Layout] = {
    "strip": Layout("strip", "fold"),
    "u": Layout("u", "fold", suits_u, "a U goes down, through one middle at most, and up"),
    "column": Layout(
        "column", "column", suits_column, "a column is of stacks of blocks, without down and up stages"
    ),
}


def usual_layout(architecture: Architecture) -> str:
    """The layout of a network where none is asked for: a column where there are no down and up stages."""
    return "column" if suits_column(architecture) else "strip"


def lay_out(
    architecture: Architecture,
    *,
    layout: str | None = None,
    unit: CostUnit = "macs",
    command: str = "",
    detail: Detail = "block",
    color_by: ColorBy = "kind",
    width: Width = "readme",
    paper: bool = False,
    title: bool = True,
    measured: Measured | None = None,
) -> Scene:
    """A picture of the architecture, ready to be rendered; by default in its `usual_layout`.

    `detail` draws stages alone, their blocks, or the layers inside the blocks. `color_by` lets fills
    mean kinds, parameters or MACs. `width` readme is 900 px, full as wide as all labels need, column
    narrow for one column of a two-column paper. `command` is printed at the foot: what draws this
    picture again; `paper` leaves out all that a caption says, `title` False the network's name.
    `measured` makes fills mean how much each part changed, on a strip. Raises
    OutputError for an unknown choice, and for a layout that does not suit the network.
    """
    layout = usual_layout(architecture) if layout is None else layout
    if layout not in LAYOUTS:
        raise OutputError(f"no layout {layout!r}", hint="layouts: " + ", ".join(LAYOUTS))
    layout = "strip" if measured else layout
    chosen = LAYOUTS[layout]
    if not chosen.suits(architecture):
        fitting = [name for name, fitting_layout in LAYOUTS.items() if fitting_layout.suits(architecture)]
        raise OutputError(
            f"{chosen.needs}; {architecture.title} does not", hint=f"draw it with --layout {fitting[0]}"
        )
    look = checked(Look(unit, command, detail, color_by, width, paper, title, measured))
    scene = chosen.draw(architecture, look)
    return replace(scene, items=tuple(of_work(scene.items))) if color_by == "macs" else scene
