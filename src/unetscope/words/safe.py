"""The one door for text from outside: what files, arguments and other libraries say, made harmless to show.

Harmful is what a terminal, an editor or a page obeys instead of showing it, and what nobody sees: control
characters (C0, DEL, C1, with them every escape sequence), marks that turn the direction of text, characters
without width, line and paragraph separators, lone surrogates, what XML forbids, and what has no meaning in
Unicode yet. They are shown as escapes: nothing is hidden. All else stays as it is: accents, CJK, Arabic and
Hebrew, emoji with the joiners between their parts.

What a format has to escape besides (markup, formulas, TeX) is added by that format, on top of this.
"""

from __future__ import annotations

import re

_NOT_ASCII = re.compile("[^ -~]")
_BLANK = re.compile(r"\r\n|\s")
_COLOUR = re.compile("(\x1b\\[[0-9;]*m)")
_PICTOGRAPH = re.compile("[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]")
_JOINER = "\u200d"
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks by their category, yet without a sign to see."""

_LONGEST, _TAIL = 600, 200
"""Characters of the longest message, and of its end where its middle is left out."""


def line(text: str, *, limit: int | None = None) -> str:
    """Text on one line: a break, a tab or any wide blank is a blank; cut to `limit` characters."""
    return escaped(_BLANK.sub(" ", text if limit is None else text[: 2 * limit]), limit=limit)


def clean(text: str) -> str:
    """Text on one line, with single blanks between its words."""
    return " ".join(line(text).split())


def escaped(text: str, *, limit: int | None = None) -> str:
    r"""Text on one line, breaks as escapes too ("\n"), as a message quotes it; cut to `limit` characters."""
    printed = _NOT_ASCII.sub(_shown, text if limit is None else text[: limit + 1])
    return printed if limit is None or len(printed) <= limit else printed[: limit - 1].rstrip(_JOINER) + "…"


def message(text: str) -> str:
    """A message on one line; a huge one, which echoes a file or argument, loses its middle."""
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST - _TAIL]} … {text[-_TAIL:]}"
    return escaped(text)


def page(text: str, *, colour: bool = False) -> str:
    """Lines of ours as they are printed: breaks and tabs stay, with `colour` codes that set colours too."""
    if colour:
        parts = _COLOUR.split(text)  # every other part is a code
        return "".join(part if at % 2 else page(part) for at, part in enumerate(parts))
    return _NOT_ASCII.sub(lambda match: match[0] if match[0] in "\n\t" else _shown(match), text)


def json(text: str) -> str:
    r"""JSON in which harmful characters are \uXXXX: the same value, and nothing for a terminal to obey."""
    return _NOT_ASCII.sub(lambda match: match[0] if match[0] == "\n" else _shown_in_json(match), text)


def told(error: BaseException, *, limit: int = 200) -> str:
    """The first line of an error's text, or its type's name where it has none."""
    return line((str(error).strip().splitlines() or [type(error).__name__])[0], limit=limit)


def _shown(match: re.Match[str]) -> str:
    return match[0] if _is_harmless(match) else match[0].encode("unicode_escape").decode()


def _shown_in_json(match: re.Match[str]) -> str:
    if _is_harmless(match):
        return match[0]
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _is_harmless(match: re.Match[str]) -> bool:
    """Whether a character has a sign to see, or joins two parts of an emoji."""
    if match[0] == _JOINER:
        text, at = match.string, match.start()
        return bool(at and _PICTOGRAPH.match(text, at - 1) and _PICTOGRAPH.match(text, at + 1))
    return match[0].isprintable() and not _INVISIBLE.match(match[0])
