"""Architecture → Scene: what stands where. Knows nothing of colours, fonts' files or formats."""

from __future__ import annotations

from collections.abc import Callable

from unetscope.errors import OutputError
from unetscope.layout import strip, u
from unetscope.layout.options import ColorBy, Detail, Options, Unit, Width, checked
from unetscope.layout.scene import Scene
from unetscope.model import Architecture

LAYOUTS: dict[str, Callable[[Architecture, Options], Scene]] = {"strip": strip.draw, "u": u.draw}


def lay_out(
    architecture: Architecture,
    *,
    layout: str = "strip",
    unit: Unit = "macs",
    command: str = "",
    detail: Detail = "block",
    color_by: ColorBy = "kind",
    width: Width = "readme",
    paper: bool = False,
) -> Scene:
    """A picture of the architecture, ready to be rendered.

    `detail` draws stages alone, their blocks, or the layers inside the blocks. `color_by` lets fills
    mean kinds, parameters or MACs. `width` readme is 900 px, full as wide as all labels need, column
    narrow for one column of a two-column paper. `command` is printed at the foot: what draws this
    picture again; `paper` leaves out all that a caption says. Raises OutputError for an unknown choice.
    """
    if layout not in LAYOUTS:
        raise OutputError(f"no layout {layout!r}", hint="layouts: " + ", ".join(LAYOUTS))
    return LAYOUTS[layout](architecture, checked(Options(unit, command, detail, color_by, width, paper)))
