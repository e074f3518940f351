"""Columns: transformers from top to bottom, read from what was recorded of their forward and nothing else."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import pytest

import unetscope
from support.pictures import texts
from support.pictures.measuring import places
from support.pictures.product import all_rules
from unetscope.choices import CHOICES
from unetscope.cost import total
from unetscope.errors import OutputError
from unetscope.layout import lay_out, usual_layout
from unetscope.layout.column.drawing.spent import spent_on
from unetscope.layout.column.reading import OpenedRun, read_network
from unetscope.layout.column.reading.cells import Cell
from unetscope.layout.column.reading.tokens import Descent
from unetscope.layout.scene import Group, Item, Scene
from unetscope.model import Architecture

_HEADS = {"num_attention_heads": 2, "attention_head_dim": 8}
SMALL: dict[str, dict[str, Any]] = {
    # every way of putting blocks together once, in a size that is traced in a moment
    "flux": {"_class_name": "FluxTransformer2DModel", **_HEADS, "in_channels": 8, "num_layers": 3,
             "num_single_layers": 4, "joint_attention_dim": 12, "pooled_projection_dim": 10,
             "guidance_embeds": True, "axes_dims_rope": [2, 2, 4]},
    "flux2": {"_class_name": "Flux2Transformer2DModel", **_HEADS, "in_channels": 8, "num_layers": 2,
              "num_single_layers": 3, "joint_attention_dim": 12, "axes_dims_rope": [2, 2, 2, 2]},
    "chroma": {"_class_name": "ChromaTransformer2DModel", **_HEADS, "in_channels": 8, "num_layers": 2,
               "num_single_layers": 2, "joint_attention_dim": 12, "axes_dims_rope": [2, 2, 4],
               "approximator_hidden_dim": 16, "approximator_layers": 2},
    "sd3": {"_class_name": "SD3Transformer2DModel", **_HEADS, "in_channels": 4, "num_layers": 4,
            "joint_attention_dim": 12, "caption_projection_dim": 16, "pooled_projection_dim": 10,
            "sample_size": 8, "pos_embed_max_size": 8},
    "sd35": {"_class_name": "SD3Transformer2DModel", **_HEADS, "in_channels": 4, "num_layers": 6,
             "joint_attention_dim": 12, "caption_projection_dim": 16, "pooled_projection_dim": 10,
             "sample_size": 8, "pos_embed_max_size": 8, "dual_attention_layers": [0, 1, 2],
             "qk_norm": "rms_norm"},
    "sana": {"_class_name": "SanaTransformer2DModel", **_HEADS, "in_channels": 4, "num_layers": 3,
             "num_cross_attention_heads": 2, "cross_attention_head_dim": 8, "cross_attention_dim": 16,
             "caption_channels": 12, "sample_size": 8},
    "hunyuan-dit": {"_class_name": "HunyuanDiT2DModel", **_HEADS, "hidden_size": 16, "num_layers": 6,
                    "patch_size": 2,
                    "cross_attention_dim": 12, "cross_attention_dim_t5": 16, "pooled_projection_dim": 8,
                    "sample_size": 8, "in_channels": 4, "text_len": 5, "text_len_t5": 6},
    "pixart": {"_class_name": "PixArtTransformer2DModel", **_HEADS, "num_layers": 2, "sample_size": 8,
               "caption_channels": 12, "cross_attention_dim": 16, "in_channels": 4},
    "auraflow": {"_class_name": "AuraFlowTransformer2DModel", **_HEADS, "num_mmdit_layers": 1,
                 "num_single_dit_layers": 2, "sample_size": 8, "joint_attention_dim": 12,
                 "caption_projection_dim": 16, "pos_embed_max_size": 4096},
    "wan": {"_class_name": "WanTransformer3DModel", **_HEADS, "num_layers": 2, "text_dim": 12, "ffn_dim": 24,
            "freq_dim": 8},
}  # fmt: skip


@cache
def network(name: str) -> Architecture:
    """One of SMALL, traced at a size of its own."""
    return unetscope.load(SMALL[name])


@cache
def real(name: str) -> Architecture:
    """One of the bundled networks."""
    return unetscope.load(name)


@cache
def read(name: str) -> tuple[OpenedRun, ...]:
    found = network(name)
    return read_network(found, Descent(found))


def counts(runs: tuple[OpenedRun, ...]) -> list[tuple[str, int]]:
    return [(run.blocks.stage.path, len(run.blocks.paths)) for run in runs]


def titles(runs: tuple[OpenedRun, ...], number: int) -> list[str]:
    return [cell.title for cell in runs[number].inside.cells]


def shown(scene: Scene) -> str:
    return "\n".join(text.content for text in texts(scene))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("flux1-dev", [("transformer_blocks", 19), ("single_transformer_blocks", 38)]),
        ("sd3-medium", [("transformer_blocks", 23), ("transformer_blocks", 1)]),
        ("sd35-medium", [("transformer_blocks", 13), ("transformer_blocks", 10), ("transformer_blocks", 1)]),
        ("sana-1600m-1024", [("transformer_blocks", 20)]),
        ("hunyuan-dit-v1.1", [("blocks", 21), ("blocks", 19)]),
        ("wan2.1-vace-1.3b", [("vace_blocks", 1), ("vace_blocks", 14), ("blocks", 30)]),
        ("hunyuanvideo-i2v", [("transformer_blocks", 20), ("single_transformer_blocks", 40)]),
    ],
)
def test_runs_of_equal_blocks_are_found(name, expected):
    found = real(name)
    assert counts(read_network(found, Descent(found))) == expected


@pytest.mark.parametrize("name", SMALL)
def test_boxes_hold_all_that_a_block_costs_but_its_tables(name):
    for run in read(name):
        told = total(cell.cost for cell in run.inside.cells)
        own = network(name).by_path[run.blocks.first].own.params
        assert told.macs == run.blocks.one.macs
        assert told.params + own == run.blocks.one.params


@pytest.mark.parametrize("name", SMALL)
def test_what_the_bars_show_adds_up_to_the_network(name):
    found = network(name)
    assert total(spent_on(found, read(name)).values()) == found.cost


@pytest.mark.parametrize("convention", ["layers", "calflops"])
def test_how_work_is_counted_changes_no_layout_and_still_adds_up(convention):
    found = unetscope.counted(network("sana"), convention=convention)
    assert usual_layout(found) == "column"
    assert total(spent_on(found, read_network(found, Descent(found))).values()) == found.cost


@pytest.mark.parametrize("name", SMALL)
def test_a_column_is_the_usual_layout_without_down_and_up_stages(name):
    assert usual_layout(network(name)) == "column"
    assert usual_layout(unetscope.load("sd15")) == "strip"


def test_a_unet_is_refused_as_a_column_with_what_suits_it():
    with pytest.raises(OutputError, match="without down and up stages") as refused:
        lay_out(unetscope.load("sd15"), layout="column")
    assert refused.value.hint == "draw it with --layout strip"


def test_streams_of_a_double_block_are_told_apart_and_meet_in_joint_attention():
    double, single = read("flux")
    assert [(lane.word, lane.goes_on) for lane in double.inside.lanes] == [("image", True), ("text", True)]
    assert [cell.title for cell in double.inside.phases[0].shared] == ["joint attention"]
    assert [lane.word for lane in single.inside.lanes] == ["text + image"]


def test_attention_beside_an_mlp_is_a_fork_joined_by_one_projection():
    (phase,) = read("flux")[1].inside.phases
    norm, fork, out = phase.before[0]
    assert isinstance(norm, Cell)
    assert [[cell.kind for cell in branch] for branch in fork.branches] == [
        ["projection", "scores"],
        ["feed-forward"],
    ]
    assert out.mixes == (16, 64), "the width of attention's result, and of the MLP's"


def test_a_layer_that_begins_attention_and_mlp_is_split_between_them():
    cells = read("flux2")[1].inside.cells
    assert [cell.mixes for cell in cells if cell.mixes] == [(48, 96), (16, 48)]


def test_text_that_ends_in_the_last_block_is_a_lane_that_does_not_go_on():
    last = read("sd3")[-1]
    assert [(lane.word, lane.goes_on) for lane in last.inside.lanes] == [("image", True), ("text", False)]


def test_dual_attention_is_a_second_attention_of_the_image_alone():
    image = [
        cell.title
        for phase in read("sd35")[0].inside.phases
        for cell in (*phase.shared, *(one for one in phase.before[0] if isinstance(one, Cell)))
        if cell.kind == "scores"
    ]
    assert image == ["joint attention", "self-attention"]


def test_linear_attention_says_its_order_and_what_softmax_would_take():
    (linear,) = [cell for cell in read("sana")[0].inside.cells if cell.title.startswith("linear attention")]
    assert linear.title == "linear attention, O(N)"
    assert any(note.startswith("softmax would take") for note in linear.notes)


@pytest.mark.parametrize("name", SMALL)
def test_a_batch_changes_the_cost_of_boxes_and_none_of_their_words(name):
    found = unetscope.load(SMALL[name], size={"batch": 2})

    def said(runs: tuple[OpenedRun, ...]) -> list[tuple[str, tuple[str, ...]]]:
        # a number of MACs is in proportion to the batch
        return [(cell.title, cell.notes[:1]) for run in runs for cell in run.inside.cells]

    assert said(read_network(found, Descent(found))) == said(read(name))


def test_a_mix_ffn_is_drawn_step_by_step():
    steps = titles(read("sana"), 0)[-4:]
    assert [step.split(",")[0].split(":")[0] for step in steps] == [
        "conv 1×1",
        "depthwise 3×3",
        "GLU",
        "conv 1×1",
    ]


def test_long_skips_lead_from_the_first_half_to_the_second_last_in_first_out():
    assert [(one.split(".")[1], two.split(".")[1]) for one, two in read("hunyuan-dit")[1].skips] == [
        ("4", "1"),
        ("5", "0"),
    ]


def test_a_residual_that_takes_what_the_block_was_given_is_told_from_one_after_the_other():
    """AuraFlow adds its MLP to the block's input, not to what attention made of it."""
    assert [phase.from_start for phase in read("auraflow")[1].inside.phases] == [frozenset(), frozenset({0})]


def test_what_conditions_blocks_is_told_with_its_inputs():
    words = shown(lay_out(network("flux")))
    assert "time + guidance + pooled text 10 → t" in words
    assert "RoPE turns Q, K by position, 2 + 2 + 4 of 8" in words
    assert "per forward" in words


LOOKS = [
    {"detail": detail, "width": width, "color_by": "kind"}
    for detail, width in product(CHOICES["detail"], CHOICES["width"])
]


@pytest.mark.parametrize("name", SMALL)
def test_every_text_of_a_narrow_column_is_legible_and_the_page_no_wider_than_asked(name):
    for detail, paper in product(CHOICES["detail"], (False, True)):
        drawn = lay_out(network(name), width="column", detail=detail, paper=paper)
        assert drawn.width == 460
        assert min(text.size for text in texts(drawn)) >= 12.6
        assert not [text.content for text in texts(drawn) if text.content.endswith("…")]


@pytest.mark.parametrize("name", SMALL)
def test_a_wide_column_is_as_wide_as_a_readme(name):
    assert lay_out(network(name)).width == 900


@pytest.mark.parametrize("name", SMALL)
def test_columns_keep_the_rules_of_places(pages, name):
    for width in ("readme", "column"):
        wrong, _ = places(pages["light"], lay_out(network(name), width=width), theme="light")
        assert wrong == [], width


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_columns_keep_all_rules_in_every_look_and_theme(pages, name):
    for look in (*LOOKS, {"color_by": "params"}, {"color_by": "macs", "detail": "stage"}):
        options = look | {"command": f"unetscope diagram {name}"}
        full = lay_out(network(name), **options)
        wrong, _ = all_rules(pages, full=full, bare=lay_out(network(name), **options, paper=True))
        assert wrong == [], look


def test_every_box_of_a_block_names_its_module():
    found = network("flux")
    drawn = lay_out(found)

    def paths(items: tuple[Item, ...]) -> set[str]:
        groups = [item for item in items if isinstance(item, Group)]
        return {item.path for item in groups}.union(*(paths(item.items) for item in groups))

    told = {path for path in paths(drawn.items) if path}
    assert told <= found.by_path.keys()
    assert {
        "transformer_blocks.0.attn",
        "transformer_blocks.0.ff_context",
        "single_transformer_blocks.0.proj_mlp",
    } <= told
