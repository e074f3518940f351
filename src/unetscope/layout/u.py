"""The picture with the layout of a U: title, the U, what stands outside its stages, insight and legend."""

from __future__ import annotations

from unetscope.layout import costs
from unetscope.layout.furniture import bottom_lines, title_lines
from unetscope.layout.options import Options
from unetscope.layout.outside import outside_card
from unetscope.layout.prepared import prepared, unbadged
from unetscope.layout.scene import Item, Scene
from unetscope.layout.stage_table import stage_table
from unetscope.layout.u_forms import u_form
from unetscope.layout.u_shape import u_shape
from unetscope.layout.u_stages import u_stages
from unetscope.layout.words import description
from unetscope.model import Architecture


def suits(architecture: Architecture) -> bool:
    """Whether a network goes down and up again, through one middle at most: an autoencoder has two."""
    roles = [stage.role for stage in architecture.stages]
    return {"down", "up"} <= {*roles} and roles.count("mid") <= 1 and "body" not in roles


def draw(architecture: Architecture, options: Options) -> Scene:
    """The U of an architecture under these options."""
    drawn = prepared(architecture, options)
    shown = unbadged(drawn) if options.paper else drawn
    on = costs.scale(architecture.cost, [stage.cost for stage in drawn.stages], unit=options.unit)
    form = u_form(options)
    page = form.page
    title, top = title_lines(architecture, on, page, options)
    middle = u_stages if options.detail == "stage" else u_shape
    picture, y = middle(architecture, shown, on, form, top=top + form.top)
    more: list[Item] = []
    if not form.gutters:
        more, y = stage_table(architecture, drawn, on, page, y=y + 14)
    elif not options.paper:
        more, y = outside_card(architecture, drawn, on, page, y=y + 20)
    last, bottom = bottom_lines(architecture, drawn, on, page, options, y=y + 24, lettered=True)
    words = description(architecture, drawn, "U")
    return Scene(page.width, bottom, architecture.title, words, (*title, *picture, *more, *last))
