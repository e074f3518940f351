"""The bundled U-Nets of other packages: each file is what the table says and what the package makes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

import unetscope
from support.networks.measured_networks import observed, of_packages, traced_afresh
from support.networks.third_party import IN_CI, NETWORKS
from support.networks.world_unets import WORLD
from unetscope import zoo
from unetscope.cli.commands import unetscope as program
from unetscope.errors import SourceError, TraceError
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
def test_a_bundled_unet_is_what_its_package_makes(name: str) -> None:
    fresh = world_unets.without_name(traced_afresh(WORLD[name]))
    assert fresh == world_unets.without_name(unetscope.load(name))


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
