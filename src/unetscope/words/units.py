"""Exact integers to the short text people read; nothing here is ever computed with again."""

from __future__ import annotations

_PREFIXES = ("", "k", "M", "G", "T", "P")


def short(number: int, *, billions: str = "G") -> tuple[str, str]:
    """A number as three significant digits and its SI prefix: 859520964 → ("860", "M").

    `billions` is the letter for 10⁹: parameters say B, operations say G.
    """
    if number < 0:
        digits, prefix = short(-number, billions=billions)
        return "−" + digits, prefix
    scaled, index = float(number), 0
    while scaled >= 999.5 and index < len(_PREFIXES) - 1:
        scaled, index = scaled / 1000, index + 1
    prefix = _PREFIXES[index]
    if index == 0:
        return str(number), ""
    decimals = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
    return f"{scaled:.{decimals}f}", billions if prefix == "G" else prefix


def params(number: int) -> str:
    """Parameters: 2567463684 → "2.57 B"."""
    return " ".join(short(number, billions="B")).strip()


def macs(number: int, unit: str = "MAC") -> str:
    """Operations with their unit: 3380618199040 → "3.38 TMAC"."""
    digits, prefix = short(number)
    return f"{digits} {prefix}{unit}"


def exact(number: int) -> str:
    """All digits, grouped by commas."""
    return f"{number:,}"


def share(part: int, whole: int) -> str:
    """A part of a whole in percent: one digit after the point below 1 %, none above it."""
    if part == 0 or whole == 0:
        return "0 %"
    percent = 100 * part / whole
    if percent >= 0.95:
        return f"{percent:.0f} %" if percent < 99.5 or part == whole else ">99 %"
    return f"{percent:.1f} %" if percent >= 0.05 else "<0.1 %"


def dimensions(shape: tuple[int, ...]) -> str:
    """A shape without its batch: (1, 320, 64, 64) → "320×64×64"."""
    return "×".join(str(size) for size in shape[1:])


def bytes_(number: int) -> str:
    """Bytes in binary units: 5134927368 → "4.78 GiB"."""
    scaled, index = float(number), 0
    names = ("B", "KiB", "MiB", "GiB", "TiB")
    while scaled >= 1024 and index < len(names) - 1:
        scaled, index = scaled / 1024, index + 1
    if index == 0:
        return f"{number} B"
    # Three digits, never an exponent: 1010 KiB stays below 1 MiB.
    return f"{scaled:,.0f} {names[index]}" if scaled >= 999.5 else f"{scaled:.3g} {names[index]}"
