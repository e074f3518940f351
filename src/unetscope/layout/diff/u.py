"""A diff in the layout of a U: one where both networks have the same blocks, else one under the other."""

from __future__ import annotations

from functools import partial

from unetscope.choices import Look
from unetscope.difference import Diff
from unetscope.layout.diff import frame
from unetscope.layout.diff.pairs import Columns
from unetscope.layout.diff.skips import STYLES, fates, stroke
from unetscope.layout.page import Page
from unetscope.layout.parts.scale import scale
from unetscope.layout.scene import Group, Item
from unetscope.layout.u.measures import UForm, u_form
from unetscope.layout.u.shape import u_shape


def two_us(diff: Diff, found: Columns, look: Look) -> tuple[Page, list[Item], float]:
    """Page, picture and the y below it."""
    form = u_form(look)
    y = 14.0 if look.paper else frame.title(diff, found, form.page)[1] + 10
    items: list[Item] = []
    for after in (True,) if found.is_aligned else (False, True):
        network = diff.b if after else diff.a
        if not found.is_aligned:
            note = frame.skip_note(diff, found, after=after)
            items += frame.heading(network, note, form.page, y + 4, role=frame.roles(diff)[after])
            y += 14
        picture, y = _one(diff, found, form, after=after, top=y + form.top + 14)
        items.append(Group(tuple(picture), side="b" if after else "a"))
        y += 26
    return form.page, items, y - 16


def _one(diff: Diff, found: Columns, form: UForm, *, after: bool, top: float) -> tuple[list[Item], float]:
    network = diff.b if after else diff.a
    drawn = found.chain(after=after)
    on = scale(network.cost, [stage.cost for stage in drawn.stages], unit="macs")
    styles = {
        ends: (STYLES[fate][0], partial(stroke, fate))
        for ends, fate in fates(diff, found, after=after).items()
    }
    return u_shape(network, drawn, on, form, top=top, styles=styles)
