"""SVG → PDF: one page as large as the picture, vectors, its fonts inside. Knows nothing of scenes.

The fonts are those that come with matplotlib, not the system's: a picture has the same bytes everywhere.
The system's join them for scripts that those lack.
"""

from __future__ import annotations

import importlib.util
import re
from html import unescape
from pathlib import Path

from unetscope.errors import OutputError

_POINTS = 0.75
"""Points of a px: 72 and 96 of them are an inch."""
_BEYOND = re.compile("[\u0700-\u109f\u1100-\u1cff\u3000-\uffff\U00010000-\U0010ffff]")
"""Scripts that DejaVu Sans lacks: those of India and the Far East, emoji."""
_PAGE = """#set document(title: sys.inputs.title, date: none)
#set page(width: {width}pt, height: {height}pt, margin: 0pt, fill: none)
#image(bytes(sys.inputs.svg), format: "svg", width: 100%, height: 100%, alt: sys.inputs.told)
"""


def render(svg: str) -> bytes:
    """The SVG as PDF bytes, with its title and, for readers who cannot see it, its description.

    Raises OutputError without the library that writes PDF, and where the SVG cannot be drawn.
    """
    try:
        import typst
    except ImportError as error:
        raise OutputError("a PDF needs typst", hint='pip install "unetscope[pdf]", or write .svg') from error
    width, height = (_POINTS * _side(svg, side) for side in ("width", "height"))
    fonts = typst.Fonts(include_system_fonts=_BEYOND.search(svg) is not None, font_paths=[_fonts()])
    # What came from outside is data for the page: none of it is read as its markup.
    values = {"svg": svg, "title": _told(svg, "title"), "told": _told(svg, "desc")}
    try:
        page = _PAGE.format(width=width, height=height).encode()
        return bytes(typst.compile(page, font_paths=fonts, sys_inputs=values))
    except typst.TypstError as error:
        raise OutputError(f"cannot draw the SVG as PDF: {error}", hint="write .svg instead") from error


def _fonts() -> Path:
    """The folder of DejaVu Sans, which text is measured by; found without importing matplotlib."""
    spec = importlib.util.find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise OutputError("no fonts: matplotlib is not installed", hint='pip install "unetscope[pdf]"')
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"


def _side(svg: str, side: str) -> float:
    """Width or height of the picture in px."""
    match = re.search(rf'<svg[^>]*\s{side}="([\d.]+)(px|pt)?"', svg)
    if not match:
        raise OutputError(f"the SVG has no {side}", hint="write .svg instead")
    return float(match[1]) / (_POINTS if match[2] == "pt" else 1)


def _told(svg: str, tag: str) -> str:
    """The first title or description."""
    match = re.search(rf"<{tag}[^>]*>(.*?)</{tag}>", svg, re.S)
    return unescape(match[1]) if match else ""
