"""Colour roles → colours, a dict per theme; second marks on fills that colours do not tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal, TypeAlias

from unetscope.errors import OutputError
from unetscope.layout.scene import Box, ColourRole, Group, Item, Line

Palette: TypeAlias = dict[ColourRole, str]

LIGHT: Palette = {
    "background": "#ffffff", "card": "#f6f7f9", "line": "#d5dae1",
    "ink": "#14181f", "dim": "#566070",
    "flow": "#3a4452", "skip": "#6b7686", "outline": "#7c8796",
    "residual": "#aac8f2", "residual-ink": "#1d3f7a",
    "attention": "#ffe1a8", "attention-ink": "#7a4600",
    "feed-forward": "#70b3a2", "feed-forward-ink": "#08423a",
    "conv-block": "#7d91b5", "conv-block-ink": "#0b1a33",
    "conv": "#ffffff", "conv-ink": "#465160",
    "concat": "#3f4957", "concat-ink": "#ffffff",
    "other": "#f0f1f4", "other-ink": "#3a4452",
    "time": "#5b3fb0", "context": "#97286f", "image": "#28589b",
    "params": "#5b3fb0", "macs": "#f3b7ad", "macs-ink": "#b3261e",
    "scale-1": "#faf8fe", "scale-2": "#d7cbee", "scale-3": "#b7a4df", "scale-4": "#947ccf",
    "scale-5": "#6a51b4",
    "scale-1-ink": "#14181f", "scale-2-ink": "#14181f", "scale-3-ink": "#14181f", "scale-4-ink": "#14181f",
    "scale-5-ink": "#ffffff",
    "work-1": "#fff7f6", "work-2": "#f2c6bf", "work-3": "#e39a8f", "work-4": "#d06b5e", "work-5": "#af362b",
    "work-1-ink": "#14181f", "work-2-ink": "#14181f", "work-3-ink": "#14181f", "work-4-ink": "#14181f",
    "work-5-ink": "#ffffff",
    "kept-residual": "#bdd7ee", "kept-attention": "#c5e0b4", "kept": "#6b7686", "kept-ink": "#2b3440",
    "gone": "#b3261e", "gone-fill": "#fdf0ee",
    "moved": "#28589b", "new": "#0b6b3a", "new-hatch": "#b5dcc4", "rejoined": "#5b3fb0",
}  # fmt: skip

DARK: Palette = {
    "background": "#0f1319", "card": "#171d26", "line": "#36404f",
    "ink": "#e8ecf2", "dim": "#a3aebd",
    "flow": "#b8c2d0", "skip": "#8793a4", "outline": "#75829a",
    "residual": "#1f3f70", "residual-ink": "#b9d4ff",
    "attention": "#916522", "attention-ink": "#fff3df",
    "feed-forward": "#17645a", "feed-forward-ink": "#b5f2e6",
    "conv-block": "#1c2a45", "conv-block-ink": "#c4d3ee",
    "conv": "#0f1319", "conv-ink": "#c3ccd8",
    "concat": "#b8c2d0", "concat-ink": "#0f1319",
    "other": "#1c232d", "other-ink": "#c3ccd8",
    "time": "#b7a3f5", "context": "#ffc8e8", "image": "#9cc2ff",
    "params": "#a48af0", "macs": "#6e2a30", "macs-ink": "#ff9a90",
    "scale-1": "#292334", "scale-2": "#483c65", "scale-3": "#6c599d", "scale-4": "#957cd2",
    "scale-5": "#b59cee",
    "scale-1-ink": "#f2f4f8", "scale-2-ink": "#f2f4f8", "scale-3-ink": "#f2f4f8", "scale-4-ink": "#0f1319",
    "scale-5-ink": "#0f1319",
    "work-1": "#35201d", "work-2": "#66342d", "work-3": "#9d4b40", "work-4": "#d36b5d", "work-5": "#f18d7e",
    "work-1-ink": "#f2f4f8", "work-2-ink": "#f2f4f8", "work-3-ink": "#f2f4f8", "work-4-ink": "#0f1319",
    "work-5-ink": "#0f1319",
    "kept-residual": "#1f3f70", "kept-attention": "#3f5f2c", "kept": "#8793a4", "kept-ink": "#f2f4f8",
    "gone": "#ff8a80", "gone-fill": "#2a1718",
    "moved": "#9cc2ff", "new": "#6fd39a", "new-hatch": "#1f4a33", "rejoined": "#b7a3f5",
}  # fmt: skip

PAPER: Palette = LIGHT | {
    "card": "#ffffff", "line": "#bfbfbf", "ink": "#14181f", "dim": "#404040",
    "flow": "#14181f", "skip": "#404040", "outline": "#14181f",
    # The fills of BK-SDM's figures, equal in grey but for the last: see CUES.
    "residual": "#bdd7ee", "residual-ink": "#1b2a3a",
    "attention": "#c5e0b4", "attention-ink": "#2c4a1d",
    "conv-block": "#f2f6fb", "conv-block-ink": "#1b2a3a",
    "conv": "#dbdbdb", "conv-ink": "#262626", "other": "#b8b8b8",
    "concat": "#595959", "concat-ink": "#ffffff",
    "time": "#404040", "context": "#404040", "image": "#14181f",
    "params": "#14181f", "macs": "#dbdbdb", "macs-ink": "#404040",
}  # fmt: skip

PALETTES: dict[str, tuple[Palette, Palette | None]] = {
    "light": (LIGHT, None),
    "dark": (DARK, None),
    "auto": (LIGHT, DARK),
    "paper": (PAPER, None),
}
"""Theme → the colours drawn, and those for a viewer that prefers a dark scheme."""

Cue: TypeAlias = Literal["ruled", "dashed"]

_KEPT: dict[ColourRole, Cue] = {"kept-attention": "ruled"}
CUES: dict[str, dict[ColourRole, Cue]] = {
    "light": _KEPT, "dark": _KEPT, "auto": _KEPT,
    "paper": {"attention": "ruled", "conv": "dashed", **_KEPT},
}  # fmt: skip
"""Theme → the fills that need a second mark to stand apart from others of the same lightness: a rule at both
of its ends, or a dashed outline."""


def palettes(theme: str) -> tuple[Palette, Palette | None]:
    """The colours of a theme; raises OutputError for an unknown one."""
    if theme not in PALETTES:
        raise OutputError(f"no theme {theme!r}", hint="themes: " + ", ".join(PALETTES))
    return PALETTES[theme]


_FROM_EDGE = 3.0
_ROOM = 14.0
"""A box lower than this has no room for rules beside its letter."""


def cued(items: Iterable[Item], cues: Mapping[ColourRole, Cue]) -> Iterator[Item]:
    """The items, those boxes marked whose fill has a cue."""
    for item in items:
        if isinstance(item, Group):
            yield replace(item, items=tuple(cued(item.items, cues)))
        elif isinstance(item, Box) and item.fill is not None and item.stroke is not None:
            yield from _marked(item, cues.get(item.fill))
        else:
            yield item


def _marked(box: Box, cue: Cue | None) -> Iterator[Item]:
    yield replace(box, dashed=True) if cue == "dashed" else box
    frame = box.frame
    if cue == "ruled" and frame.height >= _ROOM:
        role = box.stroke or "ink"
        if frame.width > frame.height:
            for x in (frame.x + _FROM_EDGE, frame.right - _FROM_EDGE):
                yield Line(((x, frame.y + 1), (x, frame.bottom - 1)), role, 1.2)
            return
        for y in (frame.y + _FROM_EDGE, frame.bottom - _FROM_EDGE):
            yield Line(((frame.x + 1, y), (frame.right - 1, y)), role, 1.2)
