"""How the values of two files of weights differ, in each format: by block, in CSV and JSON by tensor."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from unetscope.checkpoints.values.changes import BlockValues, Sums, TensorValues, WeightDiff
from unetscope.choices import Measured
from unetscope.render.json import dumps
from unetscope.render.table.as_csv import plain as cell
from unetscope.render.table.as_markdown import escape
from unetscope.render.table.as_markdown import title as heading_of
from unetscope.render.text import NARROW, grid, lines, plain
from unetscope.words import units

SCHEMA_VERSION = 1
_HEADINGS = ("block", "changed", "‖Δ‖/‖A‖", "cosine", "max |Δ|", "share")
_FILE_WIDTH = 120
_COLUMNS_SHOWN = ((0, 1, 2, 3, 4, 5), (0, 1, 2, 3, 5), (0, 1, 2, 5), (0, 2, 5))
"""Which columns a terminal shows: the first of these that leave the names of blocks whole."""
_STATES = {"reshaped": "of another shape", "not compared": "of a type whose values are not compared"}
_SHOWN = 5
"""Tensors of a kind that are named; the others are counted."""


def text(diff: WeightDiff, *, width: int = NARROW, colour: bool = False) -> str:
    """What is the same, what changed and by how much: the blocks that changed, then all of them."""
    changed = [block for block in diff.blocks if block.count("equal") < len(block.tensors)]
    blocks = [*changed, diff.total] if len(changed) > 1 else changed
    rows = [[plain(cell) for cell in _row(block, width)] for block in blocks]
    columns = next((choice for choice in _COLUMNS_SHOWN if _wide(rows, choice) <= width), _COLUMNS_SHOWN[-1])
    table = grid(*((_HEADINGS[at], "right" if at else "left") for at in columns))
    for row in rows:
        table.add_row(*(row[at] for at in columns))
    head = Text(plain(f"{diff.a} → {diff.b}"), "bold")
    body = [table] if changed else []
    notes = [Text(plain(line), "dim") for line in _notes(diff)]
    return lines(head, Text(plain(verdict(diff))), *body, *notes, width=width, colour=colour)


def verdict(diff: WeightDiff) -> str:
    """In one line: equal, scaled, or how much changed and where."""
    both = len(diff.tensors)
    if diff.equal:
        return f"the same values in all {units.exact(both)} tensors"
    same = diff.total.count("equal")
    blocks = [block for block in diff.blocks if block.count("changed")]
    if not both:
        return "no tensor is in both"
    if diff.total.scale is not None:
        return f"all {units.exact(both)} tensors are those of {diff.a} times {number(diff.total.scale)}"
    counts = units.exact(same), units.exact(diff.total.count("changed"))
    summary = f"{units.exact(both)} tensors in both: {counts[0]} equal, {counts[1]} changed"
    most = max(blocks, key=lambda block: block.share or 0, default=None)
    if len(blocks) == 1:
        return f"{summary}, all of them in {blocks[0].path}"
    part = "most of it" if most and (most.share or 0) > 0.5 else "the largest part"
    return f"{summary}, {part} in {most.path} ({percent(most.share)})" if most else summary


def _notes(diff: WeightDiff) -> Iterator[str]:
    """What the table does not show."""
    equal = [block.path for block in diff.blocks if block.count("equal") == len(block.tensors)]
    if equal and not diff.equal:
        yield f"equal: {_named(equal)}"
    for state, word in _STATES.items():
        names = [tensor.name for tensor in diff.tensors if tensor.state == state]
        if names:
            yield f"{word}: {_named(names)}"
    odd = [tensor.name for tensor in diff.tensors if not tensor.sums.finite]
    if odd:
        yield f"with values that are not finite: {_named(odd)}"
    for name, only in ((diff.a, diff.only_a), (diff.b, diff.only_b)):
        if only:
            yield f"only in {name}: {_named(only)}"
    if diff.naming:
        yield f"tensors were matched by {diff.naming}"
    kinds = {tensor.dtypes for tensor in diff.tensors if tensor.dtypes[0] != tensor.dtypes[1]}
    if kinds:
        yield "types differ: " + ", ".join(f"{a} → {b}" for a, b in sorted(kinds))


def _named(names: Sequence[str]) -> str:
    some = ", ".join(names[:_SHOWN])
    return some if len(names) <= _SHOWN else f"{some} and {units.exact(len(names) - _SHOWN)} more"


def _wide(rows: Sequence[Sequence[str]], columns: Sequence[int]) -> int:
    """Columns of a terminal that a table of some columns takes."""
    sides = [max(cell_len(row[at]) for row in (_HEADINGS, *rows)) for at in columns]
    return 2 + sum(sides) + 3 * (len(sides) - 1)


def _row(block: BlockValues, width: int = _FILE_WIDTH) -> list[str]:
    path = block.path or "all"
    if width < _FILE_WIDTH and len(path) > 32:
        path = f"…{path[-31:]}"
    changed = f"{units.exact(len(block.tensors) - block.count('equal'))}/{units.exact(len(block.tensors))}"
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


def markdown(diff: WeightDiff, *, heading: int = 1) -> str:
    """The same with every block. Names come from files: every mark is escaped."""
    rows = [_row(block) for block in (*diff.blocks, diff.total)]
    table = [
        _line(_HEADINGS),
        _line(["---", *["--:"] * (len(_HEADINGS) - 1)]),
        *(_line([escape(content) for content in row]) for row in rows),
    ]
    notes = [f"- {escape(line)}" for line in _notes(diff)]
    head = [heading_of(f"{diff.a} → {diff.b}", heading), "", escape(verdict(diff)), ""]
    return "\n".join([*head, *table, "", *notes]) + "\n"


def _line(texts: Sequence[str]) -> str:
    cells = (text.replace("|", chr(92) + "|") if text == "max |Δ|" else text for text in texts)
    return f"| {' | '.join(cells)} |"


_COLUMNS = (
    *("tensor", "block", "in_a", "in_b", "state", "shape_a", "shape_b", "dtype_a", "dtype_b"),
    *("elements", "relative", "cosine", "max_abs", "norm_ratio", "scale"),
)


def csv_(diff: WeightDiff) -> str:
    """A line for each tensor of either file, all digits; empty where nothing is known."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for tensor in diff.tensors:
        shapes = ["x".join(map(str, shape)) for shape in tensor.shapes]
        figures = (_figures(tensor.sums)[name] for name in _COLUMNS[9:14])
        texts = map(cell, (tensor.name, tensor.block, *tensor.own, tensor.state))
        writer.writerow([*texts, *shapes, *tensor.dtypes, *map(_field, figures), _field(tensor.scale)])
    for state, names in (("only in A", diff.only_a), ("only in B", diff.only_b)):
        writer.writerows([cell(name), *[""] * 3, state, *[""] * 10] for name in names)
    return out.getvalue()


def _field(value: float | None) -> str | int:
    return "" if value is None else value if isinstance(value, int) else f"{value:.9g}"


def document(diff: WeightDiff) -> dict[str, Any]:
    """All that is known as JSON: null where a figure is not known or not finite."""
    return {
        "schema_version": SCHEMA_VERSION,
        "a": diff.a,
        "b": diff.b,
        "equal": diff.equal,
        "naming": diff.naming or None,
        "network": diff.network or None,
        "bytes": diff.bytes,
        "total": _block(diff.total),
        "blocks": [{"block": block.path, **_block(block)} for block in diff.blocks],
        "tensors": [_tensor(tensor) for tensor in diff.tensors],
        "only_in_a": list(diff.only_a),
        "only_in_b": list(diff.only_b),
    }


def _block(values: BlockValues) -> dict[str, Any]:
    return {
        "tensors": len(values.tensors),
        "equal": values.count("equal"),
        "changed": values.count("changed"),
        "reshaped": values.count("reshaped"),
        "not_compared": values.count("not compared"),
        **_figures(values.sums),
        "scale": values.scale,
        "share_of_change": values.share,
    }


def _tensor(values: TensorValues) -> dict[str, Any]:
    return {
        "name": values.name,
        "block": values.block,
        "in_a": values.own[0],
        "in_b": values.own[1],
        "state": values.state,
        "shapes": [list(shape) for shape in values.shapes],
        "dtypes": list(values.dtypes),
        **_figures(values.sums),
        "scale": values.scale,
    }


def _figures(sums: Sums) -> dict[str, Any]:
    return {
        "elements": sums.elements,
        "relative": sums.relative,
        "cosine": sums.cosine,
        "max_abs": sums.largest if math.isfinite(sums.largest) else None,
        "norm_ratio": sums.ratio,
    }


def measured(diff: WeightDiff) -> Measured:
    """What a picture shows: how much each block changed, and the verdict."""
    changes = {block.path: (block.sums.change, block.sums.a) for block in diff.blocks if block.sums.finite}
    return Measured(changes, (verdict(diff),))


FORMATS: dict[str, tuple[str, Callable[..., str]]] = {
    "text": ("txt", lambda difference: text(difference, width=_FILE_WIDTH)),
    "json": ("json", lambda difference: dumps(document(difference))),
    "csv": ("csv", csv_),
    "markdown": ("md", markdown),
}
"""Format → the suffix of its files and what makes their text, the default first."""

SUFFIXES = {suffix: name for name, (suffix, _) in FORMATS.items()}
PICTURES = ("svg", "png", "pdf", "tex")
"""Formats of the strip whose fills say how much each block changed."""
