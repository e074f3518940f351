"""How the values of two files of weights differ, in each format: by block, in CSV and JSON by tensor."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from typing import Any

from rich.text import Text

from unetscope import units
from unetscope.checkpoints.values.changes import BlockValues, Sums, TensorValues, WeightDiff
from unetscope.choices import Measured
from unetscope.render.json import dumps
from unetscope.render.table.as_csv import plain as cell
from unetscope.render.table.as_markdown import escape
from unetscope.render.table.as_markdown import title as heading_of
from unetscope.render.text import NARROW, grid, lines, plain

SCHEMA_VERSION = 1
_HEADINGS = ("block", "changed", "‖Δ‖/‖A‖", "cosine", "max |Δ|", "share")
_FILE_WIDTH = 120
_ROOMY, _FEW = 72, (0, 2, 5)
"""Columns of a terminal below which block, relative change and share are all that is shown."""
_STATES = {"reshaped": "of another shape", "not compared": "of a type whose values are not compared"}
_SHOWN = 5
"""Tensors of a kind that are named; the others are counted."""


def text(given: WeightDiff, *, width: int = NARROW, colour: bool = False) -> str:
    """What is the same, what changed and by how much: the blocks that changed, then all of them."""
    changed = [one for one in given.blocks if one.count("equal") < len(one.tensors)]
    columns = range(len(_HEADINGS)) if width >= _ROOMY else _FEW
    table = grid(*((_HEADINGS[at], "right" if at else "left") for at in columns))
    rows = [_row(block, width) for block in changed]
    for row in (*rows, _row(given.total, width)) if len(rows) > 1 else rows:
        table.add_row(*(plain(row[at]) for at in columns))
    head = Text(plain(f"{given.a} → {given.b}"), "bold")
    body = [table] if changed else []
    notes = [Text(plain(line), "dim") for line in _notes(given)]
    return lines(head, Text(plain(verdict(given))), *body, *notes, width=width, colour=colour)


def verdict(given: WeightDiff) -> str:
    """In one line: equal, scaled, or how much changed and where."""
    both = len(given.tensors)
    if given.equal:
        return f"the same values in all {units.exact(both)} tensors"
    same = given.total.count("equal")
    blocks = [block for block in given.blocks if block.count("changed")]
    if not both:
        return "no tensor is in both"
    if given.total.scale is not None:
        return f"all {units.exact(both)} tensors are those of {given.a} times {number(given.total.scale)}"
    counts = units.exact(same), units.exact(given.total.count("changed"))
    told = f"{units.exact(both)} tensors in both: {counts[0]} equal, {counts[1]} changed"
    most = sorted(blocks, key=lambda one: -(one.share or 0))[:1]
    if len(blocks) == 1:
        return f"{told}, all of them in {blocks[0].path}"
    return f"{told}, most of it in {most[0].path} ({percent(most[0].share)})" if most else told


def _notes(given: WeightDiff) -> Iterator[str]:
    """What the table does not show."""
    equal = [block.path for block in given.blocks if block.count("equal") == len(block.tensors)]
    if equal and not given.equal:
        yield f"equal: {_named(equal)}"
    for state, word in _STATES.items():
        found = [tensor.name for tensor in given.tensors if tensor.state == state]
        if found:
            yield f"{word}: {_named(found)}"
    odd = [tensor.name for tensor in given.tensors if not tensor.sums.finite]
    if odd:
        yield f"with values that are not finite: {_named(odd)}"
    for name, only in ((given.a, given.only_a), (given.b, given.only_b)):
        if only:
            yield f"only in {name}: {_named(only)}"
    if given.naming:
        yield f"tensors were matched by {given.naming}"
    kinds = {tensor.dtypes for tensor in given.tensors if tensor.dtypes[0] != tensor.dtypes[1]}
    if kinds:
        yield "types differ: " + ", ".join(f"{a} → {b}" for a, b in sorted(kinds))


def _named(names: Sequence[str]) -> str:
    some = ", ".join(names[:_SHOWN])
    return some if len(names) <= _SHOWN else f"{some} and {units.exact(len(names) - _SHOWN)} more"


def _row(block: BlockValues, width: int = _FILE_WIDTH) -> list[str]:
    path = block.path or "all"
    if width < _FILE_WIDTH and len(path) > 32:
        path = f"…{path[-31:]}"
    changed = f"{units.exact(len(block.tensors) - block.count('equal'))} of {units.exact(len(block.tensors))}"
    return [path, changed, *_measures(block.sums), percent(block.share)]


def _measures(sums: Sums) -> list[str]:
    return [number(sums.relative), _cosine(sums), number(sums.largest)]


def number(value: float | None) -> str:
    """Three digits; a dash for what is not known or not finite."""
    if value is None or not math.isfinite(value):
        return "–"
    return "0" if value == 0 else f"{value:.3g}"


def _cosine(sums: Sums) -> str:
    """A cosine to six digits; nearer to 1 than that, by how much it is less."""
    apart = sums.apart
    if apart is None:
        return "–"
    return f"{1 - apart:.6f}" if apart >= 5e-7 or not apart else f"1 − {apart:.0e}"


def percent(share: float | None) -> str:
    """A part of all that changed."""
    if share is None:
        return "–"
    return units.share(round(share * 10**9), 10**9)


def markdown(given: WeightDiff, *, heading: int = 1) -> str:
    """The same with every block. Names come from files: every mark is escaped."""
    rows = [_row(block) for block in (*given.blocks, given.total)]
    table = [
        _line(_HEADINGS),
        _line(["---", *["--:"] * (len(_HEADINGS) - 1)]),
        *(_line([escape(one) for one in row]) for row in rows),
    ]
    notes = [f"- {escape(line)}" for line in _notes(given)]
    head = [heading_of(f"{given.a} → {given.b}", heading), "", escape(verdict(given)), ""]
    return "\n".join([*head, *table, "", *notes]) + "\n"


def _line(texts: Sequence[str]) -> str:
    return f"| {' | '.join(one.replace('|', chr(92) + '|') if one == 'max |Δ|' else one for one in texts)} |"


_COLUMNS = (
    *("tensor", "block", "in_a", "in_b", "state", "shape_a", "shape_b", "dtype_a", "dtype_b"),
    *("elements", "relative", "cosine", "max_abs", "norm_ratio", "scale"),
)


def csv_(given: WeightDiff) -> str:
    """A line for each tensor of either file, all digits; empty where nothing is known."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in given.tensors:
        shapes = ["x".join(map(str, shape)) for shape in one.shapes]
        figures = (_figures(one.sums)[name] for name in _COLUMNS[9:14])
        texts = map(cell, (one.name, one.block, *one.own, one.state))
        writer.writerow([*texts, *shapes, *one.dtypes, *map(_field, figures), _field(one.scale)])
    for state, names in (("only in A", given.only_a), ("only in B", given.only_b)):
        writer.writerows([cell(name), *[""] * 3, state, *[""] * 10] for name in names)
    return out.getvalue()


def _field(value: float | None) -> str | int:
    return "" if value is None else value if isinstance(value, int) else f"{value:.9g}"


def document(given: WeightDiff) -> dict[str, Any]:
    """All that is known as JSON: null where a figure is not known or not finite."""
    return {
        "schema_version": SCHEMA_VERSION,
        "a": given.a,
        "b": given.b,
        "equal": given.equal,
        "naming": given.naming or None,
        "network": given.network or None,
        "bytes": given.bytes,
        "total": _block(given.total),
        "blocks": [{"block": block.path, **_block(block)} for block in given.blocks],
        "tensors": [_tensor(tensor) for tensor in given.tensors],
        "only_in_a": list(given.only_a),
        "only_in_b": list(given.only_b),
    }


def _block(one: BlockValues) -> dict[str, Any]:
    return {
        "tensors": len(one.tensors),
        "equal": one.count("equal"),
        "changed": one.count("changed"),
        "reshaped": one.count("reshaped"),
        "not_compared": one.count("not compared"),
        **_figures(one.sums),
        "scale": one.scale,
        "share_of_change": one.share,
    }


def _tensor(one: TensorValues) -> dict[str, Any]:
    return {
        "name": one.name,
        "block": one.block,
        "in_a": one.own[0],
        "in_b": one.own[1],
        "state": one.state,
        "shapes": [list(shape) for shape in one.shapes],
        "dtypes": list(one.dtypes),
        **_figures(one.sums),
        "scale": one.scale,
    }


def _figures(sums: Sums) -> dict[str, Any]:
    return {
        "elements": sums.elements,
        "relative": sums.relative,
        "cosine": sums.cosine,
        "max_abs": sums.largest if math.isfinite(sums.largest) else None,
        "norm_ratio": sums.ratio,
    }


def measured(given: WeightDiff) -> Measured:
    """What a picture shows: how much each block changed, and the verdict."""
    changes = {block.path: (block.sums.change, block.sums.a) for block in given.blocks if block.sums.finite}
    return Measured(changes, (verdict(given),))


FORMATS: dict[str, tuple[str, Callable[..., str]]] = {
    "text": ("txt", lambda given: text(given, width=_FILE_WIDTH)),
    "json": ("json", lambda given: dumps(document(given))),
    "csv": ("csv", csv_),
    "markdown": ("md", markdown),
}
"""Format → the suffix of its files and what makes their text, the default first."""

SUFFIXES = {suffix: name for name, (suffix, _) in FORMATS.items()}
PICTURES = ("svg", "png", "pdf", "tex")
"""Formats of the strip whose fills say how much each block changed."""
