"""Scene → JSON: every placed box, text, line and circle as plain data, with the colours of a theme."""

from __future__ import annotations

import json
from typing import Any

from unetscope.layout.scene import Box, Circle, Frame, Group, Item, Line, Scene, Text
from unetscope.render.picture.theme import palettes
from unetscope.words import safe

SCHEMA_VERSION = 1


def render(scene: Scene, *, theme: str = "light") -> str:
    """The scene as JSON: `schema_version`, size, words, `ground` (the role behind
    it all, null for none), `colours` by role, `items` in the order of drawing.

    Coordinates are px with y downwards. Items have a `type`: box, text, line, circle or group.
    Raises OutputError for an unknown theme.
    """
    light, dark = palettes(theme)
    data: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "title": scene.title,
        "description": scene.description,
        "width": _short(scene.width),
        "height": _short(scene.height),
        "ground": scene.ground,
        "colours": dict(sorted(light.items())),
        "items": [_item(item) for item in scene.items],
    }
    if dark:
        data["dark_colours"] = dict(sorted(dark.items()))
    return safe.json(json.dumps(data, ensure_ascii=False, indent=1)) + "\n"


def _item(item: Item) -> dict[str, Any]:
    match item:
        case Group():
            inner = [_item(part) for part in item.items]
            side = {"side": item.side} if item.side else {}
            return {"type": "group", "path": item.path, "tooltip": item.tooltip, **side, "items": inner}
        case Box():
            return {
                "type": "box",
                **_frame(item.frame),
                **_fields(item, "fill stroke stroke_width radius dashed hatch"),
            }
        case Text():
            fields = "x y content size role width anchor bold mono upright"
            return {"type": "text", **_fields(item, fields)}
        case Line():
            points = [[_short(x), _short(y)] for x, y in item.points]
            return {"type": "line", "points": points, **_fields(item, "role width radius dashes head")}
        case Circle():
            return {"type": "circle", **_fields(item, "x y radius fill stroke stroke_width")}


def _frame(frame: Frame) -> dict[str, Any]:
    return _fields(frame, "x y width height")


def _fields(of: object, names: str) -> dict[str, Any]:
    return {name: _short(getattr(of, name)) for name in names.split()}


def _short(value: Any) -> Any:
    """A coordinate with two decimals at most; anything else as it is."""
    return round(value, 2) if isinstance(value, float) else value
