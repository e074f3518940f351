"""What holds for every picture, read from its scene: places, sums, words. No browser, no torch."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import pytest

from support.pictures import (
    CASES,
    MARGIN,
    NAMES,
    apart,
    architecture,
    framed,
    ink,
    inside,
    scene,
    shown,
    texts,
)
from support.traces import bundled
from unetscope.analysis.cost.by_kind import by_part, outside_cost, stages_cost
from unetscope.cost import total
from unetscope.errors import OutputError
from unetscope.layout import lay_out
from unetscope.layout.chain.blocks import chain
from unetscope.layout.measure import shorten, width, wrapped
from unetscope.layout.scene import Box, Frame, Line, flat
from unetscope.layout.u.grid import grid


@pytest.mark.parametrize(("name", "layout"), CASES)
def test_every_text_keeps_inside_its_box_and_the_page(name, layout):
    drawn = scene(name, layout)
    page = Frame(0, 0, drawn.width, drawn.height)
    for text in texts(drawn):
        if not text.upright:
            assert text.content
            assert inside(ink(text), text.frame or page), text.content
            assert text.left >= MARGIN - 8
            assert text.left + text.width <= drawn.width - MARGIN + 8, text.content


@pytest.mark.parametrize(("name", "layout"), CASES)
def test_no_text_lies_on_another(name, layout):
    level = [text for text in texts(scene(name, layout)) if not text.upright]
    assert len(level) > 2
    for a, b in combinations(level, 2):
        assert apart(ink(a), ink(b)), (a.content, b.content)


@pytest.mark.parametrize(("name", "layout"), CASES)
def test_text_that_informs_is_at_least_ten_px(name, layout):
    small = {text.content for text in texts(scene(name, layout)) if text.size < 10}
    assert small <= {"R", "A", "Cv"}


@pytest.mark.parametrize(("name", "layout"), CASES)
def test_stages_and_blocks_do_not_overlap_and_blocks_keep_inside_their_stage(name, layout):
    drawn, places = chain(architecture(name)), list(framed(scene(name, layout).items))
    stages = {stage.stage.path: stage for stage in drawn.stages}
    boxes = {path: frame for path, frame in places if path in stages}
    blocks = [(path, frame) for path, frame in places if path not in stages and not path.startswith("skip:")]
    assert boxes.keys() == stages.keys()
    assert len(blocks) == len(drawn.blocks()) + (drawn.inlet is not None) + (drawn.outlet is not None)
    for a, b in combinations(boxes.values(), 2):
        assert apart(a, b)
    for (_, a), (_, b) in combinations(blocks, 2):
        assert apart(a, b)
    for path, frame in blocks:
        home = next((stage for stage in boxes if path.startswith(stage + ".")), None)
        assert home is None or inside(frame, boxes[home])


@pytest.mark.parametrize("name", NAMES)
def test_the_strip_ends_at_the_right_margin_or_stands_in_the_middle(name):
    lines = [item for item in flat(scene(name, "strip").items) if isinstance(item, Line)]
    flow = [point for line in lines if line.role == "flow" and line.width == 1.5 for point in line.points]
    assert flow
    left, right = min(x for x, _ in flow), max(x for x, _ in flow)
    assert left >= MARGIN - 0.01
    assert right <= 900 - MARGIN + 0.01
    if name in ("sdxl", "sd15", "sd21"):
        assert (left, right) == (pytest.approx(MARGIN), pytest.approx(900 - MARGIN, abs=0.01))


@pytest.mark.parametrize(("name", "layout"), CASES)
def test_every_skip_is_drawn_once_and_ends_in_a_concatenation(name, layout):
    lines = [item for item in flat(scene(name, layout).items) if isinstance(item, Line)]
    wires = [line for line in lines if line.role == "skip" and line.dashes and line.head]
    skips = architecture(name).skips
    assert len(wires) == len(skips) + (1 if skips else 0)  # one more in the legend


def test_skips_of_a_strip_are_nested_and_never_cross():
    lines = [item for item in flat(scene("sdxl", "strip").items) if isinstance(item, Line)]
    arches = [line.points for line in lines if line.role == "skip" and len(line.points) == 4 and line.dashes]
    assert len(arches) == len(architecture("sdxl").skips)
    outermost_first = sorted(arches, key=lambda points: points[1][1])
    for outer, inner in pairwise(outermost_first):
        assert outer[0][0] < inner[0][0] < inner[3][0] < outer[3][0]


def test_rungs_of_a_u_are_level():
    for name in ("sdxl", "sd15", "bk-sdm-base", "ddpm-church"):
        lines = [item for item in flat(scene(name, "u").items) if isinstance(item, Line)]
        rungs = [line.points for line in lines if line.role == "skip" and line.head]
        assert len(rungs) == len(architecture(name).skips) + 1  # one more in the legend
        assert all(first[1] == last[1] for first, *_, last in rungs)


@pytest.mark.parametrize("detail", ["stage", "block", "layer"])
def test_a_u_is_drawn_of_a_network_whose_middle_is_one_layer(detail):
    whole = bundled("sd15")
    roles = {"mid_block": "conditioning", "conv_out": "mid"}
    stages = tuple(replace(one, role=roles.get(one.path, one.role)) for one in whole.stages)
    drawn = lay_out(replace(whole, stages=stages), layout="u", detail=detail)
    assert "Conv out" in shown(drawn) or "conv_out" in shown(drawn)


def test_a_u_keeps_both_halves_in_order_on_its_lines():
    for name in NAMES:
        rows = grid(chain(architecture(name)))
        for half in (rows.encoder, rows.decoder):
            lines = [row.line for row in half]
            assert lines == sorted(set(lines))
            assert all(0 <= line < rows.lines for line in lines)


@pytest.mark.parametrize("name", NAMES)
def test_parts_by_kind_and_stages_with_stem_add_up_to_the_whole(name):
    whole = architecture(name).cost
    assert total(share.cost for share in by_part(architecture(name))) == whole
    assert stages_cost(architecture(name)) + outside_cost(architecture(name)) == whole


def test_the_stem_card_names_every_parameter_and_adds_up():
    words = shown(scene("sdxl", "strip"))
    for line in ("time", "text_time", "text 77 × 2048", "conv_in 3×3", "norm · conv_out 3×3"):
        assert f"\n{line}\n" in words
    for count in ("2,560,143,680", "7,320,004", "2,567,463,684", "3,380,618,199,040"):
        assert count in words


def test_sdxl_shows_the_numbers_that_were_published():
    words = shown(scene("sdxl", "strip")).splitlines()
    for value in ("5.43 M", "60.1 M", "757 M", "413 M", "1.21 B", "106 M", "11.2 M"):
        assert value in words
    for value in ("320×128×128", "320×64×64", "640×32×32", "1280×32×32", "1280×64×64", "640×128×128"):
        assert value in words


def test_the_title_line_tells_class_size_cost_and_basis():
    words = shown(scene("sdxl", "strip")).splitlines()
    assert words[1] == "UNet2DConditionModel · 2.57 B parameters · 3.38 TMAC per forward"
    assert words[2] == "basis: 1024² px, latent 4×128², batch 1, 77 text tokens"


def test_flops_are_twice_the_macs_everywhere():
    words = shown(scene("sdxl", "strip", "flops"))
    assert "6.76 TFLOP per forward" in words
    assert "6,761,236,398,080" in words
    assert "MACs" not in words


def test_badges_mark_what_reads_time_and_text():
    blocks = chain(bundled("sdxl")).blocks()
    assert all(block.times and not block.texts for block in blocks if block.kind == "residual")
    assert all(block.texts and not block.times for block in blocks if block.kind == "attention")
    assert not any(block.texts for block in chain(bundled("ddpm-cifar10")).blocks())


def test_blocks_stand_in_the_order_of_execution():
    stages = chain(bundled("sdxl")).stages
    drawn = [[block.letter or block.kind for block in stage.blocks] for stage in stages]
    assert drawn[1] == ["R", "A", "R", "A", "down"]
    assert drawn[3] == ["R", "A", "R"]
    assert drawn[4] == ["concat", "R", "A"] * 3 + ["up"]


def test_an_unknown_kind_of_block_is_drawn_with_its_class_name_in_the_legend():
    found = bundled("bk-sdm-tiny")
    strange = tuple(
        replace(node, type="HyperBlock", kind="HyperBlock") if node.kind == "transformer" else node
        for node in found.nodes
    )
    drawn = lay_out(replace(found, nodes=strange))
    words = shown(drawn).splitlines()
    assert "H" in words
    assert "HyperBlock" in words
    assert any(isinstance(item, Box) and item.fill == "other" for item in flat(drawn.items))


def test_a_network_too_long_for_one_row_stands_in_two():
    assert scene("ddpm-church", "strip").height > scene("sd15", "strip").height + 100


def test_an_unknown_layout_is_refused_with_the_known_ones():
    with pytest.raises(OutputError, match="spiral") as error:
        lay_out(bundled("sd15"), layout="spiral")
    assert "strip" in error.value.hint


@pytest.mark.parametrize("limit", [0, 5, 20, 60, 200])
def test_shortened_text_fits_its_limit(limit):
    assert width(shorten("a title that is far too long" * 3, limit, 12), 12) <= limit


def test_text_that_fits_is_left_alone():
    assert shorten("SDXL", 100, 12) == "SDXL"


@pytest.mark.parametrize("limit", range(180, 560, 20))
def test_wrapped_text_keeps_its_words_and_a_number_its_unit(limit):
    said = "1 tensor (conv_in), +14,400 parameters; by itself +59.0 MMAC, 47 % of all in all"
    lines = wrapped(said, 1000, 10.5)
    assert lines == [said]
    broken = wrapped(said, limit, 10.5)
    assert " ".join(broken) == said
    assert not any(line.startswith(("MMAC", "%")) for line in broken)
