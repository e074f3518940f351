"""DOT → SVG: finds and runs the Graphviz engine, then makes its SVG like our others."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree as ET

from unetscope.errors import OutputError
from unetscope.limits import ENGINE_SECONDS
from unetscope.render.picture.inspection import checked
from unetscope.render.picture.svg import FONT, number
from unetscope.words.safe import clean

_WHEEL = "graphviz-pure"
_SIMPLER = "use a smaller --depth, or write .dot or .mmd"
_SVG = "http://www.w3.org/2000/svg"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def run(dot: str) -> bytes:
    """What the engine draws, as SVG.

    Raises OutputError where there is no engine, it refuses, or it takes more than ENGINE_SECONDS: what
    it takes grows with the square of the edges, and by far more where they cross.
    """
    command = [str(_engine()), "-Kdot", "-Tsvg"]
    try:
        # nothing of the DOT is on the command line, and the engine reads nothing but it
        ended = subprocess.run(  # noqa: S603
            command, input=dot.encode(), capture_output=True, check=True, timeout=ENGINE_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise OutputError(
            f"the graph is too tangled to lay out within {ENGINE_SECONDS} s", hint=_SIMPLER
        ) from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise OutputError(f"the graph cannot be laid out: {_reason(error)}", hint=_SIMPLER) from error
    return ended.stdout


def _reason(error: Exception) -> str:
    """What the engine says is wrong, in a line: warnings stand before it, traces after it."""
    if not isinstance(error, subprocess.CalledProcessError):
        return clean(str(error))[:200]
    lines = error.stderr.decode(errors="replace").splitlines()
    return clean(next((line for line in lines if line.startswith("Error")), "the engine gave up"))[:200]


def _engine() -> Path:
    """The engine of the wheel graphviz-pure, else the system's dot."""
    try:
        files = metadata.files(_WHEEL) or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.stem == _WHEEL and (path := Path(str(file.locate()))).is_file():
            return path
    system = shutil.which("dot")
    if system is None:
        raise OutputError(
            "no Graphviz engine is installed", hint=f"pip install {_WHEEL}, or write .dot or .mmd"
        )
    return Path(system)


def dress(svg: bytes, *, title: str, description: str, titles: Mapping[str, str], scale: float = 1.0) -> str:
    """The engine's SVG as ours: a title and a description, `scale` px for points, our fonts, no links.

    `titles` are tooltips by the id that an element has in the DOT.
    """
    ET.register_namespace("", _SVG)
    root = ET.fromstring(svg)  # noqa: S314 - the engine's own output, without entities
    _, _, wide, high = root.attrib["viewBox"].split()
    root.attrib |= {
        "width": number(float(wide) * scale),
        "height": number(float(high) * scale),
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
