"""The how-to about many files: its command is run on a folder, and its columns are the table's."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import pytest

from support.command_line import traced_here
from support.files.checkpoint_files import listing, written
from support.places import ROOT
from unetscope.checkpoints.presets import tensors

PAGE = (ROOT / "docs" / "how-to" / "survey.md").read_text()
COLUMNS = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`\w+`.*?) \|", PAGE, re.MULTILINE)))

PARTS = {"denoiser", "text", "vae", "other"}
"""Columns of parameters by part, which the page names together."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that the page speaks of: a checkpoint, a LoRA and one that cannot be read."""
    (tmp_path / "models" / "loras").mkdir(parents=True)
    written(tmp_path / "models" / "v1-5.safetensors", tensors("sd15"))
    written(tmp_path / "models" / "loras" / "a.safetensors", listing("toolkit-lora-v1-unet").shapes)
    (tmp_path / "models" / "page.safetensors").write_bytes(b"<html>not found</html>")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_of_the_page_writes_a_row_for_each_file(folder: Path) -> None:
    (command,) = re.findall(r"^unetscope (survey .*)$", PAGE, re.MULTILINE)
    done = traced_here(*shlex.split(command), "--workers", "1")
    assert done.returncode == 0, done.stderr
    with (folder / "survey.csv").open(newline="", encoding="utf-8") as table:
        rows = {Path(row["source"]).name: row for row in csv.DictReader(table)}
    assert rows.keys() == {"v1-5.safetensors", "a.safetensors", "page.safetensors"}
    assert (rows["v1-5.safetensors"]["nearest"], rows["a.safetensors"]["kind"]) == ("sd15", "LoRA")
    assert rows["page.safetensors"]["error"]
    assert rows["page.safetensors"]["hint"]
    assert "<script" not in (folder / "survey.html").read_text(encoding="utf-8")


def test_the_columns_that_the_page_names_are_all_that_the_table_has(folder: Path) -> None:
    assert traced_here("survey", "models/v1-5.safetensors", "-o", "s.csv", "--workers", "1").returncode == 0
    with Path("s.csv").open(newline="", encoding="utf-8") as table:
        columns = next(csv.reader(table))
    assert {column.removeprefix("params_") for column in columns} - {*COLUMNS} == PARTS
    assert {*COLUMNS} <= {*columns}
