"""The bundled U-Nets of other packages: each file is what the table says and what the package makes."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

import unetscope
from support.networks.measured_networks import observed, of_packages, traced_afresh, unseen
from support.networks.third_party import IN_CI, NETWORKS
from support.networks.world_unets import WORLD
from unetscope import zoo
from unetscope.analysis.scaling import resize
from unetscope.cli.commands import unetscope as program
from unetscope.errors import ConfigError, SourceError, TraceError
from unetscope.zoo import world_unets

IN_LIVE_TESTS = [name for name, network in WORLD.items() if NETWORKS[network].package in IN_CI]


def listed(*args: str) -> str:
    done = CliRunner().invoke(program, ["list", "--family", "world", *args], env={"COLUMNS": "80"})
    assert done.exit_code == 0, done.output
    return done.output


def test_the_table_the_files_and_the_builders_have_the_same_names_and_no_preset_has_one() -> None:
    files = {path.name.removesuffix(".json.gz") for path in world_unets.file("any").parent.glob("*.json.gz")}
    assert files == set(WORLD) == set(world_unets.table())
    assert not [name for name in WORLD if zoo.find(name)]


@pytest.mark.parametrize("name", WORLD)
def test_a_bundled_unet_is_what_the_tables_say(name: str) -> None:
    network, known, row = unetscope.load(name), world_unets.table()[name], of_packages()[WORLD[name]]
    assert observed(network).items() <= row.items()
    assert known.package == row["package"]
    assert (known.params, known.macs) == (network.cost.params, network.cost.macs)
    assert known.input == "×".join(map(str, network.basis.input))
    assert (network.id, network.title, network.source) == (name, known.title, name)
    assert known.code in (network.facts.provenance or "")
    assert (network.facts.licence, network.facts.year) == (known.licence, known.year)


@pytest.mark.live
@pytest.mark.parametrize("name", IN_LIVE_TESTS)
def test_a_bundled_unet_is_what_its_package_makes_at_its_size_and_at_sizes_never_seen(name: str) -> None:
    kept = world_unets.without_name(unetscope.load(name))
    for axes in (kept.basis.axes, *unseen(kept)):
        fresh = world_unets.without_name(traced_afresh(WORLD[name], axes))
        told = kept if axes == kept.basis.axes else resize.at(kept, axes)
        assert fresh == replace(told, scaling=None), axes


OF_ONE_SIZE = {"unetr", "swin-unetr"}
"""Positions that are parameters, of one number of patches; windows of 7, to which odd sizes are padded."""


@pytest.mark.parametrize("name", sorted(set(WORLD) - OF_ONE_SIZE))
def test_a_bundled_unet_answers_at_other_sizes(name: str) -> None:
    kept = unetscope.load(name)
    assert kept.scaling is not None
    sides = {grid.axis: grid.least + 3 * grid.step for grid in kept.scaling.grids}
    other = unetscope.load(name, axes=sides)
    assert (other.basis.axes, other.inputs[0].shape[2:]) == (sides, tuple(sides.values()))
    assert other.cost.params == kept.cost.params
    swept = unetscope.sweep(name, axes={axis: [side] for axis, side in sides.items()}, batch=[1, 4])
    assert [row.cost.macs for row in swept.rows] == [other.cost.macs, 4 * other.cost.macs]


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        ({"axes": {"depth": 64}}, "UNETR is kept at 96×96×96 alone: it has no formula", "the module itself"),
        ({"batch": 2}, "UNETR is kept at batch 1, and no config makes it at another", "take --batch"),
        ({"dtype": "float16"}, "UNETR is kept in float32, and no config makes it", "its MACs are the same"),
    ],
)
def test_what_a_bundled_unet_cannot_answer_it_says(words: dict[str, Any], error: str, hint: str) -> None:
    with pytest.raises(TraceError, match=error) as refused:
        unetscope.load("unetr", **words)
    assert hint in (refused.value.hint or "")


def test_a_size_off_the_grid_or_in_pixels_of_a_latent_is_refused() -> None:
    with pytest.raises(TraceError, match="no formula of ADM 256×256, unconditional reaches height 40"):
        unetscope.load("adm-256", latent=40)
    with pytest.raises(ConfigError, match="VAE factor"):
        unetscope.load("ldm-unet", size=512)
    assert unetscope.load("adm-256", size=512).cost == unetscope.load("adm-256", latent=512).cost


def test_a_name_is_known_in_any_case_and_near_ones_are_suggested() -> None:
    assert unetscope.load("UNETR").cost == unetscope.load("unetr").cost
    with pytest.raises(SourceError) as refused:
        unetscope.load("swin-unet")
    assert "swin-unetr" in (refused.value.hint or "")


def test_no_config_makes_one_again() -> None:
    with pytest.raises(TraceError, match="live module"):
        unetscope.load("unetr", overrides={"in_channels": 2})


def test_they_are_drawn_without_torch() -> None:
    code = "import sys, unetscope; unetscope.draw('nnunet'); unetscope.table('adm-256')"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; print('torch' in sys.modules)"], check=False, capture_output=True
    )
    assert (done.returncode, done.stdout.strip()) == (0, b"False")


def test_the_list_of_them_fits_eighty_columns_and_is_searched() -> None:
    assert max(map(len, listed().splitlines())) <= 80
    assert all(f" {name} " in listed() for name in WORLD)
    found = json.loads(listed("--search", "monai", "--license", "apache", "--json"))["models"]
    assert [one["id"] for one in found] == ["attention-unet", "unet-plus-plus", "unetr", "swin-unetr"]
    refused = CliRunner().invoke(program, ["list", "--family", "world", "--search", "no such thing"])
    assert isinstance(refused.exception, SourceError)
