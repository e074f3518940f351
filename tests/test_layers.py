"""torchinfo's listing: its parameter counts are an independent check of ours, our MACs stand in it."""

from __future__ import annotations

import json
import re

import pytest
import torch
import torchinfo
from click.testing import CliRunner

from conftest import bundled
from unetscope import zoo
from unetscope.cli.commands import unetscope
from unetscope.errors import TraceError
from unetscope.render.table.torchinfo_listing import text
from unetscope.tracing import build
from unetscope.tracing.torchinfo_layers import count, layers, listing


def distinct() -> list[str]:
    """One preset of each UNet: several are the same network under other weights."""
    networks = {
        (zoo.spec(id).class_name, json.dumps(zoo.spec(id).config, sort_keys=True)): id for id in zoo.ids()
    }
    return sorted(id for id in networks.values() if zoo.spec(id).class_name.startswith("UNet2D"))


@pytest.mark.parametrize("name", distinct())
def test_torchinfo_counts_the_parameters_of_every_module_as_we_do(name: str) -> None:
    found = bundled(name)
    theirs = {layer.path: (layer.type, layer.params) for layer in layers(found, forward=False)}
    assert theirs == {node.path: (node.type, found.costs[node.path].params) for node in found.nodes}


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 20])
def test_the_columns_of_the_listing_add_up_to_its_totals(depth: int) -> None:
    found = bundled("bk-sdm-tiny")
    shown = text(found, listing(found), depth=depth, width=80).splitlines()
    lines = [re.split(r"\s{2,}", line.strip()) for line in shown if re.search(r": \d+-\d+ ", line)]
    params, macs = (
        [int(line[column].replace(",", "").replace("--", "0")) for line in lines] for column in (-2, -1)
    )
    assert (sum(params), sum(macs)) == (found.cost.params, found.cost.macs)
    assert f"Total mult-adds: {found.cost.macs:,}" in shown
    assert f"Total params: {found.cost.params:,}" in shown


def test_every_module_that_ran_has_one_line_and_none_hides_its_numbers() -> None:
    found = bundled("sd15")
    shown = text(found, listing(found), depth=64)
    assert "(recursive)" not in shown
    paths = [layer.path for layer in layers(bundled("sd15"))]
    assert len(paths) == len(set(paths))


def test_attention_shows_its_own_matmuls_on_its_own_line() -> None:
    found = bundled("bk-sdm-tiny")
    own = found.by_path["down_blocks.0.attentions.0.transformer_blocks.0.attn1"].own.macs
    line = next(
        line for line in text(found, listing(found), depth=64).splitlines() if "Attention (attn1)" in line
    )
    assert line.endswith(f" {own:,}")


def test_mult_adds_of_convolutions_are_ours_but_for_the_biases() -> None:
    found = bundled("ddpm-cifar10")
    assert count(found).conv == found.cost.conv


def test_the_listing_at_two_widths_is_what_was_reviewed() -> None:
    run = CliRunner().invoke(unetscope, ["layers", "bk-sdm-tiny", "--depth", "2"], env={"COLUMNS": "80"})
    assert run.output == BK_SDM_TINY
    wide = CliRunner().invoke(unetscope, ["layers", "bk-sdm-tiny", "--depth", "2"], env={"COLUMNS": "140"})
    assert "[1, 320, 32, 32]" in wide.output


def test_the_listing_is_what_torchinfo_prints_but_for_the_mult_adds() -> None:
    found = bundled("ddpm-cifar10")
    spec = zoo.spec("ddpm-cifar10")
    network = build.build(spec.class_name, spec.config, "float32")
    sample = torch.empty(found.basis.batch, *found.basis.input, device="meta")
    columns = ("input_size", "output_size", "num_params", "mult_adds")
    theirs = torchinfo.summary(
        network, input_data=[sample, 0], verbose=0, depth=3, col_names=columns, col_width=18,
        row_settings=("depth", "var_names"),
    )  # fmt: skip

    def plain(lines: str) -> list[list[str]]:
        """The layers with parameters and the totals, without mult-adds."""
        cells = [re.split(r"\s{2,}", line.strip()) for line in lines.splitlines()]
        layers_ = [row[:-1] for row in cells if len(row) == 4 and re.match(r"[\d,]+$", row[2])]
        return layers_ + [row for row in cells if len(row) == 1 and not re.search("mult-adds|==", row[0])]

    ours = text(found, listing(found), depth=3, width=140)
    assert sorted(plain(ours)) == sorted(plain(str(theirs)))


def test_the_json_of_layers_has_both_counts_side_by_side() -> None:
    run = CliRunner().invoke(unetscope, ["layers", "sd15", "--json"])
    found = json.loads(run.output)
    assert sum(row["own_macs"] for row in found["rows"]) == found["totals"]["macs"] == 401_636_720_640
    assert sum(row["torchinfo_mult_adds"] for row in found["rows"]) == 222_304_919_424


def test_an_architecture_that_is_not_that_of_its_config_is_refused() -> None:
    from dataclasses import replace

    found = bundled("bk-sdm-tiny")
    other = replace(found, config=bundled("bk-sdm-base").config)
    with pytest.raises(TraceError, match="no module 'down_blocks"):
        layers(other, forward=False)


BK_SDM_TINY = """\
================================================================================
Layer (type (var_name):depth-idx)            Param #            Mult-Adds
================================================================================
UNet2DConditionModel (UNet2DConditionModel)  --                 --
├─Timesteps (time_proj): 1-1                 --                 --
├─TimestepEmbedding (time_embedding): 1-2    --                 --
│    └─Linear (linear_1): 2-1                410,880            409,600
│    └─SiLU (act): 2-2                       --                 --
│    └─Linear (linear_2): 2-3                1,639,680          1,638,400
├─Conv2d (conv_in): 1-3                      11,840             47,185,920
├─ModuleList (down_blocks): 1-4              --                 --
│    └─CrossAttnDownBlock2D (0): 2-4         5,723,200          27,859,599,360
│    └─CrossAttnDownBlock2D (1): 2-5         19,433,600         16,723,968,000
│    └─CrossAttnDownBlock2D (2): 2-6         59,345,920         14,631,895,040
├─ModuleList (up_blocks): 1-5                --                 --
│    └─CrossAttnUpBlock2D (0): 2-7           174,405,120        54,849,044,480
│    └─CrossAttnUpBlock2D (1): 2-8           49,520,640         61,340,057,600
│    └─CrossAttnUpBlock2D (2): 2-9           12,881,920         67,253,534,720
├─GroupNorm (conv_norm_out): 1-6             640                --
├─SiLU (conv_act): 1-7                       --                 --
├─Conv2d (conv_out): 1-8                     11,524             47,185,920
================================================================================
Total params: 323,384,964
Trainable params: 323,384,964
Non-trainable params: 0
Total mult-adds: 242,754,519,040
================================================================================
Input size (MB): 0.30
Forward/backward pass size (MB): 1530.23
Params size (MB): 1293.54
Estimated Total Size (MB): 2824.07
================================================================================
basis: 512×512 px, latent 4×64×64, batch 1, 77 text tokens, float32; convention
full: conv + linear + attention matmuls; one forward; 1 MAC = 2 FLOPs; not
counted: norms, activations, biases, softmax; mult-adds are unetscope's MACs;
parameters, shapes and sizes are torchinfo's own
"""
