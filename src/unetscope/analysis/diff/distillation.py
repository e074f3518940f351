"""Where a teacher A and a student B hold features to compare: modules whose outputs agree in shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unetscope.difference import Diff
from unetscope.model import Architecture, Node, Stage
from unetscope.paths import is_within, leaf
from unetscope.sizes import Shape


@dataclass(frozen=True, slots=True)
class FeaturePair:
    """A module of the teacher and one of the student; `shape` of both outputs, batch included."""

    teacher: str
    student: str
    shape: Shape


def feature_pairs(diff: Diff) -> tuple[FeaturePair, ...]:
    """Pairs for feature distillation from A to B, one for each down and up stage that both have, and
    those of each stack.

    A stage's own output, where its shape is the same on both sides. Where it is not, since one side
    lost its sampler, the last layer inside whose output agrees and that is called the same: on each
    side the last to run of the modules that have weights and no children, so that a hook on it sees
    one tensor and not the tuple that a transformer returns. The mid block is left out: all of it
    reaches the first up stage. A stack gives what its last block makes; stacks of equal length, what
    every block makes: of others, which block learns from which is the trainer's choice.
    Empty where the two were not traced at one size.
    """
    if not diff.common:
        return ()
    pairs: list[FeaturePair] = []
    for stage in diff.stages:
        before, after = stage.pair.before, stage.pair.after
        if before is None or after is None:
            continue
        match diff.a.stage_of(before):
            case Stage(role="down" | "up"):
                pairs += [pair] if (pair := _stage(diff, before, after)) else []
            case Stage(role="body"):
                pairs += _stack(diff, before, after)
    return tuple(pairs)


def _stack(diff: Diff, before: str, after: str) -> Iterator[FeaturePair]:
    ours, theirs = _blocks(diff.a, before), _blocks(diff.b, after)
    every = slice(None) if len(ours) == len(theirs) else slice(-1, None)
    for node, other in zip(ours[every], theirs[every], strict=True):
        if node.output is not None and node.output == other.output:
            yield FeaturePair(node.path, other.path, node.output)


def _blocks(network: Architecture, stack: str) -> list[Node]:
    """The blocks of a stack that ran, in the order of the forward."""
    order = network.first_call
    ran = (node for node in network.children[stack] if node.path in order)
    return sorted(ran, key=lambda node: order[node.path])


def _stage(diff: Diff, before: str, after: str) -> FeaturePair | None:
    teacher, student = diff.a.by_path[before], diff.b.by_path[after]
    if teacher.output is not None and teacher.output == student.output:
        return FeaturePair(before, after, teacher.output)
    ours = list(_layers(diff.a, before))
    for layer in _layers(diff.b, after):
        match = next((our for our in ours if _likeness(our) == _likeness(layer)), None)
        if match is not None and layer.output is not None:
            return FeaturePair(match.path, layer.path, layer.output)
    return None


def _likeness(node: Node) -> tuple[str, Shape | None]:
    return leaf(f"{node.path}.weight"), node.output


def _layers(network: Architecture, stage: str) -> Iterator[Node]:
    """Modules of a stage with weights and no children, the last to run first."""
    owners = {tensor.owner for tensor in network.tensors}
    order = network.first_call
    inside = [
        node
        for node in network.nodes
        if is_within(node.path, stage) and node.path in owners and node.path in order
    ]
    leaves = [node for node in inside if not network.children[node.path]]
    return iter(sorted(leaves, key=lambda node: order[node.path], reverse=True))
