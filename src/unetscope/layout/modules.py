"""Modules in the order in which they run, and the words for a convolution's kernel and channels."""

from __future__ import annotations

from itertools import groupby

from unetscope.kinds import CONTAINERS
from unetscope.model import Architecture, Node


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
