"""What the authors of models published of them: the fields of their configs (tests/data/published.jsonl)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from support.places import DATA
from support.tables import data_rows

Fields = dict[str, Any]


@cache
def _table() -> dict[tuple[str, str], str]:
    """The fields of each part of each model, still as text: every caller gets its own copy of them."""
    lines = (DATA / "published.jsonl").read_text(encoding="utf-8").splitlines()[1:]
    return {(row["model"], row["part"]): json.dumps(row["fields"]) for row in map(json.loads, lines)}


def parts() -> list[tuple[str, str]]:
    """Model and part of each config, such as ("sd15", "unet")."""
    return list(_table())


def fields(model: str, part: str = "unet") -> Fields:
    """The fields of a part of a model; KeyError where none are in the table."""
    return json.loads(_table()[model, part])


def is_published(model: str, part: str = "unet") -> bool:
    """Whether the table holds this part of the model."""
    return (model, part) in _table()


def write(path: Path, model: str, part: str = "unet") -> Path:
    """Write a config as a user has it on disk, making the folders above."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(fields(model, part), indent=2), encoding="utf-8")
    return path


@cache
def of_presets() -> dict[str, str]:
    """The published model behind each preset that has one: "sdxl-base" is the preset "sdxl"."""
    return {row["preset"]: row["model"] for row in data_rows("totals.tsv") if row["preset"] != "-"}


def unets() -> list[str]:
    """The models whose denoiser is a UNet2DConditionModel or a UNet2DModel."""
    classes = ("UNet2DConditionModel", "UNet2DModel")
    return [model for model, part in parts() if part == "unet" and fields(model)["_class_name"] in classes]
