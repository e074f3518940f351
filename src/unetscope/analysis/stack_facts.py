"""Facts of networks that are stacks of blocks: widths, patches, positions, modulation, streams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isqrt, prod
from typing import TypeVar

from unetscope.analysis.cost.by_kind import part_of
from unetscope.families.module_names import is_joint, is_mixed_out
from unetscope.model import Architecture, Node, Stage
from unetscope.paths import is_within
from unetscope.words import basis

T = TypeVar("T")


def stacks(architecture: Architecture) -> list[Stage]:
    """The stacks in the order they run."""
    return [stage for stage in architecture.stages if stage.role == "body"]


def hidden_widths(architecture: Architecture) -> tuple[int, ...]:
    """Widths of the tokens that stacks are given, each once."""
    return _once(width for block in _first_blocks(architecture) if (width := _width(block)))


def mlp_widths(architecture: Architecture) -> tuple[str, ...]:
    """Width inside the feed-forward parts of each stack, with its multiple of the block's: "12,288 = 4×"."""
    widths = []
    for block in _first_blocks(architecture):
        inner, width = _inner_width(architecture, block), _width(block)
        if inner and width:
            widths.append(f"{inner:,} = {f'{inner / width:.2f}'.rstrip('0').rstrip('.')}×")
    return _once(widths)


def _inner_width(architecture: Architecture, block: Node) -> int:
    """What the last layer of a block's feed-forward part reads; the attention's share of it left out."""
    parts = part_of(architecture)
    read = [
        _reads(node) - (_width(block) if is_mixed_out(node.path) else 0)
        for node in architecture.nodes
        if is_within(node.path, block.path) and parts[node.path] == "feed-forward"
        and node.own.params and not _is_gated(node)
    ]  # fmt: skip
    return max(read, default=0)


def _is_gated(node: Node) -> bool:
    """Whether a layer also reads the gate, as the depthwise layer in SANA's feed-forward part does."""
    return node.path.endswith(".ff.conv_depth")


def _reads(node: Node) -> int:
    """Channels that a layer reads: last of tokens, first of images."""
    shape = node.input or ()
    return 0 if len(shape) < 2 else shape[1] if node.kind == "conv" else shape[-1]


def patch(architecture: Architecture) -> tuple[str, ...]:
    """What one token is of the sample, in cells: as the network cuts it, or as it was packed before."""
    config, axes, shape = architecture.config, architecture.basis.axes, architecture.basis.input
    sides = tuple(axes[name] for name in ("height", "width") if name in axes)
    if len(sides) == 2 and len(shape) == 2:
        cells = prod(sides) * axes.get("frames", 1) // shape[0]
        side = isqrt(cells)
        return (f"{side}×{side} packed",) if cells > 1 and side * side == cells else ()
    size = config.get("patch_size") or config.get("all_patch_size")
    entries = list(size) if isinstance(size, list | tuple) else [size, size] if size else []
    time = [config["patch_size_t"]] if config.get("patch_size_t") else []
    return ("×".join(map(str, time + (entries * 2 if len(entries) == 1 else entries))),) if entries else ()


def positions(architecture: Architecture) -> tuple[str, ...]:
    """How tokens learn their positions."""
    named = [tensor for tensor in architecture.tensors if "pos_embed" in tensor.name.rpartition(".")[2]]
    adding = {architecture.nodes[call.node].type for call in architecture.calls
              if architecture.operations[call.operation].name == "add"}  # fmt: skip
    kinds = ["rotary"] if basis.is_rotary(architecture) else []
    if any(tensor.role == "parameter" for tensor in named):
        return (*kinds, "learned table")
    fixed = any(tensor.role == "buffer" for tensor in named) or any(
        "PatchEmbed" in module for module in adding
    )
    return (*kinds, *["sine table"] * fixed)


def modulation(architecture: Architecture) -> tuple[str, ...]:
    """Where shifts, scales and gates are made from the conditioning."""
    tops = [stage.path for stage in stacks(architecture)]
    parts, nodes = part_of(architecture), [node for node in architecture.nodes if node.own.params]
    inside = [node for node in nodes if any(is_within(node.path, top) for top in tops)]
    if any(parts[node.path] == "modulation" or "modulation" in node.path.lower()
           for node in inside):  # fmt: skip
        return ("in each block",)
    if any("scale_shift_table" in tensor.name and any(is_within(tensor.name, top) for top in tops)
           for tensor in architecture.tensors):  # fmt: skip
        return ("once, with a table in each block",)
    outside = any("modulation" in node.path or "distilled_guidance" in node.path for node in nodes)
    return ("once for all blocks",) if outside else ()


def streams(architecture: Architecture) -> tuple[str, ...]:
    """How text meets the sample in each stack: two streams that attend jointly, or one that reads across."""
    return _once(_stream(architecture, block) for block in _first_blocks(architecture))


def _stream(architecture: Architecture, block: Node) -> str:
    inside = [node for node in architecture.nodes if is_within(node.path, block.path)]
    if any(is_joint(node.path) for node in inside):
        return "double"
    across = any(node.attributes.get("is_cross_attention") is True for node in inside)
    return "single, text across" if across else "single"


def _first_blocks(architecture: Architecture) -> Iterator[Node]:
    for stage in stacks(architecture):
        yield from architecture.children[stage.path][:1]


def _width(block: Node) -> int:
    return block.input[-1] if block.input and len(block.input) == 3 else 0


def _once(values: Iterable[T]) -> tuple[T, ...]:
    """Each value once, in the order it comes."""
    return tuple(dict.fromkeys(values))
