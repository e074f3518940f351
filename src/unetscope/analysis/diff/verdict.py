"""The one line on top of a diff. Reads the changes, and what sets the two traces apart."""

from __future__ import annotations

from collections.abc import Sequence

from unetscope.analysis.diff import words
from unetscope.analysis.diff.alignment import stage_of
from unetscope.analysis.diff.changes import Change, Impact
from unetscope.families import role_of
from unetscope.model import is_within


def is_identical(changes: Sequence[Change], impact: Impact) -> bool:
    """Whether nothing in the two networks differs: neither structure nor numerics nor inputs."""
    structural = ("block", "tensor", "skip")
    inputs = any(one.kind == "conditioning" and _shape(one.before) != _shape(one.after) for one in changes)
    return impact.effect == "none" and not inputs and not any(one.kind in structural for one in changes)


def verdict(changes: Sequence[Change], impact: Impact) -> str:
    """What kind of difference it is, in a few words."""
    if is_identical(changes, impact):
        return _identical(changes)
    blocks = [one for one in changes if one.kind == "block"]
    tensors = [one for one in changes if one.kind == "tensor"]
    if blocks:
        return _structure(blocks, tensors)
    if not tensors and not any(one.kind == "skip" for one in changes):
        if impact.effect == "numerics":
            return "same architecture, different numerics"
        return "same tensors, computed otherwise"
    return "same blocks, " + " and ".join(_parts(changes, tensors))


def _structure(blocks: Sequence[Change], tensors: Sequence[Change]) -> str:
    """Whether blocks only went or only came, and all else is as it was but for its number."""
    for way in ("removed", "added"):
        moved = [one.path for one in blocks if one.change == way]
        rest = [one for one in (*blocks, *tensors) if one.change not in (way, "renamed")]
        if moved and all(one.kind == "block" and _is_emptied(one, moved) for one in rest):
            return f"blocks {way}"
    return "different structure"


def _is_emptied(stage: Change, moved: Sequence[str]) -> bool:
    """Whether a stage is of another class, and blocks that stood in it on either side have moved."""
    sides = [side["path"] for side in (stage.before, stage.after) if side]
    return stage.change == "changed" and any(is_within(path, side) for path in moved for side in sides)


def _identical(changes: Sequence[Change]) -> str:
    beside = [one.path for one in changes if one.kind in ("scheduler", "conditioning")]
    beside += ["sample_size"] if any(one.path == "sample_size" for one in changes) else []
    special = {"sample_size": "native size", "sample": "meaning of the input channels"}
    named = [special.get(name, words.fact(name)) for name in beside]
    return "identical network" + (f"; {', '.join(named)} differ" if named else "")


def _parts(changes: Sequence[Change], tensors: Sequence[Change]) -> list[str]:
    inputs = [
        one for one in changes if one.kind == "conditioning" and _shape(one.before) != _shape(one.after)
    ]
    found = [_input_width(one) for one in inputs if one.path == "sample"]
    found += ["different conditioning"] if any(one.path != "sample" for one in inputs) else []
    stem = role_of("conv_in")
    wide = [one for one in tensors if not (found and role_of(stage_of(one.path)) in (stem, "conditioning"))]
    texts = any(one.path == "encoder_hidden_states" for one in inputs)
    rest = [one for one in wide if not (texts and _reads_context(one.path))]
    found += sorted({named for one in rest if (named := _projection(one))})
    is_wider = any(not _projection(one) for one in rest)
    return found + (["other widths"] if is_wider or not found else [])


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
