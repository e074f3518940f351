"""torchinfo's listing as text, line by line as torchinfo prints it, with our MACs as its mult-adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from unetscope.analysis.cost.torchinfo_listing import ListedLayer, Listing
from unetscope.model import Architecture
from unetscope.sizes import Shape

Column: TypeAlias = Literal["Input Shape", "Output Shape", "Param #", "Mult-Adds"]

_COLUMNS: tuple[Column, ...] = ("Input Shape", "Output Shape", "Param #", "Mult-Adds")
_FITTING = {130: _COLUMNS, 100: _COLUMNS[1:], 0: _COLUMNS[2:]}
"""Width of the listing, and the columns there is room for."""
_WIDTH = 18
_INDENT = 5


def text(architecture: Architecture, listing: Listing, *, depth: int = 3, width: int = 130) -> str:
    """The listing down to a depth; every column of numbers adds up to its total.

    A module that does work itself beside its children (attention's two matmuls) shows it on its own
    line, as torchinfo does with parameters. `width` says how many columns there is room for.
    """
    columns = next(names for least, names in _FITTING.items() if width >= least)
    shown = [layer for layer in listing.layers if layer.depth <= depth]
    wide = max((len(_name(layer)) + _INDENT * layer.depth for layer in shown), default=20)
    rule = "=" * (wide + _WIDTH * len(columns))
    rows = [
        _row(_start(layer.depth) + _name(layer), _cells(architecture, layer, columns, depth), wide)
        for layer in shown
    ]
    head = _row("Layer (type (var_name):depth-idx)", columns, wide)
    lines = [rule, head, rule, *rows, rule, *_counts(architecture, listing), rule, *_sizes(listing), rule]
    return "\n".join(lines) + "\n"


def _name(layer: ListedLayer) -> str:
    """The class with the module's own name, and its number among those of its depth."""
    own = layer.path.rpartition(".")[2] or layer.type
    number = f": {layer.depth}-{layer.index}" if layer.depth and layer.index is not None else ""
    return f"{layer.type} ({own}){number}"


def _start(depth: int) -> str:
    return "" if not depth else "├─" if depth == 1 else "│    " * (depth - 1) + "└─"


def _row(name: str, cells: Sequence[str], wide: int) -> str:
    return " ".join([f"{name:<{wide}}", *(f"{cell:<{_WIDTH}}" for cell in cells)]).rstrip()


def _cells(
    architecture: Architecture, layer: ListedLayer, columns: Sequence[Column], depth: int
) -> list[str]:
    """What a line says under each column; at the greatest depth with all that is below it."""
    whole = layer.depth == depth
    node, cost = architecture.by_path[layer.path], architecture.costs[layer.path]
    cells: dict[Column, str] = {
        "Input Shape": _shape(layer.input),
        "Output Shape": _shape(layer.output),
        "Param #": _params(layer, whole=whole),
        "Mult-Adds": f"{macs:,}" if (macs := (cost if whole else node.own).macs) else "--",
    }
    return [cells[column] for column in columns]


def _shape(shape: Shape) -> str:
    return str(list(shape)) if shape else "--"


def _params(layer: ListedLayer, *, whole: bool) -> str:
    """Parameters, in brackets where none of them is trained."""
    if layer.again:
        return "(recursive)"
    count = layer.params if whole else layer.left_over
    if not count:
        return "--"
    return f"{count:,}" if layer.trainable else f"({count:,})"


def _counts(architecture: Architecture, listing: Listing) -> Iterator[str]:
    yield f"Total params: {listing.params:,}"
    yield f"Trainable params: {listing.trainable:,}"
    yield f"Non-trainable params: {listing.params - listing.trainable:,}"
    yield f"Total mult-adds: {architecture.cost.macs:,}"


def _sizes(listing: Listing) -> Iterator[str]:
    """Bytes in millions, as torchinfo estimates them."""
    parts = (listing.input_bytes, listing.output_bytes, listing.param_bytes)
    named = ("Input size", "Forward/backward pass size", "Params size", "Estimated Total Size")
    for name, count in zip(named, (*parts, sum(parts)), strict=True):
        yield f"{name} (MB): {count / 1e6:0.2f}"
