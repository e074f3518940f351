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
}


def drawn(name: str) -> bytes:
    """One picture of the gallery as it is drawn now."""
    source, options = GALLERY[name]
    return unetscope.draw(unetscope.load(source), command=f"unetscope diagram {source}", **options)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or GALLERY:
        (FOLDER / name).write_bytes(drawn(name))
