"""Where a teacher A and a student B hold features to compare: modules whose outputs agree in shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unetscope.difference import Diff
from unetscope.families.roles import role_of
from unetscope.model import Architecture, Node, Shape, is_within, leaf


@dataclass(frozen=True, slots=True)
class FeaturePair:
    """A module of the teacher and one of the student; `shape` of both outputs, batch included."""

    teacher: str
    student: str
    shape: Shape


def feature_pairs(diff: Diff) -> tuple[FeaturePair, ...]:
    """Pairs for feature distillation from A to B, one for each down and up stage that both have.

    A stage's own output, where its shape is the same on both sides. Where it is not, since one side
    lost its sampler, the last layer inside whose output agrees and that is called the same: on each
    side the last to run of the modules that have weights and no children, so that a hook on it sees
    one tensor and not the tuple that a transformer returns. The mid block is left out: all of it
    reaches the first up stage.
    Empty where the two were not traced at one size.
    """
    if not diff.common:
        return ()
    found = []
    for stage in diff.stages:
        before, after = stage.pair.before, stage.pair.after
        if before is not None and after is not None and role_of(before) in ("down", "up"):
            pair = _stage(diff, before, after)
            if pair is not None:
                found.append(pair)
    return tuple(found)


def _stage(diff: Diff, before: str, after: str) -> FeaturePair | None:
    teacher, student = diff.a.by_path[before], diff.b.by_path[after]
    if teacher.output is not None and teacher.output == student.output:
        return FeaturePair(before, after, teacher.output)
    ours = list(_layers(diff.a, before))
    for layer in _layers(diff.b, after):
        match = next((one for one in ours if _likeness(one) == _likeness(layer)), None)
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
