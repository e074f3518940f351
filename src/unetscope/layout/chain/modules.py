"""Modules that a stage calls, in the order in which they run; words for convolutions."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import groupby

from unetscope.families.module_names import DUAL
from unetscope.model import Architecture, Node
from unetscope.paths import is_within
from unetscope.vocabulary import CONTAINERS, MINOR, OBSERVED_STAGE, UNKNOWN, about

_NORM = re.compile(r"Norm(\d[dD])?$")
"""The end of a norm's class, of networks that bring their own."""


def side_by_side(architecture: Architecture, node: Node) -> list[Node]:
    """The transformers inside a dual one, which read a context each and are averaged; else itself alone."""
    listed = architecture.children.get(f"{node.path}.transformers", ()) if node.type == DUAL else ()
    return [transformer for transformer in listed if transformer.kind == "transformer"] or [node]


def called(architecture: Architecture, path: str) -> list[Node]:
    """The modules a stage calls itself: its children, seen through containers."""
    modules: list[Node] = []
    for child in architecture.children[path]:
        if child.type in CONTAINERS:
            modules += called(architecture, child.path)
        elif child.kind not in MINOR and not (child.kind == child.type and _NORM.search(child.type)):
            modules += [] if _only_passes(architecture, path, child) else [child]
    return modules


def _only_passes(architecture: Architecture, stage: str, node: Node) -> bool:
    """Whether a module of an observed stage is of a kind without a word, costs nothing and holds norms at
    most: a sum, an activation, a padding."""
    if architecture.by_path[stage].type != OBSERVED_STAGE or about(node.kind) != UNKNOWN:
        return False
    holding = (inside.type for inside in architecture.below(node.path) if inside.own.params)
    return not architecture.costs[node.path].macs and all(map(_NORM.search, holding))


def run_order(architecture: Architecture, path: str) -> list[Node]:
    """The direct children of a module as they run, one entry per run."""
    calls = architecture.calls_of
    runs = [
        (index, child)
        for child in architecture.children[path]
        for node in architecture.below(child.path)
        for index in calls.get(node.path, ())
    ]
    runs.sort(key=lambda run: run[0])
    return [child for child, _ in groupby(child for _, child in runs)]


def path_order(architecture: Architecture, path: str) -> list[Node]:
    """The direct children of a residual block as they act on its main path.

    A linear layer stands where what it makes of the time embedding joins: before or behind a norm. What
    only prepares the embedding for it is left out.
    """
    calls_of = architecture.calls_of
    calls = sorted(index for node in architecture.below(path) for index in calls_of.get(node.path, ()))
    aside = _aside(architecture, calls, path)
    order: list[Node] = []
    waiting: list[Node] = []
    for index in calls:
        call = architecture.calls[index]
        child = _child(architecture, call.node, path)
        if index in aside:
            waiting += [child] if child and child.kind == "linear" and child not in waiting else []
            continue
        if waiting and aside.intersection(call.reads):
            order += waiting
            waiting = []
        if child is not None and child.path != path and order[-1:] != [child]:
            order.append(child)
    return order + waiting


def _aside(architecture: Architecture, calls: Collection[int], path: str) -> frozenset[int]:
    """The calls in a block that only lead to a linear layer, the layer itself, and what only passes its
    result on."""
    inside, calls_aside = frozenset(calls), set[int]()
    for index in calls:
        child = _child(architecture, architecture.calls[index].node, path)
        if child is not None and child.kind == "linear":
            calls_aside.add(index)
    for index in reversed(list(calls)):
        readers = [call for call in calls if index in architecture.calls[call].reads]
        if readers and calls_aside.issuperset(readers):
            calls_aside.add(index)
    for index in calls:
        reads = inside.intersection(architecture.calls[index].reads)
        if reads and calls_aside.issuperset(architecture.calls[index].reads):
            calls_aside.add(index)
    return frozenset(calls_aside)


def _child(architecture: Architecture, node: int, path: str) -> Node | None:
    """The direct child of a module that a call lies in, or the module itself; None outside of it."""
    at = architecture.nodes[node].path
    if not is_within(at, path):
        return None
    return architecture.by_path[".".join(at.split(".")[: path.count(".") + 2])]


def block_members(architecture: Architecture, path: str) -> list[Node]:
    """The children of the first transformer block in a transformer, as they run."""
    block = next((n for n in architecture.below(path) if n.kind == "transformer block"), None)
    if block is None:
        return []
    first = architecture.first_call
    members = [node for node in architecture.children[block.path] if node.path in first]
    return sorted(
        (node for node in members if node.type not in CONTAINERS), key=lambda node: first[node.path]
    )


def channels(node: Node) -> str:
    """What a convolution makes of its channels: "4 → 320"."""
    if node.input is None or node.output is None:
        return ""
    return f"{node.input[1]} → {node.output[1]}"


def kernel(attributes: object) -> str:
    """The kernel of a convolution: "3×3"; "" where it has none."""
    size = attributes.get("kernel_size") if isinstance(attributes, dict) else None
    return "×".join(str(side) for side in size) if isinstance(size, tuple) else ""
