"""Tables and descriptions for a terminal: plain where colour is not wanted, whole at 80 columns."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from io import StringIO

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text

from unetscope.analysis import heads
from unetscope.model import Architecture, Node
from unetscope.paths import OtherNames
from unetscope.render import origins
from unetscope.render.wording import conditioning, input_meaning, levels, not_run
from unetscope.words import basis, lineage, safe, sampling, units

NARROW = 80
_ROOMY = 72
"""Columns from which on the stages of a description show their inputs too."""


def terminal_width() -> int:
    """Columns to fill: the terminal's, 80 where there is none."""
    return max(40, shutil.get_terminal_size((NARROW, 24)).columns)


def _headline(architecture: Architecture) -> str:
    return plain(f"{architecture.title} · {architecture.class_name}")


def description(
    architecture: Architecture,
    *,
    names: OtherNames | None = None,
    width: int = NARROW,
    colour: bool = False,
) -> str:
    """What a network is: facts on the left, its stages below."""
    about = Table.grid(padding=(0, 2))
    about.add_column(style="dim", no_wrap=True)
    about.add_column(overflow="fold")
    for name, value in facts(architecture):
        about.add_row(name, plain(value))
    ends = (
        ("output",) if width < _ROOMY or (names and width <= NARROW) else ("input", "output")
    )  # an input is the output before
    called = ((names.naming, "left"),) if names else ()
    stages = grid(("stage", "left"), *called, ("type", "left"), *((end, "right") for end in ends))
    for stage in architecture.stages:
        node, blocks = architecture.by_path[stage.path], architecture.children[stage.path]
        first, last = node, node
        if node.output is None and blocks:  # a list is never called itself
            first, last = blocks[0], blocks[-1]
        shapes = {"input": first.input, "output": last.output}
        sizes = (units.dimensions(shape) if (shape := shapes[end]) else "" for end in ends)
        other = (plain(names.by_path.get(stage.path, "")),) if names else ()
        stages.add_row(plain(stage.name), *other, plain(_held(node, blocks)), *sizes)
    title = Text(_headline(architecture), "bold")
    return lines(title, about, Text(""), stages, width=width, colour=colour)


def _held(node: Node, blocks: Sequence[Node]) -> str:
    """The class of a stage; of a list how many blocks of which: "19 × FluxTransformerBlock"."""
    types = {block.type for block in blocks}
    return f"{len(blocks)} × {types.pop()}" if node.kind == "container" and len(types) == 1 else node.type


def facts(architecture: Architecture) -> list[tuple[str, str]]:
    """Name and value of everything known; what is not known is left out."""
    known, cost = architecture.facts, architecture.cost
    entries = [
        ("source", architecture.source),
        ("levels", levels(architecture)),
        ("attention", heads.words(architecture)),
        ("conditioning", conditioning(architecture)),
        ("input channels", input_meaning(architecture)),
        ("parameters", f"{units.exact(cost.params)} ({units.params(cost.params)})"),
        ("MACs", f"{units.exact(cost.macs)} ({units.macs(cost.macs)})"),
        ("basis", basis.full(architecture)),
        ("counted", basis.counted(architecture.counting, own=basis.beside(architecture))),
        ("skips", f"{len(architecture.skips)} long skip connections" if architecture.skips else "none"),
        ("predicts", known.prediction_type or ""),
        ("scheduler", known.scheduler or ""),
        ("VAE", known.vae or ""),
        ("text encoders", ", ".join(known.text_encoders)),
        ("sampling", sampling.of(known)),
        ("made from", lineage.made_from(known)),
        ("training", lineage.training(known)),
        ("published", lineage.published(known)),
        ("licence", known.licence or ""),
        (origins.LICENCE_TEXT, origins.address(known.licence)),
        *origins.rows(architecture),
        ("also known as", ", ".join(known.aliases)),
        ("rests on", known.provenance or ""),
        ("hint", heads.hint(architecture)),
        ("ignored keys", ", ".join(architecture.ignored_keys)),
        ("NOT COUNTED", ", ".join(architecture.uncounted)),
        ("notes", "; ".join(architecture.notes)),
        ("not run", not_run(architecture)),
    ]
    return [(name, value) for name, value in entries if value]


def note(text: str, *, width: int = NARROW) -> str:
    """A paragraph of text from outside, wrapped."""
    return lines(Text(plain(text)), width=width, colour=False)


def plain(text: str) -> str:
    """Text from outside on one line, without what a terminal would obey."""
    return safe.line(text)


def grid(*columns: tuple[str, JustifyMethod]) -> Table:
    """A table with a rule under its head and nothing else around it."""
    parts = (
        Column(name, justify=justify, overflow="fold", no_wrap=justify == "right", min_width=len(name))
        for name, justify in columns
    )
    return Table(*parts, box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1), header_style="dim")


def _fit(table: Table, width: int) -> None:
    """Break columns of words, at blanks, where a table is too wide; figures are never cut, nor words if
    there is any way."""
    if any(column.width for column in table.columns):
        return  # the caller knows better
    cells = [[str(cell) for cell in (column.header, *column.cells)] for column in table.columns]
    sizes = [max(map(cell_len, texts)) for texts in cells]
    least = [max(cell_len(word) for text in texts for word in text.split() or [""]) for texts in cells]
    spare = [
        size - low if column.justify == "left" else 0
        for column, size, low in zip(table.columns, sizes, least, strict=True)
    ]
    excess = 2 + sum(sizes) + 3 * (len(sizes) - 1) - width
    for index in sorted(range(len(sizes)), key=spare.__getitem__, reverse=True):
        taken = max(0, min(excess, spare[index]))
        table.columns[index].width = sizes[index] - taken
        excess -= taken
    if excess > 0:  # no word is short enough: rich may break them
        for column in table.columns:
            column.width = None


class _Door(Console):
    """A console that makes all text it is given harmless before it adds codes of its own."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(safe.page(text), style, control)


def lines(*parts: RenderableType, width: int, colour: bool) -> str:
    """Parts one under the other as text without trailing blanks."""
    out = StringIO()
    console = _Door(
        file=out,
        width=width,
        force_terminal=colour,
        force_jupyter=False,  # else rich shows each part in the notebook by itself
        no_color=not colour,
        highlight=False,
        markup=False,
    )
    for part in parts:
        if isinstance(part, Table) and part.box:
            _fit(part, width)
        console.print(part)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
