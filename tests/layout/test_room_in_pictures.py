"""Words have room and pictures waste none: nothing turned in glyphs, long sizes in lines of their own, two
rows as near as their skips let them be."""

from __future__ import annotations

from itertools import combinations

import pytest

from support.pictures import UNET_LAYOUTS, apart, ink, near, shown, texts
from support.traces import bundled
from unetscope import api
from unetscope.layout import diff, lay_out
from unetscope.layout.chain.blocks import chain
from unetscope.layout.parts.lanes import ABOVE, falling, pitch
from unetscope.layout.parts.pills import Wire
from unetscope.layout.scene import Box, Group, Text


@pytest.mark.parametrize("paper", [False, True])
def test_a_strip_without_room_for_depths_in_its_glyphs_says_them_below_the_names_of_stages(paper):
    drawn = lay_out(bundled("sdxl-refiner"), layout="strip", paper=paper)
    assert not [text for text in texts(drawn) if text.upright and "×4" in text.content]
    named = {
        group.path: [item.content for item in group.items if isinstance(item, Text)]
        for group in drawn.items
        if isinstance(group, Group) and isinstance(group.items[0], Box)
    }
    assert named["down_blocks.1"] == ["Down 2", "A ×4"]
    assert named["mid_block"] == ["Mid", "A ×4"]
    assert named["up_blocks.0"] == ["Up 1"]


def test_a_diff_turns_no_letters_of_glyphs():
    drawn = diff.lay_out(api.diff("sdxl", "sdxl-refiner"))
    assert not [text for text in texts(drawn) if text.upright and text.content.startswith("A ×")]


@pytest.mark.parametrize("layout", UNET_LAYOUTS)
@pytest.mark.parametrize("detail", ["block", "stage"])
def test_numbers_of_a_middle_with_frames_stand_clear_of_those_beside_it_in_a_column(layout, detail):
    drawn = lay_out(bundled("svd-xt"), layout=layout, detail=detail, width="column")
    words = [(text.content, ink(text)) for text in texts(drawn)]
    for (a, first), (b, second) in near(words):
        assert apart(first, second), (a, b)
    assert "186 M · 581 GMAC" in shown(drawn).splitlines()


@pytest.mark.parametrize(
    ("name", "latent"), [("vae-sd15", "4×64²"), ("vae-wan2.1", "16×1×32²"), ("dc-ae-f32c32", "32×16²")]
)
@pytest.mark.parametrize("detail", ["block", "stage"])
def test_an_autoencoder_in_one_column_shows_its_latent_between_encoder_and_decoder(name, latent, detail):
    drawn = lay_out(bundled(name), layout="strip", detail=detail, width="column")
    places = {text.content: text for text in texts(drawn) if text.content in ("encoder", "latent", "decoder")}
    assert places["encoder"].x < places["latent"].x < places["decoder"].x
    assert len({text.y for text in places.values()}) == 1
    assert latent in shown(drawn).splitlines()


def test_lanes_between_two_rows_are_as_high_as_what_they_lead_under_and_never_cross():
    boxes = [(0.0, 100.0, 50.0), (100.0, 200.0, 30.0)]
    wires = [Wire(10, 60, 0, 1), Wire(50, 130, 0, 1), Wire(150, 190, 0, 1)]
    lanes = falling(wires, boxes)
    assert lanes[wires[2]] == 30 + ABOVE
    assert lanes[wires[1]] == 50 + ABOVE
    assert lanes[wires[0]] == lanes[wires[1]] + pitch(3)  # it passes the fall of the second
    for a, b in combinations(wires, 2):
        assert not a.source < b.source < a.target or lanes[a] > lanes[b]


def test_a_card_that_is_alone_has_its_sums_beside_its_rows():
    drawn = lay_out(bundled("svd-xt"), layout="strip")
    places = {text.content: text for text in texts(drawn)}
    assert places["time"].y < places["stages"].y
    assert places["conv_in 3×3"].x < places["stages"].x
    rows = [places[word] for word in ("time", "conv_in 3×3")]
    assert rows[0].x < rows[1].x


@pytest.mark.parametrize("name", ["i2vgen-xl", "t2v-ms-1.7b"])
def test_the_first_skip_of_a_video_unet_leaves_the_convolution_that_stands_for_all_before_its_stages(name):
    network = bundled(name)
    assert [skip.source for skip in network.skips][-1] == "transformer_in"
    assert len(network.skips) == 12
    first = [block.skip for block in chain(network).blocks() if block.skip][-1]
    assert first.source == "conv_in"
    for width in ("readme", "column"):
        drawn = lay_out(network, layout="strip", width=width)
        assert any(isinstance(item, Group) and item.path.startswith("skip:conv_in>") for item in drawn.items)


@pytest.mark.parametrize("width", ["readme", "full"])
def test_a_long_name_of_what_stands_outside_takes_more_lines(width):
    drawn = lay_out(bundled("hunyuanvideo-framepack"), layout="strip", width=width)
    words = shown(drawn).splitlines()
    assert words[words.index("x_embedder 1×2×2 ·") + 1] == "clean_x_embedder 4×8×8"
    assert not [word for word in words if word.endswith("…")]
