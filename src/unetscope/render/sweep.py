"""The cost at many sizes and the formulas behind it, as text and as JSON."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from unetscope import units
from unetscope.analysis.formulas import StageFormula, total
from unetscope.analysis.polynomials import Powers, powers
from unetscope.analysis.resize import LEAST_TOKENS
from unetscope.analysis.sweep import Sweep, SweepRow
from unetscope.model import Rule, Term
from unetscope.render.text import NARROW, grid, lines, plain
from unetscope.words import basis

SCHEMA_VERSION = 1

_NAMES: dict[Powers, str] = {
    # powers of height, width, tokens, in the order in which they are written
    (2, 2, 0): "S²",
    (1, 1, 1): "S·T",
    (0, 0, 2): "T²",
    (1, 1, 0): "S",
    (1, 0, 0): "H",
    (0, 1, 0): "W",
    (0, 0, 1): "T",
    (0, 0, 0): "",
}
_COLUMNS = ("pixels", "sample", "batch", "tokens", "MACs", "FLOPs", "from")


def table(made: Sweep, *, width: int = NARROW, colour: bool = False) -> str:
    """One line a size, with exact MACs and, where there is room, FLOPs; a traced size says so.

    Numbers are never cut: a table that does not fit is wider than asked for.
    """
    names = [name for name in _COLUMNS if _is_shown(name, made)]
    cells = [[_cell(name, row, made) for name in names] for row in made.rows]
    if _room(names, cells) > width:
        cells = [[cell for name, cell in zip(names, row, strict=True) if name != "FLOPs"] for row in cells]
        names.remove("FLOPs")
    heads = [basis.kind(made.architecture) if name == "sample" else name for name in names]
    shown = grid(*((head, "right") for head in heads))
    for row in cells:
        shown.add_row(*row)
    room = max(width, _room(names, cells))
    return lines(Text(_title(made), "bold"), shown, *_footer(made), width=room, colour=colour)


def formulas(made: Sweep, *, width: int = NARROW, colour: bool = False) -> str:
    """The MACs of each stage, and of the whole, in closed form."""
    shown = grid(("stage", "left"), ("MACs of one forward, per batch item", "left"))
    for stage in made.formulas:
        shown.add_row(plain(stage.name), written(stage.macs))
    shown.add_section()
    shown.add_row("total", written(total(made.formulas).macs), style="bold")
    return lines(Text(_title(made), "bold"), shown, *_legend(made), width=width, colour=colour)


def json(made: Sweep) -> dict[str, Any]:
    """Rows as JSON; `latent` is height and width of the network's input, `tokens` null without text."""
    return {"schema_version": SCHEMA_VERSION, "basis": _basis(made), "rows": [_row(row) for row in made.rows]}


def formulas_json(made: Sweep) -> dict[str, Any]:
    """Formulas as JSON: terms are numerator / denominator × height, width and tokens to their powers."""
    found = [_formula(one) for one in (*made.formulas, total(made.formulas))]
    return {"schema_version": SCHEMA_VERSION, "basis": _basis(made), "formulas": found}


def written(rule: Rule) -> str:
    """A rule as people write it, highest powers first: "29205/8·S² + 5640·S·T + 27852800"."""
    order = list(_NAMES)
    terms = sorted(rule, key=lambda term: order.index(powers(term)))
    signed = [("− " if term.numerator < 0 else "+ ") + _term(term) for term in terms]
    return " ".join(signed).removeprefix("+ ") or "0"


def _term(term: Term) -> str:
    digits = str(abs(term.numerator)) + (f"/{term.denominator}" if term.denominator != 1 else "")
    name = _NAMES[powers(term)]
    return name if name and digits == "1" else f"{digits}·{name}".removesuffix("·")


def _title(made: Sweep) -> str:
    return f"{plain(made.architecture.title)} · {made.architecture.class_name}"


def _is_shown(name: str, made: Sweep) -> bool:
    """Whether a column says anything about this network and these rows."""
    match name:
        case "pixels":
            return basis.kind(made.architecture) == "latent"
        case "tokens":
            return made.architecture.basis.tokens is not None
        case "from":
            return any(row.traced for row in made.rows)
        case _:
            return True


def _cell(name: str, row: SweepRow, made: Sweep) -> str:
    cells = {
        "pixels": basis.times(basis.pixels(made.architecture, row.latent) or ()),
        "sample": basis.times(row.latent),
        "batch": str(row.batch),
        "tokens": str(row.tokens),
        "MACs": units.exact(row.cost.macs),
        "FLOPs": units.exact(row.cost.flops),
        "from": "trace" if row.traced else "formula",
    }
    return cells[name]


def _room(names: list[str], cells: list[list[str]]) -> int:
    """Columns of a terminal that a table takes, three blanks between cells."""
    widths = (max(map(len, column)) for column in zip(names, *cells, strict=True))
    return sum(width + 3 for width in widths)


def _footer(made: Sweep) -> list[Text]:
    return [Text(line, "dim") for line in (_counted(made), reach(made)) if line]


def _legend(made: Sweep) -> list[Text]:
    symbols = "S = height × width of the network's input"
    text = ", T = text tokens" if made.architecture.basis.tokens is not None else ""
    first = f"MACs = batch × formula; {symbols}{text}"
    return [Text(line, "dim") for line in (first, _counted(made), reach(made)) if line]


def _counted(made: Sweep) -> str:
    """What the numbers hold and what they leave out."""
    return plain(
        f"{made.architecture.basis.dtype}; "
        + basis.counted(made.architecture.counting, made.architecture.uncounted)
    )


def reach(made: Sweep) -> str:
    """Where formulas hold; empty where there are none."""
    scaling = made.architecture.scaling
    if scaling is None:
        return ""
    tokens = f", and for {LEAST_TOKENS} tokens or more" if made.architecture.basis.tokens is not None else ""
    return f"formulas hold for sides that are multiples of {scaling.stride}, {scaling.least} or more{tokens}"


def _basis(made: Sweep) -> dict[str, Any]:
    architecture, scaling = made.architecture, made.architecture.scaling
    return {
        "source": architecture.source,
        "name": architecture.title,
        "class_name": architecture.class_name,
        "channels": architecture.basis.input[0],
        "sample_is": basis.kind(architecture),
        "params": architecture.cost.params,
        **basis.counting_data(architecture.counting),
        "uncounted": list(architecture.uncounted),
        "stride": scaling.stride if scaling else None,
        "least": scaling.least if scaling else None,
    }


def _row(row: SweepRow) -> dict[str, Any]:
    return {
        "latent": list(row.latent),
        "batch": row.batch,
        "tokens": row.tokens,
        "macs": row.cost.macs,
        "flops": row.cost.flops,
        "traced": row.traced,
    }


def _formula(stage: StageFormula) -> dict[str, Any]:
    terms = {name: [_term_json(term) for term in rule] for name, rule in stage.by_op.items()}
    return {"path": stage.path, "name": stage.name, "macs_by_op": terms}


def _term_json(term: Term) -> dict[str, int]:
    return {
        "numerator": term.numerator,
        "denominator": term.denominator,
        "height": term.height,
        "width": term.width,
        "tokens": term.tokens,
    }
