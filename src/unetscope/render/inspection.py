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
_ELSEWHERE = re.compile(r"url\s*\(\s*['\"]?(?!#|\s)|javascript:|@import|expression\s*\(|image-set\s*\(|\\", re.I)
"""What leads out of the picture in CSS and in attributes that hold CSS."""


def checked(svg: str) -> str:
    """The same SVG. Raises OutputError where it holds a link, a script or a reference to anything outside."""
    parser = expat.ParserCreate()
    styles: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        _refuse(tag not in _ELEMENTS, f"an element <{tag[:40]}>")
        for key, value in attributes.items():
            _check_attribute(key, value)
        parser.CharacterDataHandler = styles.append if tag == "style" else None

    def declared(*_: object) -> None:
        _refuse(True, "a declaration or an instruction")

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = declared
    parser.ProcessingInstructionHandler = declared
    try:
        parser.Parse(svg.encode(), True)
    except expat.ExpatError as error:
        raise _refusal(f"what is no XML ({error})") from error
    _refuse(bool(_ELSEWHERE.search("".join(styles))), "a reference in its styles")
    return svg


def _check_attribute(key: str, value: str) -> None:
    """Refuse an attribute that runs, links or fetches; what only names a module may hold anything."""
    name = key.rpartition(":")[2].lower()
    _refuse(name.startswith("on"), f"an attribute {name[:40]}")
    _refuse(name in _ADDRESSES and not value.startswith("#"), f"a link in {name}")
    is_told = name.startswith(("data-", "aria-"))
    _refuse(not is_told and bool(_ELSEWHERE.search(value)), f"a reference in {name[:40]}")


def _refuse(fault: bool, what: str) -> None:  # noqa: FBT001 - a condition and what it means
    if fault:
        raise _refusal(what)


def _refusal(what: str) -> OutputError:
    return OutputError(
        f"the picture is not written: it would hold {what}", hint="a name in the source may have caused it"
    )
