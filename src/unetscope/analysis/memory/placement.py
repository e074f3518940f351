"""Which weights of a network lie on the device at once: all, or what its offloading has there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from unetscope.analysis.memory.weights import bytes_in, bytes_of
from unetscope.errors import ConfigError
from unetscope.model import Architecture, Tensor
from unetscope.paths import within

Mode: TypeAlias = Literal["none", "model", "sequential", "blocks"]
"""How weights are offloaded, as diffusers does it.

"model" (enable_model_cpu_offload) has one network of a pipeline on the device at a time, "sequential"
(enable_sequential_cpu_offload) one module's own weights, "blocks" (enable_group_offload, block_level) some
blocks of a list of them, with all that is in no list.
"""


@dataclass(frozen=True, slots=True)
class Offload:
    """`blocks` is how many blocks are on the device at once in the mode "blocks"."""

    mode: Mode = "none"
    blocks: int = 1


KEPT = Offload()


def offload(text: str) -> Offload:
    """An offload in words: model, sequential or blocks=N. Raises ConfigError for other words."""
    match = re.fullmatch(r"blocks=([1-9]\d{0,3})", text)
    if match:
        return Offload("blocks", int(match[1]))
    if text in ("model", "sequential"):
        return Offload(text)  # type: ignore[arg-type]
    raise ConfigError(f"{text!r} is not a way to offload", hint="write model, sequential or blocks=4")


def checked(architecture: Architecture, offload: Offload) -> Offload:
    """The same offload. Raises ConfigError for one by blocks of a network that has none in a list."""
    if offload.mode == "blocks" and not _groups(architecture, 1):
        raise ConfigError(
            f"{architecture.title} keeps no blocks in a list", hint="leave out --offload, or say sequential"
        )
    return offload


def on_device(
    architecture: Architecture, *, dtype: str, quant: str | None = None, offload: Offload = KEPT
) -> int:
    """The most bytes of weights and buffers on the device at once; what `quant` leaves out is in `dtype`."""
    sizes = {tensor: _size(architecture, tensor, dtype, quant) for tensor in architecture.tensors}
    if offload.mode == "sequential":
        return max(_summed(sizes, {tensor: tensor.owner for tensor in sizes}).values(), default=0)
    if offload.mode != "blocks":
        return sum(sizes.values())
    groups = _groups(architecture, offload.blocks)
    by_group = _summed(
        sizes, {tensor: groups.get(within(tensor.owner, groups) or "", "") for tensor in sizes}
    )
    resident = by_group.pop("", 0)
    return resident + max(by_group.values(), default=0)


def _size(architecture: Architecture, tensor: Tensor, dtype: str, quant: str | None) -> int:
    return bytes_in(architecture, tensor, quant, rest=dtype) if quant else bytes_of(tensor, dtype)


def _groups(architecture: Architecture, blocks: int) -> dict[str, str]:
    """The group of each block, named by its first: `blocks` consecutive entries of each list directly below
    the network."""
    lists = [node for node in architecture.children[""] if node.type in ("ModuleList", "Sequential")]
    groups: dict[str, str] = {}
    for container in lists:
        paths = [child.path for child in architecture.children[container.path]]
        groups |= {path: paths[index - index % blocks] for index, path in enumerate(paths)}
    return groups


def _summed(sizes: dict[Tensor, int], places: dict[Tensor, str]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for tensor, size in sizes.items():
        sums[places[tensor]] = sums.get(places[tensor], 0) + size
    return sums
