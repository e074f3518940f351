"""What sets one traced network apart from another that may share its tensors, by comparing all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator

from unetscope.difference import Impact
from unetscope.model import Architecture


def impact(one: Architecture, other: Architecture) -> Impact:
    """What it would do to turn one network into the other; both traced at one size.

    "architecture": other tensors, modules, or shapes of an operation that multiplies and accumulates;
    "numerics": other arguments, types, cheap operations or attributes alone; "none": nothing at all.
    """
    if _equal(one, other):
        return Impact("none")
    if _tensors(one) != _tensors(other):
        return Impact("architecture")
    shapes = _differing(_work(one), _work(other)) + _differing(_modules(one), _modules(other))
    if shapes:
        return Impact("architecture", tuple(sorted(set(shapes))))
    rest = _differing(_arguments(one), _arguments(other)) + _differing(_attributes(one), _attributes(other))
    return Impact("numerics", tuple(sorted(set(rest)))) if rest else Impact("none")


def _equal(one: Architecture, other: Architecture) -> bool:
    """Whether all that the comparison looks at is the same in the same order, the usual case of "none"."""
    parts = ("tensors", "operations", "calls")
    same = all(getattr(one, name) == getattr(other, name) for name in parts)
    return same and one.nodes[1:] == other.nodes[1:]


def _differing(one: Iterator[tuple[str, Hashable]], other: Iterator[tuple[str, Hashable]]) -> list[str]:
    """Names of the entries that one side has more of than the other."""
    ours, theirs = Counter(one), Counter(other)
    return [name for name, _ in (*(ours - theirs), *(theirs - ours))]


def _tensors(network: Architecture) -> list[tuple[str, Hashable]]:
    return sorted((tensor.name, (tensor.shape, tensor.dtype)) for tensor in network.tensors)


def _modules(network: Architecture) -> Iterator[tuple[str, Hashable]]:
    return ((node.type, node.path) for node in network.nodes)


def _work(network: Architecture) -> Iterator[tuple[str, Hashable]]:
    """Operations that multiply and accumulate, with where and in what shapes."""
    for call in network.calls:
        operation = network.operations[call.operation]
        if operation.op_class != "none":
            where = network.nodes[call.node].path
            yield operation.name, (where, operation.inputs, operation.outputs)


def _arguments(network: Architecture) -> Iterator[tuple[str, Hashable]]:
    """Every operation with its scalar arguments, types and shapes."""
    for call in network.calls:
        operation = network.operations[call.operation]
        details = tuple(sorted(operation.details.items()))
        shapes = (operation.inputs, operation.outputs)
        yield operation.name, (network.nodes[call.node].path, repr(details), operation.dtype, shapes)


def _attributes(network: Architecture) -> Iterator[tuple[str, Hashable]]:
    """Attributes of all modules but the network itself, whose own only repeat its config."""
    for node in network.nodes[1:]:
        for name, value in node.attributes.items():
            yield name, (node.path, repr(value))
