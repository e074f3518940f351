"""The one door for text from outside: what files, arguments and other libraries say, made harmless to show.

Harmful is what a terminal, an editor or a page obeys instead of showing it: control characters (C0, DEL, C1,
with them every escape sequence), marks that turn the direction of text, characters without width, line and
paragraph separators, lone surrogates and what XML forbids. They are shown as escapes: nothing is hidden.
All else stays as it is: accents, CJK, right-to-left letters, emoji with the joiners between their parts.

What a format has to escape besides (markup, formulas, TeX) is added by that format, on top of this.
"""

from __future__ import annotations

import re

_PICTOGRAPH = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_INVISIBLE = (
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Written out, as categories change with the Unicode version of each Python.
_HARMFUL = re.compile(
    f"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff{_INVISIBLE}]"
    f"|(?<![{_PICTOGRAPH}])\u200d|\u200d(?![{_PICTOGRAPH}])"
)
_BREAK = re.compile("\r\n|[\t-\r\x1c-\x1f\x85\u2028\u2029]")
_COLOUR = re.compile("(\x1b\\[[0-9;]*m)")

LONGEST = 600
"""Characters of the longest message: what a file or an argument holds is never echoed whole."""


def line(text: str, *, limit: int | None = None) -> str:
    """Text on one line: a break or tab is a blank, what is harmful an escape; cut to `limit` characters."""
    return escaped(_BREAK.sub(" ", text if limit is None else text[: 2 * limit]), limit=limit)


def escaped(text: str, *, limit: int | None = None) -> str:
    r"""Text on one line, breaks as escapes too ("\n"), as a message quotes it; cut to `limit` characters."""
    shown = _HARMFUL.sub(_escape, text if limit is None else text[: limit + 1])
    return shown if limit is None or len(shown) <= limit else shown[: limit - 1].rstrip("\u200d") + "…"


def page(text: str, *, colour: bool = False) -> str:
    """Lines of ours as they are printed: breaks and tabs stay, with `colour` codes that set colours too."""
    if colour:
        parts = _COLOUR.split(text)  # every other part is a code
        return "".join(part if at % 2 else page(part) for at, part in enumerate(parts))
    return _HARMFUL.sub(lambda found: found[0] if found[0] in "\n\t" else _escape(found), text)


def json(text: str) -> str:
    r"""JSON in which harmful characters are \uXXXX: the same value, and nothing for a terminal to obey."""
    return _HARMFUL.sub(lambda found: found[0] if found[0] == "\n" else _json_escape(found[0]), text)


def told(error: BaseException, *, limit: int = 200) -> str:
    """The first line of an error's text, or its type's name where it has none."""
    return line((str(error).strip().splitlines() or [type(error).__name__])[0], limit=limit)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
