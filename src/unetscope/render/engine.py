"""DOT → SVG: finds and runs the Graphviz engine, then makes its SVG like our others."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree as ET

from graphviz import backend
from graphviz.backend import dot_command

from unetscope.errors import OutputError
from unetscope.render.inspection import checked
from unetscope.render.svg import FONT, clean, number

_WHEEL = "graphviz-pure"
_SVG = "http://www.w3.org/2000/svg"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def run(dot: str) -> bytes:
    """What the engine draws, as SVG. Raises OutputError where there is no engine, or it refuses."""
    with _binary(_engine()):
        try:
            return bytes(backend.pipe("dot", "svg", dot.encode(), quiet=True))
        except (subprocess.CalledProcessError, OSError) as error:
            detail = getattr(error, "stderr", b"") or str(error).encode()
            line = clean(detail.decode(errors="replace"))[:200]
            raise OutputError(
                f"the graph cannot be laid out: {line}", hint="write .dot or .mmd instead"
            ) from error


def _engine() -> Path:
    """The engine of the wheel graphviz-pure, else the system's dot."""
    try:
        files = metadata.files(_WHEEL) or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.stem == _WHEEL and (found := Path(str(file.locate()))).is_file():
            return found
    system = shutil.which("dot")
    if system is None:
        raise OutputError(
            "no Graphviz engine is installed", hint=f"pip install {_WHEEL}, or write .dot or .mmd"
        )
    return Path(system)


@contextmanager
def _binary(path: Path) -> Iterator[None]:
    """Point the graphviz library to an engine, and back: others in this process may use it too."""
    before = dot_command.DOT_BINARY
    dot_command.DOT_BINARY = path
    try:
        yield
    finally:
        dot_command.DOT_BINARY = before


def dress(svg: bytes, *, title: str, description: str, titles: Mapping[str, str]) -> str:
    """The engine's SVG as ours: a title and a description, px for points, our fonts, no links.

    `titles` are tooltips by the id that an element has in the DOT.
    """
    ET.register_namespace("", _SVG)
    root = ET.fromstring(svg)  # noqa: S314 - the engine's own output, without entities
    _, _, wide, high = root.attrib["viewBox"].split()
    root.attrib |= {
        "width": number(float(wide)),
        "height": number(float(high)),
        "role": "img",
        "font-family": FONT,
    }
    for parent in list(root.iter()):
        for child in list(parent):
            _dress(parent, child, titles)
    name = "u" + hashlib.sha256(ET.tostring(root)).hexdigest()[:10]
    root.attrib |= {"id": name, "aria-labelledby": f"{name}-t {name}-d"}
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{{{_SVG}}}{tag}", {"id": f"{name}-{tag[0]}"})
        element.text = clean(text)
        root.insert(place, element)
    return checked(ET.tostring(root, encoding="unicode")) + "\n"


def _dress(parent: ET.Element, child: ET.Element, titles: Mapping[str, str]) -> None:
    """Give a group its tooltip, and take what names the engine's own ids and fonts."""
    tag = child.tag.removeprefix(f"{{{_SVG}}}")
    for attribute in ("font-family", "class", _XML_SPACE):
        child.attrib.pop(attribute, None)
    if tag == "title":
        tooltip = clean(titles.get(parent.attrib.pop("id", ""), ""))
        if tooltip:
            child.text = tooltip
        else:
            parent.remove(child)
