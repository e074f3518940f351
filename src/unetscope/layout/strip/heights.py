"""How high the glyphs of a strip are: a step for each resolution, not to scale."""

from __future__ import annotations

from unetscope.layout.chain.blocks import Chain
from unetscope.layout.chain.resolutions import areas, levels
from unetscope.layout.scene import Frame
from unetscope.layout.strip.widths import Form
from unetscope.model import Architecture

_STEPS = {1: (56.0, 0.0), 2: (44.0, 21.0), 3: (40.0, 21.0), 4: (34.0, 17.0), 5: (34.0, 13.0)}
_PAPER_STEPS = {1: (56.0, 0.0), 2: (44.0, 21.0), 3: (40.0, 19.0), 4: (38.0, 18.0), 5: (38.0, 13.0)}
_MANY = (34.0, 9.0)
"""Height of the lowest glyph and what each higher resolution adds, by how many there are."""


def lowest_and_tallest(
    architecture: Architecture, drawn: Chain, form: Form, *, paper: bool
) -> tuple[float, float]:
    """The heights of the glyphs of the lowest and of the highest resolution."""
    count = len(levels(architecture, drawn))
    low, step = (_PAPER_STEPS if paper else _STEPS).get(count, _MANY)
    low += 12 if form.placed else 0
    return low, low + step * max(0, count - 1)


def heights_of(architecture: Architecture, drawn: Chain, form: Form) -> dict[tuple[str, str], float]:
    """The height of every glyph in px, by kind and path."""
    rising = levels(architecture, drawn)
    step = (form.glyph - form.low) / max(1, len(rising) - 1)
    found = areas(architecture, drawn)
    if not form.opened:
        return dict.fromkeys(found, form.glyph)
    return {key: form.low + step * rising.index(one) for key, one in found.items()}


def core(frame: Frame, form: Form, *, hung: bool = False) -> Frame:
    """Where the signs of a glyph stand: as high as the lowest, on the line, or at the top where it hangs."""
    y = frame.y if hung else frame.bottom - form.low
    return Frame(frame.x, y, frame.width, form.low)
