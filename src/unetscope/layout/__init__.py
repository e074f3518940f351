"""Architecture → Scene: what stands where. Knows nothing of colours, fonts' files or formats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from unetscope.errors import OutputError
from unetscope.layout import strip, u_shape
from unetscope.layout.scene import Scene
from unetscope.model import Architecture

Unit: TypeAlias = Literal["macs", "flops"]

LAYOUTS: dict[str, Callable[..., Scene]] = {"strip": strip.draw, "u": u_shape.draw}


def lay_out(
    architecture: Architecture, *, layout: str = "strip", unit: Unit = "macs", command: str = ""
) -> Scene:
    """A picture of the architecture, 900 px wide, ready to be rendered.

    `command` is printed at the foot: what draws this picture again. Raises OutputError for an
    unknown layout or unit.
    """
    if layout not in LAYOUTS:
        raise OutputError(f"no layout {layout!r}", hint="layouts: " + ", ".join(LAYOUTS))
    if unit not in ("macs", "flops"):
        raise OutputError(f"no unit {unit!r}", hint="units: macs, flops")
    return LAYOUTS[layout](architecture, unit=unit, command=command)
