"""Every module of a network as the data of its page: what it is, its shapes, what it costs."""

from __future__ import annotations

from collections.abc import Container
from math import prod
from typing import Any

from unetscope.analysis.memory.timeline import live
from unetscope.calls import Scalar
from unetscope.model import Architecture, Node
from unetscope.paths import parent
from unetscope.spec import DTYPES
from unetscope.words import units
from unetscope.words.safe import clean

_EXACT = 2**53
"""From here on a number in JavaScript is not exact: it goes as text."""


def values(architecture: Architecture, *, among: Container[str] | None = None) -> dict[str, Any]:
    """Modules as rows in registration order, the network first, words and shapes by their place in a list.

    `among` are paths of the modules that count, with all around each; None for every module.

    A row: index of the parent (−1 for the network), name below it, type, input, output, parameters, MACs,
    bytes of its output, most bytes that live while it runs, attributes.
    """
    words: dict[str, int] = {}
    nodes = [node for node in architecture.nodes if among is None or node.path in among]
    at = {node.path: index for index, node in enumerate(nodes)}
    peaks, width = _peaks(architecture), DTYPES.get(architecture.basis.dtype, 4)

    def listed(text: str) -> int:
        return words.setdefault(clean(text), len(words))

    rows = []
    for node in nodes:
        cost = architecture.costs[node.path]
        numbers = (cost.params, cost.macs, width * prod(node.output or (0,)), peaks.get(node.path, 0))
        above = at[parent(node.path)] if node.path else -1
        name = clean(node.path.rpartition(".")[2])
        listed_values = [listed(value) for value in (node.type, _shape(node.input), _shape(node.output))]
        rows.append([above, name, *listed_values, *map(_number, numbers), listed(_attributes(node))])
    skips = [[clean(skip.source), clean(skip.target), _shape(skip.shape)] for skip in architecture.skips]
    stages = [[clean(stage.path), clean(stage.name)] for stage in architecture.stages]
    dtype = architecture.basis.dtype
    return {
        "network": clean(architecture.class_name), "dtype": dtype, "width": width,
        "words": list(words), "rows": rows, "skips": skips, "stages": stages,
    }  # fmt: skip


def _number(number: int) -> int | str:
    return number if number < _EXACT else str(number)


def _shape(shape: tuple[int, ...] | None) -> str:
    return units.dimensions(shape) if shape else ""


def _attributes(node: Node) -> str:
    return ", ".join(
        f"{name} {_value(value)}" for name, value in node.attributes.items() if value is not None
    )


def _value(value: Scalar | tuple[Scalar, ...]) -> str:
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _peaks(architecture: Architecture) -> dict[str, int]:
    """The most bytes of activations alive while each module runs, those that wait included."""
    peaks: dict[str, int] = {}
    curve = live(architecture, dtype=architecture.basis.dtype)
    for path, now in zip(curve.paths, curve.fused, strict=True):
        above = path
        while peaks.get(above, -1) < now:
            peaks[above] = now
            if not above:
                break
            above = parent(above)
    return peaks
