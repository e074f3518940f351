"""Tables and descriptions for a terminal: plain where colour is not wanted, whole at 80 columns."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from io import StringIO

from rich.box import SIMPLE_HEAD
from rich.console import Console, JustifyMethod, RenderableType
from rich.table import Column, Table
from rich.text import Text

from unetscope import units
from unetscope.analysis.rows import Row
from unetscope.model import Architecture, Cost
from unetscope.render.wording import basis, conditioning, input_meaning
from unetscope.zoo import Preset

NARROW = 80


def terminal_width() -> int:
    """Columns to fill: the terminal's, 80 where there is none."""
    return max(40, shutil.get_terminal_size((NARROW, 24)).columns)


def table(architecture: Architecture, rows: Sequence[Row], *, width: int = NARROW, colour: bool = False) -> str:
    """Parts with parameters, MACs and shares; the last line is the exact sum of those above it.

    Parts that hold and cost nothing (an activation, a sinusoid) have no line.
    """
    wide = width >= 110
    whole = architecture.cost
    grid = _grid(("part", "left"), *_number_columns(wide=wide), ("output", "right"))
    for row in rows:
        if row.cost == Cost():
            continue
        name = f"{row.name or architecture.class_name} (own)" if row.rest else row.name
        output = units.dimensions(row.output) if row.output else ""
        grid.add_row(name, *_numbers(row.cost, whole, wide=wide), output)
    grid.add_section()
    grid.add_row("total", *_numbers(whole, whole, wide=wide), "", style="bold")
    return _lines(
        Text(_headline(architecture), "bold"), grid, *_footer(architecture), width=width, colour=colour
    )


def _number_columns(*, wide: bool) -> tuple[tuple[str, JustifyMethod], ...]:
    by_op: tuple[tuple[str, JustifyMethod], ...] = (("conv", "right"), ("linear", "right"), ("attention", "right")) if wide else ()
    return (("params", "right"), ("%", "right"), ("MACs", "right"), ("%", "right"), *by_op)


def _numbers(cost: Cost, whole: Cost, *, wide: bool) -> tuple[str, ...]:
    """Exact numbers where there is room for them; MACs in G with two decimals where there is not."""
    macs = units.exact(cost.macs) if wide else _giga(cost.macs)
    by_op = tuple(_giga(n) for n in (cost.conv, cost.linear, cost.attention)) if wide else ()
    return (
        units.exact(cost.params),
        units.share(cost.params, whole.params).removesuffix(" %"),
        macs,
        units.share(cost.macs, whole.macs).removesuffix(" %"),
        *by_op,
    )


def _giga(macs: int) -> str:
    """MACs in G with two decimals, which line up under each other."""
    if 0 < macs < 5_000_000:
        return "<0.01 G"
    if macs >= 1e15:
        return f"{macs / 1e15:,.2f} P"
    return f"{macs / 1e9:,.2f} G" if macs else "0"


def _headline(architecture: Architecture) -> str:
    return f"{architecture.title} · {architecture.class_name}"


def _footer(architecture: Architecture) -> list[Text]:
    """Exact totals, what they are made of, the basis, and what was left out."""
    cost = architecture.cost
    made_of = " + ".join(f"{name} {_giga(macs)}" for name, macs in cost.macs_by_op.items() if macs)
    lines = [
        f"{units.exact(cost.params)} parameters, {units.exact(cost.macs)} MACs",
        f"MACs are {made_of}" if made_of else "no operation multiplies and accumulates",
        f"basis: {basis(architecture)}, {architecture.basis.dtype}",
        "one forward; 1 MAC = 2 FLOPs; norms, activations, biases, softmax not counted",
    ]
    if architecture.uncounted:
        lines.append(f"NOT COUNTED for want of a formula: {', '.join(architecture.uncounted)}")
    return [Text(line, "dim") for line in lines]


def description(architecture: Architecture, *, width: int = NARROW, colour: bool = False) -> str:
    """What a network is: facts on the left, its stages below."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in _facts(architecture):
        facts.add_row(name, value)
    stages = _grid(("stage", "left"), ("type", "left"), ("input", "right"), ("output", "right"))
    for stage in architecture.stages:
        node = architecture.by_path[stage.path]
        shapes = (units.dimensions(shape) if shape else "" for shape in (node.input, node.output))
        stages.add_row(stage.name, node.type, *shapes)
    title = Text(_headline(architecture), "bold")
    return _lines(title, facts, Text(""), stages, width=width, colour=colour)


def _facts(architecture: Architecture) -> list[tuple[str, str]]:
    """Name and value of everything known; what is not known is left out."""
    facts, cost = architecture.facts, architecture.cost
    found = [
        ("source", architecture.source),
        ("parameters", f"{units.exact(cost.params)} ({units.params(cost.params)})"),
        ("MACs", f"{units.exact(cost.macs)} ({units.macs(cost.macs)})"),
        ("basis", f"{basis(architecture)}, {architecture.basis.dtype}"),
        ("input channels", input_meaning(architecture)),
        ("conditioning", conditioning(architecture)),
        ("skips", f"{len(architecture.skips)} long skip connections" if architecture.skips else "none"),
        ("predicts", facts.prediction_type or ""),
        ("scheduler", facts.scheduler or ""),
        ("text encoders", ", ".join(facts.text_encoders)),
        ("training", facts.training or ""),
        ("licence", facts.licence or ""),
        ("also known as", ", ".join(facts.aliases)),
        ("rests on", facts.provenance or ""),
        ("ignored keys", ", ".join(architecture.ignored_keys)),
        ("not counted", ", ".join(architecture.uncounted)),
    ]
    return [(name, value) for name, value in found if value]


def presets(known: Sequence[Preset], *, width: int = NARROW, colour: bool = False) -> str:
    """The bundled models, one line each."""
    grid = _grid(("id", "left"), ("model", "left"), ("also known as", "left"))
    for preset in known:
        grid.add_row(preset.id, preset.title, preset.aliases[0] if preset.aliases else "")
    return _lines(grid, width=width, colour=colour)


def _grid(*columns: tuple[str, JustifyMethod]) -> Table:
    """A table with a rule under its head and nothing else around it."""
    made = (
        Column(name, justify=justify, overflow="fold", no_wrap=justify == "right", min_width=len(name))
        for name, justify in columns
    )
    return Table(*made, box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1), header_style="dim")


def _lines(*parts: RenderableType, width: int, colour: bool) -> str:
    """Parts one under the other as text without trailing blanks."""
    out = StringIO()
    console = Console(file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False, markup=False)
    for part in parts:
        console.print(part)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
