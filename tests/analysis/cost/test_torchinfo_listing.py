"""torchinfo counts parameters as we do, an independent check; its mult-adds stand beside our MACs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from support.traces import bundled
from unetscope import zoo
from unetscope.cli.commands import unetscope
from unetscope.errors import TraceError
from unetscope.tracing.torchinfo_layers import count, layers


def distinct() -> list[str]:
    """One preset of each UNet: several are the same network under other weights."""
    networks = {
        (zoo.spec(id).class_name, json.dumps(zoo.spec(id).config, sort_keys=True)): id for id in zoo.ids()
    }
    return sorted(id for id in networks.values() if zoo.spec(id).class_name.startswith("UNet2D"))


def run(*args: str) -> str:
    done = CliRunner().invoke(unetscope, ["table", *args], env={"COLUMNS": "80"}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", distinct())
def test_torchinfo_counts_the_parameters_of_every_module_as_we_do(name: str) -> None:
    found = bundled(name)
    theirs = {layer.path: (layer.type, layer.params) for layer in layers(found, forward=False)}
    assert theirs == {node.path: (node.type, found.costs[node.path].params) for node in found.nodes}


def test_every_module_that_ran_is_told_once() -> None:
    paths = [layer.path for layer in layers(bundled("sd15"))]
    assert len(paths) == len(set(paths))


def test_mult_adds_of_convolutions_are_ours_but_for_the_biases() -> None:
    found = bundled("ddpm-cifar10")
    assert count(found).conv == found.cost.conv


@pytest.mark.slow
@pytest.mark.parametrize("args", [(), ("--by", "block"), ("--by", "layer"), ("--by", "layer", "--fold")])
def test_torchinfos_column_adds_up_to_its_own_total_whatever_a_row_is(args: tuple[str, ...]) -> None:
    found = json.loads(run("sd15", "--torchinfo", *args, "--json"))
    assert sum(row["torchinfo"] for row in found["rows"]) == 222_304_919_424
    assert sum(row["macs"] for row in found["rows"]) == 401_636_720_640
    assert (found["total"]["torchinfo"], found["total"]["macs"]) == (222_304_919_424, 401_636_720_640)


def test_attention_has_matmuls_of_its_own_that_torchinfo_does_not_count() -> None:
    found = json.loads(run("bk-sdm-tiny", "--by", "layer", "--no-fold", "--torchinfo", "--json"))
    path = "down_blocks.0.attentions.0.transformer_blocks.0.attn1"
    (own,) = [row for row in found["rows"] if row["path"] == path]
    assert (own["macs"], own["torchinfo"]) == (bundled("bk-sdm-tiny").by_path[path].own.macs, 0)


def test_the_table_beside_torchinfo_is_what_was_reviewed() -> None:
    assert run("ddpm-cifar10", "--torchinfo") == DDPM


def test_kinds_are_no_modules_and_a_network_that_is_not_that_of_its_config_is_refused() -> None:
    for asked in (["--torchinfo"], ["--columns", "params,torchinfo"], ["--sort", "torchinfo"]):
        done = CliRunner().invoke(unetscope, ["table", "sd15", "--by", "kind", *asked])
        assert (done.exit_code, "by modules, not by kinds" in done.stderr) == (2, True)
    other = replace(bundled("bk-sdm-tiny"), config=bundled("bk-sdm-base").config)
    with pytest.raises(TraceError, match="no module 'down_blocks"):
        layers(other, forward=False)


DDPM = """\
DDPM CIFAR-10 (32 px) · UNet2DModel

 part                 params      %      MACs      %   torchinfo      output
 ───────────────────────────────────────────────────────────────────────────
 time_embedding      328,704    0.9   <0.01 G   <0.1     <0.01 G         512
 conv_in               3,584   <0.1   <0.01 G    0.1     <0.01 G   128×32×32
 Down 1              870,272      2    0.64 G     10      0.64 G   128×16×16
 Down 2            3,480,320     10    0.78 G     12      0.58 G     256×8×8
 Down 3            3,215,104      9    0.16 G      3      0.16 G     256×4×4
 Down 4            2,625,024      7    0.04 G    0.6      0.04 G     256×4×4
 Mid               2,888,704      8    0.04 G    0.7      0.04 G     256×4×4
 Up 1              6,692,608     19    0.13 G      2      0.13 G     256×8×8
 Up 2              6,692,608     19    0.52 G      8      0.52 G   256×16×16
 Up 3              7,155,712     20    2.28 G     37      1.98 G   256×32×32
 Up 4              1,789,952      5    1.63 G     26      1.63 G   128×32×32
 conv_norm_out           256   <0.1         0      0     <0.01 G   128×32×32
 conv_out              3,459   <0.1   <0.01 G    0.1     <0.01 G     3×32×32

 total            35,746,307    100    6.22 G    100      5.72 G

35,746,307 parameters, 6,221,856,768 MACs
MACs are conv 5.71 G + linear 0.34 G + attention 0.17 G
basis: image 3×32×32, batch 1, float32; convention full: conv + linear +
attention matmuls; one forward; 1 MAC = 2 FLOPs; not counted: norms,
activations, biases, softmax; torchinfo = its own mult-adds: parameters ×
positions, biases and norms too, no attention matmuls
"""
