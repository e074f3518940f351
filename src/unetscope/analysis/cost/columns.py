"""The columns a table may have: what each holds, by the name it is asked for. Knows no rendering."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal, TypeAlias

from unetscope.analysis.cost.rows import Row
from unetscope.errors import UnetscopeError
from unetscope.paths import OtherNames
from unetscope.sizes import Shape
from unetscope.words.messages import did_you_mean

ColumnQuantity: TypeAlias = Literal["count", "work", "bytes", "share", "ratio", "shape", "name"]
CellValue: TypeAlias = int | float | Shape | str | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `value` takes a row and the total; all but shares, ratios and shapes add up."""

    name: str
    heading: str
    quantity: ColumnQuantity
    value: Callable[[Row, Row], CellValue]


def _intensity(row: Row, _: Row) -> float | None:
    """FLOPs per byte moved; none where no counted operation runs."""
    return row.cost.flops / row.moved if row.moved else None


COLUMNS = {
    column.name: column
    for column in (
        Column("params", "params", "count", lambda row, _: row.cost.params),
        Column("macs", "MACs", "work", lambda row, _: row.cost.macs),
        Column("conv", "conv", "work", lambda row, _: row.cost.conv),
        Column("linear", "linear", "work", lambda row, _: row.cost.linear),
        Column("attention", "attention", "work", lambda row, _: row.cost.attention),
        Column("other", "other", "work", lambda row, _: row.cost.other),
        Column("flops", "FLOPs", "work", lambda row, _: row.cost.flops),
        Column("input", "input", "shape", lambda row, _: row.input),
        Column("output", "output", "shape", lambda row, _: row.output),
        Column("activation", "activation", "bytes", lambda row, _: row.activation),
        Column("moved", "moved", "bytes", lambda row, _: row.moved),
        Column("intensity", "FLOPs/byte", "ratio", _intensity),
    )
}
"""All columns but `share`, which is the share in the total of the column before it."""
TORCHINFO = Column("torchinfo", "torchinfo", "work", lambda row, _: row.theirs)
"""torchinfo's own mult-adds, of a table that was given them."""

NAMES = ("params", "share", *(name for name in COLUMNS if name != "params"))
ALL = ("params", "share", "macs", "share", *(name for name in COLUMNS if name not in ("params", "macs")))
BRIEF = ("params", "share", "macs", "share", "output")
USUAL = ("params", "share", "macs", "share", "conv", "linear", "attention", "output")


def columns(names: Sequence[str]) -> tuple[Column, ...]:
    """Columns by name, each once. Raises UnetscopeError for an unknown name or none at all."""
    chosen: dict[str, Column] = {}
    before = COLUMNS["macs"]
    for name in names:
        column = _share(before) if name == "share" else _known(name)
        before = before if column.quantity == "share" else column
        chosen.setdefault(column.name, column)
    if not chosen:
        raise UnetscopeError("no column is named", hint="columns: " + ", ".join(NAMES))
    return tuple(chosen.values())


def called(names: OtherNames) -> Column:
    """What the module of a row is called in another naming."""
    return Column(names.naming, names.naming, "name", lambda row, _: names.by_path.get(row.path, ""))


def with_unit(names: Sequence[str], unit: str) -> tuple[str, ...]:
    """The same columns with FLOPs in place of MACs, and without classes of MACs, for the unit flops."""
    if unit == "macs":
        return tuple(names)
    remaining = (name for name in names if name not in ("flops", "conv", "linear", "attention", "other"))
    return tuple("flops" if name == "macs" else name for name in remaining)


def with_torchinfo(names: Sequence[str]) -> tuple[str, ...]:
    """The same columns with torchinfo's mult-adds behind our work and its share, else at the end."""
    if TORCHINFO.name in names:
        return tuple(names)
    at = next((at + 1 for at, name in enumerate(names) if name in ("macs", "flops")), len(names))
    at += names[at : at + 1] == ("share",)
    return (*names[:at], TORCHINFO.name, *names[at:])


def ordered(rows: Iterable[Row], column: Column, whole: Row) -> tuple[Row, ...]:
    """Rows by a column, the largest first; a shape by its elements; equals stay in their order."""
    return tuple(sorted(rows, key=lambda row: -_size(column.value(row, whole))))


def _known(name: str) -> Column:
    if name == TORCHINFO.name:
        return TORCHINFO
    if name not in COLUMNS:
        hint = f"{did_you_mean(name, NAMES)} columns: {', '.join(NAMES)}".lstrip()
        raise UnetscopeError(f"no column is called {name!r}", hint=hint)
    return COLUMNS[name]


def _share(of: Column) -> Column:
    """The share of a column's total that a row holds. Raises UnetscopeError where nothing adds up."""
    if of.quantity in ("shape", "ratio"):
        raise UnetscopeError(f"{of.name} has no share", hint="put share after a column that adds up")

    def value(row: Row, whole: Row) -> float:
        part, everything = of.value(row, whole), of.value(whole, whole)
        return _size(part) / _size(everything) if everything else 0.0

    return Column(f"{of.name}_share", "%", "share", value)


def _size(value: CellValue) -> float:
    if value is None or isinstance(value, str):
        return 0
    return prod(value) if isinstance(value, tuple) else value
