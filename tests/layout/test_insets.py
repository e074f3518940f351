"""What pictures say of blocks that no preset has, and where a class name or a repeated block finds room."""

from __future__ import annotations

from functools import cache

import pytest

from support.networks import SKIP, K
from support.pictures import shown, texts
from support.traces import bundled, spec_of
from unetscope.analysis.cost.by_kind import by_part
from unetscope.layout import lay_out
from unetscope.layout.cards.attention_layers import inside_attention
from unetscope.layout.chain.blocks import chain
from unetscope.layout.fold.elements import folded
from unetscope.layout.scene import Box, Circle, Line, Scene, flat
from unetscope.model import Architecture
from unetscope.sizes import Size

NCSNPP = SKIP | {
    "sample_size": 128,
    "block_out_channels": [32] * 7,
    "down_block_types": ["SkipDownBlock2D"] * 4 + ["AttnSkipDownBlock2D"] + ["SkipDownBlock2D"] * 2,
    "up_block_types": ["SkipUpBlock2D"] * 2 + ["AttnSkipUpBlock2D"] + ["SkipUpBlock2D"] * 4,
    "layers_per_block": 2,
    "add_attention": False,
}
"""As deep as a real one: seven levels, with blocks beside the main path."""


@cache
def traced(name: str) -> Architecture:
    from unetscope.tracing import trace

    return trace(spec_of({"k": K, "skip": SKIP, "ncsnpp": NCSNPP}[name], name=name), size=Size())


def test_a_bare_transformer_block_has_its_norms_inside_and_no_residual_around():
    blocks = [block for block in chain(traced("k")).blocks() if block.kind == "attention"]
    inside = inside_attention(traced("k"), blocks)
    assert (inside.before, inside.after, inside.around) == ("", "", False)
    assert [(layer.words, layer.below, layer.texts, layer.times) for layer in inside.layers] == [
        ("AdaGroupNorm · self-attention", "only in Down 3, Up 1", False, True),
        ("AdaGroupNorm · cross-attention", "8 or 16 heads × 4", True, True),
    ]


def test_a_norm_that_reads_the_time_says_so_in_the_inset():
    drawn = lay_out(traced("k"))
    letters = [text.content for text in texts(drawn) if text.content in {"t", "c"}]
    # Two norms of R, self- and cross-attention of A, two rows of the stem.
    assert letters.count("t") == 2 + 2 + 2
    assert "8 or 16 heads × 4" in shown(drawn)


def test_a_transformer_keeps_the_residual_around_its_blocks():
    found = bundled("sdxl")
    blocks = [block for block in chain(found).blocks() if block.kind == "attention"]
    inside = inside_attention(found, blocks)
    assert (inside.before, inside.after) == ("GroupNorm 32 · linear C → C", "linear C → C")
    assert inside.around


def test_a_long_class_name_stands_whole_in_its_card():
    words = shown(lay_out(traced("k"))).splitlines()
    assert "ResnetBlockCondNorm2D" in words
    assert "×12" in words
    assert "ResnetBlock2D ×17" in shown(lay_out(bundled("sdxl"))).splitlines()


@pytest.mark.parametrize("name", ["k", "skip"])
def test_a_fixed_filter_is_not_called_an_average(name):
    words = shown(lay_out(traced(name), layout="u"))
    assert "FIR" in words
    assert "average" not in words
    assert "nearest" not in words


def test_what_runs_beside_the_main_path_is_dashed_and_out_of_the_flow():
    drawn = chain(traced("skip"))
    beside = {block.path for block in drawn.blocks() if block.beside}
    assert beside == {
        "down_blocks.0.downsamplers.0", "down_blocks.0.skip_conv", "up_blocks.0.skip_conv",
        "up_blocks.1.upsampler",
    }  # fmt: skip
    for layout in ("strip", "u"):
        picture = lay_out(traced("skip"), layout=layout)
        assert "runs beside, is added" in shown(picture).splitlines()
        for path in beside:
            assert boxes(picture, path)[0].dashed
    flow = [item for item in flat(lay_out(traced("skip"), layout="u").items) if isinstance(item, Line)]
    ends = {line.points[-1] for line in flow if line.role == "flow" and line.head}
    for path in beside - {"down_blocks.0.skip_conv"}:  # which takes what the filter makes
        frame = boxes(lay_out(traced("skip"), layout="u"), path)[0].frame
        assert not any(
            frame.x <= x <= frame.right and frame.y - 1 <= y <= frame.bottom + 1 for x, y in ends
        ), path


def boxes(drawn: Scene, path: str) -> list[Box]:
    found = (item for item in drawn.items if getattr(item, "path", "") == path)
    return [part for group in found for part in flat(group.items) if isinstance(part, Box)]


@pytest.mark.parametrize("name", ["sdxl", "ddpm-cifar10", "ddpm-church"])
def test_closed_stages_of_a_u_all_say_their_sizes_or_all_what_they_make(name):
    words = shown(lay_out(bundled(name), layout="u", detail="stage")).splitlines()
    stages = [stage for stage in chain(bundled(name)).stages if stage.stage.role != "mid"]
    sizes = ["×".join(map(str, stage.output[1:])) for stage in stages]
    into = ["×".join(map(str, stage.input[1:])) for stage in stages]
    both = [f"{a} → {b}" for a, b in zip(into, sizes, strict=True)]
    assert all(words.count(line) >= both.count(line) for line in both)


def test_where_fills_mean_costs_no_box_has_the_fill_of_a_kind():
    drawn = lay_out(bundled("sdxl"), color_by="params")
    fills = {item.fill for item in flat(drawn.items) if isinstance(item, Box)}
    assert not fills & {"residual", "attention", "feed-forward", "other"}
    assert {"scale-1", "scale-5"} <= fills


def test_glyph_letters_of_a_column_are_no_smaller_than_seven_px():
    for name in ("kandinsky-2.2", "ddpm-church", "sdxl-refiner"):
        for paper in (False, True):
            drawn = lay_out(bundled(name), width="column", paper=paper)
            assert min(text.size for text in texts(drawn)) >= 7
            assert drawn.width == 460


def test_convolutions_beside_the_blocks_count_with_those_that_resample():
    assert {share.part for share in by_part(traced("skip"))} <= {
        "residual",
        "projection",
        "scores",
        "conv",
        "outside",
    }


def test_the_time_badge_on_attention_has_a_ground_that_it_stands_out_from():
    grounds = [item for item in flat(lay_out(traced("k"), width="column").items) if isinstance(item, Circle)]
    fold = folded(chain(traced("k")))
    drawn = [block for one in (*fold.left, *fold.right) for block in one.blocks]
    attending = sum(block.kind == "attention" for block in drawn)
    assert sum(item.radius == 4.6 for item in grounds) == 2 * attending  # under its time and its context


def test_a_letter_too_small_to_read_is_left_out():
    found = texts(lay_out(traced("ncsnpp"), width="column"))
    letters = {text.content: text.size for text in found if text.content in ("R", "A", "Cv")}
    assert {"R", "A"} <= letters.keys()
    assert all(text.size >= 7 for text in found)
