"""SVG → PNG, with the system's fonts and without a browser. Knows nothing of scenes."""

from __future__ import annotations

import math
import re
from functools import cache

from unetscope.errors import OutputError
from unetscope.limits import MAX_PIXELS

_PROBE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
    '<text x="2" y="16" font-size="16" font-family="{family}">M</text></svg>'
)


def render(svg: str, *, scale: float = 2.0, fonts: str | None = None) -> bytes:
    """The SVG as PNG bytes, `scale` pixels per px, or as many as MAX_PIXELS leaves room for, at least one.

    `fonts` is a folder to take fonts from instead of the system's. Raises OutputError where the SVG
    cannot be drawn, is too large, or no font is found: letters would be missing without a word.
    """
    if not _has_letters(fonts):
        raise OutputError(
            "no font was found: a PNG would have no letters",
            hint="install a sans-serif font (for example fonts-dejavu-core), or write .svg instead",
        )
    try:
        return _draw(svg, min(scale, _most(svg)), fonts)
    except ValueError as error:
        raise OutputError(f"cannot draw the SVG as PNG: {error}", hint="write .svg instead") from error


def _most(svg: str) -> float:
    """The pixels per px that MAX_PIXELS leaves room for. Raises OutputError for less than one."""
    head = svg[: svg.index(">", svg.index("<svg")) + 1]
    sides = [re.search(rf'\s{side}="([\d.]+)', head) for side in ("width", "height")]
    wide, high = (max(1.0, float(side[1])) if side else 1.0 for side in sides)
    if wide * high > MAX_PIXELS:
        raise OutputError(
            f"a picture of {wide:.0f}×{high:.0f} px is too large for a PNG",
            hint="write .svg, or show less of the network",
        )
    return math.sqrt(MAX_PIXELS / (wide * high))


@cache
def _has_letters(fonts: str | None) -> bool:
    """Whether a letter leaves a mark: the renderer skips text without a font in silence."""
    lettered = _draw(_PROBE.format(family="sans-serif"), 1.0, fonts)
    return lettered != _draw(_PROBE.format(family="sans-serif").replace(">M<", "><"), 1.0, fonts)


def _draw(svg: str, scale: float, fonts: str | None) -> bytes:
    import resvg_py

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=scale,
            sans_serif_family="DejaVu Sans",
            skip_system_fonts=fonts is not None,
            font_dirs=[fonts] if fonts is not None else None,
        )
    )
