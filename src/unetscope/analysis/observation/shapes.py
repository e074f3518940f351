"""What stages and blocks take and make, told as images are: channels first, then the sides."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from unetscope.analysis.observation.levels import positions
from unetscope.analysis.observation.running_path import Path
from unetscope.model import Node
from unetscope.sizes import IMAGE_RANK, Shape

Ends = tuple[Shape | None, Shape | None]
"""What is taken, and what is made."""


def ends_of_stage(path: Path, calls: Sequence[int], last: Node | None, before: Shape | None) -> Ends:
    """What a stage with these calls of the running path takes and makes. `last` is its last block, `before`
    what the stage before it makes."""
    made = path.operation(calls[-1]).outputs[0]
    whole = last.output if last is not None else None
    if whole is not None and prod(whole) == prod(made) and len(whole) > len(made):
        made = whole  # a block that works on tokens gives an image back by a view
    taken = next((shape for read, shape in path.operands(calls[0]) if read == path.before[calls[0]]), None)
    same = taken is not None and before is not None and sorted(taken) == sorted(before)
    return (before if same else taken), _channels_first(path, made, calls)


def ends_of_block(path: Path, node: Node, calls: Sequence[int]) -> Ends:
    """What a block with these calls takes and makes."""
    if node.output is None:
        return node.input, node.output
    made = _channels_first(path, node.output, calls)
    alike = node.input is not None and len(node.input) == len(node.output)
    return (_moved(node.input) if alike and made != node.output else node.input), made


def _channels_first(path: Path, made: Shape, calls: Sequence[int]) -> Shape:
    """A shape with its channels moved in front of the sides, where the last operation that tells positions
    tells that they come last."""
    if len(made) <= IMAGE_RANK:
        return made
    batch = path.architecture.basis.batch
    known = (positions(path.operation(call), batch) for call in reversed(calls))
    count = next((number for number in known if number), None)
    width = prod(made) / batch / count if count else None
    return _moved(made) if width == made[-1] != made[1] else made  # type: ignore[return-value]


def _moved(shape: Shape | None) -> Shape | None:
    """A shape with its last axis as its second."""
    return (shape[0], shape[-1], *shape[1:-1]) if shape else None
