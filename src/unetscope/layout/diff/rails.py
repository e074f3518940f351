"""What of the conditioning differs: rails of time and of the context with ≠, and the words beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unetscope.analysis.diff import places
from unetscope.difference import Diff
from unetscope.difference.changes import TensorChange, of
from unetscope.layout.chain.blocks import Block
from unetscope.layout.chain.conditioning import comes_as, conditioned, is_context, joining, joins_time
from unetscope.layout.diff.marks import sign
from unetscope.layout.diff.pairs import Columns
from unetscope.layout.diff.positions import PairRow
from unetscope.layout.measure import text, wrapped
from unetscope.layout.page import Page
from unetscope.layout.parts.glyphs import rail_mark
from unetscope.layout.pieces import Piece, align, at_least, paragraph, place, row, sketch, stack, words
from unetscope.layout.scene import ColourRole, Frame, Item, Line
from unetscope.model import Architecture

_HIGH, _MIDDLE, _SIZE = 33.0, 10.0, 10.5
"""Of a rail with its words; from its top to its line; of its words."""
_LEAD, _LINE, _CLEAR = 28.0, 13.0, 6.0
"""From the letter to the rail; between two lines of words; from a rail's begin to its first mark."""
_INKS: tuple[ColourRole, ColourRole] = ("time", "context")


def differing(diff: Diff, columns: Columns) -> dict[int, str]:
    """What differs in words, by the rail it leads to, 0 of time and 1 of the context. Modules of networks
    that share no stage all differ, and are not told."""
    modules = {} if columns.is_apart else _modules(diff)
    by_rail: dict[int, str] = {}
    for index, inputs in enumerate((_time_inputs(diff), _context_inputs(diff))):
        paths = modules.get(index, [])
        named = [f"{', '.join(paths)} differ{'s' * (len(paths) == 1)}"] if paths else []
        if inputs or named:
            by_rail[index] = f"{_INKS[index]}: {'; '.join([*inputs, *named])}"
    return by_rail


def _time_inputs(diff: Diff) -> list[str]:
    """What the time embedding is made of where that differs, whatever names of encoders are known."""
    if joining(diff.a) == joining(diff.b):
        return []
    return [f"made of {' → '.join(joins_time(network) or 'nothing' for network in (diff.a, diff.b))}"]


def _context_inputs(diff: Diff) -> list[str]:
    """What the context is where its width differs, or where one of the networks reads none."""
    if _context_width(diff.a) == _context_width(diff.b):
        return []
    sides = (is_context(network) if _context_width(network) else "none" for network in (diff.a, diff.b))
    return [" → ".join(sides)]


def _context_width(network: Architecture) -> int:
    context = network.input_of("text context")
    is_read = any("context" in reads for reads in conditioned(network).values())
    return context.shape[-1] if context and is_read else 0


def _modules(diff: Diff) -> dict[int, list[str]]:
    """The modules outside the stages that differ, by the rail they lead to."""
    by_rail: dict[int, list[str]] = {}
    for change in of(TensorChange, diff.changes):
        stage = places.of_diff(change, diff)
        if stage is None or stage.role != "conditioning":
            continue
        comes = next(comes_as(network, stage) for network in (diff.a, diff.b) if stage in network.stages)
        paths = by_rail.setdefault(int("time" not in comes), []) if comes else []
        if stage.path not in paths:
            paths.append(stage.path)
    return by_rail


def below(diff: Diff, columns: Columns, placed: PairRow, page: Page, *, y: float) -> tuple[list[Item], float]:
    """A rail from y on for each kind of conditioning that differs, with a mark below every block that reads
    it in either network; and the y below."""
    blocks = [*placed.blocks(after=False), *placed.blocks(after=True)]
    items: list[Item] = []
    for index, sentence in differing(diff, columns).items():
        marks = sorted({frame.centre for block, frame in blocks if _reads(block, index)})
        if marks:
            x, line = placed.left + _LEAD, y + _MIDDLE
            lines = wrapped(sentence, page.right - x, _SIZE)
            # The head stands before the rail or, where the first block leaves no room, before the words.
            head = line if marks[0] > x + _CLEAR else line + 16 - 0.36 * _SIZE
            items += _rail(marks, placed.left, line, index, head=head)
            items += [
                text(x, line + 16 + _LINE * at, sentence_, size=_SIZE, role="dim")
                for at, sentence_ in enumerate(lines)
            ]
            y += _HIGH + _LINE * (len(lines) - 1)
    return items, y


def _reads(block: Block, index: int) -> bool:
    return (block.times, block.texts)[index]


def _rail(marks: Sequence[float], left: float, y: float, index: int, *, head: float) -> Iterator[Item]:
    """The rail, its letter and ≠ at the height `head`."""
    yield text(left, head + 0.36 * _SIZE, "tc"[index], size=_SIZE, role=_INKS[index], bold=True)
    yield Line(((min(left + _LEAD, marks[0]), y), (marks[-1], y)), _INKS[index], 1)
    yield from (rail_mark(mark, y, index) for mark in marks)
    yield from ring(left + (19 if head == y else 17), head)


def ring(x: float, y: float, *, radius: float = 6.5) -> Iterator[Item]:
    """≠ at the head of a rail."""
    return sign("changed", x, y, radius=radius)


def told(diff: Diff, columns: Columns, room: float, *, size: float = _SIZE) -> Piece:
    """A line for each kind of conditioning that differs: its letter, ≠, and what differs."""
    return stack(
        *(_told(index, sentence, room, size) for index, sentence in differing(diff, columns).items()), gap=4
    )


def rows(diff: Diff, columns: Columns, page: Page, *, y: float) -> tuple[list[Item], float]:
    """The same lines across a page, and the y below; nothing where all conditioning is the same."""
    piece = told(diff, columns, page.content)
    return place(piece, Frame(page.margin, y, page.content, piece.height))[0], y + piece.height


def _told(index: int, sentence: str, room: float, size: float) -> Piece:
    letter = at_least(words("tc"[index], size=size, role=_INKS[index], bold=True), 0.7 * size)
    mark = sketch(15, letter.height, lambda frame: ring(frame.centre, frame.middle))
    beside = paragraph(sentence, room - letter.width - mark.width - 14, size=size)
    return row(align(letter, "start"), align(mark, "start"), beside, gap=7)
