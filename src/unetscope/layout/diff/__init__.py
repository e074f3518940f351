"""Diff → Scene: verdict, strips, what changed enlarged, causes, exact totals."""

from __future__ import annotations

from collections.abc import Callable

from unetscope.choices import Look, Width, checked
from unetscope.difference import Diff
from unetscope.difference.changes import BlockChange, of
from unetscope.errors import OutputError
from unetscope.layout.diff import cards, column, frame, inputs, inside, rails, renames, strips, tensors, why
from unetscope.layout.diff.pairs import Columns, columns
from unetscope.layout.diff.positions import row_of
from unetscope.layout.diff.u import two_us
from unetscope.layout.page import README, Page
from unetscope.layout.scene import Item, Scene
from unetscope.layout.suiting import suits_u
from unetscope.words import units
from unetscope.words.diff import verdict

Middle = Callable[[Diff, Columns, Look], tuple[Page, list[Item], float]]


def lay_out(
    diff: Diff, *, layout: str = "strip", command: str = "", width: Width = "readme", paper: bool = False
) -> Scene:
    """A picture of how two networks differ.

    `layout` strip draws one strip where both have the same blocks, else two aligned ones; u draws the
    networks as a U. `width` column lists the stages in whichever layout, for one column of a paper; it and
    `paper` are else as for a diagram. Raises OutputError for an unknown choice.
    """
    if layout not in LAYOUTS:
        raise OutputError(f"no layout {layout!r}", hint="layouts: " + ", ".join(LAYOUTS))
    look = checked(Look(command=command, width=width, paper=paper))
    pairs = columns(diff)
    unsuited = next((network for network in (diff.a, diff.b) if not suits_u(network)), None)
    if layout == "u" and unsuited:
        raise OutputError(f"{unsuited.title} is no U", hint="draw the diff with --layout strip")
    if width == "column":
        return column.draw(diff, pairs, look, title=_title(diff), description=_description(diff))
    page, middle, y = LAYOUTS[layout](diff, pairs, look)
    items: list[Item] = [] if paper else frame.title(diff, pairs, page)[0]
    items += middle
    if not paper:
        below = [_cards, _totals]
        for part in reversed(below) if pairs.is_apart else below:
            more, y = part(diff, pairs, page, y=y)
            items += more
    last, y = frame.bottom(diff, pairs, page, look, y + 6)
    return Scene(page.width, y, _title(diff), _description(diff), (*items, *last))


def _strip(diff: Diff, columns: Columns, look: Look) -> tuple[Page, list[Item], float]:
    """One strip where the networks have the same blocks, else two; halves of Us where these are too wide."""
    page, row = row_of(columns, look)
    if page.width > README and look.width == "readme" and suits_u(diff.a) and suits_u(diff.b):
        return two_us(diff, columns, look)
    top = 14.0 if look.paper else frame.title(diff, columns, page)[1] + 12
    if columns.is_aligned:
        items, line, y = strips.one_strip(diff, columns, row, page, top=top)
        if row.inlet and not look.paper and inputs.widened(diff):
            items.append(strips.leader(row.inlet[1], line, y + cards.BELOW))
        return page, items, y
    if columns.is_apart:
        return _apart(diff, columns, look, top=top)
    roles = frame.roles(diff)
    items = [*frame.heading(diff.a, frame.skip_note(diff, columns, after=False), page, top, role=roles[0])]
    more, y = strips.two_strips(diff, columns, row, page, top=top + 14)
    items += more
    more, y = strips.second_strip(diff, columns, row, y=y)
    items += more
    items += frame.heading(diff.b, frame.skip_note(diff, columns, after=True), page, y + 20, role=roles[1])
    return page, items, y + 26


def _apart(diff: Diff, columns: Columns, look: Look, *, top: float) -> tuple[Page, list[Item], float]:
    """Networks without a stage in common: one under the other, each as it would stand alone."""
    rows = [(after, *row_of(columns.alone(after=after), look)) for after in (False, True)]
    page = max((page for _, page, _ in rows), key=lambda page: page.width)
    items: list[Item] = []
    y = top
    for after, _, row in rows:
        network = diff.b if after else diff.a
        alone = columns.alone(after=after)
        note = frame.skip_note(diff, alone, after=after)
        items += frame.heading(network, note, page, y, role=frame.roles(diff)[after])
        more, y = strips.strip_apart(diff, alone, row, top=y + 14, after=after)
        items += more
        y += 24
    more, y = rails.rows(diff, columns, page, y=y - 14)
    return page, [*items, *more], y - 10


def _totals(diff: Diff, columns: Columns, page: Page, *, y: float) -> tuple[list[Item], float]:
    """The exact totals of both; first of all where nothing else compares."""
    return frame.totals(diff, page, y + (22 if columns.is_apart else 10))


def _cards(diff: Diff, columns: Columns, page: Page, *, y: float) -> tuple[list[Item], float]:
    """What changed at the left, why at the right, and the y below."""
    y += cards.BELOW
    inner = inside.block_cards(diff, columns)
    wide, room = cards.widths(page, columns=2)
    opened = inputs.card(diff, room=wide)
    left = [card for card in (opened, *inner, renames.card(diff), tensors.card(diff)) if card]
    right = [card for card in (why.card(diff, room=room), why.beside(diff, room=room)) if card]
    if left:
        cards.balanced(left, right)
        cards.shared(left, right, title="Why, continued")
    else:
        left, right = right[:1], right[1:]
    return cards.in_columns(left, right, page, y=y)


LAYOUTS: dict[str, Middle] = {"strip": _strip, "u": two_us}


def _title(diff: Diff) -> str:
    return f"{diff.a.title} → {diff.b.title}: {verdict(diff.verdict)}"


def _description(diff: Diff) -> str:
    """The picture in words, for readers who cannot see it."""
    parts = [f"Diff of {diff.a.id} and {diff.b.id}: {verdict(diff.verdict)}."]
    for name, before, other in (
        ("parameters", diff.a.cost.params, diff.b.cost.params),
        ("multiply-accumulates", diff.a.cost.macs, diff.b.cost.macs),
        ("tensors", len(diff.a.tensors), len(diff.b.tensors)),
        ("skip connections", len(diff.a.skips), len(diff.b.skips)),
    ):
        parts.append(f"{units.exact(before)} → {units.exact(other)} {name}.")
    for kind in ("removed", "added"):
        named = [change.path for change in of(BlockChange, diff.changes) if change.change == kind]
        parts += [f"Blocks {kind}: {', '.join(named)}."] if named else []
    return " ".join(parts)
