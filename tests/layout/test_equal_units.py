"""Equal units of blocks in a row are drawn once, and nothing is lost by that."""

from __future__ import annotations

from collections import Counter

import pytest

from support.pictures import architecture, looked
from unetscope.cost import total
from unetscope.layout.chain.blocks import chain
from unetscope.layout.scene import Text, flat

CASCADES = ("stable-cascade-b", "stable-cascade-b-lite", "stable-cascade-c", "stable-cascade-c-lite")


@pytest.mark.parametrize("name", [*CASCADES, "sd15", "t2v-ms-1.7b"])
def test_a_stage_holds_as_many_blocks_of_the_same_cost_as_one_by_one(name):
    network = architecture(name)
    for short, long in zip(chain(network).stages, chain(network, one_by_one=True).stages, strict=True):
        counts, all_of_them = (Counter(), Counter())
        for block in short.blocks:
            counts[block.type] += block.count
        for block in long.blocks:
            all_of_them[block.type] += 1
        assert counts == all_of_them
        assert total(block.cost for block in short.blocks) == total(block.cost for block in long.blocks)


@pytest.mark.parametrize("name", [*CASCADES, "sd15", "svd-xt"])
def test_every_skip_leaves_a_block_that_is_drawn(name):
    shown = chain(architecture(name))
    paths = {block.path for block in (*shown.blocks(), *(end for end in (shown.inlet,) if end))}
    assert {block.skip.source for block in shown.blocks() if block.skip} <= paths


@pytest.mark.parametrize("name", CASCADES)
def test_no_text_of_a_strip_of_many_blocks_is_smaller_than_ten_but_a_letter(name):
    texts = [item for item in flat(looked(name, "strip", {}).items) if isinstance(item, Text)]
    assert {text.content for text in texts if text.size < 10} <= {"R", "T", "A", "Cv"}
    assert min(text.size for text in texts) > 8


def test_a_video_has_its_frames_in_every_size_and_marks_what_runs_along_them():
    drawn = looked("svd-xt", "strip", {})
    said = Counter(item.content for item in flat(drawn.items) if isinstance(item, Text))
    stages = chain(architecture("svd-xt")).stages
    for side in ("72×128", "36×64", "18×32", "9×16"):
        assert said[f"25×{side}"]
        assert not said[side]
    temporal = sum(block.temporal for stage in stages for block in stage.blocks)
    assert said["T"] == temporal == 38
