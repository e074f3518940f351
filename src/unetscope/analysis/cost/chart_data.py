"""What charts show of networks, as plain numbers that add up. Knows no pixels, colours or formats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from unetscope import zoo
from unetscope.analysis.cost.by_kind import STAGED
from unetscope.cost import OP_CLASSES, OpClass
from unetscope.model import Architecture, Node, Role
from unetscope.paths import is_within
from unetscope.zoo.preset import FAMILIES

OUTSIDE = "outside"
"""The bar of all that stands outside the stages: stem, head, conditioning."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage: its parameters by the class of the layer that holds them, its work by class.

    A layer that neither convolves nor multiplies by its weight (a norm, an embedding) is "other".
    """

    name: str
    role: Role | None
    params: dict[OpClass, int]
    work: dict[OpClass, int]


@dataclass(frozen=True, slots=True)
class Spot:
    """One network between others: its parameters, its work, and what conditions it."""

    id: str
    title: str
    family: str
    params: int
    work: int


def bars(architecture: Architecture, *, unit: str = "macs") -> tuple[Bar, ...]:
    """One bar per stage in the order of the forward, the last for what stands outside them; work in `unit`.

    A network without stages has one bar per module at the top. Parts that hold and cost nothing
    are left out; the bars add up to the network's cost.
    """
    staged = [stage for stage in architecture.stages if stage.role in STAGED]
    parts_shown = staged or list(architecture.stages)
    place = _places(architecture, [stage.path for stage in parts_shown])
    parts: list[list[Node]] = [[] for _ in range(len(parts_shown) + 1)]
    for node, index in zip(architecture.nodes, place, strict=True):
        parts[index].append(node)
    named = [(stage.name, stage.role) for stage in parts_shown] + [(OUTSIDE, None)]
    bars_of_parts = (_bar(name, role, nodes, unit) for (name, role), nodes in zip(named, parts, strict=True))
    return tuple(bar for bar in bars_of_parts if any(bar.params.values()) or any(bar.work.values()))


def by_class(bars: Iterable[Bar], quantity: str) -> dict[OpClass, int]:
    """The sum of `quantity` ("params" or "work") over bars, by class."""
    counted = [bar.params if quantity == "params" else bar.work for bar in bars]
    return {op: sum(counts[op] for counts in counted) for op in OP_CLASSES}


def spot(architecture: Architecture, *, unit: str = "macs") -> Spot:
    """Where a network stands among others; work in `unit`."""
    cost = architecture.cost
    return Spot(architecture.id, architecture.title, family(architecture), cost.params, cost.total(unit))


def family(architecture: Architecture) -> str:
    """The group of families that a bundled model is of; "others" for any other network."""
    if architecture.id not in zoo.ids():
        return "others"
    return FAMILIES[zoo.preset(architecture.id).family]


def _places(architecture: Architecture, paths: list[str]) -> list[int]:
    """For each node the index of the part it lies in; the last index outside all of them."""
    return [
        next((i for i, path in enumerate(paths) if is_within(node.path, path)), len(paths))
        for node in architecture.nodes
    ]


def _bar(name: str, role: Role | None, nodes: list[Node], unit: str) -> Bar:
    params: dict[OpClass, int] = dict.fromkeys(OP_CLASSES, 0)
    work: dict[OpClass, int] = dict.fromkeys(OP_CLASSES, 0)
    for node in nodes:
        own = node.own
        params["conv" if own.conv else "linear" if own.linear else "other"] += own.params
        for op, number in own.work(unit).items():
            work[op] += number
    return Bar(name, role, params, work)
