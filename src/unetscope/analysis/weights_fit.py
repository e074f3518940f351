"""Whether weights are those of a network: names and shapes set against each other, values unseen."""

from __future__ import annotations

from collections.abc import Mapping

from unetscope.families import FAMILIES
from unetscope.families.catalogue import weight_now_called
from unetscope.model import Architecture
from unetscope.sizes import Shape
from unetscope.words.messages import printable


def disagreement(architecture: Architecture, weights: Mapping[str, Shape], name: str) -> str:
    """In one line, where weights called `name` are not those of the network; "" where they are."""
    ours = {tensor.name: tensor.shape for tensor in architecture.tensors if tensor.role == "parameter"}
    known = {tensor.name for tensor in architecture.tensors}
    theirs = {weight_now_called(key): shape for key, shape in weights.items()}
    differ = [key for key, shape in ours.items() if key in theirs and theirs[key] != shape]
    counts = {
        "of another shape": len(differ),
        "missing": len(ours.keys() - theirs.keys()),
        "that the network has none of": len(theirs.keys() - known),
    }
    if not any(counts.values()):
        return ""
    differences = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    family = FAMILIES.get(architecture.class_name)
    measures = family.measures if family else {}
    example = _example(differ[0], theirs[differ[0]], ours[differ[0]], measures) if differ else ""
    return (
        f"{printable(name)} holds another network than the config beside it: {example}tensors: {differences}"
    )


def _example(key: str, theirs: Shape, ours: Shape, measures: Mapping[str, tuple[str, int]]) -> str:
    """One tensor of another shape, and the setting that would fit it where that is sure."""
    shapes = f"{key} is {_shape(theirs)}, by the config {_shape(ours)}"
    for field, (layer, axis) in measures.items():
        alike = len(theirs) == len(ours) and _without(theirs, axis) == _without(ours, axis)
        if key == f"{layer}.weight" and alike:
            shapes += f" (--set {field}={theirs[axis]} fits it)"
    return f"{shapes}; "


def _shape(shape: Shape) -> str:
    return "×".join(map(str, shape)) or "one number"


def _without(shape: Shape, axis: int) -> Shape:
    return shape[:axis] + shape[axis + 1 :]
