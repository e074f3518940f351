"""Published figures come out of the conventions to the unit, by the commands a user would type."""

from __future__ import annotations

import json
from dataclasses import replace
from math import prod

import pytest
from click.testing import CliRunner

from support import published
from support.networks import SMALL
from support.traces import bundled, spec_of
from unetscope.analysis.cost.conventions import counted
from unetscope.cli.commands import unetscope
from unetscope.cost import Counting, total
from unetscope.sizes import Size
from unetscope.tracing import trace
from unetscope.words.conventions import CONVENTIONS

THOP = {
    # preset: what thop 0.1.1.post2209072238 prints for one forward (BK-SDM issue #53 and the same tool)
    "sd14": 338_749_194_240,
    "sd15": 338_749_194_240,
    "bk-sdm-base": 223_755_632_640,
    "bk-sdm-small": 217_727_959_040,
    "bk-sdm-tiny": 205_035_274_240,
    "sd21-base": 339_241_205_760,
    "sd21": 760_797_839_360,
    "bk-sdm-v2-base": 224_071_024_640,
    "bk-sdm-v2-small": 217_992_888_320,
    "bk-sdm-v2-tiny": 205_300_203_520,
    # The tool run on our own presets; these exercise average pooling and another text width.
    "kandinsky-2.2": 415_062_743_040,
    "kolors": 2_990_568_308_736,  # at 77 tokens
    "ddpm-cifar10": 6_053_953_536,
}

FLOPS = {
    # preset: what FlopCounterMode counts on the meta device
    "sd14": 803_273_441_280,
    "bk-sdm-base": 522_993_991_680,
    "bk-sdm-small": 510_894_407_680,
    "bk-sdm-tiny": 485_509_038_080,
    "sd21-base": 804_257_464_320,
    "sd21": 2_149_105_745_920,
}

BY_CLASS = {
    # preset: conv, linear, attention, total in G as published
    "sd14": ("221.973", "116.638", "63.026", "401.64"),
    "bk-sdm-base": ("152.872", "70.800", "37.825", "261.50"),
    "bk-sdm-small": ("148.887", "68.758", "37.802", "255.45"),
    "bk-sdm-tiny": ("136.200", "68.753", "37.802", "242.75"),
    "sd21-base": ("209.180", "129.922", "63.026", "402.13"),
    "sd21": ("470.656", "289.830", "314.067", "1074.55"),
}


def table(*args: str) -> dict:
    """What `unetscope table … --json` prints."""
    done = CliRunner().invoke(unetscope, ["table", *args, "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    return json.loads(done.output)


@pytest.mark.parametrize("name", THOP)
def test_thop_is_reproduced_to_the_unit(name: str) -> None:
    tokens = ("--tokens", "77") if name == "kolors" else ()
    assert table(name, "--convention", "thop", *tokens)["totals"]["macs"] == THOP[name]


@pytest.mark.parametrize("name", FLOPS)
def test_flops_of_the_full_convention_are_those_of_torchs_own_counter(name: str) -> None:
    assert table(name)["totals"]["flops"] == FLOPS[name]


@pytest.mark.parametrize("name", BY_CLASS)
def test_macs_by_class_are_those_published(name: str) -> None:
    found = table(name)
    conv, linear, attention = (found["macs_by_op"][c] / 1e9 for c in ("conv", "linear", "attention"))
    shown = (f"{conv:.3f}", f"{linear:.3f}", f"{attention:.3f}", f"{found['totals']['macs'] / 1e9:.2f}")
    assert shown == BY_CLASS[name]


def test_layers_doubled_is_what_the_counter_of_torch_says_on_the_cpu() -> None:
    sd15 = table("sd15", "--convention", "layers")["totals"]
    assert (sd15["macs"], sd15["flops"]) == (338_610_585_600, 677_221_171_200)
    sdxl = table("sdxl", "--convention", "layers")["totals"]
    assert f"{sdxl['macs'] / 1e9:.2f}" == "2988.66"


def test_what_thop_adds_to_layers_is_four_for_each_element_of_a_layer_norm() -> None:
    found = bundled("sd15")
    norms = [found.operations[call.operation] for call in found.calls]
    elements = sum(prod(one.inputs[0]) for one in norms if one.name == "native_layer_norm")
    assert counted(found, Counting("thop")).cost.other == 4 * elements == 338_749_194_240 - 338_610_585_600


def test_a_layer_norm_without_affine_counts_half() -> None:
    found = bundled("bk-sdm-tiny")
    plain = tuple(
        replace(one, details=one.details | {"weight": False}) if one.name == "native_layer_norm" else one
        for one in found.operations
    )
    with_, without = (
        counted(one, Counting("thop")).cost for one in (found, replace(found, operations=plain))
    )
    assert with_.other == 2 * without.other > 0


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize(
    ("options", "forwards"),
    [((), 1), (("--cfg",), 2), (("--steps", "25"), 25), (("--cfg", "--steps", "25"), 50)],
)
def test_forwards_multiply_work_and_leave_parameters_alone(
    convention: str, options: tuple[str, ...], forwards: int
) -> None:
    once = table("bk-sdm-tiny", "--convention", convention, "--by", "stage")
    more = table("bk-sdm-tiny", "--convention", convention, "--by", "stage", *options)
    assert more["basis"]["forwards"] == forwards
    assert more["totals"]["params"] == once["totals"]["params"]
    assert [row["macs"] for row in more["rows"]] == [forwards * row["macs"] for row in once["rows"]]
    assert more["total"]["intensity"] == once["total"]["intensity"]


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_convention_changes_neither_parameters_nor_the_rule_that_rows_add_up(convention: str) -> None:
    found = bundled("sdxl")
    other = counted(found, Counting(convention))
    assert total(node.own for node in other.nodes) == other.cost
    assert other.cost.params == found.cost.params
    assert other.cost.conv == found.cost.conv


def test_a_table_at_another_size_counts_by_convention_like_a_fresh_trace() -> None:
    shown = table("bk-sdm-tiny", "--convention", "thop", "--latent", "24x40", "--batch", "2", "--tokens", "9")
    traced = trace(spec_of(published.fields("bk-sdm-tiny")), Size.of(latent=(24, 40), batch=2, tokens=9))
    assert shown["totals"]["macs"] == counted(traced, Counting("thop")).cost.macs


def test_a_half_precision_network_moves_half_the_bytes() -> None:
    wide, half = (
        table("bk-sdm-tiny", "--columns", "moved,activation,intensity", "--dtype", dtype)["total"]
        for dtype in ("float32", "float16")
    )
    assert (wide["moved"], wide["activation"]) == (2 * half["moved"], 2 * half["activation"])
    assert half["intensity"] == pytest.approx(2 * wide["intensity"])


def test_intensity_of_a_convolution_is_its_flops_over_weights_input_and_output() -> None:
    row = next(row for row in table("sd15", "--by", "layer")["rows"] if row["path"] == "conv_in")
    elements = 4 * 64 * 64 + 320 * 4 * 9 + 320 + 320 * 64 * 64
    assert row["moved"] == 4 * elements
    assert row["intensity"] == round(2 * 320 * 4 * 9 * 64 * 64 / (4 * elements), 6)


def test_a_network_of_ones_own_is_counted_by_every_convention(tmp_path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(SMALL))
    found = {name: table(str(path), "--convention", name)["totals"] for name in CONVENTIONS}
    macs = {name: one["macs"] for name, one in found.items()}
    assert macs["calflops"] == macs["layers"] < macs["thop"] < macs["full"] == macs["deepspeed"]
    assert [found[name]["flops"] == 2 * macs[name] for name in CONVENTIONS] == [True] * 3 + [False] * 2
