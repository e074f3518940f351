"""The pictures of a page, one for each depth and meaning of colours; all but the first wait packed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any, get_args

from markupsafe import Markup

from unetscope.choices import ColorBy, CostUnit, Detail, LayoutName, check
from unetscope.layout import lay_out
from unetscope.layout.tooltips import with_names
from unetscope.model import Architecture
from unetscope.paths import OtherNames
from unetscope.render import modules
from unetscope.render.document import packed
from unetscope.render.picture import svg

_DEPTHS: dict[Detail, str] = {"stage": "stages", "block": "blocks", "layer": "layers"}
_COLOURS: dict[ColorBy, str] = {"kind": "kinds", "params": "parameters", "macs": "MACs"}
_LABELS = {"": "as drawn", "name": "names", "params": "parameters", "macs": "MACs", "output": "shapes"}


def values(
    architecture: Architecture,
    *,
    layout: LayoutName | None,
    detail: Detail,
    color_by: ColorBy,
    unit: CostUnit,
    names: OtherNames | None = None,
) -> dict[str, Any]:
    """Values of part_picture.html.j2. Raises OutputError for an unknown choice or an unfit layout."""
    check("detail", detail, Detail)
    check("color-by", color_by, ColorBy)
    pictures = {
        (depth, colour): _drawn(architecture, names, layout=layout, detail=depth, color_by=colour, unit=unit)
        for depth in get_args(Detail)
        for colour in get_args(ColorBy)
    }
    first = pictures.pop((detail, color_by))
    others = {f"{depth} {colour}": picture for (depth, colour), picture in pictures.items()}
    return {
        "first": first,
        "switches": [
            ("depth", "Depth", list(_DEPTHS.items()), detail),
            ("colour", "Colour", list(_COLOURS.items()), color_by),
            ("label", "Labels", list(_LABELS.items()), ""),
        ],
        "packed": packed({"modules": modules.values(architecture), **_shared(others)}),
    }


def _shared(pictures: dict[str, Markup]) -> dict[str, Any]:
    """Pictures that have most lines in common: each distinct line once, and for each picture how far every
    line of it lies behind the one that would follow. `pictureOf` of picture.js joins them."""
    places: dict[str, int] = {}
    steps = {}
    for name, picture in pictures.items():
        numbers = [places.setdefault(line, len(places)) for line in picture.split("\n")]
        steps[name] = [at - before - 1 for before, at in pairwise((-1, *numbers))]
    return {"lines": list(places), "pictures": steps}


def _drawn(architecture: Architecture, names: OtherNames | None, **look: Any) -> Markup:
    """A picture that follows the page's scheme and stands on its ground."""
    scene = replace(lay_out(architecture, title=False, **look), ground=None)
    scene = with_names(scene, names) if names else scene
    return Markup(svg.render(scene, theme="auto", named=False))  # noqa: S704 - escaped where it was made
