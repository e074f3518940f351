"""The cost at many sizes and the formulas behind it, as text and as JSON."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

from rich.text import Text

from unetscope.analysis.channels import of_input
from unetscope.analysis.remarks import data, remarks
from unetscope.analysis.scaling.formulas import StageFormula, total
from unetscope.analysis.scaling.sweep import Sweep, SweepRow
from unetscope.families import limits
from unetscope.render.table.as_csv import plain as plain_cell
from unetscope.render.text import NARROW, grid, lines, plain
from unetscope.sizes import AxisGrid, Polynomial, Term
from unetscope.words import basis, units

SCHEMA_VERSION = 1

_SYMBOLS = {"height": "H", "width": "W", "frames": "F", "tokens": "T"}
"""Letters of axes in a formula; S stands for H·W. Another axis stands under its own name."""
_WORDS = (("frames", "F", "frames"), ("tokens", "T", "text tokens"))
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def table(sweep: Sweep, *, width: int = NARROW, colour: bool = False) -> str:
    """One line a size, with exact MACs and, where there is room, FLOPs; a traced size says so.

    Numbers are never cut: a table that does not fit is wider than asked for.
    """
    heads, cells = grid_of(sweep)
    if _room(heads, cells) > width:
        cells = [[cell for head, cell in zip(heads, row, strict=True) if head != "FLOPs"] for row in cells]
        heads.remove("FLOPs")
    page = grid(*((head, "right") for head in heads))
    for row in cells:
        page.add_row(*row)
    room = max(width, _room(heads, cells))
    return lines(Text(title(sweep), "bold"), page, *_dim(notes(sweep)), width=room, colour=colour)


def formulas(sweep: Sweep, *, width: int = NARROW, colour: bool = False) -> str:
    """The MACs of each stage, and of the whole, in closed form."""
    heads, (*stages, whole) = formulas_of(sweep)
    page = grid(*((head, "left") for head in heads))
    for row in stages:
        page.add_row(*row)
    page.add_section()
    page.add_row(*whole, style="bold")
    return lines(
        Text(title(sweep), "bold"), page, *_dim((legend(sweep), *notes(sweep))), width=width, colour=colour
    )


def grid_of(sweep: Sweep) -> tuple[list[str], list[list[str]]]:
    """The headings of all columns, and the cells of each size."""
    names = _columns(sweep)
    heads = [basis.kind(sweep.architecture) if name == "sample" else plain(name) for name in names]
    return heads, [[_cell(name, row, sweep) for name in names] for row in sweep.rows]


def formulas_of(sweep: Sweep) -> tuple[list[str], list[list[str]]]:
    """Headings, and a row for each stage with its formula; the last is that of the whole."""
    whole = total(sweep.formulas)
    rows = [
        [plain(formula.name), written(formula.macs, formula.axes)] for formula in (*sweep.formulas, whole)
    ]
    return ["stage", "MACs of one forward, per batch item"], rows


def json(sweep: Sweep) -> dict[str, Any]:
    """Rows as JSON; `latent` is height and width of the network's input, null without; so is `tokens`."""
    return {
        "schema_version": SCHEMA_VERSION,
        "basis": _basis(sweep),
        "rows": [_row(row) for row in sweep.rows],
    }


def formulas_json(sweep: Sweep) -> dict[str, Any]:
    """Formulas as JSON: terms are numerator / denominator × height, width and tokens to their powers."""
    formulas = [_formula(formula) for formula in (*sweep.formulas, total(sweep.formulas))]
    return {"schema_version": SCHEMA_VERSION, "basis": _basis(sweep), "formulas": formulas}


def csv_(sweep: Sweep) -> str:
    """A line a size: its axes by their names, exact integers, what they hold for in columns of its own."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    architecture = sweep.architecture
    about = {"model": architecture.title, **basis.columns(architecture)}
    about = {
        name: value for name, value in about.items() if name not in ("batch", "sample", "tokens", "dtype")
    }
    axes = list(architecture.basis.axes)
    writer.writerow([*axes, "batch", "params", "macs", "flops", "traced", *about])
    for row in sweep.rows:
        counts = [architecture.cost.params, row.cost.macs, row.cost.flops, int(row.traced)]
        writer.writerow(
            [*(row.axes[axis] for axis in axes), row.batch, *counts, *map(plain_cell, about.values())]
        )
    return out.getvalue()


def written(rule: Polynomial, axes: Sequence[str]) -> str:
    """A rule as people write it, highest powers first: "29205/8·S² + 5640·S·T + 27852800"."""
    signed = [
        ("− " if term.numerator < 0 else "+ ") + _term(term, factors) for term, factors in ordered(rule, axes)
    ]
    return " ".join(signed).removeprefix("+ ") or "0"


def ordered(rule: Polynomial, axes: Sequence[str]) -> list[tuple[Term, dict[str, int]]]:
    """The terms of a rule, highest powers first, each with the powers of the symbols it multiplies."""
    named = [(term, _factors(term, axes)) for term in rule]
    return sorted(named, key=lambda pair: (-sum(pair[1].values()), [-power for power in pair[0].powers]))


def _term(term: Term, factors: Mapping[str, int]) -> str:
    digits = str(abs(term.numerator)) + (f"/{term.denominator}" if term.denominator != 1 else "")
    name = "·".join(
        symbol + (str(power).translate(_SUPERSCRIPTS) if power > 1 else "")
        for symbol, power in factors.items()
    )
    return name if name and digits == "1" else f"{digits}·{name}".removesuffix("·")


def _factors(term: Term, axes: Sequence[str]) -> dict[str, int]:
    """The symbols that a term multiplies, with their powers; height times width is S.

    A height without a width is that of a square.
    """
    powers = dict(zip(axes, term.powers, strict=True))
    height = powers.pop("height", 0)
    if "width" in powers:
        width = powers.pop("width")
    else:
        height, width = height - height // 2, height // 2
    area = min(height, width)
    powers_of = {"F": powers.pop("frames", 0), "S": area, "H": height - area, "W": width - area}
    powers_of |= {_SYMBOLS.get(axis, axis): power for axis, power in powers.items()}
    return {symbol: power for symbol, power in powers_of.items() if power}


def title(sweep: Sweep) -> str:
    """The network's title and class."""
    return plain(f"{sweep.architecture.title} · {sweep.architecture.class_name}")


def _columns(sweep: Sweep) -> list[str]:
    """The columns that say anything about this network and these rows, further axes by their names."""
    sides = sweep.architecture.basis.axes.keys() & {"height", "width"}
    return [
        *["pixels"] * (basis.kind(sweep.architecture) == "latent"),
        *["sample"] * bool(sides),
        *(axis for axis in sweep.architecture.basis.axes if axis not in {*sides, "tokens"}),
        "batch",
        *["tokens"] * (sweep.architecture.basis.tokens is not None),
        "MACs",
        "FLOPs",
        *["from"] * any(row.traced for row in sweep.rows),
    ]


def size_of(row: SweepRow) -> str:
    """Sides and the other axes of a row, in one word."""
    sides = [f"{row.latent[0]}x{row.latent[1]}"] if row.latent else []
    further = {axis: size for axis, size in row.axes.items() if axis not in ("height", "width", "tokens")}
    return " ".join([*sides, *(f"{size} {axis}" for axis, size in further.items())])


def _cell(name: str, row: SweepRow, sweep: Sweep) -> str:
    cells = {
        "pixels": basis.times(basis.pixels(sweep.architecture, row.latent) or ()),
        "sample": basis.times(row.latent or ()),
        "batch": str(row.batch),
        "tokens": str(row.tokens),
        "MACs": units.exact(row.cost.macs),
        "FLOPs": units.exact(row.cost.flops),
        "from": "trace" if row.traced else "formula",
    }
    return cells[name] if name in cells else str(row.axes[name])


def _room(names: list[str], cells: list[list[str]]) -> int:
    """Columns of a terminal that a table takes, three blanks between cells."""
    widths = (max(map(len, column)) for column in zip(names, *cells, strict=True))
    return sum(width + 3 for width in widths)


def _dim(sentences: Iterable[str]) -> list[Text]:
    return [Text(line, "dim") for line in sentences]


def notes(sweep: Sweep) -> list[str]:
    """What the numbers hold and leave out, and where formulas hold."""
    return [line for line in (_counted(sweep), reach(sweep)) if line]


def legend(sweep: Sweep) -> str:
    """What the letters of a formula stand for."""
    axes = sweep.architecture.basis.axes
    sided = "the image" if sweep.architecture.part else "the network's input"
    symbols = [f"S = height × width of {sided}"] if "height" in axes else []
    symbols += [f"{symbol} = {word}" for axis, symbol, word in _WORDS if axis in axes]
    return "; ".join(["MACs = batch × formula", *[", ".join(symbols)] * bool(symbols)])


def _counted(sweep: Sweep) -> str:
    """What the numbers hold and what they leave out."""
    architecture = sweep.architecture
    counted = basis.counted(architecture.counting, architecture.uncounted)
    return plain("; ".join((architecture.basis.dtype, counted, *remarks(architecture))))


def reach(sweep: Sweep) -> str:
    """Where formulas hold; empty where there are none."""
    scaling = sweep.architecture.scaling
    if scaling is None:
        return ""
    ends = limits(sweep.architecture.class_name, sweep.architecture.config)
    grids = (grid for grid in scaling.grids if not (grid.axis == "width" or grid.tied))
    side, *rest = (_grid(grid, ends.get(grid.axis, 0)) for grid in grids)
    return f"formulas hold for {side}" + "".join(f", and for {others}" for others in rest)


def _grid(grid: AxisGrid, most: int) -> str:
    """The sizes of one axis in words: "sides that are multiples of 8, 16 or more"; `most` 0 is no end."""
    if grid.tied:
        return plain(f"a {grid.axis} equal to the {grid.tied}")
    name = {"height": "sides", "depth": "depths", "length": "lengths"}.get(grid.axis) or plain(grid.axis)
    if grid.step == 1:
        return f"{name} from {grid.least} on" if grid.axis == "length" else f"{grid.least} {name} or more"
    reach = f"{grid.least} to {most}" if most else f"{grid.least} or more"
    beyond = f"{grid.offset} more than " if grid.offset else ""
    return f"{name} that are {beyond}multiples of {grid.step}, {reach}"


def _basis(sweep: Sweep) -> dict[str, Any]:
    architecture, scaling = sweep.architecture, sweep.architecture.scaling
    grids = scaling.grids if scaling else ()
    side = next((grid for grid in grids if grid.axis == "height"), None)
    return {
        "source": architecture.source,
        "name": architecture.title,
        "class_name": architecture.class_name,
        "channels": of_input(architecture),
        "sample_is": basis.kind(architecture),
        "params": architecture.cost.params,
        **basis.counting_data(architecture.counting),
        "uncounted": list(architecture.uncounted),
        **data(architecture),
        "stride": side.step if side else None,
        "least": side.least if side else None,
        "grids": [_grid_json(grid) for grid in grids],
    }


def _row(row: SweepRow) -> dict[str, Any]:
    return {
        "latent": list(row.latent) if row.latent else None,
        "batch": row.batch,
        "tokens": row.tokens,
        "axes": row.axes,
        "macs": row.cost.macs,
        "flops": row.cost.flops,
        "traced": row.traced,
    }


def _formula(stage: StageFormula) -> dict[str, Any]:
    terms = {name: [_term_json(term, stage.axes) for term in rule] for name, rule in stage.by_op.items()}
    return {"path": stage.path, "name": stage.name, "macs_by_op": terms}


def _term_json(term: Term, axes: Sequence[str]) -> dict[str, int]:
    """A term with the power of each axis by its name."""
    powers = dict(zip(axes, term.powers, strict=True))
    return {"numerator": term.numerator, "denominator": term.denominator, "tokens": 0} | powers


def _grid_json(grid: AxisGrid) -> dict[str, Any]:
    return {"axis": grid.axis, "step": grid.step, "least": grid.least, "offset": grid.offset}
