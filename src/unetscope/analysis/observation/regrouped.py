"""An architecture with its modules under the stages that were observed: stage, block, module.

A block keeps the path that it has in the network, with slashes for dots: "down_1.encoder/0.conv1" is the
module "encoder.0.conv1". Tensors keep their names, and totals stay equal to the unit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from unetscope.analysis.observation.blocks import Content, content_beside
from unetscope.analysis.observation.joins import Join
from unetscope.analysis.observation.members import OUTSIDE, Member, Places
from unetscope.analysis.observation.phases import ObservedStage
from unetscope.analysis.observation.running_path import Path
from unetscope.analysis.observation.shapes import ends_of_block, ends_of_stage
from unetscope.analysis.observation.skips import NewPaths, between_blocks
from unetscope.calls import Scalar
from unetscope.cost import Cost
from unetscope.model import Architecture, Node, Role, Stage
from unetscope.sizes import Shape
from unetscope.vocabulary import OBSERVED_STAGE, UNKNOWN, about

KINDS: dict[Content, str] = {
    "attention": "attention block",
    "residual": "residual block",
    "conv": "conv block",
    "linear": "linear block",
    "down": "downsample",
    "up": "upsample",
}
"""The kind of a block by what is in it; a layer keeps its own."""
_PLAIN = frozenset(
    {"conv", "linear", "norm", "activation", "dropout", "identity", "container", "sequence", "pooling"}
)
"""Kinds of modules that mean the same in any network; what else a class is called means nothing here."""


@dataclass
class Regrouped:
    """An architecture in the making: nodes by their new paths, and that of the node that makes each call."""

    nodes: dict[str, Node] = field(default_factory=dict)
    maker: dict[int, str] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    """Modules whose owner is settled: where they run first."""
    paths: dict[int, str] = field(default_factory=dict)


def regrouped(
    path: Path, observed: Sequence[ObservedStage], places: Places, joins: Sequence[Join]
) -> Architecture:
    """The architecture with stages, blocks and skips as observed."""
    original = path.architecture
    regrouped = Regrouped()
    regrouped.nodes[""] = replace(original.nodes[0], own=Cost())
    stages = list(_stages(path, observed, places, regrouped))
    for index in range(len(original.calls)):
        if index not in regrouped.maker:
            number = places.stage_of.get(index, OUTSIDE)
            regrouped.maker[index] = "" if number == OUTSIDE else regrouped.paths[number]
    _unused(path, regrouped, stages)
    nodes = _costed(original, regrouped)
    order = {node.path: number for number, node in enumerate(nodes)}
    calls = tuple(
        replace(call, node=order[regrouped.maker[index]]) for index, call in enumerate(original.calls)
    )
    tensors = tuple(
        replace(tensor, owner=regrouped.owner.get(tensor.owner, "")) for tensor in original.tensors
    )
    skips = tuple(
        dict.fromkeys(between_blocks(path, places, joins, NewPaths(regrouped.maker, regrouped.paths)))
    )
    return replace(
        original, nodes=tuple(nodes), calls=calls, tensors=tensors, stages=tuple(stages), skips=skips
    )


def _stages(
    path: Path, observed: Sequence[ObservedStage], places: Places, regrouped: Regrouped
) -> Iterator[Stage]:
    """The stages, with their nodes and those of their blocks; first what conditions them."""
    for member in places.members:
        if member.stage == OUTSIDE:
            top = _free(regrouped, member.module.replace(".", "/"))
            _add_member(path, regrouped, member, top)
            yield Stage(top, member.module, "conditioning")
    counts, numbers = Counter(stage.role for stage in observed), Counter[Role]()
    numbered = ""
    before: Shape | None = None
    for number, stage in enumerate(observed):
        numbers[stage.role] += 1
        several = stage.role in ("down", "up") or counts[stage.role] > 1
        word = f"{stage.role}_{numbers[stage.role]}" if several else stage.role
        name = word.replace("_", " ").capitalize() if stage.role in ("down", "mid", "up") else word
        top = regrouped.paths[number] = _free(regrouped, word)
        calls = [call for call, own in places.stage_of.items() if own == number and call in path.place]
        last = places.member_of.get(max(calls, default=0))
        regrouped.nodes[top] = _stage_node(path, top, sorted(calls), last, before)
        _agree(regrouped, numbered, top)
        numbered, before = top, regrouped.nodes[top].output
        members = [member for member in places.members if member.stage == number]
        for member in sorted(members, key=lambda child: child.calls[0] if child.calls else 0):
            _add_member(path, regrouped, member, f"{top}.{_name(path, member)}")
        yield Stage(top, name, stage.role, stage.level)


def _agree(regrouped: Regrouped, last: str, top: str) -> None:
    """Have a stage make what the next one takes where both are one tensor, its channels in another place."""
    output, taken = regrouped.nodes[last].output if last else None, regrouped.nodes[top].input
    if output and taken and output != taken and sorted(output) == sorted(taken):
        regrouped.nodes[last] = replace(regrouped.nodes[last], output=taken)


def _free(regrouped: Regrouped, name: str) -> str:
    """A top-level name that is not yet taken."""
    while name in regrouped.nodes:
        name += "_"
    return name


def _stage_node(path: Path, top: str, calls: list[int], last: Member | None, before: Shape | None) -> Node:
    if not calls:
        return Node(top, OBSERVED_STAGE, "stage", Cost())
    module = path.architecture.by_path[last.module] if last and last.block else None
    ends = ends_of_stage(path, calls, module, before)
    return Node(top, OBSERVED_STAGE, "stage", Cost(), *ends, (calls[-1],))


def _name(path: Path, member: Member) -> str:
    if member.block and member.block.operation:
        return f"{member.block.operation}()"
    return member.module.replace(".", "/")


def _in_run(path: Path, member: Member, node: Node) -> Node:
    """A module that runs more than once, with what it takes and makes in one run; any other unchanged."""
    calls = sorted(call for call in member.calls if call in path.place)
    if not calls or len(path.architecture.by_path[member.module].returned) < 2:
        return node
    taken = next((shape for read, shape in path.operands(calls[0]) if read == path.before[calls[0]]), None)
    outputs = path.operation(calls[-1]).outputs
    return replace(node, input=taken, output=outputs[0]) if taken and outputs else node


def _add_member(path: Path, regrouped: Regrouped, member: Member, top: str) -> None:
    """The nodes of a member under their new paths; of a module in two places its parameters where it runs
    first."""
    architecture, top = path.architecture, _free(regrouped, top)
    if member.block and member.block.operation:
        call = member.calls[0]
        operation = architecture.operations[architecture.calls[call].operation]
        kind, shapes = KINDS[member.block.content], (operation.inputs[0], operation.outputs[0])
        regrouped.nodes[top] = Node(top, member.block.operation, kind, Cost(), *shapes, (call,))
        regrouped.maker[call] = top
        return
    own = set(member.calls)
    busy = {architecture.nodes[architecture.calls[call].node].path for call in own}
    for node in architecture.below(member.module):
        renamed = top + node.path[len(member.module) :]
        returned = tuple(call for call in node.returned if call in own) or node.returned
        regrouped.nodes[renamed] = replace(
            node,
            path=renamed,
            own=Cost(),
            returned=returned,
            kind=node.kind if node.kind in _PLAIN else node.type,
            attributes=_sound(node),
        )
        if node.path in busy and node.path not in regrouped.read:
            regrouped.read.add(node.path)
            regrouped.owner[node.path] = renamed
        regrouped.owner.setdefault(node.path, renamed)
    if member.block:
        own_kind = regrouped.nodes[top].kind
        kind = own_kind if own_kind in ("conv", "linear") else KINDS.get(member.block.content, own_kind)
        kind = KINDS[member.block.content] if member.block.content in ("down", "up") else kind
        node = _in_run(path, member, replace(regrouped.nodes[top], kind=kind))
        taken, output = ends_of_block(path, node, sorted(call for call in member.calls if call in path.place))
        regrouped.nodes[top] = replace(node, input=taken, output=output)
    elif member.stage != OUTSIDE and about(regrouped.nodes[top].kind) == UNKNOWN:
        content = content_beside(path, member.calls)
        kind = KINDS[content] if content else regrouped.nodes[top].kind
        regrouped.nodes[top] = replace(regrouped.nodes[top], kind=kind)
    for call in member.calls:
        node_path = architecture.nodes[architecture.calls[call].node].path
        regrouped.maker[call] = top + node_path[len(member.module) :]


_SIZES = frozenset(
    """
    in_features out_features in_channels out_channels heads head_dim groups num_groups query_dim inner_dim
    cross_attention_dim added_kv_proj_dim
    """.split()
)


def _sound(node: Node) -> dict[str, Scalar | tuple[Scalar, ...]]:
    """The attributes of a module without those whose name promises a size and whose value is none."""
    return {
        name: value
        for name, value in node.attributes.items()
        if name not in _SIZES or value is None or (type(value) is int and value >= 1)
    }


def _unused(path: Path, regrouped: Regrouped, stages: list[Stage]) -> None:
    """Modules with parameters that no call touched, each by itself; parameters that lie in a module around
    the blocks are the network's own."""
    original = path.architecture
    regrouped.owner.setdefault("", "")
    for node in original.nodes[1:]:
        if node.path in regrouped.owner:
            continue
        inside = [below for below in original.below(node.path) if below.path in regrouped.owner]
        if inside or not original.costs[node.path].params:
            continue
        top = _free(regrouped, node.path.replace(".", "/"))
        _add_member(path, regrouped, Member(node.path, OUTSIDE), top)
        stages.append(Stage(top, node.path, "conditioning"))


def _costed(original: Architecture, regrouped: Regrouped) -> list[Node]:
    """The nodes with their own costs: MACs of the calls they make, parameters where they are registered."""
    costs = {path: Cost() for path in regrouped.nodes}
    for node in original.nodes:
        owner = regrouped.owner.get(node.path, "")
        costs[owner] = costs[owner] + Cost(params=node.own.params)
    for index, call in enumerate(original.calls):
        operation = original.operations[call.operation]
        if operation.op_class != "none":
            maker = regrouped.maker[index]
            costs[maker] = costs[maker] + Cost(**{operation.op_class: operation.macs})
    return [replace(node, own=costs[path]) for path, node in regrouped.nodes.items()]
