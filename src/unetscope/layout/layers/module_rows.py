"""The rows of an attention's card: the modules of a layer that hold parameters, their words and costs."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope.cost import Cost, total
from unetscope.layout.chain.blocks import Block
from unetscope.layout.parts.scale import CostScale
from unetscope.model import Architecture, Node
from unetscope.words import units

_FIELDS = ("params", "conv", "linear", "attention", "other", "elementwise")


def module_rows(
    architecture: Architecture, block: Block, layer: Block, scale: CostScale
) -> Iterator[tuple[str, str, str, str]]:
    """The modules of one layer that hold parameters, then attention's own product; their words and costs.

    A layer without a path is the rest of its block.
    """
    path, others = layer.path or block.path, [inner.path for inner in block.layers if inner.path]
    node = architecture.by_path[path]
    nodes = [inside for inside in architecture.below(path) if _is_leaf(architecture, inside)]
    nodes = [inside for inside in nodes if layer.path or inside.path not in others] or [node]
    cost = architecture.costs[path] if layer.path else layer.cost
    for node_at in nodes:
        own = architecture.costs[node_at.path]
        name = own_name(path) if node_at is node else node_at.path.removeprefix(f"{path}.")
        yield name, _shape(node_at), units.exact(own.params), scale.work_with_unit(own) if own.macs else "–"
    spent = total(architecture.costs[inside.path] for inside in nodes)
    rest = Cost(*(getattr(cost, name) - getattr(spent, name) for name in _FIELDS))
    if rest.macs > 0 and nodes != [node]:
        yield "QKᵀ, softmax, PV", _heads(node), "–", scale.work_with_unit(rest)


def own_name(path: str) -> str:
    """What a module is called in the one around it."""
    return path.rpartition(".")[2]


def _is_leaf(architecture: Architecture, node: Node) -> bool:
    return not architecture.children[node.path] and architecture.costs[node.path].params > 0


def _shape(node: Node) -> str:
    attributes = node.attributes
    ends = [attributes.get(f"{way}_{what}") for what in ("features", "channels") for way in ("in", "out")]
    return " → ".join(str(end) for end in ends if end is not None)


def _heads(node: Node) -> str:
    heads, inner = node.attributes.get("heads"), node.attributes.get("inner_dim")
    if not (isinstance(heads, int) and isinstance(inner, int) and heads):
        return ""
    return f"{heads} heads × {inner // heads}"
