"""Pictures of networks whose stages were seen in a record: each block of a stage stands in it, in words."""

from __future__ import annotations

import re

import pytest
import torch
from torch import nn

import unetscope
from support.pictures import texts
from unetscope.layout import lay_out
from unetscope.layout.chain.blocks import chain
from unetscope.layout.parts.lanes import drawn, nested
from unetscope.layout.parts.pills import Wire


class Small(nn.Module):
    """A U-Net of two levels, its skips concatenated or added."""

    def __init__(self, *, added: bool) -> None:
        super().__init__()
        self.added = added
        self.first, self.second = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1)
        self.middle = nn.Conv2d(16, 16, 3, padding=1)
        self.up_a, self.up_b = nn.ConvTranspose2d(16, 16, 2, 2), nn.ConvTranspose2d(8, 8, 2, 2)
        self.third = nn.Conv2d(16 if added else 32, 8, 3, padding=1)
        self.fourth = nn.Conv2d(8 if added else 16, 3, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        one = self.first(x)
        two = self.second(nn.functional.max_pool2d(one, 2))
        three = self.middle(nn.functional.max_pool2d(two, 2))
        join = torch.add if self.added else lambda a, b: torch.cat((a, b), 1)
        four = self.third(join(self.up_a(three), two))
        return self.fourth(join(self.up_b(four), one))


@pytest.mark.parametrize(("added", "word"), [(False, "skip concatenation"), (True, "added skip")])
def test_the_words_of_a_picture_tell_each_block_and_how_skips_come_in(added: bool, word: str) -> None:
    told = lay_out(unetscope.load(Small(added=added), inputs=(1, 3, 32, 32))).description
    assert re.findall(r"(?:Down|Mid|Up)[ \d]*: (.*?), \d+×", told) == [
        "1 convolution block, 1 downsampling",
        "1 convolution block, 1 downsampling",
        "1 convolution block, 1 upsampling",
        f"1 {word}, 1 convolution block, 1 upsampling",
        f"1 {word}, 1 convolution block",
    ]


def test_every_transposed_convolution_of_a_u_says_what_it_is() -> None:
    scene = lay_out(unetscope.load(Small(added=False), inputs=(1, 3, 32, 32)), layout="u")
    written = [text.content for text in texts(scene)]
    ways = [words for words in written if "↑" in words and "conv" in words]
    assert len(ways) == 2
    assert all(way.startswith("↑ transposed conv 2×2") for way in ways)


class Stack(nn.Module):
    """Equal blocks that attend, in a list of a module of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Module()
        self.body.blocks = nn.ModuleList(nn.TransformerEncoderLayer(16, 2, 32) for _ in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.body.blocks:
            x = block(x)
        return x


def test_a_run_of_equal_blocks_costs_what_all_of_them_cost() -> None:
    network = unetscope.load(Stack(), inputs=(2, 8, 16))
    run = [block for block in chain(network).blocks() if block.repeat > 1]
    assert [block.repeat for block in run] == [3]
    assert run[0].cost.params == network.cost.params


def test_a_number_stands_left_of_falls_through_its_lane_and_above_a_lane_that_is_too_short() -> None:
    size, tops = 10.0, [(0.0, 300.0, 100.0)]
    outer, inner, short = Wire(0, 200, 0, 32), Wire(50, 210, 0, 64), Wire(230, 245, 0, 16)
    lanes = {lane.wire: lane for lane in nested([outer, inner, short], tops, size=size)}
    assert lanes[inner].y > lanes[outer].y
    assert lanes[inner].number < 200 < inner.target
    bent, number = next(item for item in drawn(lanes[short], 100, 100, size=size)).items
    assert (bent.points[0][0], bent.points[-1][0]) == (230, 245)
    assert number.y < lanes[short].y
