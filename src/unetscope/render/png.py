"""SVG → PNG, with the system's fonts and without a browser. Knows nothing of scenes."""

from __future__ import annotations

from functools import cache

from unetscope.errors import OutputError

_PROBE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
    '<text x="2" y="16" font-size="16" font-family="{family}">M</text></svg>'
)


def render(svg: str, *, scale: float = 2.0, fonts: str | None = None) -> bytes:
    """The SVG as PNG bytes, `scale` pixels per px.

    `fonts` is a folder to take fonts from instead of the system's. Raises OutputError where the SVG
    cannot be drawn, or no font is found: letters would be missing without a word.
    """
    if not _has_letters(fonts):
        raise OutputError(
            "no font was found: a PNG would have no letters",
            hint="install a sans-serif font (for example fonts-dejavu-core), or write .svg instead",
        )
    try:
        return _draw(svg, scale, fonts)
    except ValueError as error:
        raise OutputError(f"cannot draw the SVG as PNG: {error}", hint="write .svg instead") from error


@cache
def _has_letters(fonts: str | None) -> bool:
    """Whether a letter leaves a mark: the renderer skips text without a font in silence."""
    drawn = _draw(_PROBE.format(family="sans-serif"), 1.0, fonts)
    return drawn != _draw(_PROBE.format(family="sans-serif").replace(">M<", "><"), 1.0, fonts)


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
