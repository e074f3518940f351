"""The page: how wide a picture is, and what stays free at its sides."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.choices import Look

README = 900.0
COLUMN = 460.0
_NARROW = 700.0


@dataclass(frozen=True, slots=True)
class Page:
    """How wide the picture is and what stays free at its sides."""

    width: float
    margin: float

    @property
    def right(self) -> float:
        return self.width - self.margin

    @property
    def content(self) -> float:
        return self.width - 2 * self.margin

    @property
    def narrow(self) -> bool:
        """Whether lines have to break that fit beside each other on a wide page."""
        return self.width < _NARROW


def page_of(look: Look, *, least: float = 0) -> Page:
    """The page for content of at least that width."""
    margin = 6.0 if look.paper else 14.0 if look.width == "column" else 24.0
    usual = COLUMN if look.width == "column" else README
    return Page(max(usual, least + 2 * margin), margin)
