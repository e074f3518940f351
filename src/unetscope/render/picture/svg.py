"""Scene → SVG text: self-contained, no scripts, the same bytes for the same scene.

Every colour is a presentation attribute; theme `auto` adds CSS variables that browsers prefer.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from math import hypot

from markupsafe import Markup, escape

from unetscope.layout.scene import (
    SKIP,
    Box,
    Circle,
    ColourRole,
    Frame,
    Group,
    Item,
    Line,
    Point,
    Scene,
    Text,
    flat,
)
from unetscope.render.picture import grouping
from unetscope.render.picture.inspection import checked
from unetscope.render.picture.theme import CUES, Palette, cued, palettes
from unetscope.render.templates import fill
from unetscope.words.safe import clean

FONT = "Inter, Helvetica Neue, Arial, DejaVu Sans, sans-serif"
MONO = "ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace"


def render(scene: Scene, *, theme: str = "light", named: bool = True) -> str:
    """The scene as an SVG document in one of the themes light, dark, auto and paper.

    `named` groups have ids for an editor, stages with all that is theirs; without, many pictures
    of one network stand in one page. Raises OutputError for an unknown theme.
    """
    light, dark = palettes(theme)
    paint = _painter(light, classes=dark is not None)
    ground = [Box(Frame(0, 0, scene.width, scene.height), scene.ground)] if scene.ground else []
    items = (*ground, *cued(scene.items, CUES.get(theme, {})))
    items = grouping.gathered(items) if named else items
    body = _draw(items, paint)
    name = _name(theme, scene, body)
    body = Markup(str(body).replace(_HATCHED, f'fill="url(#{name}-'))  # noqa: S704 - a quote in a text is escaped
    markup = fill(
        "diagram.svg.j2",
        id=name,
        width=number(scene.width),
        height=number(scene.height),
        font=FONT,
        title=clean(scene.title),
        description=clean(scene.description),
        light=sorted(light.items()) if dark else None,
        dark=sorted(dark.items()) if dark else None,
        patterns=_patterns(scene, paint, name),
        body=_named(body) if named else body,
    )
    return checked(markup)


def _name(theme: str, scene: Scene, body: str) -> str:
    """The id that everything inside is scoped to: two pictures in one page must not mix."""
    content = "\0".join((theme, scene.title, scene.description, body))
    return "u" + hashlib.sha256(content.encode()).hexdigest()[:10]


def number(value: float) -> str:
    """A coordinate with at most two decimals: 12.50 → "12.5"."""
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


_HATCHED = 'fill="url(#-'
"""How a hatch is referred to until the picture has its id."""

_Paint = Callable[[str, "ColourRole | None"], str]


def _painter(palette: Palette, *, classes: bool) -> _Paint:
    """A function giving the attributes that colour a `fill` or a `stroke` by role."""

    def paint(what: str, role: ColourRole | None) -> str:
        if role is None:
            return f' {what}="none"'
        return f' {what}="{palette[role]}"'

    def with_class(what: str, role: ColourRole | None) -> str:
        return paint(what, role) + ("" if role is None else f" class-{what[0]}-{role}")

    return with_class if classes else paint


def _element(tag: str, attributes: str, content: str | None = None) -> str:
    """One element; the roles that `with_class` left in the attributes become its class."""
    names = re.findall(r" class-([fs]-[a-z0-9-]+)", attributes)
    if names:
        attributes = re.sub(r" class-[fs]-[a-z0-9-]+", "", attributes) + f' class="{" ".join(names)}"'
    return f"<{tag}{attributes}/>" if content is None else f"<{tag}{attributes}>{content}</{tag}>"


def _draw(items: Iterable[Item], paint: _Paint) -> Markup:
    # Every part was escaped where it was made.
    return Markup("\n".join(_item(item, paint) for item in items))  # noqa: S704


def _item(item: Item, paint: _Paint) -> str:
    match item:
        case Box():
            return _box(item, paint)
        case Text():
            return _text(item, paint)
        case Line():
            return _line(item, paint)
        case Circle():
            return _circle(item, paint)
        case Group():
            return _group(item, paint)


def _box(box: Box, paint: _Paint) -> str:
    frame = box.frame
    at = f' x="{number(frame.x)}" y="{number(frame.y)}"'
    at += f' width="{number(frame.width)}" height="{number(frame.height)}"'
    at += f' rx="{number(box.radius)}"' if box.radius else ""
    rectangle = _element("rect", at + paint("fill", box.fill) + _stroke(box, paint))
    if box.hatch is None:
        return rectangle
    return rectangle + f'<rect{at} {_HATCHED}{box.hatch})"/>'


def _stroke(box: Box | Circle, paint: _Paint) -> str:
    if box.stroke is None:
        return ""
    dashed = ' stroke-dasharray="4 2.5"' if isinstance(box, Box) and box.dashed else ""
    return paint("stroke", box.stroke) + f' stroke-width="{number(box.stroke_width)}"' + dashed


def _circle(circle: Circle, paint: _Paint) -> str:
    at = f' cx="{number(circle.x)}" cy="{number(circle.y)}" r="{number(circle.radius)}"'
    return _element("circle", at + paint("fill", circle.fill) + _stroke(circle, paint))


def _text(text: Text, paint: _Paint) -> str:
    at = f' x="{number(text.x)}" y="{number(text.y)}" font-size="{number(text.size)}"'
    at += "" if text.anchor == "start" else f' text-anchor="{text.anchor}"'
    at += ' font-weight="700"' if text.bold else ""
    at += f' font-family="{MONO}"' if text.mono else ""
    at += f' transform="rotate(-90 {number(text.x)} {number(text.y)})"' if text.upright else ""
    return _element("text", at + paint("fill", text.role), escape(clean(text.content)))


def _line(line: Line, paint: _Paint) -> str:
    points = _short_of_the_head(line)
    dashes = f' stroke-dasharray="{" ".join(map(number, line.dashes))}"' if line.dashes else ""
    stroke = _element(
        "path",
        f' d="{_rounded(points, line.radius)}" fill="none" stroke-width="{number(line.width)}"{dashes}'
        + paint("stroke", line.role),
    )
    return f"<g>{stroke}{_head(line, paint)}</g>" if line.head else stroke


def _short_of_the_head(line: Line) -> tuple[Point, ...]:
    """The points with the last one pulled back, so that a line ends inside its arrowhead."""
    if not line.head:
        return line.points
    return (*line.points[:-1], _towards(line.points[-1], line.points[-2], line.head * 0.6))


def _head(line: Line, paint: _Paint) -> str:
    """An arrowhead as a path beside its line, in one group: not every editor draws markers."""
    tip, before = line.points[-1], line.points[-2]
    length = hypot(tip[0] - before[0], tip[1] - before[1]) or 1
    along = ((tip[0] - before[0]) / length, (tip[1] - before[1]) / length)
    base = (tip[0] - along[0] * line.head, tip[1] - along[1] * line.head)
    half = line.head * 0.43
    left = (base[0] - along[1] * half, base[1] + along[0] * half)
    right = (base[0] + along[1] * half, base[1] - along[0] * half)
    return _element("path", f' d="M{_pair(left)} {_pair(tip)} {_pair(right)}z"' + paint("fill", line.role))


def _rounded(points: tuple[Point, ...], radius: float) -> str:
    """Path data through the points, corners cut by quadratic curves."""
    parts = [f"M{_pair(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        cut = min(radius, _distance(before, corner) / 2, _distance(corner, after) / 2)
        if cut < 0.01:
            parts.append(f"L{_pair(corner)}")
        else:
            parts.append(f"L{_pair(_towards(corner, before, cut))}")
            parts.append(f"Q{_pair(corner)} {_pair(_towards(corner, after, cut))}")
    return "".join((*parts, f"L{_pair(points[-1])}"))


def _group(group: Group, paint: _Paint) -> str:
    path = f' data-path="{escape(clean(group.path))}"' if group.path else ""
    if group.path.startswith(SKIP):
        source, _, target = group.path.removeprefix(SKIP).partition(">")
        path += f' data-from="{escape(clean(source))}" data-to="{escape(clean(target))}"'
    path += f' data-side="{group.side}"' if group.side else ""
    for side, paths in zip("ab", group.tells, strict=True):
        # A path with a space in it would read as two; no module's name may hold one.
        names = " ".join(name for name in paths if " " not in name)
        path += f' data-{side}="{escape(clean(names))}"' if names else ""
    title = f"<title>{escape(clean(group.tooltip))}</title>" if group.tooltip else ""
    return f"<g{path}>{title}{_draw(group.items, paint)}</g>"


_OF_MODULE = re.compile(r'<g data-path="([^"]*)"')


def _named(body: str) -> Markup:
    """Groups of modules with an id each, their path, by which Inkscape and Figma list them.

    Nothing refers to these ids: pictures in one page may share them.
    """
    known: Counter[str] = Counter()

    def told(match: re.Match[str]) -> str:
        name = re.sub(r"\s+", "_", match[1])
        known[name] += 1
        own = name if known[name] == 1 else f"{name}-{known[name]}"
        return f'<g id="{own}" data-path="{match[1]}"'

    return Markup(_OF_MODULE.sub(told, body))  # noqa: S704 - escaped where it was made


def _patterns(scene: Scene, paint: _Paint, name: str) -> Markup:
    """The hatches in use: diagonal lines, transparent between them."""
    used = sorted({item.hatch for item in flat(scene.items) if isinstance(item, Box) and item.hatch})
    return Markup(  # noqa: S704
        "".join(
            f'<pattern id="{name}-{role}" width="5" height="5" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)">'
            + _element("path", ' d="M2.5 0V5" stroke-width="1"' + paint("stroke", role))
            + "</pattern>"
            for role in used
        )
    )


def _pair(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _distance(a: Point, b: Point) -> float:
    return hypot(b[0] - a[0], b[1] - a[1])


def _towards(start: Point, end: Point, by: float) -> Point:
    """The point `by` px from start on the way to end."""
    whole = _distance(start, end) or 1
    return (start[0] + (end[0] - start[0]) * by / whole, start[1] + (end[1] - start[1]) * by / whole)
