"""The last look at an SVG, whichever engine drew it: a picture and nothing else.

What is not on the lists below is refused, so that an engine that learns something new, or a name that found
a way round its escaping, ends as an error rather than as a link or a script in somebody's page.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from unetscope.errors import OutputError

_ELEMENTS = frozenset(
    "svg g defs pattern clipPath title desc style text tspan rect circle ellipse line path polygon polyline"
    " use".split()
)
_ADDRESSES = frozenset({"href", "src", "action", "data", "base"})
_ELSEWHERE = re.compile(
    r"url\s*\(\s*['\"]?(?!#|\s)|javascript:|@import|expression\s*\(|image-set\s*\(|\\", re.I
)
"""What leads out of the picture in CSS and in attributes that hold CSS."""


def checked(svg: str) -> str:
    """The same SVG. Raises OutputError where it holds a link, a script or a reference to anything outside."""
    parser = expat.ParserCreate()
    styles: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag not in _ELEMENTS:
            raise _refusal(f"an element <{tag[:40]}>")
        for key, value in attributes.items():
            _check_attribute(key, value)
        parser.CharacterDataHandler = styles.append if tag == "style" else None

    def declared(*_: object) -> None:
        raise _refusal("a declaration or an instruction")

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = declared
    parser.ProcessingInstructionHandler = declared
    try:
        parser.Parse(svg.encode(), True)  # noqa: FBT003 - it takes no names
    except expat.ExpatError as error:
        raise _refusal(f"what is no XML ({error})") from error
    if _ELSEWHERE.search("".join(styles)):
        raise _refusal("a reference in its styles")
    return svg


def _check_attribute(key: str, value: str) -> None:
    """Refuse an attribute that runs, links or fetches; what only names a module may hold anything."""
    name = key.rpartition(":")[2].lower()
    if name.startswith("on"):
        raise _refusal(f"an attribute {name[:40]}")
    if name in _ADDRESSES and not value.startswith("#"):
        raise _refusal(f"a link in {name}")
    if not name.startswith(("data-", "aria-")) and _ELSEWHERE.search(value):
        raise _refusal(f"a reference in {name[:40]}")


def _refusal(what: str) -> OutputError:
    return OutputError(
        f"the picture is not written: it would hold {what}", hint="a name in the source may have caused it"
    )
