"""The page: how wide a picture is, what stays free at its sides, and the basis its numbers hold for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unetscope.layout.options import Options
from unetscope.model import Architecture

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


def page_of(options: Options, *, least: float = 0) -> Page:
    """The page for content of at least that width."""
    margin = 6.0 if options.paper else 14.0 if options.width == "column" else 24.0
    usual = COLUMN if options.width == "column" else README
    return Page(max(usual, least + 2 * margin), margin)


def basis_words(architecture: Architecture) -> str:
    """Size, batch and tokens: "1024² px, latent 4×128², batch 1, 77 text tokens"."""
    basis, factor = architecture.basis, architecture.facts.vae_factor or 0
    channels, *size = basis.input
    kind = "latent" if factor > 1 else "image" if factor else "input"
    parts = [f"{area([factor * side for side in size])} px"] if factor > 1 else []
    parts.append(f"{kind} {channels}×{area(size)}")
    parts.append(f"batch {basis.batch}")
    if basis.tokens is not None:
        parts.append(f"{basis.tokens} text tokens")
    return ", ".join(parts)


def area(size: Sequence[int]) -> str:
    """Height × width, or the side squared."""
    if len(size) == 2 and size[0] == size[1]:
        return f"{size[0]}²"
    return "×".join(str(side) for side in size)
