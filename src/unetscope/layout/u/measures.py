"""The measures of a U, in px, and how they differ with its detail and its width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from unetscope.choices import Look
from unetscope.layout.chain.blocks import Block
from unetscope.layout.page import Page, page_of
from unetscope.layout.parts import opened_block

RAIL = 11.0
"""From one rail to the next."""
_MOST = 4
"""Blocks on one line."""


@dataclass(frozen=True, slots=True)
class UForm:
    """Where both halves stand. `box` is the width of a stage, `height` that of a cell, `opened` that
    of an opened one."""

    page: Page
    left: float
    box: float
    height: float
    opened: float
    top: float
    mid: float
    placed: bool
    between: float
    pad: float = 7.0
    railed: tuple[int, ...] = ()
    """Rails beside the cells, at the outer sides: 0 of time, 1 of the context."""

    @property
    def rails(self) -> int:
        """How many rails there are."""
        return len(self.railed)

    @property
    def gutter(self) -> float:
        """The width of the words beside a box."""
        return self.left - self.page.margin - 3 - (7 if self.page.narrow else 0)

    @property
    def right(self) -> float:
        """Where the boxes of the decoder begin."""
        return self.page.width - self.left - self.box

    def cell(self, blocks: Sequence[Block]) -> float:
        """The height of a line of blocks."""
        return self.opened if any(block.layers for block in blocks) else self.height

    @property
    def room(self) -> float:
        """The width of a line of cells."""
        return self.box - 2 * self.pad - RAIL * self.rails

    @property
    def turn(self) -> float:
        """How far inside a box the flow to the mid stage and from it turns."""
        return min(58.0, (self.page.width - self.mid) / 2 - self.left - 38)

    @property
    def cells_left(self) -> float:
        """Where the cells of the encoder begin."""
        return self.left + self.pad + RAIL * self.rails


def u_form(look: Look) -> UForm:
    """The measures under these look."""
    layer, full = look.detail == "layer", look.width == "full"
    page = page_of(look, least=1100 if full else 0)
    left, box = 142.0, 352.0 if full else 252.0
    if layer:
        left, box = 138.0, box + 4
    return UForm(
        page=page,
        left=left,
        box=box,
        height=27.0,
        opened=opened_block.HEIGHT,
        top=34.0 if look.paper else 21.0,
        mid=min(page.content - 120, 352.0 + 60 * layer + 80 * full),
        placed=full,
        between=6.0 if layer else 12.0,
    )


_BESIDE, _SKIPS = 70.0, 66.0
"""In half of a page: for the words beside a box, and between the halves of a U."""


def half_form(look: Look) -> tuple[UForm, float]:
    """The measures of a U that has half of the page, the other half beginning as far to the right."""
    whole, apart = u_form(look), 16.0
    wide = (whole.page.content - apart) / 2
    box = (wide - 2 * _BESIDE - _SKIPS) / 2
    form = replace(
        whole, page=Page(wide, 0), left=_BESIDE, box=box, mid=wide - 2 * _BESIDE - 100, between=6.0, pad=5.0
    )
    return form, wide + apart


def fits(blocks: list[Block], form: UForm) -> bool:
    """Whether blocks can stand on one line; ⧺ and what follows it always can."""
    beside = [block for block in blocks if block.kind != "concat"]
    if len(beside) < 2:
        return True
    if any(block.layers for block in blocks):
        return opened_width(blocks, form, opened_block.NARROWEST) <= form.room
    return len(blocks) <= _MOST


def opened_width(blocks: Sequence[Block], form: UForm, wide: float) -> float:
    """The width of a line of opened blocks where a layer is `wide` px wide."""
    gaps = sum(2.5 if block.kind == "concat" else form.between for block in blocks[:-1])
    return sum(opened_block.opened_width(block, wide) for block in blocks) + gaps
