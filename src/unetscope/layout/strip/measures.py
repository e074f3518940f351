"""The measures of a strip, in px, and how they differ with its detail, its width and on paper."""

from __future__ import annotations

from dataclasses import dataclass, replace

from unetscope.choices import Look


@dataclass(frozen=True, slots=True)
class Form:
    """Gaps, heights and text sizes of the stages in a row."""

    gap: float = 11.5
    """Between two stages: room for the arrow."""
    lead: float = 9.0
    """The arrow before the first and behind the last convolution."""
    end: float = 16.5
    """Width of the two convolutions at the ends."""
    pad: float = 5.0
    between: float = 1.5
    """Between two glyphs."""
    bar: float = 5.5
    """Least width of ⧺."""
    box: float = 86.0
    glyph_top: float = 7.0
    glyph: float = 56.0
    name: float = 11.5
    size: float = 10.0
    value: float = 11.0
    narrowest: float = 8.0
    widest: float = 16.0
    hook: float = 22.0
    """Room at the right of two rows for the flow from the upper to the lower one."""
    two_lines: bool = False
    """Sizes as C over H×W."""
    values: bool = True
    """Parameters and MACs under each stage."""
    bars: bool = True
    """Bars with shares below those."""
    placed: bool = False
    """Glyphs say "stage,position"."""
    opened: bool = True
    """Boxes hold glyphs."""

    @property
    def name_room(self) -> float:
        """What is left of a box beside its glyphs, for the name."""
        return self.box - self.glyph_top - self.glyph

    @property
    def below(self) -> float:
        """From the foot of a row's boxes to the foot of its numbers."""
        sizes = 17 + (16 if self.two_lines else 0)
        return sizes + (38 if self.values else 0) + (74 if self.values and self.bars else 0)


def form(look: Look) -> Form:
    """The measures under these look."""
    found = Form()
    if look.width == "column":
        found = replace(found, gap=7.5, lead=7.0, end=14.0, pad=2.0, between=1.2, bar=4.5, name=10.0,
                        narrowest=6.9, hook=12.0, two_lines=True, values=False)  # fmt: skip
    elif look.paper:
        found = replace(found, name=12.5, size=12.0, value=12.5, two_lines=True, bars=False)
    if look.width == "full":
        found = replace(found, placed=True, gap=16.0, widest=40.0)
    if look.detail == "stage":
        found = replace(found, box=46.0, glyph_top=0.0, glyph=46.0, opened=False)
    return found
