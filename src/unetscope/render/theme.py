"""Colour roles → colours, one dict per theme. Knows nothing of scenes or formats."""

from __future__ import annotations

from typing import Literal, TypeAlias

from unetscope.errors import OutputError
from unetscope.layout.scene import ColourRole

Palette: TypeAlias = dict[ColourRole, str]
ThemeName: TypeAlias = Literal["light", "dark", "auto", "paper"]

LIGHT: Palette = {
    "background": "#ffffff", "card": "#f6f7f9", "line": "#d5dae1",
    "ink": "#14181f", "dim": "#566070",
    "flow": "#3a4452", "skip": "#6b7686", "outline": "#7c8796",
    "residual": "#aac8f2", "residual-ink": "#1d3f7a",
    "attention": "#ffe1a8", "attention-ink": "#7a4600",
    "feed-forward": "#70b3a2", "feed-forward-ink": "#08423a",
    "conv": "#ffffff", "conv-ink": "#465160",
    "concat": "#3f4957", "concat-ink": "#ffffff",
    "other": "#f0f1f4", "other-ink": "#3a4452",
    "time": "#5b3fb0", "context": "#97286f",
    "params": "#5b3fb0", "macs": "#f3b7ad", "macs-ink": "#b3261e",
}  # fmt: skip

DARK: Palette = {
    "background": "#0f1319", "card": "#171d26", "line": "#36404f",
    "ink": "#e8ecf2", "dim": "#a3aebd",
    "flow": "#b8c2d0", "skip": "#8793a4", "outline": "#75829a",
    "residual": "#1f3f70", "residual-ink": "#b9d4ff",
    "attention": "#916522", "attention-ink": "#fff3df",
    "feed-forward": "#17645a", "feed-forward-ink": "#b5f2e6",
    "conv": "#0f1319", "conv-ink": "#c3ccd8",
    "concat": "#b8c2d0", "concat-ink": "#0f1319",
    "other": "#1c232d", "other-ink": "#c3ccd8",
    "time": "#b7a3f5", "context": "#ffc8e8",
    "params": "#a48af0", "macs": "#6e2a30", "macs-ink": "#ff9a90",
}  # fmt: skip

PALETTES: dict[str, tuple[Palette, Palette | None]] = {
    "light": (LIGHT, None),
    "dark": (DARK, None),
    "auto": (LIGHT, DARK),
}
"""Theme → the colours drawn, and those for a viewer that prefers a dark scheme."""


def palettes(theme: str) -> tuple[Palette, Palette | None]:
    """The colours of a theme; raises OutputError for an unknown one."""
    if theme not in PALETTES:
        raise OutputError(f"no theme {theme!r}", hint="themes: " + ", ".join(PALETTES))
    return PALETTES[theme]
