"""Two SVGs that differ in colours alone → one that follows the colour scheme of its reader.

Knows nothing of what they show. Viewers without CSS see the light one.
"""

from __future__ import annotations

import re

from unetscope.render.picture.inspection import checked

_TAG = re.compile(r"<[a-z][^>]*>")
_END = re.compile(r"( ?/?>)$")
_COLOUR = re.compile(r' (fill|stroke)="(#[0-9a-f]+)"')
_ID = re.compile(r' id="([^"]+)"')


def both(light: str, dark: str) -> str:
    """The light SVG with a rule for each colour that the dark one has in its place.

    Raises ValueError where they are not the same picture.
    """
    theirs = _TAG.findall(dark)
    if len(theirs) != len(_TAG.findall(light)):
        raise ValueError("the two schemes draw different pictures")
    others, rules = iter(theirs), dict[str, str]()

    def marked(match: re.Match[str]) -> str:
        names = [
            rules.setdefault(f"{{{what}:{there}}}", f"d{len(rules) + 1}")
            for (what, here), (_, there) in zip(
                _COLOUR.findall(match[0]), _COLOUR.findall(next(others)), strict=True
            )
            if here != there
        ]
        if not names:
            return match[0]
        start, end = _END.split(match[0])[:2]
        return f'{start} class="{" ".join(names)}"{end}'

    marked_svg = _TAG.sub(marked, light)
    root = next(_TAG.finditer(light))[0]
    name = _ID.search(root)
    scope = f"#{name[1]} " if name else ""
    style = "".join(f"{scope}.{name}{rule}" for rule, name in rules.items())
    head, end, rest = marked_svg.partition("</desc>")
    return checked(f"{head}{end}\n<style>@media (prefers-color-scheme:dark){{{style}}}</style>{rest}")
