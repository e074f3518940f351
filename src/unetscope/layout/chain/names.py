"""What blocks are called where there is room for more than a letter, from long to short."""

from __future__ import annotations

from unetscope.families.module_names import FILTERED, is_norm
from unetscope.layout.chain.blocks import Block, convolution
from unetscope.layout.chain.modules import channels, kernel
from unetscope.model import Architecture
from unetscope.sizes import Shape


def names(architecture: Architecture, block: Block, *, placed: bool = False) -> list[str]:
    """Words for a block, from long to short; `placed` puts "stage,position" behind its letter."""
    node = architecture.by_path[block.path]
    letter = f"{block.letter}{block.place}" if placed and block.place else block.letter
    letter += " (T)" * (block.temporal and block.kind in ("residual", "attention"))
    if block.kind == "residual":
        sign = {"down": "↓ ", "up": "↑ ", "": ""}[block.resamples]
        times = f" ×{block.repeat}" if block.repeat > 1 else ""
        fitting = _residual(node.input, node.output, letter, sign)
        return [*(f"{words}{times}" for words in fitting), fitting[-1]]
    if block.kind == "attention":
        # The heading of an opened block says ×N itself.
        repeated = block.repeat > 1 and not block.layers
        return [f"{letter} ×{block.repeat}", f"×{block.repeat}"] if repeated else [letter, block.letter]
    if block.kind in ("down", "up"):
        return _resampling(architecture, block)
    if block.kind == "conv":
        return _convolution(architecture, block)
    times = f" ×{block.repeat}" if block.repeat > 1 else ""
    return [f"{block.type}{times}", f"{block.letter}{times}", block.letter]


def size(shape: Shape | None) -> str:
    """H×W of a shape."""
    return "×".join(str(side) for side in shape[2:]) if shape else ""


def _residual(given: Shape | None, shape: Shape | None, letter: str, resampled: str) -> list[str]:
    if given is None or shape is None or given[1] == shape[1]:
        full = f"{letter} {resampled}{shape[1]}" if shape else letter
        return [full, f"{letter} {resampled}".rstrip(), letter, letter[:1]]
    first, last = given[1], shape[1]
    shorter = [f"{letter} {first}→{last}", f"{letter} → {last}", f"{letter}→{last}", letter, letter[:1]]
    return [f"{letter} {resampled}{first} → {last}", *shorter]


def _resampling(architecture: Architecture, block: Block) -> list[str]:
    """The way a resampler works and the size it makes: "↓ conv 3×3 /2 → 64×64"."""
    node, conv = architecture.by_path[block.path], convolution(architecture, block.path)
    made = f" → {size(node.output)}" if node.output else ""
    sign = "↓" if block.kind == "down" else "↑"
    form = f"conv {kernel(conv.attributes)}" if conv else ""
    if node.type in FILTERED:
        return [f"{sign} {', '.join(filter(None, ('FIR', form)))}{made}", f"{sign} FIR", sign]
    if node.type.startswith("MaxPool") or node.type.startswith("max_pool"):
        form = "max pool"
    elif node.type.startswith("ConvTranspose"):
        form = f"transposed {form or 'conv ' + kernel(node.attributes)}"
        return [f"{sign} {form}{made}", f"{sign} {form}", f"{sign}{made}", sign]  # way before size
    elif block.kind == "up":
        form = f"nearest, {form}" if form else "nearest"
    else:
        form = f"{form} /2" if form else "average"
    return [f"{sign} {form}{made}", f"{sign}{made}", sign]


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
