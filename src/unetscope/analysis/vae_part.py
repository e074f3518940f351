"""One half of an autoencoder: its encoder or its decoder, cut out of a trace of both.

What belongs to neither by its name (normalisation of latents) stays in both halves, so that neither leaves
anything out. Calls that an autoencoder makes itself go to the encoder where they lead to the latent, else to
the decoder.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from math import prod

from unetscope.analysis import vae_rules
from unetscope.analysis.vae_rules import KeptParts
from unetscope.calls import Call, Input, Operation
from unetscope.checkpoint import Facts
from unetscope.choices import PartName
from unetscope.cost import Cost, total
from unetscope.errors import ConfigError
from unetscope.families.module_names import OVERLAPPING, half_of
from unetscope.model import Architecture, Node, Tensor
from unetscope.spec import DTYPES

_LEAVE_OUT = "leave out --part"
LATENT = "latent"
"""The name of a decoder's input."""


def only(whole: Architecture, part: PartName | None) -> Architecture:
    """One half of an autoencoder, as an architecture of its own; all of it for None.

    Its axes stay those of the image. Raises ConfigError for a network without these halves, and for one half
    asked of the other.
    """
    if not part or whole.part == part:
        return whole
    if whole.part:
        raise ConfigError(f"{whole.title} has no {part}", hint=f"leave out --part, or say {whole.part}")
    if not {"encoder", "decoder"} <= {half_of(node.path) for node in whole.children[""]}:
        raise ConfigError(
            f"{whole.title} is not an autoencoder with an encoder and a decoder", hint=_LEAVE_OUT
        )
    if whole.class_name in OVERLAPPING:
        words = f"{whole.class_name} drops some of its latent between encoder and decoder"
        raise ConfigError(f"{words}, so its halves cannot be told apart", hint=_LEAVE_OUT)
    encoding = _encoding(whole)
    is_encoder = part == "encoder"
    stays = [index for index in range(len(whole.calls)) if (index in encoding) == is_encoder]
    decoding = (call for index, call in enumerate(whole.calls) if index not in encoding)
    between = sorted({read for call in decoding for read in call.reads if read in encoding})
    if not between:
        raise ConfigError(f"the decoder of {whole.title} reads nothing from its encoder", hint=_LEAVE_OUT)
    return _cut(whole, part, stays, between)


def _encoding(whole: Architecture) -> Set[int]:
    """Calls of the encoder: those of its modules, and among calls outside both halves those that it needs, or
    that read from it before the decoder begins."""
    halves = [half_of(node.path) for node in whole.nodes]
    half = [halves[call.node] for call in whole.calls]
    start = next((index for index, name in enumerate(half) if name == "decoder"), len(half))
    encoding = {index for index, name in enumerate(half) if name == "encoder"}
    for index in range(start):
        if half[index] is None and encoding.intersection(whole.calls[index].reads):
            encoding.add(index)
    for index in reversed(range(start)):
        if index in encoding:
            encoding.update(read for read in whole.calls[index].reads if read >= 0)
    return encoding


def _cut(
    whole: Architecture, part: PartName, kept_calls: Sequence[int], between: Sequence[int]
) -> Architecture:
    """An architecture with some calls alone, and the modules and tensors of a half; `between` are the calls
    of the encoder whose results the decoder reads."""
    places = [index for index, node in enumerate(whole.nodes) if half_of(node.path) in (None, part)]
    reads = {read for index in kept_calls for read in whole.calls[index].reads}
    makers = between if part == "decoder" else ()
    inputs_kept = [index for index in range(len(whole.inputs)) if ~index in reads]
    latents = {call: _latent(whole, call) for call in makers}
    inputs = (*latents.values(), *(whole.inputs[index] for index in inputs_kept))
    sources = {call: ~number for number, call in enumerate(makers)}
    sources |= {~index: ~(len(makers) + number) for number, index in enumerate(inputs_kept)}
    sources |= {call: number for number, call in enumerate(kept_calls)}
    calls, operations = _calls(
        whole, kept_calls, sources, {node: number for number, node in enumerate(places)}
    )
    nodes = [_node(whole.nodes[old], new, calls, operations, sources) for new, old in enumerate(places)]
    nodes[0] = replace(nodes[0], input=inputs[0].shape)
    if part == "encoder":
        output = whole.operations[whole.calls[between[-1]].operation].outputs[0]
        nodes[0] = replace(nodes[0], output=output, returned=tuple(sources[call] for call in between))
    skips = [
        number
        for number, skip in enumerate(whole.skips)
        if half_of(skip.source) == part == half_of(skip.target)
    ]
    return replace(
        whole,
        id=f"{whole.id}-{part}",
        title=f"{whole.title}, {part}",
        part=part,
        facts=facts(whole.facts, part),
        basis=replace(whole.basis, input=inputs[0].item(whole.basis.batch)),
        inputs=inputs,
        stages=tuple(stage for stage in whole.stages if half_of(stage.path) in (None, part)),
        nodes=tuple(nodes),
        tensors=tensors_of(whole.tensors, part),
        operations=operations,
        calls=calls,
        skips=tuple(whole.skips[number] for number in skips),
        uncounted=tuple(
            name for name in whole.uncounted if any(name == operation.name for operation in operations)
        ),
        scaling=vae_rules.scaling(
            whole, latents, between[-1], KeptParts(inputs_kept, places, kept_calls, skips)
        ),
    )


def facts(known: Facts, part: PartName) -> Facts:
    """What is known of a half: the channels of a decoder's input are not those of the image."""
    return replace(known, input_channels=()) if part == "decoder" else known


def tensors_of(tensors: Iterable[Tensor], part: str) -> tuple[Tensor, ...]:
    """The tensors of a half, among those of a whole autoencoder; all for ""."""
    return tuple(tensor for tensor in tensors if not part or half_of(tensor.owner) in (None, part))


def _latent(whole: Architecture, call: int) -> Input:
    """What the decoder is given: the size of a call's result, with the channels that its first module takes.

    They are half of those made where the encoder makes a mean and a variance.
    """
    shape, first = whole.operations[whole.calls[call].operation].outputs[0], vae_rules.first(whole).input
    if first is not None:
        # the rank differs where the encoder ends in tokens, or without the axis of frames
        shape = (shape[0], first[1], *shape[2:]) if len(first) == len(shape) else first
    size = prod(shape) * DTYPES[whole.basis.dtype]
    return Input(LATENT, shape, whole.basis.dtype, size, "sample")


def _calls(
    whole: Architecture, kept_calls: Sequence[int], sources: dict[int, int], places: dict[int, int]
) -> tuple[tuple[Call, ...], tuple[Operation, ...]]:
    """The calls kept, in numbers of their own: of modules, operations, calls and storages."""
    used = list(dict.fromkeys(whole.calls[index].operation for index in kept_calls))
    numbers = {operation: number for number, operation in enumerate(used)}
    storages = _storages(whole, kept_calls)
    calls = []
    for index in kept_calls:
        call = whole.calls[index]
        reads = tuple(sources[read] for read in call.reads)
        frees = tuple(storages[number] for number in call.frees if number in storages)
        calls.append(Call(places[call.node], numbers[call.operation], reads, call.allocates, frees))
    return tuple(calls), tuple(whole.operations[operation] for operation in used)


def _storages(whole: Architecture, kept_calls: Iterable[int]) -> dict[int, int]:
    """New numbers of the storages that the kept calls allocate, by their old numbers."""
    numbers: dict[int, int] = {}
    wanted, number = set(kept_calls), 0
    for index, call in enumerate(whole.calls):
        for _ in call.allocates:
            if index in wanted:
                numbers[number] = len(numbers)
            number += 1
    return numbers


def _node(
    node: Node, at: int, calls: Sequence[Call], ops: Sequence[Operation], sources: dict[int, int]
) -> Node:
    """A module with its results renumbered; a module in both halves keeps only the work that this half
    does."""
    returned = tuple(sources[call] for call in node.returned if call in sources)
    if half_of(node.path):
        return replace(node, returned=returned)
    done = [ops[call.operation] for call in calls if call.node == at]
    work = [
        Cost(**{operation.op_class: operation.macs}) for operation in done if operation.op_class != "none"
    ]
    return replace(node, own=total([Cost(node.own.params), *work]), returned=returned)
