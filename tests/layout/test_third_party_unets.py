"""U-Nets of other packages in pictures: convolution blocks, dense skips, shapes with their channels first."""

from __future__ import annotations

import pytest

import unetscope
from support.pictures import texts
from unetscope import api
from unetscope.analysis.cost.by_kind import by_part
from unetscope.layout import lay_out
from unetscope.layout.chain.blocks import chain, taken_by
from unetscope.layout.scene import Group
from unetscope.render.picture import svg
from unetscope.vocabulary import GLYPHS, SPENDINGS
from unetscope.zoo import world_unets


def told(name: str, **look: str) -> list[str]:
    return [text.content for text in texts(lay_out(unetscope.load(name), **look))]


def test_the_unet_of_2015_is_of_convolution_blocks_everywhere() -> None:
    network = unetscope.load("unet-2015")
    parts = {share.part: share.cost.params for share in by_part(network)}
    assert parts == {"conv-block": 31_377_728, "conv": 5_572_480, "outside": 130}
    words = told("unet-2015")
    assert GLYPHS["conv-block"].word in words
    assert "C convolution 85 %" in words
    assert not [word for word in words if "other" in word]
    assert "convolution blocks (C) hold 85 % of the parameters" in " ".join(words)
    assert "2 convolution blocks, 1 downsampling" in lay_out(network).description
    rows = {row["name"]: row["params"] for row in unetscope.table(network, by="kind").records()}
    assert rows[SPENDINGS["conv-block"].words] == 31_377_728


def test_a_block_of_a_u_says_what_it_makes_of_its_channels_and_by_what() -> None:
    words = told("unet-2015", layout="u")
    assert "C 1 → 64 · conv 3×3" in words
    assert "C 1536 → 512 · conv 3×3" in words
    assert "C ↓ 32 → 64 · 2 × conv 3×3×3" in told("unet-3d", layout="u")


def test_dense_skips_are_told_in_sums_on_one_line_of_their_stage() -> None:
    network = unetscope.load("unet-plus-plus")
    taken = [
        [taken_by(block) for block in stage.blocks if block.skip is not None]
        for stage in chain(network).stages
        if stage.stage.role == "up"
    ]
    assert taken == [[128], [64, 128], [32, 64, 96], [32, 64, 96, 128]]
    scene = lay_out(network)
    lines = [item for item in scene.items if isinstance(item, Group) and item.path.startswith("skip:up_")]
    assert [item.path for item in lines] == ["skip:up_2>up_2", "skip:up_3>up_3", "skip:up_4>up_4"]
    assert "dense skips, channels in all" in told("unet-plus-plus")
    assert "dense skips: each joins all before it in its row" in told("unet-plus-plus", layout="u")
    assert "10 dense skips inside stages, not drawn" in told("unet-plus-plus", detail="stage")


def test_every_skip_of_a_concatenation_is_in_its_tooltip() -> None:
    drawn = svg.render(lay_out(unetscope.load("unet-plus-plus")))
    four = ", ".join(f"32×64×64 from {source}" for source in (
        "down_1.conv_0_0", "up_4.upcat_0_1", "up_4.upcat_0_2", "up_4.upcat_0_3"
    ))  # fmt: skip
    assert f"concatenates {four}" in drawn.replace("&gt;", ">")


@pytest.mark.parametrize("name", world_unets.table())
def test_stages_take_and_make_images_whose_channels_come_first(name: str) -> None:
    network = unetscope.load(name)
    rank = len(network.inputs[0].shape)
    staged = [stage for stage in network.stages if stage.role in ("down", "mid", "up")]
    shapes = [network.by_path[stage.path].output or () for stage in staged]
    assert [len(shape) for shape in shapes] == [rank] * len(shapes)
    assert all(len(set(shape[2:])) == 1 for shape in shapes)


def test_a_stem_of_stride_two_is_a_convolution_block_and_its_skip_leaves_it() -> None:
    network = unetscope.load("smp-unet-resnet34")
    first = chain(network).stages[0].blocks
    assert [(block.kind, block.resamples) for block in first] == [("conv-block", "down"), ("down", "")]
    sources = {block.skip.source for block in chain(network).blocks() if block.skip}
    assert first[0].path in sources


@pytest.mark.parametrize("name", world_unets.table())
def test_a_graph_dots_the_skips_that_were_observed(name: str) -> None:
    network = unetscope.load(name)
    place = {stage.path: number for number, stage in enumerate(network.stages)}
    pairs = {(skip.source.partition(".")[0], skip.target.partition(".")[0]) for skip in network.skips}
    over = {(source, target) for source, target in pairs if place[target] > place[source] + 1}
    graph = api.dataflow(network)
    dotted = (
        tuple(graph.vertices[end].path.partition(".")[0] for end in (edge.source, edge.target))
        for edge in graph.edges
        if edge.skip
    )
    assert over <= {*dotted}


def test_the_picture_of_what_is_no_u_net_and_every_graph_are_told_in_words() -> None:
    said = bytes(api.graph(unetscope.load("unet-2015"), format="svg")).decode()
    assert "Down 1 (37.6 k parameters) leads to Down 2 and Up 4 as a skip of 64." in said
