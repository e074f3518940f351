"""What stages and blocks take and make, told as images are: channels first, then the sides."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from unetscope.analysis.observation.running_path import Path
from unetscope.model import Node
from unetscope.sizes import IMAGE_RANK, Shape

Ends = tuple[Shape | None, Shape | None]
"""What is taken, and what is made."""


def ends_of_stage(path: Path, calls: Sequence[int], last: Node | None, before: Shape | None) -> Ends:
    """What a stage with these calls of the running path takes and makes. `last` is its last block, `before`
    what the stage before it makes."""
    output = path.operation(calls[-1]).outputs[0]
    whole = last.output if last is not None else None
    if whole is not None and prod(whole) == prod(output) and len(whole) > len(output):
        output = whole  # a block that works on tokens gives an image back by a view
    taken = next((shape for read, shape in path.operands(calls[0]) if read == path.before[calls[0]]), None)
    weighted = next((op for op in map(path.operation, calls) if op.op_class in ("conv", "linear")), None)
    is_image = weighted is not None and weighted.op_class == "conv"  # which takes its channels second
    same = not is_image and taken is not None and before is not None and sorted(taken) == sorted(before)
    return (before if same else taken), _channels_first(path, output, calls)


def ends_of_block(path: Path, node: Node, calls: Sequence[int]) -> Ends:
    """What a block with these calls takes and makes."""
    if node.output is None:
        return node.input, node.output
    output = _channels_first(path, node.output, calls)
    moves = output != node.output and node.input is not None and len(node.input) == len(node.output)
    return (_moved(node.input) if moves and node.input else node.input), output


def is_signal(path: Path) -> bool:
    """Whether a network works on signals of one dimension, whose convolutions have their channels second as
    those of images do."""
    operations = [path.operation(call) for call in path.calls]
    rank = len(path.architecture.inputs[0].shape)
    return rank < IMAGE_RANK and any(
        operation.op_class == "conv" and len(operation.outputs[0]) == rank for operation in operations
    )


def as_joined(path: Path, shape: Shape) -> Shape:
    """The shape of a skip; of a signal with its channels last, as those of tokens are."""
    return (shape[0], shape[2], shape[1]) if len(shape) == IMAGE_RANK - 1 and is_signal(path) else shape


def _channels_first(path: Path, shape: Shape, calls: Sequence[int]) -> Shape:
    """A shape with its channels moved in front of the sides where they come last: the last operation with
    weights is a matmul that makes as much."""
    if len(shape) < IMAGE_RANK and not is_signal(path):
        return shape
    weighted = (path.operation(call) for call in reversed(calls))
    last = next((operation for operation in weighted if operation.op_class in ("conv", "linear")), None)
    if last is None or last.op_class == "conv" or prod(last.outputs[0]) != prod(shape):
        return shape
    return _moved(shape) if shape[-1] == last.outputs[0][-1] != shape[1] else shape


def _moved(shape: Shape) -> Shape:
    """A shape with its last axis as its second."""
    return (shape[0], shape[-1], *shape[1:-1])
