"""What a caller may choose about a picture: one frozen value that every layout reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from unetscope.errors import OutputError

CostUnit: TypeAlias = Literal["macs", "flops"]
Detail: TypeAlias = Literal["stage", "block", "layer"]
ColorBy: TypeAlias = Literal["kind", "params", "macs"]
Width: TypeAlias = Literal["readme", "full", "column"]

CHOICES: dict[str, tuple[str, ...]] = {
    "unit": ("macs", "flops"),
    "detail": ("stage", "block", "layer"),
    "color_by": ("kind", "params", "macs"),
    "width": ("readme", "full", "column"),
}
"""Every option that is one of a few words, with these words, the default first (`detail`: block)."""


@dataclass(frozen=True, slots=True)
class Look:
    """Unit of the costs, how far blocks are opened, what fills mean, how wide the page is.

    `command` is printed at the foot. `paper` leaves only the picture, its numbers and one line of
    legend, for a figure that has its own caption.
    """

    unit: CostUnit = "macs"
    command: str = ""
    detail: Detail = "block"
    color_by: ColorBy = "kind"
    width: Width = "readme"
    paper: bool = False


def checked(look: Look) -> Look:
    """The same look; raises OutputError for a word that is none of the choices."""
    for name, known in CHOICES.items():
        value = getattr(look, name)
        if value not in known:
            words = name.replace("_", "-")
            raise OutputError(f"no {words} {value!r}", hint=f"{words}: " + ", ".join(known))
    return look
