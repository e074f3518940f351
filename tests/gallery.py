"""The committed gallery: what each picture is of. `python tests/gallery.py` draws it anew."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import unetscope

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
    "flux1-dev.svg": ("flux1-dev", {}),
    "flux1-dev-dark.svg": ("flux1-dev", {"theme": "dark"}),
    "flux1-dev-column-paper.svg": ("flux1-dev", {"theme": "paper", "width": "column"}),
    "sana-1600m.svg": ("sana-1600m-1024", {}),
    "sd35-medium.svg": ("sd35-medium", {}),
}


DIFFS: dict[str, tuple[str, str, dict[str, Any]]] = {
    # file: (A, B, options of unetscope.draw_diff)
    "sd15-to-sd15-inpaint.svg": ("sd15", "sd15-inpaint", {}),
    "sd15-to-bk-sdm-small.svg": ("sd15", "bk-sdm-small", {}),
    "sd15-to-bk-sdm-small-dark.svg": ("sd15", "bk-sdm-small", {"theme": "dark"}),
    "sd15-to-sd21.svg": ("sd15", "sd21", {}),
}


def drawn(name: str) -> bytes:
    """One picture of the gallery as it is drawn now."""
    if name in DIFFS:
        a, b, options = DIFFS[name]
        return unetscope.draw_diff(unetscope.diff(a, b), **options)
    source, options = GALLERY[name]
    return unetscope.draw(unetscope.load(source), **options)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or (*GALLERY, *DIFFS):
        (FOLDER / name).write_bytes(drawn(name))
