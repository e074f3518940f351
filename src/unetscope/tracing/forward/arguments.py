"""From example inputs to the arguments of a forward: meta tensors, small tensors, plain values."""

from __future__ import annotations

import re
from math import prod
from typing import Any

from unetscope.spec import ExampleInput
from unetscope.tracing.forward.known_values import MAX_KEPT

_STEPS = re.compile(r"\.(?P<entry>[^.\[]+)|\[(?P<index>\d+)\]")


def made(examples: tuple[ExampleInput, ...], dtype: str) -> dict[str, Any]:
    """Keyword arguments of a forward; entries whose names are paths go into dicts, lists and tuples.

    Tensors are on the meta device. Those with values are on the CPU, unless they are too large for it.
    """
    import torch

    dtypes = {"float": getattr(torch, dtype), "long": torch.int64, "bool": torch.bool}
    tree: dict[Any, Any] = {}
    for example in examples:
        *parents, last = _steps(example.name)
        entries = tree
        for step in parents:
            entries = entries.setdefault(step, {})
        entries[last] = _one(example, dtypes[example.dtype])
    return {str(name): _gathered(value) for (_, name), value in tree.items()}


def _one(example: ExampleInput, dtype: Any) -> Any:
    """The tensor or the value of an example."""
    import torch

    if example.shape is None:
        return example.value
    if not example.values or prod(example.shape) > MAX_KEPT:
        return torch.empty(example.shape, dtype=dtype, device="meta")
    return torch.tensor(example.values, dtype=dtype).expand(example.shape).contiguous()


def _steps(path: str) -> list[tuple[type, str | int]]:
    """An argument's name and the steps into it, each with the type that holds the entry."""
    name = re.split(r"[.\[]", path, maxsplit=1)[0]
    steps: list[tuple[type, str | int]] = [(dict, name)]
    for step in _STEPS.finditer(path, len(name)):
        entry, index = step["entry"], step["index"]
        if index is not None:
            steps.append((list, int(index)))
        else:
            steps.append((tuple, int(entry)) if entry.isdecimal() else (dict, entry))
    return steps


def _gathered(value: Any) -> Any:
    """A dict of steps as the dict, list or tuple that it stands for; anything else as it is."""
    if not isinstance(value, dict) or not value or not isinstance(next(iter(value)), tuple):
        return value
    kind = next(iter(value))[0]
    entries = {name: _gathered(entry) for (_, name), entry in value.items()}
    return entries if kind is dict else kind(entries[index] for index in sorted(entries))
