"""Blocks opened: what runs inside R and A, one narrow glyph per layer. Knows no coordinates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from unetscope.cost import Cost, total
from unetscope.families.module_names import is_shortcut
from unetscope.layout.chain.blocks import Block, Chain, convolution
from unetscope.layout.chain.conditioning import Reads, conditioned, crosses
from unetscope.layout.chain.modules import block_members, kernel, path_order, run_order, side_by_side
from unetscope.model import Architecture, Node
from unetscope.vocabulary import GlyphKind

_SHORT = {
    "ResnetBlock2D": "R", "TemporalResnetBlock": "R of frames", "AlphaBlender": "blend",
    "TimestepEmbedding": "embed t",
}  # fmt: skip
"""Classes whose names are too long for an upright glyph: those inside of video networks' blocks."""
_GATES = frozenset({"GEGLU", "SwiGLU"})


def opened(architecture: Architecture, chain: Chain) -> Chain:
    """The chain with the layers of every residual and attention block."""
    reads = conditioned(architecture)
    stages = tuple(
        replace(stage, blocks=tuple(_open(architecture, block, reads) for block in stage.blocks))
        for stage in chain.stages
    )
    return replace(chain, stages=stages)


def _open(architecture: Architecture, block: Block, reads: Reads) -> Block:
    if block.kind == "residual":
        return replace(block, layers=tuple(_residual(architecture, block, reads)))
    if block.kind == "conv-block":
        return replace(block, layers=tuple(_convolutions(architecture, block, reads)))
    if block.kind != "attention":
        return block
    if architecture.by_path[block.path].kind == "attention":
        return replace(block, layers=tuple(_alone(architecture, block, reads)))
    layers = list(_abreast(architecture, block, reads))
    if architecture.by_path[block.path].kind == "transformer block" and block.repeat > 1:
        layers = [replace(layer, cost=_times(layer.cost, block.repeat)) for layer in layers]  # a run
    return replace(block, layers=tuple(layers))


def _times(cost: Cost, count: int) -> Cost:
    return Cost(*(count * getattr(cost, name) for name in _FIELDS))


def _residual(architecture: Architecture, block: Block, reads: Reads) -> list[Block]:
    """Norms, convolutions and the time embedding as they act on the path; an activation is left to them."""
    blocks: list[Block] = []
    for node in path_order(architecture, block.path):
        layer = _in_residual(architecture, node, reads)
        if layer is not None and all(other.path != layer.path for other in blocks):
            blocks.append(layer)
    return blocks


def _convolutions(architecture: Architecture, block: Block, reads: Reads) -> Iterator[Block]:
    """The layers of a convolution block as they run, however deep they lie in it."""
    first = architecture.first_call
    leaves = [
        node
        for node in architecture.below(block.path)
        if node.path in first and not architecture.children[node.path]
    ]
    for node in sorted(leaves, key=lambda leaf: first[leaf.path]):
        layer = _in_residual(architecture, node, reads)
        if layer is not None and (layer.cost.params or layer.cost.macs):
            words = layer.letter.replace("conv", "up") if "ConvTranspose" in node.type else layer.letter
            words = words if len(words) <= _LETTERS else words.rpartition(" ")[2]
            kind: GlyphKind = "conv-block" if layer.kind == "residual" else layer.kind
            yield replace(layer, kind=kind, letter=words)


def _in_residual(architecture: Architecture, node: Node, reads: Reads) -> Block | None:
    if node.kind == "norm":
        return _norm(architecture, node, reads)
    if node.kind == "conv":
        shortcut = is_shortcut(node.path)
        words = f"+ {kernel(node.attributes)} conv" if shortcut else f"conv {kernel(node.attributes)}"
        return _layer(architecture, node, "conv" if shortcut else "residual", words)
    if node.kind == "linear":
        outputs = node.attributes.get("out_features")
        scaled = node.input is not None and outputs == _double(architecture, node)
        return replace(_layer(architecture, node, "time", "scale, shift" if scaled else "+ time"), times=True)
    if node.kind in ("downsample", "upsample"):
        return _layer(architecture, node, "down" if node.kind == "downsample" else "up", "")
    minor = node.kind in ("activation", "dropout", "identity", "pooling") or _ACTIVATION.search(node.type)
    if "norm" in node.type.lower():  # of later networks, which each bring their own
        return _norm(architecture, node, reads)
    inner = convolution(architecture, node.path) if "Conv" in node.type else None
    if inner is not None:
        return _layer(architecture, node, "residual", f"conv {kernel(inner.attributes)}")
    return None if minor else _layer(architecture, node, "other", _upright_word(node.type))


def _double(architecture: Architecture, node: Node) -> int:
    """Twice the channels that the block around a module makes."""
    output = architecture.by_path[node.path.rpartition(".")[0]].output
    return 2 * output[1] if output else 0


def _abreast(architecture: Architecture, block: Block, reads: Reads) -> Iterator[Block]:
    """The layers of a transformer; for several side by side, the layers of one, each with the cost of all."""
    layers = [
        _transformer(architecture, replace(block, path=node.path), reads)
        for node in side_by_side(architecture, architecture.by_path[block.path])
    ]
    for alike in zip(*layers, strict=True):
        yield replace(alike[0], cost=total(layer.cost for layer in alike))


def _transformer(architecture: Architecture, block: Block, reads: Reads) -> list[Block]:
    """The projections around the stacked transformer blocks, and once what each of these holds."""
    layers: list[Block] = []
    for node in run_order(architecture, block.path):
        if node.kind == "container":
            layers += _stacked(architecture, block, reads)
        else:
            layer = _in_transformer(architecture, node, reads)
            # DiT's first norm runs once more at the end of the network.
            layers += [layer] if layer and all(other.path != layer.path for other in layers) else []
    return layers


def _stacked(architecture: Architecture, block: Block, reads: Reads) -> list[Block]:
    """The layers of one transformer block, each with the cost of all that stand in its place."""
    stacks = [node.path for node in architecture.below(block.path) if node.kind == "transformer block"]
    layers = []
    for node in block_members(architecture, block.path):
        layer = _in_transformer(architecture, node, reads)
        if layer is not None:
            name = node.path.rpartition(".")[2]
            costs = [architecture.costs.get(f"{stack}.{name}", Cost()) for stack in stacks]
            layers.append(replace(layer, repeat=block.repeat, cost=total(costs)))
    return layers


def _in_transformer(architecture: Architecture, node: Node, reads: Reads) -> Block | None:
    if node.kind == "norm":
        return _norm(architecture, node, reads)
    if node.kind == "attention":
        layer = _layer(architecture, node, "attention", attention_words(node, reads))
        return replace(layer, texts=crosses(node, reads))
    if node.kind == "feed-forward":
        gates = [module.type for module in architecture.below(node.path) if module.type in _GATES]
        return _layer(architecture, node, "feed-forward", gates[0] if gates else "feed-fwd")
    if node.kind in ("linear", "conv"):
        words = f"{kernel(node.attributes)} conv" if node.kind == "conv" else "linear"
        return _layer(architecture, node, "projection", words)
    if node.kind in ("activation", "dropout", "identity"):
        return None
    return _layer(architecture, node, "other", _upright_word(node.type))


def _upright_word(class_name: str) -> str:
    """The word for a class that fits an upright glyph."""
    if "LayerNorm" in class_name or class_name.endswith("NormZero"):
        return "adaLN"  # one word in the field
    if class_name.lower().endswith("norm"):
        return "norm"
    gate = next((word for word in _GATES if class_name.endswith(word)), "")
    return gate or _SHORT.get(class_name) or _tail(class_name)


_ACTIVATION = re.compile(r"(ReLU6?|ELU|GELU|SiLU|Mish|[Ss]wish|Tanh)$")
"""The end of the class of an activation, of networks that bring their own."""
_LETTERS = 11
"""So many letters of a class stand upright in a glyph."""


def _tail(class_name: str) -> str:
    """As many of the last words of a class name as fit: "WindowAttention" is an "Attention"."""
    last: str
    *first, last = re.findall(r"[A-Z]+(?![a-z])\d*|[A-Z]?[^A-Z]+", class_name) or [class_name]
    while first and len(first[-1] + last) <= _LETTERS:
        last = first.pop() + last
    return last


def _alone(architecture: Architecture, block: Block, reads: Reads) -> list[Block]:
    """An attention layer that is a block of its own: its norm, and everything else as one."""
    norms = [node for node in architecture.children[block.path] if node.kind == "norm"]
    layers = [_layer(architecture, node, "norm", node.type) for node in norms]
    spent = total(layer.cost for layer in layers)
    rest = Cost(*(getattr(block.cost, name) - getattr(spent, name) for name in _FIELDS))
    words = attention_words(architecture.by_path[block.path], reads)
    # It bears no path: its module is the block around it.
    return [*layers, Block("attention", "", block.type, words, rest, texts=block.texts)]


_FIELDS = ("params", "conv", "linear", "attention", "other", "elementwise")


def attention_words(node: Node, reads: Reads) -> str:
    """What an attention layer reads, in a word that fits an upright glyph."""
    if node.attributes.get("added_kv_proj_dim"):
        return "self+cross" if node.attributes.get("is_cross_attention") else "joint attn"
    return "cross-attn" if crosses(node, reads) else "self-attn"


def _norm(architecture: Architecture, node: Node, reads: Reads) -> Block:
    """A norm; one that reads the time embedding says so."""
    if "time" in reads.get(node.path, frozenset()):
        return replace(_layer(architecture, node, "time", "norm + t"), times=True)
    return _layer(architecture, node, "norm", node.type)


def _layer(architecture: Architecture, node: Node, kind: GlyphKind, words: str) -> Block:
    return Block(kind, node.path, node.type, words, architecture.costs[node.path])
