"""Parameters that the traced forward had no use for: modules a network owns and runs only when given more
(GLIGEN's gated attention, which waits for boxes)."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.model import Architecture, parent


@dataclass(frozen=True, slots=True)
class Idle:
    """What did not run: parameters, and the last names of the outermost modules that own them."""

    params: int = 0
    modules: tuple[str, ...] = ()


def idle(architecture: Architecture) -> Idle:
    """The parameters of all modules that no call of the forward lies in; nothing for most networks."""
    run = architecture.first_call
    found = [node for node in architecture.nodes if node.path not in run]
    outermost = [node.path for node in found if parent(node.path) in run]
    names = {path.rpartition(".")[2] for path in outermost if architecture.costs[path].params}
    return Idle(sum(node.own.params for node in found), tuple(sorted(names)))
