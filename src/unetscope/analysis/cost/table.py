"""A table as data: which rows and columns, in what order, and their exact total. Knows no rendering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from unetscope.analysis.cost.columns import CellValue, Column, called, columns, ordered
from unetscope.analysis.cost.folding import fold, sum_of
from unetscope.analysis.cost.rows import PARTITIONS, Row, measured, rows
from unetscope.cost import Cost
from unetscope.hooks import Shown
from unetscope.model import Architecture
from unetscope.paths import OtherNames


@dataclass(frozen=True, slots=True)
class Table(Shown):
    """Rows that add up to `total`, counted as `architecture.counting` says.

    `by` is "depth" or one of PARTITIONS; `in_order` says that the rows stand in the order of the
    forward, stage after stage; the last of `rows` is the sum of the others where `cut`. `inside` is the
    path of the one stage that the rows are of, "" for those of the whole network.
    """

    architecture: Architecture
    by: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row
    in_order: bool = True
    cut: bool = False
    inside: str = ""

    def __repr__(self) -> str:
        names = ", ".join(column.name for column in self.columns)
        return f"Table({self.architecture.title!r}, by={self.by!r}, rows={len(self.rows)}, columns={names!r})"

    def records(self) -> list[dict[str, CellValue | str]]:
        """A dict for each row, of its columns by their names: `pandas.DataFrame(table.records())`.

        Numbers are exact; the total is no row. `path` is that of the module, empty for parts that are none.
        """
        return [
            {
                "path": row.path,
                "name": row.name,
                "type": row.type,
                "repeats": row.repeats,
                **{column.name: column.value(row, self.total) for column in self.columns},
            }
            for row in self.rows
        ]


def table(
    architecture: Architecture,
    *,
    by: str = "stage",
    depth: int | None = None,
    names: Sequence[str],
    sort: str | None = None,
    top: int | None = None,
    folded: bool = False,
    inside: str = "",
    theirs: Mapping[str, int] | None = None,
    other_names: OtherNames | None = None,
) -> Table:
    """A table of parts `by` stage, block, kind or layer, or at a `depth` of nesting.

    `names` are columns, `sort` one of them or any other, largest first. `top` keeps that many rows
    (by `sort`, else by MACs) and sums the rest into one. `folded` makes one row of equal parts.
    Parts that hold and cost nothing are left out. `inside` keeps the rows of one stage.
    `theirs` are torchinfo's mult-adds by the path of a module without children, for the column `torchinfo`.
    `other_names` are a further column.
    Raises UnetscopeError for an unknown column.
    """
    chosen, order = columns(names), _order(names, sort, top)
    chosen = (*chosen, called(other_names)) if other_names else chosen
    every_row = rows(architecture, depth=depth) if depth else PARTITIONS[by](architecture)
    parts: tuple[Row, ...] = tuple(
        row for row in every_row if row.cost != Cost() and inside in ("", row.stage)
    )
    parts = measured(architecture, parts, theirs)
    parts = fold(parts) if folded else parts
    whole = sum_of(parts, name="total")
    if order is not None:
        parts = ordered(parts, order, whole)
    cut = top is not None and top < len(parts)
    if cut:
        rest = parts[top:]
        parts = (*parts[:top], sum_of(rest, name=_others(rest)))
    return Table(architecture, "depth" if depth else by, chosen, parts, whole, order is None, cut, inside)


def _order(names: Sequence[str], sort: str | None, top: int | None) -> Column | None:
    """The column to sort by; None keeps the order of the forward."""
    if sort is None and top is None:
        return None
    if sort == "share":
        return next(
            (column for column in columns(names) if column.quantity == "share"), columns(["share"])[0]
        )
    return columns([sort or "macs"])[0]


def _others(rest: Sequence[Row]) -> str:
    count = sum(row.repeats for row in rest)
    return f"{count} other{'s' if count > 1 else ''}"
