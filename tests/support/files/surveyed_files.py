"""Folders of files to survey: headers of real files and of a bundled network, data a hole in the file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from support.files.checkpoint_files import listing, written
from unetscope.checkpoints.presets import tensors
from unetscope.checkpoints.surveys.row import SurveyRow

IDS = ("sd15", "toolkit-lora-v1-unet", "toolkit-vae-v1-sd", "sdmecha-sdxl-diffusers-unet-only")


def folder_of(folder: Path, count: int) -> Path:
    """Files of four headers in turn, each with metadata of its own, and one that is broken."""
    folder.mkdir()
    for at in range(count):
        id = IDS[at % len(IDS)]
        shapes = tensors(id) if id == "sd15" else listing(id).shapes
        written(folder / f"{at:03}-{id}.safetensors", shapes, metadata={"n": str(at)})
    (folder / "bad.safetensors").write_bytes(b"<html>no</html>")
    return folder


def rows(path: Path) -> list[SurveyRow]:
    """The rows of a table in JSON lines."""
    return [msgspec.json.decode(line, type=SurveyRow) for line in path.read_bytes().splitlines()]
