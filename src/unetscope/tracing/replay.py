"""Equal blocks are run once: the record of the first is copied for the others.

Two blocks are equal when their modules, attributes and parameter shapes are, and they are called
with equal shapes and scalars. A block whose record reaches outside its arguments is never copied.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from unetscope.model import Call
from unetscope.tracing.record import Recording



@dataclass(frozen=True, slots=True)
class Template:
    """The record of one block: its calls, and the results to make anew. Indices are absolute."""

    node: int
    start: int
    calls: tuple[Call, ...]
    arguments: tuple[int | None, ...]
    frees_after: tuple[int, ...]
    result: Any
    results: tuple[tuple[tuple[int, ...], tuple[int, ...], Any, int], ...]


def arguments_key(values: Any) -> Hashable | None:
    """A key equal for calls alike in shapes, types and scalars; None where a value is neither."""
    if isinstance(values, list | tuple):
        keys = tuple(arguments_key(value) for value in values)
        return None if None in keys else (type(values).__name__, *keys)
    if isinstance(values, dict):
        return arguments_key([part for pair in values.items() for part in pair])
    if values is None or isinstance(values, bool | int | float | str):
        return (type(values).__name__, values)
    if hasattr(values, "untyped_storage"):
        return ("tensor", tuple(values.shape), values.stride(), values.dtype)
    return None


def tensors_in(values: Any) -> Iterator[Any]:
    """Tensors among nested arguments, in order."""
    if hasattr(values, "untyped_storage"):
        yield values
    elif isinstance(values, dict):
        yield from tensors_in(tuple(values.values()))
    elif isinstance(values, list | tuple):
        for value in values:
            yield from tensors_in(value)


def template(
    recording: Recording, node: int, start: int, pending: list[int], arguments: Any, result: Any
) -> Template | None:
    """The record of a block that has just run; None where it cannot stand for another."""
    producers = tuple(recording.producer(tensor) for tensor in tensors_in(arguments))
    calls = list(recording.calls[start:])
    if calls:
        calls[0] = replace(calls[0], frees=calls[0].frees[len(pending) :])
    after = tuple(recording.freed) if calls else ()
    outside = {i for call in calls for i in (*call.reads, *call.frees) if i < start}
    results = [_remake(recording, tensor) for tensor in tensors_in(result)]
    fresh = [made for made in results if made is not None and made[3] >= start]
    if not calls or len(fresh) != len(results) or not (outside | {i for i in after if i < start}) <= set(producers):
        return None
    if len({made[3] for made in fresh}) != len(fresh):
        return None
    return Template(node, start, tuple(calls), producers, after, _skeleton(result), tuple(fresh))


def _remake(recording: Recording, tensor: Any) -> tuple[tuple[int, ...], tuple[int, ...], Any, int] | None:
    """How to make a result again: shape, stride, dtype, producer; None for a view of something larger."""
    producer = recording.producer(tensor)
    if producer is None or tensor.untyped_storage().nbytes() != tensor.numel() * tensor.element_size():
        return None
    return tuple(tensor.shape), tensor.stride(), tensor.dtype, producer


def _skeleton(result: Any) -> Any:
    """Whether a result is one tensor (None) or a sequence of them (its type)."""
    return type(result) if isinstance(result, list | tuple) else None


def replay(recording: Recording, known: Template, node: int, arguments: Any) -> Any:
    """Copy a block's record for an equal block, and return results like its own."""
    import torch

    shift = len(recording.calls) - known.start
    producers = [recording.producer(tensor) for tensor in tensors_in(arguments)]
    moved = {old: new for old, new in zip(known.arguments, producers, strict=True) if old is not None}

    def there(calls: tuple[int, ...]) -> tuple[int, ...]:
        found = (call + shift if call >= known.start else moved[call] for call in calls)
        return tuple(call for call in found if call is not None)

    for call in known.calls:
        frees = tuple(recording.freed) + there(call.frees)
        recording.freed = []
        recording.calls.append(
            Call(call.node + node - known.node, call.operation, there(call.reads), call.allocates, frees)
        )
    recording.freed.extend(there(known.frees_after))
    with recording.pause():
        made = [torch.empty_strided(s, t, dtype=d, device="meta") for s, t, d, _ in known.results]
    for tensor, (*_, producer) in zip(made, known.results, strict=True):
        recording.watch(tensor, producer + shift)
    return made[0] if known.result is None else known.result(made)


