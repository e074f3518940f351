"""Text from outside in LaTeX: any engine sets it as it is, and obeys none of it."""

from __future__ import annotations

from itertools import zip_longest

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # After a line's end these would be its arguments.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "−": "$-$",
    "–": "--",
    "—": "---",
    "→": r"$\to$",
    "←": r"$\leftarrow$",
    "↓": r"$\downarrow$",
    "↑": r"$\uparrow$",
    "≠": r"$\neq$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "±": r"$\pm$",
    "²": r"$^2$",
    "…": r"\dots{}",
    "ᵀ": r"$^{\mathsf{T}}$",
}
_JOINED = "-`',"
"""Signs that TeX makes one of where two stand together: -- would become a dash."""
# Letters that every engine sets without a further package.
_LETTERS = frozenset("ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿ")


def escape(text: str) -> str:
    """Text that LaTeX sets as it is, on one line; a letter it may not know becomes its code point."""
    pairs = zip_longest(text, text[1:])
    return "".join(_escaped(char) + "{}" * (char == after and char in _JOINED) for char, after in pairs)


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if " " <= character <= "~" or character in _LETTERS:
        return character
    return " " if character.isspace() else f"{{[}}U+{ord(character):04X}{{]}}"


def label_name(label: str) -> str:
    """A name for \\ref: nothing in it may mean anything to TeX."""
    return "".join(char if char.isascii() and (char.isalnum() or char in ":._-") else "-" for char in label)[
        :80
    ]
