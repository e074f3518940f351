"""A network of any class, built on meta and called with what its recipe says: counted by torch, and by us."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from support.tables import data_rows
from unetscope.families.recipe import arguments, native
from unetscope.families.recipes import MORE, recipes
from unetscope.spec import ExampleInput
from unetscope.tracing.forward.arguments import made
from unetscope.tracing.forward.known_values import values


class Count(NamedTuple):
    """Parameters, entries of the state dict, multiply-accumulates of one forward at batch 1."""

    params: int
    tensors: int
    macs: int


@dataclass(frozen=True)
class Case:
    """A config of a class and what it counts, as the data file has it."""

    name: str
    class_name: str
    config: dict[str, Any]
    count: Count


def cases() -> Iterator[Case]:
    """Every pinned network."""
    for row in data_rows("families.tsv"):
        count = Count(int(row["params"]), int(row["tensors"]), int(row["macs"]))
        yield Case(row["name"], row["class"], json.loads(row["config"]), count)


def network_class(name: str) -> Any:
    """The diffusers class of a recipe."""
    return getattr(importlib.import_module(recipes()[name].module), name)


def defaults(name: str) -> dict[str, Any]:
    """A class's config fields with their defaults; None where there is none."""
    parameters = list(inspect.signature(network_class(name).__init__).parameters.values())[1:]
    return {one.name: None if one.default is one.empty else one.default for one in parameters}


def built(case: Case) -> Any:
    """The network on meta, without gradients: torch's counter fails on some forwards that have them."""
    import torch

    with torch.device("meta"):
        network = network_class(case.class_name).from_config(defaults(case.class_name) | case.config)
    return network.to("meta").eval().requires_grad_(requires_grad=False)


def inputs(case: Case, **axes: int) -> tuple[ExampleInput, ...]:
    """What the network is called with, at its native axes or at those given."""
    recipe, config = recipes()[case.class_name], defaults(case.class_name) | case.config
    sizes = native(recipe, config) | axes
    return arguments(recipe, config, sizes, more=MORE.get(case.class_name))


def called(network: Any, examples: tuple[ExampleInput, ...]) -> Any:
    """The forward with its arguments, as something to call."""
    named = {"return_dict": False} if "return_dict" in inspect.signature(network.forward).parameters else {}
    return partial(network, **made(examples, "float32"), **named)


def counted_by_torch(case: Case, network: Any, **axes: int) -> Count:
    """Parameters by numel, tensors by state dict, MACs by torch's FlopCounterMode."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    counter, forward = FlopCounterMode(display=False), called(network, inputs(case, **axes))
    with torch.no_grad(), values(), counter:
        forward()
    params = sum(parameter.numel() for parameter in network.parameters())
    return Count(params, len(network.state_dict()), counter.get_total_flops() // 2)


def recorded(case: Case, network: Any, *, reuse: bool = True, **axes: int) -> tuple[int, frozenset[str]]:
    """MACs by our own recorder, and the operations that it has no rule for."""
    trace = importlib.import_module("unetscope.tracing.trace")
    watch, forward = trace.watch(network, reuse=reuse), called(network, inputs(case, **axes))
    with trace.wrapped(network, watch), values(), trace.recording(watch.record):
        forward()
    operations = list(watch.record.operations)
    macs = sum(operations[call.operation].macs for call in watch.record.calls)
    return macs, frozenset(watch.record.uncounted)
