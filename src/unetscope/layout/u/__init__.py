"""The picture with the layout of a U: title, the U, what stands outside its stages, insight and legend."""

from __future__ import annotations

from dataclasses import replace

from unetscope.choices import Look
from unetscope.layout.cards.outside_stages import outside_card
from unetscope.layout.chain import prepared
from unetscope.layout.parts.frame import bottom_lines, description, title_lines
from unetscope.layout.parts.scale import scale
from unetscope.layout.scene import Item, Scene
from unetscope.layout.u.measures import u_form
from unetscope.layout.u.rails import railed
from unetscope.layout.u.shape import u_shape
from unetscope.layout.u.stages import u_stages
from unetscope.model import Architecture

_MOST_BLOCKS = 40
"""Of a stage whose blocks can be drawn below each other: Stable Cascade has 84, four screens of them."""


def draw(architecture: Architecture, look: Look) -> Scene:
    """The U of an architecture under these look."""
    chain = prepared(architecture, look)
    if max(len(stage.blocks) for stage in chain.stages) > _MOST_BLOCKS:
        look = replace(look, detail="stage")
    costs = scale(architecture.cost, [stage.cost for stage in chain.stages], unit=look.unit)
    form = u_form(look) if look.detail == "layer" else railed(u_form(look), chain)
    page = form.page
    title, top = title_lines(architecture, costs, page, look)
    middle = u_stages if look.detail == "stage" else u_shape
    picture, y = middle(architecture, chain, costs, form, top=top + form.top)
    more: list[Item] = []
    if not look.paper:
        more, y = outside_card(architecture, chain, costs, page, y=y + 20)
    last, bottom = bottom_lines(
        architecture, chain, costs, page, look, y=y + 24, lettered=True, railed=look.detail != "layer"
    )
    words = description(architecture, chain, "U")
    return Scene(page.width, bottom, architecture.title, words, (*title, *picture, *more, *last))
