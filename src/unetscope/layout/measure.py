"""How wide text is, without a font: advances of DejaVu Sans, a tenth added for wider fallbacks."""

from __future__ import annotations

import re

from unetscope.layout.scene import Anchor, ColourRole, Frame, Text
from unetscope.words import safe

ALLOWANCE = 1.1
"""Inter, Helvetica and Arial are narrower than DejaVu Sans; what is wider is by less than this."""

_MONO = 0.602
_WORDS = re.compile(r"[+−±]?[\d.,]+ (?:%|[MGT]?MAC|[kMB]\b|px)[^ ]*|[^ ]+")
_PARTS = re.compile(r"[A-Z]*[^A-Z_]+_*|[A-Z_]+")
_WIDEST = 1.0

# Advances of U+0020 to U+007E in thousandths of the size.
_REGULAR = (
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337,
    636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531,
    1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787,
    603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500,
    500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612,
    635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
)  # fmt: skip
_BOLD = (
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365,
    696, 696, 696, 696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580,
    1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995, 837, 850,
    733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500,
    500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687,
    716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
)  # fmt: skip
# Beyond ASCII, regular and bold.
_SIGNS = {
    "\u00a0": (318, 348), "²": (401, 438), "³": (401, 438), "¹": (401, 438), "·": (318, 380),
    "×": (838, 838), "ᵀ": (385, 430), "–": (500, 500), "—": (1000, 1000), "…": (1000, 1000),
    "→": (838, 838), "↓": (838, 838), "↑": (838, 838), "−": (838, 838), "≠": (838, 838),
    "°": (500, 500), "±": (838, 838), "½": (969, 1035), "µ": (636, 736),
}  # fmt: skip
_ADVANCES = tuple(
    {chr(0x20 + place): advance for place, advance in enumerate(letters)}
    | {char: advances[bold] for char, advances in _SIGNS.items()}
    for bold, letters in enumerate((_REGULAR, _BOLD))
)
_MISSING = (1000, 1100)
"""What a character in no table counts, regular and bold: a full em."""


def width(content: str, size: float, *, bold: bool = False, mono: bool = False) -> float:
    """The width in px that `content` needs at most."""
    if mono:
        return sum(_MONO if char.isascii() else _WIDEST for char in content) * size * ALLOWANCE
    table, missing = _ADVANCES[bold], _MISSING[bold]
    return sum([table.get(char, missing) for char in content]) / 1000 * size * ALLOWANCE


def shorten(content: str, limit: float, size: float, *, bold: bool = False, mono: bool = False) -> str:
    """`content`, cut at the end with … where it is wider than `limit` px; "" where nothing fits."""
    if width(content, size, bold=bold, mono=mono) <= limit:
        return content
    start = content[: max(0, int(limit / (size * 0.25)))]
    while start and width(start.rstrip() + "…", size, bold=bold, mono=mono) > limit:
        start = start[:-1]
    return start.rstrip() + "…" if start else ""


def wrapped(content: str, limit: float, size: float, *, bold: bool = False) -> list[str]:
    """`content` broken at plain spaces into lines of at most `limit` px; longer words break before a capital
    and behind _, and are cut where they have none.

    A number and its unit stay together.
    """
    lines = [""]
    for word in _WORDS.findall(content):
        longer = f"{lines[-1]} {word}".strip(" ")
        if width(longer, size, bold=bold) <= limit:
            lines[-1] = longer
        else:
            lines += _pieces(word, limit, size, bold=bold)
    return [line for line in lines if line]


def _pieces(word: str, limit: float, size: float, *, bold: bool) -> list[str]:
    """A word in pieces of at most `limit` px: "HunyuanVideoTokenReplace", "SingleTransformerBlock"."""
    pieces = [""]
    for part in _PARTS.findall(word):
        longer = pieces[-1] + part
        if width(longer, size, bold=bold) <= limit:
            pieces[-1] = longer
        else:
            pieces.append(shorten(part, limit, size, bold=bold))
    return pieces


def text(
    x: float,
    y: float,
    content: str,
    *,
    size: float = 10,
    role: ColourRole = "ink",
    anchor: Anchor = "start",
    bold: bool = False,
    mono: bool = False,
    upright: bool = False,
    frame: Frame | None = None,
    limit: float | None = None,
) -> Text:
    """A text with its baseline at y, its width measured as written; cut to `limit` px where one is given."""
    content = safe.line(content)
    if limit is not None:
        content = shorten(content, limit, size, bold=bold, mono=mono)
    measured = width(content, size, bold=bold, mono=mono)
    return Text(x, y, content, size, role, measured, anchor, bold, mono, upright, frame)


def centred(
    frame: Frame, content: str, *, size: float, role: ColourRole, bold: bool = False, dy: float = 0
) -> Text:
    """A text in the middle of a frame that it has to stay in; `dy` moves the baseline down."""
    y = frame.middle + size * 0.355 + dy
    return text(frame.centre, y, content, size=size, role=role, anchor="middle", bold=bold, frame=frame,
                limit=frame.width)  # fmt: skip
