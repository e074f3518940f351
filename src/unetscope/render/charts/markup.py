"""matplotlib's SVG → ours: accessible, self-contained, embeddable, presentation attributes for styles.

Only what matplotlib has just written is read here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from unetscope.render.picture.inspection import checked
from unetscope.render.picture.svg import FONT, number

_XLINK = "{http://www.w3.org/1999/xlink}"
_LONG = re.compile(r"-?\d+\.\d{3,}")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
# Inherited by everything: what matplotlib says in a style sheet that would reach the page around it.
_INHERITED = {"stroke-linejoin": "round", "stroke-linecap": "butt"}
_INITIAL = {("stroke-linecap", "butt"), ("text-anchor", "start"), ("stroke-linejoin", "round")}


def finished(raw: bytes, *, title: str, description: str, scale: float = 1.0) -> bytes:
    """The SVG with a title and a description, ids of its own, and the fonts of the diagrams; `scale` px for
    each of its own."""
    root = ElementTree.fromstring(raw)  # noqa: S314 - written by matplotlib a moment ago
    parts = [part for child in root for part in _plain(child)]
    body = "".join(ElementTree.tostring(part, encoding="unicode") for part in parts)
    name = "u" + hashlib.sha256("\0".join((title, description, body)).encode()).hexdigest()[:10]
    _rename(parts, name)
    width, height = root.attrib["viewBox"].split()[2:]
    page = Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "xmlns:xlink": "http://www.w3.org/1999/xlink", "id": name,
        "viewBox": f"0 0 {width} {height}", "role": "img",
        "width": number(float(width) * scale), "height": number(float(height) * scale),
        "aria-labelledby": f"{name}-t {name}-d", "font-family": FONT, **_INHERITED,
    })  # fmt: skip
    for tag, content in (("title", title), ("desc", description)):
        element = ElementTree.SubElement(page, tag, {"id": f"{name}-{tag[0]}"})
        element.text = content
    page.extend(parts)
    for part in page:
        part.tail = "\n"
    return (checked(ElementTree.tostring(page, encoding="unicode")) + "\n").encode()


def _plain(element: Element) -> Iterator[Element]:
    """An element and those below it, without groups that do nothing, styles as attributes."""
    tag = element.tag.rpartition("}")[2]
    children = [part for child in element for part in _plain(child)]
    attributes = dict(_attributes(element, tag))
    if tag in ("metadata", "style") or (tag == "defs" and not children):
        return
    if tag == "g" and set(attributes) <= {"id"}:
        yield from children
        return
    flat = Element(tag, attributes)
    flat.text = element.text if tag == "text" else None
    flat.extend(children)
    yield flat


def _attributes(element: Element, tag: str) -> Iterator[tuple[str, str]]:
    for key, value in element.attrib.items():
        if key == "style":
            yield from _styles(value)
        elif key == "transform" and value.startswith("rotate(-0 "):
            continue
        elif key == "d":
            yield key, _along(_short(value))
        else:
            yield key.replace(_XLINK, "xlink:"), _short(value)


def _styles(style: str) -> Iterator[tuple[str, str]]:
    """Declarations as presentation attributes; the family of the font is the page's."""
    for declaration in style.split(";"):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        if key == "font":
            words = value.split()
            size = next(word for word in words if re.fullmatch(r"[\d.]+px", word))
            key, value = "font-size", size
            if "700" in words or "bold" in words:
                yield "font-weight", "700"
        if key and key != "font-family" and (key, value) not in _INITIAL:
            yield key, _short(value.removesuffix("px") if key == "font-size" else value)


def _short(value: str) -> str:
    """Numbers rounded to two decimals, lines of path data joined."""
    return _LONG.sub(lambda match: number(float(match[0])), " ".join(value.split()))


def _along(path: str) -> str:
    """Path data with horizontal and vertical lines written by one coordinate: step curves become half as
    long."""
    x = y = ""
    parts: list[str] = []
    for command, *numbers in (part.split() for part in re.findall(r"[A-Za-z][^A-Za-z]*", path)):
        match command, numbers:
            case "L", [here, there] if there == y:
                parts.append(f"H{here}")
            case "L", [here, there] if here == x:
                parts.append(f"V{there}")
            case _:
                parts.append(command + " ".join(numbers))
        x, y = numbers[-2:] if numbers else ("", "")
    return "".join(parts)


def _rename(parts: list[Element], name: str) -> None:
    """Ids that something refers to get the picture's name in front; the others are dropped."""
    elements = [element for part in parts for element in part.iter()]
    used: dict[str, str] = {}
    for element in elements:
        for value in element.attrib.values():
            for old in _REFERENCE.findall(value) + ([value[1:]] if value.startswith("#") else []):
                used.setdefault(old, f"{name}-{len(used) + 1}")
    for element in elements:
        for key, value in list(element.attrib.items()):
            if key == "id" and value not in used:
                del element.attrib[key]
            elif key == "id":
                element.attrib[key] = used[value]
            elif key == "xlink:href":
                element.attrib[key] = "#" + used[value[1:]]
            elif "url(#" in value:
                element.attrib[key] = _REFERENCE.sub(lambda match: f"url(#{used[match[1]]})", value)
