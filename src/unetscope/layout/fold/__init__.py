"""The strip for one column of a paper, folded at its middle: down at the left, up at the right, equal units
once, every text at 12.6 px, which is 6.5 pt at 3.3 inches."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from unetscope.choices import Look
from unetscope.layout.chain import prepared
from unetscope.layout.chain.blocks import Chain
from unetscope.layout.chain.midway import midway
from unetscope.layout.fold import cells, ends, lines, surroundings
from unetscope.layout.fold.elements import Fold, folded
from unetscope.layout.fold.gutters import Gutter, beside, gutters
from unetscope.layout.fold.middle import middle
from unetscope.layout.fold.places import placed
from unetscope.layout.fold.widths import Across, across
from unetscope.layout.page import Page, page_of
from unetscope.layout.parts.frame import description, title_lines
from unetscope.layout.parts.scale import CostScale, scale
from unetscope.layout.scene import Item, Scene
from unetscope.model import Architecture

GutterSides = tuple[list[Gutter], list[Gutter]]


def draw(architecture: Architecture, look: Look) -> Scene:
    """The folded strip of an architecture; with closed stages where blocks would not fit the page."""
    chain, page = prepared(architecture, look), page_of(look)
    costs = scale(architecture.cost, [stage.cost for stage in chain.stages], unit=look.unit)
    fold, sides, at = _fitted(architecture, chain, costs, page, closed=look.detail == "stage")
    if look.detail != "stage" and any(
        element.closed and element.blocks for element in (*fold.left, *fold.right)
    ):
        look = replace(look, detail="stage")
    items, top = title_lines(architecture, costs, page, look)
    picture, y = _picture(architecture, chain, fold, sides, at, costs, page, top=top)
    more, bottom = surroundings.below(architecture, chain, fold, costs, page, look, y=y + 14)
    words = description(architecture, chain, "Strip")
    return Scene(page.width, ceil(bottom), architecture.title, words, (*items, *picture, *more))


def _fitted(
    architecture: Architecture, chain: Chain, scale: CostScale, page: Page, *, closed: bool
) -> tuple[Fold, GutterSides, Across]:
    """The fold with its gutters and widths, its stages closed where blocks leave skips no room."""
    fold = folded(chain, closed=closed)
    sides = gutters(fold.left, scale), gutters(fold.right, scale)
    at = across(architecture, chain, fold, sides, page)
    if not closed and at.right - at.left < lines.least_channel(fold.rungs):
        return _fitted(architecture, chain, scale, page, closed=True)
    return fold, sides, at


def _picture(
    architecture: Architecture,
    chain: Chain,
    fold: Fold,
    sides: GutterSides,
    at: Across,
    scale: CostScale,
    page: Page,
    *,
    top: float,
) -> tuple[list[Item], float]:
    """Both halves with their ends, gutters and skips, and the y below."""
    room = ends.height(architecture, chain, at, page)
    left, right, below = placed(architecture, chain, fold, sides, at, top=top + room)
    items: list[Item] = [*lines.flow(left, right, at), *lines.rungs(fold.rungs, left, right, at)]
    for half, side, x in ((left, 0, page.margin), (right, 1, page.right)):
        for element in half:
            items.append(cells.element(element, at.flows[side], left=side == 0))
            items += lines.brackets(element, at, left=side == 0)
        items += [
            beside(gutter, x, half[gutter.element].frame.y, anchor="end" if side else "start")
            for gutter in sides[side]
        ]
    items += ends.drawn_ends(architecture, left, right, at, page)
    foot, y = middle(fold, left, right, at, scale, below=below, latent=midway(architecture, chain).latent)
    return [*items, *foot], y
