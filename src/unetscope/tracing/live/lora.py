"""Adapters that peft put beside the layers of a network, and what each costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unetscope.cost import Cost, total
from unetscope.model import Architecture, Node
from unetscope.paths import parent
from unetscope.vocabulary import ADAPTER
from unetscope.words import units


def layers(network: Any) -> list[str]:
    """Paths of the layers that have an adapter of peft beside them."""
    return [path for path, module in network.named_modules() if hasattr(type(module), "adapter_layer_names")]


def notes(architecture: Architecture) -> Iterator[str]:
    """A line for each adapter with its cost, and what the network is without any."""
    costs = _by_name(architecture)
    for name, nodes in costs.items():
        cost = total(node.own for node in nodes)
        ran = any(node.path in architecture.first_call for node in nodes)
        does = f", {units.exact(cost.macs)} MACs" if ran else " that no operation reads: merged or not active"
        yield f"adapter {name!r}: {units.exact(cost.params)} parameters{does}"
    if costs:
        apart = total(node.own for nodes in costs.values() for node in nodes)
        params, macs = architecture.cost.params - apart.params, architecture.cost.macs - apart.macs
        yield f"without adapters: {units.exact(params)} parameters, {units.exact(macs)} MACs"


def _by_name(architecture: Architecture) -> dict[str, list[Node]]:
    """Modules of adapters by the name that the user gave; in a path it follows `lora_A` and the like."""
    by_name: dict[str, list[Node]] = {}
    for node in architecture.nodes:
        if node.kind == ADAPTER and node.own != Cost():
            above = node.path
            while architecture.by_path[parent(above)].kind == ADAPTER:
                above = parent(above)
            name = node.path[len(above) + 1 :].partition(".")[0]
            by_name.setdefault(name, []).append(node)
    return by_name
