"""Licences: their name and where the text stands, each address with where it was read."""

from __future__ import annotations

import json

from click.testing import CliRunner

from unetscope import zoo
from unetscope.cli.commands import unetscope
from unetscope.zoo.licences import _table, licence_text

NAMES = {zoo.preset(id).licence for id in (*zoo.ids(), *zoo.unpublished())} - {None}


def test_every_licence_of_a_model_has_the_address_of_its_text_and_no_other_has() -> None:
    assert set(_table()) == NAMES
    for name in NAMES:
        place = licence_text(name)
        assert place is not None
        assert place.text.startswith("https://")
        assert " " not in place.text
        assert place.where
    assert licence_text(None) is None


def test_an_address_that_no_publisher_told_is_marked() -> None:
    assert {name for name in NAMES if not getattr(licence_text(name), "second_hand", True)} == {
        "Apache-2.0",
        "CC-BY-NC-4.0",
        "CreativeML Open RAIL++-M",
        "FLUX.1-dev Non-Commercial License",
        "Kolors model licence (commercial use needs registration)",
        "MIT",
    }


def show(*words: str) -> str:
    done = CliRunner().invoke(unetscope, ["show", *words], env={"COLUMNS": "80"})
    assert done.exit_code == 0
    return done.output


def test_show_tells_where_the_licence_stands_and_where_that_was_read() -> None:
    flux = "https://github.com/black-forest-labs/flux/blob/main/model_licenses/LICENSE-FLUX1-dev"
    for id in ("flux1-dev", "flux1-kontext-dev"):
        assert f"licencetext{flux}" in "".join(show(id).split())  # its line may be folded
        assert "\nlicence text\n  README.md of black-forest-labs/flux @0590e74d" in show(id, "--sources")
    assert json.loads(show("flux1-dev", "--json"))["facts"]["licence_text"] == flux
    assert "stable-diffusion-license\n                (second-hand)\n" in show("sd15")
    assert "licence" not in show("sdxl-inpaint").split("second-hand")[0]


def test_the_list_as_json_tells_it_too() -> None:
    done = CliRunner().invoke(unetscope, ["list", "--license", "kolors", "--json"])
    [kolors] = json.loads(done.output)["models"]
    assert kolors["licence_text"]["text"] == "https://github.com/Kwai-Kolors/Kolors/blob/master/MODEL_LICENSE"


def test_a_family_asked_for_by_its_whole_name_is_no_other() -> None:
    def listed(family: str) -> set[str]:
        done = CliRunner().invoke(unetscope, ["list", "--family", family, "--json"])
        return {one["family"] for one in json.loads(done.output)["models"]}

    assert listed("dit") == {"DiT"}
    assert listed("hunyuan") == {"HunyuanDiT", "HunyuanVideo", "HunyuanImage"}
