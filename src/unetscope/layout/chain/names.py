"""What blocks are called where there is room for more than a letter, from long to short."""

from __future__ import annotations

from unetscope.families.module_names import FILTERED, is_norm
from unetscope.layout.chain.blocks import Block, convolution
from unetscope.layout.chain.modules import channels, kernel
from unetscope.model import Architecture, Node
from unetscope.sizes import Shape


def names(architecture: Architecture, block: Block, *, placed: bool = False) -> list[str]:
    """Words for a block, from long to short; `placed` puts "stage,position" behind its letter."""
    node = architecture.by_path[block.path]
    letter = f"{block.letter}{block.place}" if placed and block.place else block.letter
    letter += " (T)" * (block.temporal and block.kind in ("residual", "attention"))
    if block.kind == "residual":
        sign = _SIGNS[block.resamples]
        times = f" ×{block.repeat}" if block.repeat > 1 else ""
        fitting = _residual(node.input, node.output, letter, sign)
        return [*(f"{words}{times}" for words in fitting), fitting[-1]]
    if block.kind == "attention":
        # The heading of an opened block says ×N itself.
        repeated = block.repeat > 1 and not block.layers
        return [f"{letter} ×{block.repeat}", f"×{block.repeat}"] if repeated else [letter, block.letter]
    if block.kind == "conv-block":
        return _convolved(architecture, node, letter, _SIGNS[block.resamples])
    if block.kind in ("down", "up"):
        return _resampling(architecture, block)
    if block.kind == "conv":
        return _convolution(architecture, block)
    times = f" ×{block.repeat}" if block.repeat > 1 else ""
    return [f"{block.type}{times}", f"{block.letter}{times}", block.letter]


_SIGNS = {"down": "↓ ", "up": "↑ ", "": ""}


def size(shape: Shape | None) -> str:
    """H×W of a shape."""
    return "×".join(str(side) for side in shape[2:]) if shape else ""


def _residual(before: Shape | None, shape: Shape | None, letter: str, resampled: str) -> list[str]:
    if before is None or shape is None or before[1] == shape[1]:
        full = f"{letter} {resampled}{shape[1]}" if shape else letter
        return [full, f"{letter} {resampled}".rstrip(), letter, letter[:1]]
    first, last = before[1], shape[1]
    shorter = [f"{letter} {first}→{last}", f"{letter} → {last}", f"{letter}→{last}", letter, letter[:1]]
    return [f"{letter} {resampled}{first} → {last}", *shorter]


def _resampling(architecture: Architecture, block: Block) -> list[str]:
    """The way a resampler works and the size it makes: "↓ conv 3×3 /2 → 64×64"."""
    node, conv = architecture.by_path[block.path], convolution(architecture, block.path)
    output = f" → {size(node.output)}" if node.output else ""
    sign = "↓" if block.kind == "down" else "↑"
    form = f"conv {kernel(conv.attributes)}" if conv else ""
    if node.type in FILTERED:
        return [f"{sign} {', '.join(filter(None, ('FIR', form)))}{output}", f"{sign} FIR", sign]
    if conv and "ConvTranspose" in conv.type:
        form = f"transposed {form}"
        return [f"{sign} {form}{output}", f"{sign} {form}", f"{sign}{output}", sign]  # way before size
    way = _way(architecture, node)
    if not way and form and block.kind == "down":
        form += f" /{_stride(conv)}"
    form = ", ".join(filter(None, (way, form))) or _UNSEEN.get(node.type, node.type)
    return [f"{sign} {form}{output}", f"{sign}{output}", sign]


_WAYS = {
    "max_pool": "max pool", "avg_pool": "average", "adaptive": "average", "nearest": "nearest",
    "bilinear": "bilinear", "trilinear": "trilinear", "bicubic": "bicubic", "linear1d": "linear",
    "pixel_shuffle": "pixel shuffle", "pixel_unshuffle": "pixel unshuffle",
}  # fmt: skip
"""The way to resample by what stands in the name of its operation."""
_UNSEEN = {"PatchMerging": "merges patches", "PatchMergingV2": "merges patches"}
"""Words for classes that resample by views alone."""


def _way(architecture: Architecture, node: Node) -> str:
    """How a module, or an operation by itself, resamples, by the operations that it calls; "" for a
    convolution."""
    calls = architecture.calls_of
    own_calls = (call for inside in architecture.below(node.path) for call in calls.get(inside.path, ()))
    names = [architecture.operations[architecture.calls[call].operation].name for call in own_calls]
    return next((word for name in names for sign, word in _WAYS.items() if sign in name), "")


def _stride(conv: Node | None) -> str:
    """By how much a convolution divides each side: "2", or "1×2" where sides differ."""
    steps = conv.attributes.get("stride") if conv else None
    if not isinstance(steps, tuple):
        return "2"
    return str(steps[0]) if len(set(steps)) == 1 else "×".join(map(str, steps))


def _convolved(architecture: Architecture, node: Node, letter: str, sign: str) -> list[str]:
    """What a convolution block makes of its channels, and by what: "C 64 → 128 · 2 × conv 3×3"."""
    ran = architecture.first_call
    kernels = [
        kernel(inside.attributes)
        for inside in architecture.below(node.path)
        if inside.path in ran and kernel(inside.attributes) and not architecture.children[inside.path]
    ]
    several = f"{len(kernels)} × " if len(kernels) > 1 else ""
    form = f"{several}conv {kernels[0]}" if len(set(kernels)) == 1 else f"{len(kernels)} convolutions"
    if node.input is None or node.output is None:
        return [f"{letter} {sign}{form}", letter, letter[:1]]
    first, last = node.input[1], node.output[1]
    shorter = [f"{letter} {sign}{first} → {last}", f"{letter} {first}→{last}", f"{letter} → {last}"]
    shorter += [f"{letter} {sign}".rstrip()]
    return [f"{letter} {sign}{first} → {last} · {form}", *shorter, letter, letter[:1]]


def _convolution(architecture: Architecture, block: Block) -> list[str]:
    """A convolution at one end: "conv_in 3×3 · 4 → 320"."""
    conv = convolution(architecture, block.path)
    if conv is None:
        return [block.path]
    own = block.path.rpartition(".")[2]
    name = f"{own} {kernel(conv.attributes)}".strip()
    heads = [stage.path for stage in architecture.stages if stage.role == "head"]
    if block.path in heads and any(is_norm(path) for path in heads):
        name = f"norm, {name}"
    return [f"{name} · {channels(conv)}", name, own, kernel(conv.attributes), "Cv"]
