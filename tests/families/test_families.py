"""Six classes that come in by a row: totals, tables, memory, pictures, sweeps, diffs, as a user gets them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import unetscope
from support.by_recipe import cases
from support.networks import SMALL
from support.places import DATA
from support.traces import spec_of
from unetscope import api, codec, families, zoo
from unetscope.analysis.cost.rows import PARTITIONS
from unetscope.analysis.scaling import formulas, learning, resize
from unetscope.cli.commands import unetscope as program
from unetscope.cost import total
from unetscope.errors import OutputError
from unetscope.layout import diff as diff_layouts
from unetscope.layout import lay_out
from unetscope.layout.scene import Group, Item, Text
from unetscope.model import Architecture
from unetscope.sizes import Size
from unetscope.tracing import trace

pytestmark = pytest.mark.slow  # together they take long

FEWER: dict[str, dict[str, Any]] = {
    "AutoencoderKL": {"block_out_channels": [32, 64], "down_block_types": ["DownEncoderBlock2D"] * 2}
    | {"up_block_types": ["UpDecoderBlock2D"] * 2, "layers_per_block": 1},
    "DiTTransformer2DModel": {"num_layers": 2, "num_attention_heads": 2},
    "FluxTransformer2DModel": {"num_layers": 1, "num_single_layers": 2, "num_attention_heads": 2},
    "SD3Transformer2DModel": {"num_layers": 2, "num_attention_heads": 2, "caption_projection_dim": 128},
    "UNetSpatioTemporalConditionModel": {
        "block_out_channels": [32, 64],
        "down_block_types": ["CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"],
        "up_block_types": ["UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"],
        "num_attention_heads": [2, 4],
        "layers_per_block": 1,
        "num_frames": 4,
    },
    "WanTransformer3DModel": {"num_layers": 2, "num_attention_heads": 2, "ffn_dim": 64},
}
"""What makes a network of each class small enough to be traced a few dozen times in a moment."""

CASES = {case.class_name: case for case in cases() if case.class_name in FEWER}
"""The published configs of tests/data/families.tsv, counted there without unetscope."""
NAMES = sorted(CASES)
STACKS = ("DiTTransformer2DModel", "FluxTransformer2DModel", "SD3Transformer2DModel", "WanTransformer3DModel")

UNSEEN: dict[str, tuple[dict[str, int], ...]] = {
    "AutoencoderKL": (
        {"height": 88, "width": 200},
        {"height": 1000, "width": 16},
        {"height": 512, "width": 768},
    ),
    "DiTTransformer2DModel": tuple({"height": side, "width": side} for side in (18, 64, 200)),
    "FluxTransformer2DModel": (
        {"height": 96, "width": 168, "tokens": 333},
        {"height": 6, "width": 250, "tokens": 1},
        {"height": 200, "width": 128, "tokens": 77},
    ),
    "SD3Transformer2DModel": (
        {"height": 96, "width": 168, "tokens": 154},
        {"height": 6, "width": 250, "tokens": 3},
        {"height": 192, "width": 128, "tokens": 589},
    ),
    "UNetSpatioTemporalConditionModel": (
        {"frames": 14, "height": 40, "width": 88},
        {"frames": 3, "height": 96, "width": 16},
        {"frames": 25, "height": 72, "width": 128},
    ),
    "WanTransformer3DModel": (
        {"frames": 13, "height": 90, "width": 160, "tokens": 226},
        {"frames": 2, "height": 10, "width": 34, "tokens": 9},
        {"frames": 33, "height": 44, "width": 80, "tokens": 512},
    ),
}
"""Sizes that are neither learned from nor checked at when rules are looked for."""


def published(name: str) -> dict[str, Any]:
    return {"_class_name": name, **CASES[name].config}


def small(name: str) -> dict[str, Any]:
    return published(name) | FEWER[name]


def loaded(name: str, size: dict[str, Any] | None = None) -> Architecture:
    return unetscope.load(published(name), size=size, fresh="uncached")


def at(config: dict[str, Any], axes: dict[str, int]) -> Architecture:
    return trace(spec_of(config), Size(axes=tuple(axes.items())))


def learned(config: dict[str, Any]) -> Architecture:
    spec = spec_of(config)
    first = trace(spec, Size())
    return learning.learn(
        first, families.grids(spec.class_name, first.config), lambda size: trace(spec, size)
    )


def run(*args: str, columns: int = 80) -> Result:
    return CliRunner().invoke(program, args, env={"COLUMNS": str(columns)})


@pytest.fixture
def file(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The small config of the class that a test is for, as a file."""
    monkeypatch.setenv("UNETSCOPE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "net.json"
    path.write_text(json.dumps(small(request.getfixturevalue("name"))))
    return str(path)


# Totals


@pytest.mark.parametrize("name", NAMES)
def test_totals_are_those_counted_without_unetscope(name: str) -> None:
    found, case = loaded(name), CASES[name]
    assert (found.cost.params, len(found.tensors), found.cost.macs) == case.count
    assert found.uncounted == ()


def test_dit_as_its_class_has_it_counts_what_was_measured() -> None:
    found = unetscope.load(
        {"_class_name": "DiTTransformer2DModel"}, size={"latent": (32, 32)}, fresh="uncached"
    )
    assert (found.cost.params, found.cost.macs) == (749_808_016, 118_662_119_424)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_two_traces_are_equal_with_blocks_copied_or_run_again(name: str) -> None:
    spec = spec_of(published(name))
    first, again = trace(spec, Size()), trace(spec, Size())
    assert first == again
    assert codec.dumps(first) == codec.dumps(trace(spec, Size(), reuse=False))


# Tables and memory


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("by", PARTITIONS)
def test_every_table_adds_up_and_fits_eighty_columns(name: str, by: str, file: str) -> None:
    network = unetscope.load(file)
    assert total(row.cost for row in PARTITIONS[by](network)) == network.cost
    done = run("table", file, "--by", by)
    assert done.exit_code == 0, done.output
    assert f"{network.cost.params:,} parameters, {network.cost.macs:,} MACs" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize("name", NAMES)
def test_memory_holds_all_weights_and_the_activations_of_a_forward(name: str) -> None:
    network = loaded(name)
    found = api.memory_of(network)
    assert found.use.dtype == "float16"
    assert found.held == 2 * sum(prod(tensor.shape) for tensor in network.tensors)
    assert found.held >= 2 * network.cost.params
    sample, whole = network.inputs[0].bytes // 2, sum(sum(call.allocates) for call in network.calls) // 2
    assert sample < found.peak.bytes < whole


# Pictures


def texts(items: tuple[Item, ...] | list[Item]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Group):
            yield from texts(item.items)
        elif isinstance(item, Text):
            yield item.content


@pytest.mark.parametrize("name", STACKS)
def test_a_strip_shows_each_stack_as_one_run_of_equal_blocks(name: str) -> None:
    network = loaded(name)
    bodies = [stage for stage in network.stages if stage.role == "body"]
    shown = list(texts(lay_out(network, layout="strip").items))
    assert bodies
    assert all(stage.name in shown for stage in bodies)
    assert any(text.startswith("×") for text in shown)


@pytest.mark.parametrize("name", [*STACKS, "AutoencoderKL"])
def test_a_u_refuses_what_does_not_go_down_and_up_around_one_middle(name: str) -> None:
    with pytest.raises(OutputError, match="a U goes down, through one middle at most, and up") as refused:
        lay_out(loaded(name), layout="u")
    assert refused.value.hint == "draw it with --layout strip"


def test_a_u_shows_a_video_unet() -> None:
    shown = list(texts(lay_out(loaded("UNetSpatioTemporalConditionModel"), layout="u").items))
    assert {"Down 1", "Mid", "Up 4"} <= {*shown}


# Sweeps


def agrees(known: Architecture, config: dict[str, Any], axes: dict[str, int]) -> None:
    """The formulas of a network give what a fresh trace at sizes counts, stage by stage."""
    assert known.scaling is not None
    fresh, stages = at(config, axes), formulas.by_stage(known)
    assert formulas.cost(formulas.total(stages), axes, batch=1).macs == fresh.cost.macs
    for stage in stages:
        if stage.path:
            assert formulas.cost(stage, axes, batch=1).macs == fresh.costs[stage.path].macs
    resized = resize.at(known, axes)
    assert resized is None or replace(resized, scaling=None) == fresh


@pytest.mark.parametrize("name", NAMES)
def test_formulas_of_a_small_network_equal_fresh_traces_at_sizes_not_seen(name: str) -> None:
    known = learned(small(name))
    for axes in UNSEEN[name]:
        agrees(known, small(name), axes)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_formulas_of_a_published_network_equal_fresh_traces_at_sizes_not_seen(name: str) -> None:
    known = learned(published(name))
    for axes in UNSEEN[name]:
        agrees(known, published(name), axes)


def test_where_free_operations_come_and_go_rules_give_macs_alone() -> None:
    """DiT makes its table of positions again at any size but its own."""
    known = learned(small("DiTTransformer2DModel"))
    assert known.scaling is not None
    assert () in known.scaling.rows
    assert resize.at(known, {"height": 64, "width": 64}) is None
    assert codec.loads(codec.dumps(known)) == known


# Diffs

CHANGES: dict[str, tuple[str, Any]] = {
    "AutoencoderKL": ("latent_channels", 16),
    "DiTTransformer2DModel": ("num_layers", 3),
    "FluxTransformer2DModel": ("guidance_embeds", False),
    "SD3Transformer2DModel": ("qk_norm", "rms_norm"),
    "UNetSpatioTemporalConditionModel": ("in_channels", 4),
    "WanTransformer3DModel": ("in_channels", 36),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_diff_names_the_field_that_made_it(name: str, file: str) -> None:
    field, value = CHANGES[name]
    other = Path(file).with_name("other.json")
    other.write_text(json.dumps(small(name) | {field: value}))
    done = run("diff", file, str(other), "--json", columns=80)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    a, b = unetscope.load(file), unetscope.load(str(other))
    assert [cause["fields"] for cause in found["causes"]] == [[field]]
    assert sum(cause["params"] for cause in found["causes"]) == b.cost.params - a.cost.params
    told = run("diff", file, str(other)).stdout
    assert field in told
    assert max(map(len, told.splitlines())) <= 80


def test_saved_files_of_schema_1_load_as_what_is_traced_now() -> None:
    """tests/data/saved-schema-1.json.gz: SMALL with its rules, as commit d0780ce traced and saved it."""
    path = DATA / "saved-schema-1.json.gz"
    saved, fresh = unetscope.load(str(path)), learned(SMALL)
    assert saved.scaling is not None
    assert replace(saved, source=fresh.source) == replace(fresh, scaling=saved.scaling)
    assert formulas.by_stage(saved) == formulas.by_stage(fresh)
    assert CliRunner().invoke(program, ["table", str(path)]).exit_code == 0


def test_a_picture_of_a_diff_shows_how_many_blocks_of_a_stack_went() -> None:
    """FLUX loses 8 of 38 single blocks: they are drawn beside the 30 that stay, and counted as 8."""
    longer, shorter = (small("FluxTransformer2DModel") | {"num_single_layers": one} for one in (38, 30))
    found = api.diff(longer, shorter, causes=False, fresh="uncached")
    shown = list(texts(diff_layouts.lay_out(found).items))
    assert {"×30", "×8", "8 A"} <= {*shown}
    assert any("removed: 8 of 39 transformers" in text for text in shown)


def test_a_strip_says_where_text_enters_and_tells_modulation_from_attention() -> None:
    network = loaded("SD3Transformer2DModel")
    shown = list(texts(lay_out(network, layout="strip").items))
    assert "enters transformer_blocks" in shown
    assert not any("read by" in text for text in shown)
    shares = {row.name: row.cost.params for row in PARTITIONS["kind"](network)}
    blocks = [node for node in network.nodes if node.type == "JointTransformerBlock"]
    norms = sum(
        network.costs[f"{node.path}.{norm}"].params for node in blocks for norm in ("norm1", "norm1_context")
    )
    assert shares["modulation (adaLN)"] == norms


def test_a_card_of_a_stack_counts_the_blocks_that_its_cost_is_of() -> None:
    shown = list(texts(lay_out(loaded("DiTTransformer2DModel"), layout="strip").items))
    assert "Inside A" in shown
    assert "BasicTransformerBlock ×28" in shown


@pytest.mark.parametrize(
    ("name", "channels"), [("FluxTransformer2DModel", 64), ("UNetSpatioTemporalConditionModel", 8)]
)
def test_input_channels_are_those_of_the_sample_wherever_they_stand(
    name: str, channels: int, file: str
) -> None:
    assert json.loads(run("show", file, "--json").stdout)["basis"]["axes"]
    assert f"input channels {channels}" in " ".join(run("show", file).stdout.split())


def test_networks_of_stacks_are_compared_by_their_stacks_and_not_by_levels_they_have_not() -> None:
    flux, dit = (at(small(name), {}) for name in ("FluxTransformer2DModel", "DiTTransformer2DModel"))
    facts = {fact.heading: fact.values for fact in api.compare(flux, dit).facts}
    assert facts["blocks in stacks"] == ((1, 2), (2,))
    assert facts["heads × dim"] == ((((2, 128),), ((2, 128),)), (((2, 72),),))
    assert "level widths" not in facts
    beside = {fact.heading: fact.values for fact in api.compare(dit, unetscope.load("sd15")).facts}
    assert beside["level widths"] == ((), (320, 640, 1280, 1280))
    assert "blocks in stacks" not in {fact.heading for fact in api.compare(unetscope.load("sd15")).facts}


def test_the_preset_that_a_family_names_is_of_its_class() -> None:
    named = {name: family.preset for name, family in families.FAMILIES.items() if family.preset}
    assert {"UNet2DConditionModel", "UNet2DModel"} <= set(named)
    assert all(zoo.preset(preset).class_name == name for name, preset in named.items())
