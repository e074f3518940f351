"""Runs equal blocks once, and copies the record of the first for the others.

Two blocks are equal if their modules, attributes and parameter shapes are, and the forward calls them with
equal shapes and scalars. We never copy a block whose record reaches outside its arguments.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from unetscope.calls import Call
from unetscope.tracing.record.as_data import tensors_in
from unetscope.tracing.record.in_progress import Recording, storage_key


@dataclass(frozen=True, slots=True)
class Template:
    """The record of one block. Its own calls and storages begin at `start` and `storage`.

    `arguments` are the calls that made the tensors it received; `frees_after` are the storages that died as
    it returned; `results` say how to make its results again.
    """

    node: int
    start: int
    storage: int
    storages: int
    calls: tuple[Call, ...]
    arguments: tuple[int | None, ...]
    frees_after: tuple[int, ...]
    result: type | None
    results: tuple[Result, ...]


class Result(NamedTuple):
    """A tensor that a block returns: its layout in a storage of `elements`, by number, and the call that
    last wrote that."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int
    dtype: Any
    producer: int
    storage: int
    elements: int


class Before(NamedTuple):
    """The state of a recording as a block begins."""

    calls: int
    storages: int
    freed: int
    arguments: tuple[int | None, ...]


def before(recording: Recording, arguments: Any) -> Before:
    """The state of a recording as the forward calls a block."""
    producers = tuple(recording.producer(tensor) for tensor in tensors_in(arguments))
    return Before(len(recording.calls), recording.storages, len(recording.freed), producers)


def arguments_key(values: Any) -> Hashable | None:
    """A key that is equal for calls with equal shapes, types, scalars, and values of tensors that have any.

    None if an argument is neither tensor nor scalar.
    """
    if isinstance(values, list | tuple):
        keys = tuple(arguments_key(value) for value in values)
        return None if None in keys else (type(values).__name__, *keys)
    if isinstance(values, dict):
        return arguments_key([part for pair in values.items() for part in pair])
    if values is None or isinstance(values, bool | int | float | str):
        return (type(values).__name__, values)
    if hasattr(values, "untyped_storage"):
        form = (tuple(values.shape), values.stride(), values.dtype)
        return (
            ("tensor", *form) if values.is_meta else ("kept", *form, hash(tuple(values.flatten().tolist())))
        )
    return None


def template(recording: Recording, node: int, began: Before, result: Any) -> Template | None:
    """The record of a block that has just run; None if it cannot serve for another block."""
    calls = list(recording.calls[began.calls :])
    if not calls:
        return None
    calls[0] = replace(calls[0], frees=calls[0].frees[began.freed :])
    after = tuple(recording.freed)
    results = tuple(_result(recording, tensor) for tensor in tensors_in(result))
    own = [returned for returned in results if returned is not None and returned.storage >= began.storages]
    outside = {read for call in calls for read in call.reads if read < began.calls}
    freed = [number for frees in (*(call.frees for call in calls), after) for number in frees]
    closed = outside <= set(began.arguments) and all(number >= began.storages for number in freed)
    if not closed or len(own) != len(results):
        return None
    storages = recording.storages - began.storages
    sequence = type(result) if isinstance(result, list | tuple) else None
    return Template(
        node,
        began.calls,
        began.storages,
        storages,
        tuple(calls),
        began.arguments,
        after,
        sequence,
        tuple(own),
    )


def _result(recording: Recording, tensor: Any) -> Result | None:
    """How to make a result again; None if this forward did not make its storage."""
    key = storage_key(tensor)
    if key not in recording.numbers:
        return None
    elements = tensor.untyped_storage().nbytes() // tensor.element_size()
    layout = tuple(tensor.shape), tensor.stride(), tensor.storage_offset(), tensor.dtype
    return Result(*layout, recording.writer[key], recording.numbers[key], elements)


def replay(recording: Recording, known: Template, node: int, arguments: Any) -> Any:
    """Copy the record of a block for an equal one, and return such results as that would."""
    shift, further = len(recording.calls) - known.start, recording.storages - known.storage
    producers = before(recording, arguments).arguments
    moved = {old: new for old, new in zip(known.arguments, producers, strict=True) if old is not None}
    frees = recording.take_freed()
    for call in known.calls:
        copied = (read + shift if read >= known.start else moved[read] for read in call.reads)
        reads = tuple(read for read in copied if read is not None)
        frees += tuple(number + further for number in call.frees)
        recording.calls.append(replace(call, node=call.node + node - known.node, reads=reads, frees=frees))
        frees = ()
    recording.freed.extend(number + further for number in known.frees_after)
    return _results(recording, known, shift, further)


def _results(recording: Recording, known: Template, shift: int, further: int) -> Any:
    """The results of a copied block, in storages that we watch under their numbers in the copy."""
    import torch

    storages: dict[int, Any] = {}
    tensors = []
    for result in known.results:
        with recording.pause():
            if result.storage not in storages:
                storages[result.storage] = torch.empty(result.elements, dtype=result.dtype, device="meta")
                recording.storages = result.storage + further
                recording.watch(storages[result.storage], result.producer + shift)
            tensors.append(storages[result.storage].as_strided(result.shape, result.stride, result.offset))
    recording.storages = known.storage + further + known.storages
    return tensors[0] if known.result is None else known.result(tensors)
