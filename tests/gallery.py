"""The committed gallery: what each picture is of. `python tests/gallery.py` draws it anew."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import unetscope
from unetscope.model import Architecture

FOLDER = Path(__file__).resolve().parents[1] / "outputs" / "gallery"

GALLERY: dict[str, tuple[str, dict[str, Any]]] = {
    # file: (source, options of unetscope.draw)
    "sdxl.svg": ("sdxl", {}),
    "sdxl-dark.svg": ("sdxl", {"theme": "dark"}),
    "sdxl-u.svg": ("sdxl", {"layout": "u"}),
    "sdxl-layer.svg": ("sdxl", {"detail": "layer"}),
    "sd15.svg": ("sd15", {}),
    "sd15-paper.svg": ("sd15", {"theme": "paper"}),
    "sd15-column.svg": ("sd15", {"width": "column"}),
    "bk-sdm-small.svg": ("bk-sdm-small", {}),
    "ddpm-church.svg": ("ddpm-church", {}),
}


COLUMNS: dict[str, tuple[str, str, dict[str, Any]]] = {
    # file: (title, name in data/transformers.json, options of unetscope.draw); tracing them takes torch
    "flux1-dev.svg": ("FLUX.1 [dev]", "flux1-dev", {}),
    "flux1-dev-dark.svg": ("FLUX.1 [dev]", "flux1-dev", {"theme": "dark"}),
    "sana-1600m.svg": ("SANA 1.6B", "sana-1600m-1024", {}),
    "sd35-medium.svg": ("Stable Diffusion 3.5 Medium", "sd35-medium", {}),
    "flux1-dev-column-paper.svg": ("FLUX.1 [dev]", "flux1-dev", {"theme": "paper", "width": "column"}),
}


DIFFS: dict[str, tuple[str, str, dict[str, Any]]] = {
    # file: (A, B, options of unetscope.draw_diff)
    "sd15-to-sd15-inpaint.svg": ("sd15", "sd15-inpaint", {}),
    "sd15-to-bk-sdm-small.svg": ("sd15", "bk-sdm-small", {}),
    "sd15-to-bk-sdm-small-dark.svg": ("sd15", "bk-sdm-small", {"theme": "dark"}),
    "sd15-to-sd21.svg": ("sd15", "sd21", {}),
}


@cache
def transformer(name: str) -> Architecture:
    """One of the networks in data/transformers.json, traced."""
    configs = json.loads((Path(__file__).parent / "data" / "transformers.json").read_text())
    return unetscope.load(configs[name])


def drawn(name: str) -> bytes:
    """One picture of the gallery as it is drawn now."""
    if name in COLUMNS:
        title, config, options = COLUMNS[name]
        return unetscope.draw(replace(transformer(config), title=title), **options)
    if name in DIFFS:
        a, b, options = DIFFS[name]
        return unetscope.draw_diff(unetscope.diff(a, b), **options)
    source, options = GALLERY[name]
    return unetscope.draw(unetscope.load(source), **options)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or (*GALLERY, *COLUMNS, *DIFFS):
        (FOLDER / name).write_bytes(drawn(name))
