"""SVG → PNG, with the system's fonts and without a browser. Knows nothing of scenes."""

from __future__ import annotations

from unetscope.errors import OutputError


def render(svg: str, *, scale: float = 2.0) -> bytes:
    """The SVG as PNG bytes, `scale` pixels per px.

    Raises OutputError where the SVG cannot be drawn.
    """
    import resvg_py

    try:
        return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=scale, sans_serif_family="DejaVu Sans"))
    except ValueError as error:
        raise OutputError(f"cannot draw the SVG as PNG: {error}", hint="write .svg instead") from error
