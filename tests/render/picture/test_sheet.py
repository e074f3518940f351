"""The looks of a diagram on the command line, and the sheet that shows all of them."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from unetscope.cli.commands import unetscope


def run(*words: str) -> str:
    done = CliRunner().invoke(unetscope, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_every_look_of_a_network_stands_on_one_sheet(tmp_path):
    said = run("zoo", "sheet", "bk-sdm-tiny", "--theme", "paper", "-o", str(tmp_path))
    assert said.split() == [str(tmp_path / "index.html"), "18", "pictures"]
    page = (tmp_path / "index.html").read_text()
    shown = re.findall(r'<img loading="lazy" src="([^"]+)"', page)
    assert len(shown) == len(set(shown)) == 18
    assert all((tmp_path / name).read_bytes().startswith(b"<svg") for name in shown)
    assert "bk-sdm-tiny/u-layer-column-paper.svg" in shown


def test_a_suffix_asks_for_the_scene_as_json(tmp_path):
    target = tmp_path / "scene.json"
    run("diagram", "bk-sdm-tiny", "--width", "column", "--detail", "stage", "-o", str(target))
    data = json.loads(target.read_text())
    assert (data["schema_version"], data["width"]) == (1, 460)


@pytest.mark.parametrize("name", ["detail", "theme", "color-by", "width"])
def test_a_mistyped_look_is_refused_with_the_known_ones(name):
    done = CliRunner().invoke(unetscope, ["diagram", "sd15", f"--{name}", "nothing"])
    assert done.exit_code == 2
    assert "is not one of" in done.output
