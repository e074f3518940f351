"""What kind of difference it is. Reads the changes, and what sets the two traces apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from unetscope.analysis.diff.alignment import stage_of
from unetscope.changes import (
    BlockChange,
    Change,
    FactChange,
    How,
    InputChange,
    SkipChange,
    TensorChange,
    Verdict,
    of,
    sides,
)  # fmt: skip
from unetscope.difference import Impact
from unetscope.families.roles import role_of
from unetscope.model import Shape


def verdict(changes: Sequence[Change], impact: Impact) -> Verdict:
    """The kind of difference between two networks, with what else differs."""
    if _is_identical(changes, impact):
        return Verdict("identical", tuple(_beside(changes)))
    tensors = of(TensorChange, changes)
    blocks = {one.change for one in of(BlockChange, changes) if not _conditions(one)}
    if blocks:
        return _of_blocks(blocks, changes, tensors)
    if not tensors and not of(SkipChange, changes):
        return Verdict("numerics" if impact.effect == "numerics" else "computation")
    return Verdict("inside", tuple(_parts(changes, tensors)) or ("skips",))


def _is_identical(changes: Sequence[Change], impact: Impact) -> bool:
    """Whether neither structure nor numerics nor inputs differ."""
    structural = any(isinstance(one, BlockChange | TensorChange | SkipChange) for one in changes)
    return impact.effect == "none" and not structural and not _reshaped_inputs(changes)


def _beside(changes: Sequence[Change]) -> Iterator[str]:
    """What differs beside two identical networks: facts, what inputs hold, the native size."""
    yield from (one.path for one in changes if isinstance(one, FactChange | InputChange))
    if any(one.path == "sample_size" for one in changes):
        yield "sample_size"


def _of_blocks(blocks: Set[How], changes: Sequence[Change], tensors: Sequence[TensorChange]) -> Verdict:
    """Blocks only went, or only came, and what differs in the others; else another structure.

    A stage of another type counts as one that lost its blocks where nothing else came with it.
    """
    moved = {one.change for one in tensors if not _conditions(one)} | blocks
    if ("removed" in blocks and "added" not in moved) or ("added" in blocks and "removed" not in moved):
        reshaped = [one for one in tensors if one.change == "changed" or _conditions(one)]
        parts = tuple(_parts(changes, reshaped))
        if "widths" not in parts:
            return Verdict("removed" if "removed" in blocks else "added", parts)
    return Verdict("structure")


def _conditions(change: BlockChange | TensorChange) -> bool:
    """Whether a block or tensor belongs to what conditions the network, not to its stages."""
    return role_of(stage_of(change.path)) == "conditioning"


def _reshaped_inputs(changes: Sequence[Change]) -> list[InputChange]:
    return [one for one in of(InputChange, changes) if one.reshaped]


def _parts(changes: Sequence[Change], tensors: Sequence[TensorChange]) -> Iterator[str]:
    """What differs inside blocks that both have: input, conditioning, then what no input explains."""
    inputs = _reshaped_inputs(changes)
    sample = [one for one in inputs if one.path == "sample"]
    yield from map(_input_width, sample)
    conditions = any(map(_conditions, of(BlockChange, changes))) or len(inputs) > len(sample)
    if conditions:
        yield "conditioning"
    fed = (role_of("conv_in"), "conditioning") if sample or conditions else ()
    texts = any(one.path == "encoder_hidden_states" for one in inputs)
    rest = [
        one
        for one in tensors
        if role_of(stage_of(one.path)) not in fed and not (texts and _reads_context(one.path))
    ]
    projections = [_projection(one) for one in rest]
    yield from sorted({named for named in projections if named})
    if not all(projections):
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


def _reads_context(name: str) -> bool:
    return ".attn2.to_k" in name or ".attn2.to_v" in name
