"""The one line on top of a diff. Reads the changes, and what sets the two traces apart."""

from __future__ import annotations

from collections.abc import Sequence, Set

from unetscope.analysis.diff import words
from unetscope.analysis.diff.alignment import stage_of
from unetscope.analysis.diff.changes import Change, How, Impact
from unetscope.families.roles import role_of

_WIDTHS = "other widths"


def is_identical(changes: Sequence[Change], impact: Impact) -> bool:
    """Whether nothing in the two networks differs: neither structure nor numerics nor inputs."""
    structural = ("block", "tensor", "skip")
    inputs = any(one.kind == "conditioning" and _shape(one.before) != _shape(one.after) for one in changes)
    return impact.effect == "none" and not inputs and not any(one.kind in structural for one in changes)


def verdict(changes: Sequence[Change], impact: Impact) -> str:
    """What kind of difference it is, in a few words."""
    if is_identical(changes, impact):
        return _identical(changes)
    tensors = [one for one in changes if one.kind == "tensor"]
    blocks = {one.change for one in changes if one.kind == "block" and not _conditions(one)}
    if blocks:
        return _of_blocks(blocks, changes, tensors)
    if not tensors and not any(one.kind == "skip" for one in changes):
        if impact.effect == "numerics":
            return "same architecture, different numerics"
        return "same tensors, computed otherwise"
    return "same blocks, " + words.listed(_parts(changes, tensors) or ["other skips"])


def _of_blocks(blocks: Set[How], changes: Sequence[Change], tensors: Sequence[Change]) -> str:
    """Blocks only went, or only came, and what differs in the others; else another structure.

    A stage of another type counts as one that lost its blocks where nothing else came with it.
    """
    moved = {one.change for one in tensors if not _conditions(one)} | blocks
    for how, back in (("removed", "added"), ("added", "removed")):
        if how in blocks and back not in moved:
            reshaped = [one for one in tensors if one.change == "changed" or _conditions(one)]
            parts = _parts(changes, reshaped)
            if _WIDTHS not in parts:
                return ", ".join([f"blocks {how}", *([words.listed(parts)] if parts else [])])
    return "different structure"


def _conditions(change: Change) -> bool:
    """Whether a block or tensor belongs to what conditions the network, not to its stages."""
    return role_of(stage_of(change.path)) == "conditioning"


def _identical(changes: Sequence[Change]) -> str:
    beside = [one.path for one in changes if one.kind in ("scheduler", "conditioning")]
    beside += ["sample_size"] if any(one.path == "sample_size" for one in changes) else []
    special = {"sample_size": "native size", "sample": "meaning of the input channels"}
    named = [special.get(name, words.fact(name)) for name in beside]
    differ = "differ" if len(named) > 1 else "differs"
    return "identical network" + (f"; {', '.join(named)} {differ}" if named else "")


def _parts(changes: Sequence[Change], tensors: Sequence[Change]) -> list[str]:
    """What differs inside blocks that both have: input, conditioning, then what no input explains."""
    inputs = [
        one for one in changes if one.kind == "conditioning" and _shape(one.before) != _shape(one.after)
    ]
    found = [_input_width(one) for one in inputs if one.path == "sample"]
    conditions = any(one.kind == "block" and _conditions(one) for one in changes)
    found += ["different conditioning"] * (conditions or any(one.path != "sample" for one in inputs))
    stem = role_of("conv_in")
    wide = [one for one in tensors if not (found and role_of(stage_of(one.path)) in (stem, "conditioning"))]
    texts = any(one.path == "encoder_hidden_states" for one in inputs)
    rest = [one for one in wide if not (texts and _reads_context(one.path))]
    found += sorted({named for one in rest if (named := _projection(one))})
    return found + [_WIDTHS] * any(not _projection(one) for one in rest)


def _projection(change: Change) -> str:
    """A 1×1 convolution that became a linear layer of its size, or the reverse; else ""."""
    before, after = _shape(change.before), _shape(change.after)
    if [*before, 1, 1] == after:
        return "convolution projections"
    return "linear projections" if before == [*after, 1, 1] else ""


def _input_width(change: Change) -> str:
    before, after = _shape(change.before), _shape(change.after)
    return "wider input" if after > before else "narrower input"


def _reads_context(name: str) -> bool:
    return ".attn2.to_k" in name or ".attn2.to_v" in name


def _shape(value: dict[str, list[int]] | None) -> list[int]:
    return value["shape"] if value else []
