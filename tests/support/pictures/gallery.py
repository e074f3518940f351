"""The committed gallery: what each picture is of, and its scene. tests/draw_gallery.py draws it again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import unetscope
from support.places import GOLDEN, ROOT
from unetscope.difference import Diff
from unetscope.layout import diff as diff_layouts
from unetscope.layout import lay_out
from unetscope.layout.scene import Scene
from unetscope.model import Architecture
from unetscope.render.picture import scene_json

FOLDER = ROOT / "outputs" / "gallery"
SCENES_FOLDER = GOLDEN / "scenes"

GALLERY: dict[str, tuple[str, dict[str, Any]]] = {
    # file: (source, options of unetscope.draw)
    "sdxl.svg": ("sdxl", {}),
    "sdxl-u.svg": ("sdxl", {"layout": "u"}),
    "sdxl-layer.svg": ("sdxl", {"detail": "layer"}),
    "sd15.svg": ("sd15", {}),
    "sd15-paper.svg": ("sd15", {"theme": "paper"}),
    "sd15-column.svg": ("sd15", {"width": "column"}),
    "bk-sdm-small.svg": ("bk-sdm-small", {}),
    "ddpm-church.svg": ("ddpm-church", {}),
    "flux1-dev.svg": ("flux1-dev", {}),
    "flux1-dev-column-paper.svg": ("flux1-dev", {"theme": "paper", "width": "column"}),
    "sana-1600m.svg": ("sana-1600m-1024", {}),
    "sd35-medium.svg": ("sd35-medium", {}),
}


DIFFS: dict[str, tuple[str, str, dict[str, Any]]] = {
    # file: (A, B, options of unetscope.draw_diff)
    "sd15-to-sd15-inpaint.svg": ("sd15", "sd15-inpaint", {}),
    "sd15-to-bk-sdm-small.svg": ("sd15", "bk-sdm-small", {}),
    "sd15-to-sd21.svg": ("sd15", "sd21", {}),
}


SCENES = [*GALLERY, *DIFFS]
"""Pictures with places of their own: a dark one has those of its light twin."""
PAPER = ("sd15-paper.svg", "flux1-dev-column-paper.svg")
"""What is printed has no dark twin, nor what no page shows."""
GALLERY |= {
    name.replace(".svg", "-dark.svg"): (source, {**options, "theme": "dark"})
    for name, (source, options) in GALLERY.items()
    if name not in (*PAPER, "sd15.svg", "bk-sdm-small.svg")
}
DIFFS |= {
    name.replace(".svg", "-dark.svg"): (a, b, {**options, "theme": "dark"})
    for name, (a, b, options) in DIFFS.items()
}


def subject(name: str) -> tuple[Architecture | Diff, dict[str, Any]]:
    """What a picture is of, and the options that it is drawn with."""
    if name in DIFFS:
        a, b, options = DIFFS[name]
        return unetscope.diff(a, b), options
    source, options = GALLERY[name]
    return unetscope.load(source), options


def drawn(name: str) -> bytes:
    """One picture of the gallery as it is drawn now."""
    given, options = subject(name)
    draw = unetscope.draw_diff if isinstance(given, Diff) else unetscope.draw
    return draw(given, **options)


def scene_lines(name: str) -> list[str]:
    """The scene of a picture as JSON, its size first, then an item a line in the order of drawing.

    A picture that moves a box by a pixel differs in one line, which names the module that the box stands for.
    """
    scene = json.loads(scene_json.render(_scene(name)))
    size = {"width": scene["width"], "height": scene["height"]}
    return [_line(one) for one in (size, *_flat(scene["items"], ""))]


def _scene(name: str) -> Scene:
    """The picture before it is rendered."""
    given, options = subject(name)
    look = {key: value for key, value in options.items() if key != "theme"}
    lay = diff_layouts.lay_out if isinstance(given, Diff) else lay_out
    command = f"python tests/draw_gallery.py {name}"
    return lay(given, paper=options.get("theme") == "paper", command=command, **look)


def _flat(items: list[dict[str, Any]], path: str) -> Iterator[dict[str, Any]]:
    for item in items:
        if item["type"] == "group":
            yield from _flat(item["items"], item["path"] or path)
        else:
            yield {"in": path} | item


def _line(item: dict[str, Any]) -> str:
    told = {key: value for key, value in item.items() if value not in ("", None) and value is not False}
    return json.dumps(told, ensure_ascii=False)


def golden(name: str) -> Path:
    """The file of the lines of a picture's scene."""
    return SCENES_FOLDER / name.replace(".svg", ".jsonl")


def renew(names: Sequence[str]) -> None:
    """Draw pictures of the gallery again, and write their scenes; all of them without names."""
    for name in names or (*GALLERY, *DIFFS):
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_bytes(drawn(name))
        if name in SCENES:
            SCENES_FOLDER.mkdir(parents=True, exist_ok=True)
            golden(name).write_text("\n".join(scene_lines(name)) + "\n", encoding="utf-8")
