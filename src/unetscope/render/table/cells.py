"""A table's cells, names and basis in words: what its text, Markdown, HTML and LaTeX share."""

from __future__ import annotations

from unetscope.analysis.cost.columns import CellValue, Column
from unetscope.analysis.cost.rows import Row
from unetscope.analysis.cost.table import Table
from unetscope.analysis.remarks import remarks
from unetscope.render.wording import not_run
from unetscope.words import safe, units
from unetscope.words.basis import statement as basis_statement

INTENSITY = "intensity = FLOPs / bytes moved"
MOVED = "moved = bytes of weights, inputs and outputs of each counted operation, once each"

THEIRS = "torchinfo = its own mult-adds: parameters × positions, biases and norms too, no attention matmuls"


def cell(column: Column, value: CellValue, *, brief: bool = False) -> str:
    """A value as text: exact to the unit, or, where `brief`, work in G and bytes in binary units."""
    if value is None:
        return ""
    if isinstance(value, str):
        return safe.line(value)
    if isinstance(value, tuple):
        return units.dimensions(value)
    match column.quantity:
        case "share":
            return percent(value)
        case "ratio":
            return f"{value:,.1f}"
        case "work" if brief:
            return giga(int(value))
        case "bytes" if brief:
            return units.bytes_(int(value)) if value else "0"
        case _:
            return units.exact(int(value))


def heading(table: Table, column: Column) -> str:
    """A column's heading where it stands alone: "% of MACs"."""
    if column.quantity != "share":
        return column.heading
    before = table.columns[table.columns.index(column) - 1]
    return f"% of {before.heading}"


def percent(share: float) -> str:
    """A share without its sign, as its column is headed %."""
    return units.share(round(share * 10**9), 10**9).removesuffix(" %") if share > 1e-9 else "0"


def giga(macs: int) -> str:
    """Work in G with two decimals, which line up under each other."""
    if 0 < macs < 5_000_000:
        return "<0.01 G"
    if macs >= 1e15:
        return f"{macs / 1e15:,.2f} P"
    return f"{macs / 1e9:,.2f} G" if macs else "0"


def giga_macs(macs: int) -> str:
    """The same with the unit's name: "63.03 GMAC"."""
    return f"{giga(macs)}MAC" if macs else "0 MAC"


def name(table: Table, row: Row) -> str:
    """A row's name, whether it holds a module's own share only, and how many equal parts it stands for."""
    text = (row.name or table.architecture.class_name) + (" (own)" if row.rest else "")
    return f"{text} ×{row.repeats}" if row.repeats > 1 and row.path else text


def headline(table: Table) -> str:
    """The network's title and class, and the stage that the rows are of where it is one alone."""
    network = table.architecture
    stage = [f"{network.stage(table.inside).name} ({table.inside})"] if table.inside else []
    return " · ".join([network.title, network.class_name, *stage])


def totals(table: Table) -> tuple[str, str]:
    """Exact totals, and what the MACs are made of."""
    cost = table.total.cost
    made_of = " + ".join(f"{name} {giga(macs)}" for name, macs in cost.macs_by_op.items() if macs)
    flops = (
        f", {units.exact(cost.flops)} FLOPs" if "flops" in {column.name for column in table.columns} else ""
    )
    return (
        f"{units.exact(cost.params)} parameters, {units.exact(cost.macs)} MACs{flops}",
        f"MACs are {made_of}" if made_of else "no operation multiplies and accumulates",
    )


def statement(table: Table) -> str:
    """The basis in one line: input, batch, tokens, dtype, convention, forwards, what is left out."""
    architecture = table.architecture
    parts = [basis_statement(architecture)]
    parts += [f"not run: {words}"] if (words := not_run(architecture)) else []
    parts += remarks(architecture)
    columns = {column.name for column in table.columns}
    parts += [INTENSITY] if "intensity" in columns else []
    parts += [MOVED] if {"intensity", "moved"} & columns else []
    parts += ["activation = bytes of the output"] if "activation" in columns else []
    parts += [THEIRS] if "torchinfo" in columns else []
    return "; ".join(parts)
