"""How wide the page of a chart is: 900 px, or one column of a paper."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.errors import OutputError
from unetscope.layout.page import COLUMN, README, Page

_ENLARGED = 1.26
"""In one column of a paper letters of 10 px are drawn at 12.6, which 460 px at 3.3 in make 6.5 pt."""


@dataclass(frozen=True, slots=True)
class Sheet(Page):
    """A page in px before it is enlarged by `scale`."""

    scale: float = 1.0

    @property
    def narrow(self) -> bool:
        """Whether lines break that fit on a wide page."""
        return self.scale > 1


WIDE = Sheet(README, 24.0)
NARROW = Sheet(COLUMN / _ENLARGED, 11.0, _ENLARGED)
_SHEETS = {"readme": WIDE, "column": NARROW}


def sheet(width: str) -> Sheet:
    """The page of a width; raises OutputError for an unknown one."""
    if width not in _SHEETS:
        raise OutputError(f"no width {width!r} for charts", hint="widths: " + ", ".join(_SHEETS))
    return _SHEETS[width]
