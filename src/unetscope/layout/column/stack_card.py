"""The card of a run of equal blocks in the column: what they are, how many, what is inside in brief, what
it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unetscope import units
from unetscope.layout.chain import Ramp
from unetscope.layout.column.boxes import dotted, shade
from unetscope.layout.column.cells import Cell, Fork, Link, Opened, Phase, flat_cells
from unetscope.layout.column.reading import OpenedRun
from unetscope.layout.column.runs import stack_word
from unetscope.layout.column.sizes import FILLS, Measures
from unetscope.layout.measure import text
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.pieces import (
    Piece,
    align,
    at_least,
    box,
    grouped,
    marked,
    over,
    pad,
    paragraph,
    row,
    sketch,
    space,
    stack,
    words,
)
from unetscope.layout.scene import Box, ColourRole, Frame, Item

PAD = 14.0


def title_of(run: OpenedRun) -> str:
    """What the blocks are called, by their streams where these say it: "Double-stream blocks ×19"."""
    count = len(run.blocks.paths)
    lanes = run.inside.lanes
    two = len(lanes) > 1
    word = stack_word(run.blocks)
    if two:
        word = "double-stream"
    elif not two and lanes and "+" in lanes[0].word and "single" in run.blocks.stage.path:
        word = "single-stream"
    named = word[0].upper() + word[1:]
    return f"{named} ×{count}" if count > 1 else named


def subtitle_of(run: OpenedRun, kind: str) -> str:
    """The class of the blocks, with their numbers where their stack holds others too."""
    return kind if run.alone or not run.blocks.numbers else f"{kind} {run.blocks.numbers}"


def stack_card(
    run: OpenedRun,
    kind: str,
    on: CostScale,
    room: float,
    sizes: Measures,
    *,
    name: str,
    steps: Ramp | None,
    brief: bool,
    bars: bool,
    note: str = "",
) -> Piece:
    """The card, in a width. `brief` shows its blocks' inside in short; `bars` its shares of the whole
    network.

    Parts that read t or c are marked "NAME t NUMBER".
    """
    inner = room - 2 * PAD
    parts = [
        heading(
            title_of(run),
            subtitle_of(run, kind),
            units.params(run.blocks.cost.params),
            on.work_with_unit(run.blocks.cost),
            inner,
            sizes,
        )
    ]
    if brief:
        parts.append(_brief(run.inside, inner, sizes, steps, name))
    if note:
        parts.append(paragraph(note, inner, size=sizes.plain, role="dim"))
    if len(run.blocks.paths) > 1:
        parts.append(_one_of(run, on, inner, sizes))
    if bars:
        parts.append(_shares(run, on, inner, sizes))
    body = at_least(pad(stack(*parts, gap=10), PAD, 11), room)
    framed = box(body, "card", "outline", radius=10, line=1.4)
    if steps and not brief:
        framed = over(framed, sketch(9, 9, lambda frame: _stripe(frame, steps, run)))
    tooltip = f"{title_of(run)}: {kind}, {units.exact(run.blocks.cost.params)} parameters"
    return grouped(_deck(framed) if len(run.blocks.paths) > 1 else framed, run.blocks.first, tooltip)


def heading(title: str, below: str, params: str, work: str, room: float, sizes: Measures) -> Piece:
    """Title and class at the left, parameters and work at the right; the title alone where that is too
    wide."""
    head = words(title, size=sizes.heading, bold=True)
    number = words(params, size=sizes.strong + 1, bold=True, side="end")
    name = words(below, size=sizes.plain, role="dim")
    amount = words(work, size=sizes.plain, role="dim", side="end")
    first = row(head, number, gap=10, share="first")
    second = row(name, amount, gap=10, share="first")
    if first.width > room:
        first = paragraph(title, room, size=sizes.heading, bold=True)
        amount = words(f"{params} · {work}", size=sizes.plain, bold=True, side="end")
        second = row(name, amount, gap=10, share="first")
    return stack(first, second if second.width <= room else stack(name, amount))


def _deck(card: Piece) -> Piece:
    """A card that stands for several, with the edges of two more behind it."""

    def draw(frame: Frame) -> Iterator[Item]:
        for step in (6.0, 3.0):
            yield Box(
                Frame(frame.x + step, frame.y + step, frame.width, frame.height), "card", "line", 1.2, 10
            )

    return over(sketch(card.width, card.height, draw), card)


def _stripe(frame: Frame, steps: Ramp, run: OpenedRun) -> Iterator[Item]:
    """The step of a card's cost, at its left edge."""
    yield Box(
        Frame(frame.x + 4, frame.y + 12, 7, frame.height - 24),
        shade(steps, run.blocks.cost)[0],
        "outline",
        1,
        2,
    )


def _one_of(run: OpenedRun, on: CostScale, room: float, sizes: Measures) -> Piece:
    """What one block costs."""
    cost = f"{units.params(run.blocks.one.params)} · {on.work_with_unit(run.blocks.one)}"
    return row(
        words(f"each of {len(run.blocks.paths)}", size=sizes.plain, role="dim"),
        words(cost, size=sizes.plain, bold=True, side="end"),
        gap=8,
        share="first",
    )


def _shares(run: OpenedRun, on: CostScale, room: float, sizes: Measures) -> Piece:
    """Two bars on one scale for all stacks."""
    shares, parts = on.shares(run.blocks.cost), on.heights(run.blocks.cost)
    names = (f"{shares[0]} params", f"{shares[1]} {on.heading}")
    label = max(words(name, size=sizes.plain, bold=True).width for name in names) + 6
    longest = room - label

    def bars(frame: Frame) -> Iterator[Item]:
        for number, (name, part) in enumerate(zip(names, parts, strict=True)):
            high = sizes.plain + 1
            y = frame.y + number * (high + 4)
            bar = Frame(frame.x, y, max(1.5, part * longest), high)
            yield Box(bar, "params") if number == 0 else Box(bar, "macs", "macs-ink", 1, hatch="macs-ink")
            yield text(
                bar.right + 6,
                y + high - 2,
                name,
                size=sizes.plain,
                bold=True,
                role="params" if number == 0 else "macs-ink",
            )

    return sketch(room, 2 * (sizes.plain + 1) + 4, bars)


def _brief(inside: Opened, room: float, sizes: Measures, steps: Ramp | None, name: str) -> Piece:
    """The attention and the MLP of each phase, on lanes where there are several."""
    minis = _Minis(sizes, steps, name)
    return stack(*(minis.phase(phase, room) for phase in inside.phases), gap=sizes.gap - 3)


@dataclass
class _Minis:
    """Small boxes of attention and MLP; those that read conditions are marked, at the side of their rail."""

    sizes: Measures
    steps: Ramp | None
    name: str
    count: int = 0

    def phase(self, phase: Phase, room: float) -> Piece:
        """One phase of a block."""
        lanes, gap = len(phase.before), 8.0
        wide = (room - gap * (lanes - 1)) / max(1, lanes)
        rows: list[Piece] = []
        if any(_shown(flat_cells(links)) for links in phase.before):
            drawn = [
                self._lane(links, wide, _conditions(phase, number), (number == 0, number == lanes - 1))
                for number, links in enumerate(phase.before)
            ]
            filled = (one if one.height else space(wide, 1) for one in drawn)
            rows.append(row(*(Piece(wide, one.height, one.paint) for one in filled), gap=gap))
        shared = [cell for cell in phase.shared if cell.kind in ("scores", "feed-forward")]
        rows += [self._mini(cell, room, _conditions(phase, 0), sides=(True, True)) for cell in shared]
        return stack(*rows, gap=gap)

    def _lane(self, links: tuple[Link, ...], wide: float, reads: str, sides: tuple[bool, bool]) -> Piece:
        rows: list[Piece] = []
        for link in links:
            if isinstance(link, Fork):
                minis = [cell for branch in link.branches for cell in _shown([*branch])]
                part = (wide - 8 * (len(minis) - 1)) / max(1, len(minis))
                rows.append(
                    row(
                        *(
                            self._mini(cell, part, reads, sides=(sides[0] and cell is minis[0], sides[1]))
                            for cell in minis
                        ),
                        gap=8,
                    )
                )
            elif _shown([link]):
                rows.append(self._mini(link, wide, reads, sides=sides))
        return stack(*rows, gap=self.sizes.gap - 3)

    def _mini(self, cell: Cell, wide: float, reads: str, *, sides: tuple[bool, bool]) -> Piece:
        fill, ink = shade(self.steps, cell.cost) if self.steps else FILLS[cell.kind]
        name, detail = cell.brief
        lines = stack(
            dotted(name, wide - 12, size=self.sizes.strong, role=ink, bold=True),
            dotted(detail, wide - 12, size=self.sizes.plain, role=ink),
        )
        outline: ColourRole = "outline" if self.steps else ink
        drawn = at_least(box(pad(align(lines, "fill", middle=True), 6, 5), fill, outline), wide)
        for letter in reads:
            if (letter == "t" and sides[0]) or (letter == "c" and letter in cell.reads and sides[1]):
                self.count += 1
                drawn = marked(drawn, f"{self.name} {letter} {self.count}")
        return drawn


def _shown(cells: list[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.kind in ("scores", "feed-forward") and cell.brief[0]]


def _conditions(phase: Phase, lane: int) -> str:
    """What the boxes of a lane read in a phase."""
    cells = [*flat_cells(phase.before[lane]), *flat_cells(phase.after[lane]), *phase.shared]
    return "".join(sorted({letter for cell in cells for letter in cell.reads}))
