"""What kind of difference it is. Reads the changes, and what sets the two traces apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from unetscope.analysis.diff import places
from unetscope.calls import InputRole
from unetscope.difference import Impact
from unetscope.difference.changes import (
    BlockChange,
    Change,
    FactChange,
    How,
    InputChange,
    SkipChange,
    TensorChange,
    Verdict,
    of,
    one_of,
    sides,
)  # fmt: skip
from unetscope.model import Architecture, Role
from unetscope.sizes import Shape

_POOLED_RANK = 2
"""Batch and width: what has tokens besides has one dimension more."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """All changes, and the two networks that say where each lies and what each input means."""

    changes: Sequence[Change]
    a: Architecture
    b: Architecture

    def place(self, change: BlockChange | TensorChange) -> Role:
        """The role of the stage that a change lies in; what stands in the network itself conditions it."""
        stage = places.stage_of(change, self.a, self.b)
        return "conditioning" if stage is None else stage.role

    def conditions(self, change: BlockChange | TensorChange) -> bool:
        """Whether a block or tensor belongs to what conditions the network, not to its stages."""
        return self.place(change) == "conditioning"

    def norms(self, change: TensorChange) -> str:
        """The name of a norm's tensor that only one network has; "" for any other tensor."""
        network = self.a if change.after is None else self.b
        owner = network.by_path.get(one_of(change).owner)
        return "norms" if change.change != "changed" and owner is not None and owner.kind == "norm" else ""

    def means(self, change: InputChange) -> InputRole:
        """What an input is to the network."""
        network = self.a if change.after is None else self.b
        return next(input_.role for input_ in network.inputs if input_.name == change.path)


def verdict(changes: Sequence[Change], impact: Impact, a: Architecture, b: Architecture) -> Verdict:
    """The kind of difference between two networks, with what else differs."""
    judged = _Judged(changes, a, b)
    if _is_identical(changes, impact):
        return Verdict("identical", tuple(_beside(changes)) or ("weights",) * (a.source != b.source))
    tensors = of(TensorChange, changes)
    blocks = {change.change for change in of(BlockChange, changes) if not judged.conditions(change)}
    if blocks:
        return _of_blocks(blocks, judged, tensors)
    if not tensors and not of(SkipChange, changes):
        return Verdict("numerics" if impact.effect == "numerics" else "computation")
    return Verdict("inside", tuple(_parts(judged, tensors)) or ("skips",))


def _is_identical(changes: Sequence[Change], impact: Impact) -> bool:
    """Whether neither structure nor numerics nor inputs differ."""
    structural = any(isinstance(change, BlockChange | TensorChange | SkipChange) for change in changes)
    return impact.effect == "none" and not structural and not _reshaped_inputs(changes)


def _beside(changes: Sequence[Change]) -> Iterator[str]:
    """What differs beside two identical networks: facts, what inputs hold, the native size."""
    yield from (change.path for change in changes if isinstance(change, FactChange | InputChange))
    if any(change.path == "sample_size" for change in changes):
        yield "sample_size"


def _of_blocks(blocks: Set[How], judged: _Judged, tensors: Sequence[TensorChange]) -> Verdict:
    """The verdict where blocks were only removed, or only added, with what differs in the others; else
    "structure".

    A stage of another type counts as one that lost its blocks, unless something else was added with it.
    """
    moved = {tensor.change for tensor in tensors if not judged.conditions(tensor)} | blocks
    if ("removed" in blocks and "added" not in moved) or ("added" in blocks and "removed" not in moved):
        reshaped = [tensor for tensor in tensors if tensor.change == "changed" or judged.conditions(tensor)]
        parts = tuple(_parts(judged, reshaped))
        if "widths" not in parts:
            return Verdict("removed" if "removed" in blocks else "added", parts)
    return Verdict("structure")


def _reshaped_inputs(changes: Sequence[Change]) -> list[InputChange]:
    return [change for change in of(InputChange, changes) if change.reshaped]


def _parts(judged: _Judged, tensors: Sequence[TensorChange]) -> Iterator[str]:
    """What differs inside blocks that both have: input, conditioning, then what no input explains."""
    inputs = _reshaped_inputs(judged.changes)
    sample = [input_ for input_ in inputs if judged.means(input_) == "sample"]
    yield from map(_input_width, sample)
    conditions = any(map(judged.conditions, of(BlockChange, judged.changes))) or len(inputs) > len(sample)
    if conditions:
        yield "conditioning"
    fed = ("stem", "conditioning") if sample or conditions else ()
    texts = any(judged.means(input_) == "text context" for input_ in inputs)
    reading = [_reading(network) if texts else frozenset[str]() for network in (judged.a, judged.b)]
    rest = [
        tensor
        for tensor in tensors
        if judged.place(tensor) not in fed and one_of(tensor).owner not in reading[tensor.after is not None]
    ]
    named = [judged.norms(tensor) or _projection(tensor) for tensor in rest]
    yield from sorted({part for part in named if part})
    if not all(named):
        yield "widths"


def _projection(change: TensorChange) -> str:
    """A 1×1 convolution that became a linear layer of its size, or the reverse; else ""."""
    before, after = (side.shape if side else () for side in (change.before, change.after))
    if (*before, 1, 1) == after:
        return "convolution projections"
    return "linear projections" if before == (*after, 1, 1) else ""


def _input_width(change: InputChange) -> str:
    shapes: list[Shape] = [side.shape for side in sides(change)]
    return "wider input" if shapes[-1] > shapes[0] else "narrower input"


def _reading(network: Architecture) -> frozenset[str]:
    """Modules in the stages that read the text context: as given, or the tokens that a module of its own
    makes of it."""
    text = {~index for index, input_ in enumerate(network.inputs) if input_.role == "text context"}
    readers = set()
    for index, call in enumerate(network.calls):
        if text.isdisjoint(call.reads):
            continue
        path = network.nodes[call.node].path
        stage = network.stage_of(path)
        if stage is not None and stage.role != "conditioning":
            readers.add(path)
        elif stage is not None and len(network.by_path[stage.path].output or ()) > _POOLED_RANK:
            text.add(index)
    return frozenset(readers)
