"""What is inside the attention blocks of a network: projections, layers, heads and widths, in words.
Knows no coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from unetscope.families.module_names import is_around_blocks, keys_of
from unetscope.layout.chain.blocks import Block
from unetscope.layout.chain.conditioning import Reads, conditioned, crosses
from unetscope.layout.chain.modules import block_members, kernel, side_by_side
from unetscope.layout.scene import ColourRole
from unetscope.model import Architecture, Node
from unetscope.paths import is_within, parent
from unetscope.sizes import width_of
from unetscope.words import units
from unetscope.words.messages import joined

_HEADS = "head"
"""In whatever words tell the number of heads."""


@dataclass(frozen=True, slots=True)
class AttentionLayer:
    """One residual layer of a block: its name, its sizes, its colours, whether it reads the text and
    whether its norm reads the time."""

    words: str
    below: str
    fill: ColourRole
    ink: ColourRole
    texts: bool = False
    times: bool = False


@dataclass(frozen=True, slots=True)
class Inside:
    """All that the card shows. `before` and `after` are the projections around the repeated layers;
    `direct` says that there is one attention layer and no transformer around it, `around` that one
    more residual leads around everything. `abreast` are the layers of transformers that run side by side,
    one tuple each, where there are several; `layers` then are those of all."""

    before: str
    layers: tuple[AttentionLayer, ...]
    after: str
    repeats: tuple[int, ...]
    widths: str
    direct: bool
    around: bool
    abreast: tuple[tuple[AttentionLayer, ...], ...] = ()


def inside_attention(architecture: Architecture, blocks: Sequence[Block]) -> Inside:
    """The layers of the deepest block, or of one that has most; sizes in C where blocks differ."""
    run = architecture.first_call
    attentions = [
        node
        for node in architecture.nodes
        if node.kind == "attention"
        and node.path in run
        and any(is_within(node.path, block.path) for block in blocks)
    ]

    def depth(block: Block) -> tuple[int, int]:
        return block.repeat, sum(is_within(node.path, block.path) for node in attentions)

    deepest = max(blocks, key=depth)
    sizes = {_number(node, "query_dim") for node in attentions}
    unique = len(sizes) == 1
    layers = _layers(architecture, deepest.path, attentions, unique=unique)
    children = architecture.children[deepest.path]
    abreast = _abreast(architecture, deepest.path, attentions, unique=unique)
    output = architecture.by_path[deepest.path].output
    size = str(width_of(output)) if unique and output else "C"
    repeats = tuple(sorted({block.repeat for block in blocks if block.repeat}))
    kind = architecture.by_path[deepest.path].kind
    direct = not repeats and kind == "attention"
    norm = _own_norm(architecture, deepest.path)
    before, after = _projection(children, "in", size), _projection(children, "out", size)
    if direct:
        before = " · ".join(word for word in (norm, f"linear {size} → 3 × {size}") if word)
        after = f"linear {size} → {size}"
    elif abreast:
        before, after = "", "mean of both" if len(abreast) == 2 else "their mean"
    elif kind == "transformer block":  # its norms belong to its layers, and nothing is around these
        before = after = ""
    widths = _widths(architecture, blocks, repeats)
    around = kind != "transformer block"
    return Inside(before, layers, after, repeats, widths, direct, around=around, abreast=abreast)


def _abreast(
    architecture: Architecture, path: str, attentions: Sequence[Node], *, unique: bool
) -> tuple[tuple[AttentionLayer, ...], ...]:
    """The layers of each of several transformers in a block; sizes come from the attention of all blocks."""
    nodes = side_by_side(architecture, architecture.by_path[path])
    if len(nodes) < 2:
        return ()
    names = [node.path.removeprefix(path) for node in nodes]
    seats_of = [[attention for attention in attentions if f"{name}." in attention.path] for name in names]
    return tuple(
        _layers(architecture, node.path, seats, unique=unique)
        for node, seats in zip(nodes, seats_of, strict=True)
    )


def _widths(architecture: Architecture, blocks: Sequence[Block], repeats: Sequence[int]) -> str:
    """The widths C stands for, with the depth at each where depths differ."""
    depths_by_width: dict[int, set[int]] = {}
    for block in blocks:
        shape = architecture.by_path[block.path].output
        if shape:
            depths_by_width.setdefault(width_of(shape), set()).add(block.repeat)
    if len(depths_by_width) < 2:
        return ""
    if len(repeats) > 1 and all(len(depths) == 1 for depths in depths_by_width.values()):
        return "C " + ", ".join(f"{size}: ×{min(depths)}" for size, depths in sorted(depths_by_width.items()))
    return "C: " + ", ".join(str(size) for size in sorted(depths_by_width))


def _projection(children: Sequence[Node], end: Literal["in", "out"], size: str) -> str:
    """The layers before or behind the transformer blocks: "GroupNorm 32 · linear C → C"."""
    words = []
    for node in children:
        if end == "in" and node.kind == "norm" and node.attributes.get("num_groups"):
            words.append(f"{node.type} {node.attributes['num_groups']}")
        elif is_around_blocks(node.path, end):
            form = f"conv {kernel(node.attributes)}" if node.kind == "conv" else node.kind
            words.append(f"{form} · {size} → {size}" if node.kind == "conv" else f"{form} {size} → {size}")
    return " · ".join(words)


def _layers(
    architecture: Architecture, path: str, attentions: Sequence[Node], *, unique: bool
) -> tuple[AttentionLayer, ...]:
    """The attention and feed-forward layers of one block, each with the norm before it."""
    reads = conditioned(architecture)
    if architecture.by_path[path].kind == "attention":
        return (_attention(architecture, architecture.by_path[path], "", attentions, reads),)
    layers: list[AttentionLayer] = []
    norm, timed = "", False
    for node in block_members(architecture, path):
        if node.kind == "norm":
            norm, timed = node.type, "time" in reads.get(node.path, frozenset())
        elif node.kind == "attention":
            layers.append(replace(_attention(architecture, node, norm, attentions, reads), times=timed))
        elif node.kind == "feed-forward":
            layers.append(_feed_forward(architecture, node, norm, unique=unique))
    heads = _heads([node for node in attentions if crosses(node, reads)] or attentions)
    if layers and not any(_HEADS in layer.below for layer in layers):  # the stem tells the size of the text
        last = max(index for index, layer in enumerate(layers) if layer.fill == "attention")
        layers[last] = replace(layers[last], below=heads)
    return tuple(layers)


def _own_norm(architecture: Architecture, path: str) -> str:
    norms = [node for node in architecture.children[path] if node.kind == "norm"]
    if not norms:
        return ""
    return f"{norms[0].type} {norms[0].attributes.get('num_groups') or ''}".strip()


def _attention(
    architecture: Architecture, node: Node, norm: str, attentions: Sequence[Node], reads: Reads
) -> AttentionLayer:
    cross, added = crosses(node, reads), node.attributes.get("added_kv_proj_dim")
    name = node.path.rpartition(".")[2]
    seated = [attention for attention in attentions if attention.path.rpartition(".")[2] == name]
    plain = [attention for attention in seated if not crosses(attention, reads)]
    if not added and plain and len(plain) < len(seated):
        # Levels of the same network differ (only_cross_attention): say where which stands.
        below = f"self in {_stages(architecture, plain)}"
        return AttentionLayer("self- or cross-attention", below, "attention", "attention-ink", texts=True)
    words = "self- and cross-attention" if added else "cross-attention" if cross else "self-attention"
    alike = [attention for attention in attentions if crosses(attention, reads) == cross]
    below = _text_size(architecture, alike) if cross and not added else _heads(alike)
    if len(seated) < len({parent(attention.path) for attention in attentions}):  # some blocks go without it
        below = f"only in {_stages(architecture, seated)}"
    name = f"{norm} · {words}" if norm else words
    return AttentionLayer(name, below, "attention", "attention-ink", texts=cross)


def _stages(architecture: Architecture, nodes: Sequence[Node]) -> str:
    """The names of the stages in which modules stand: "Down 4, Mid, Up 1"."""
    return ", ".join(
        stage.name for stage in architecture.stages if any(is_within(node.path, stage.path) for node in nodes)
    )


def _text_size(architecture: Architecture, alike: Sequence[Node]) -> str:
    """The text and the width it is read at: "text 77×2048 → C"."""
    sizes = sorted({_number(node, "query_dim") for node in alike})
    context = architecture.input_of("text context")
    if context is None or len(context.shape) != 3:
        return _heads(alike)
    wide = alike[0].attributes.get("cross_attention_dim") or context.shape[2]
    keys = (architecture.by_path.get(keys_of(node.path)) for node in alike)
    read = {key.input[-2] for key in keys if key and key.input and len(key.input) > 1}
    tokens = sorted(read) or [context.shape[1]]
    return f"text {joined(tokens, 'or')}×{wide} → {sizes[0] if len(sizes) == 1 else 'C'}"


def _heads(alike: Sequence[Node]) -> str:
    """Heads × head dim, with the number of tokens where all attend to the same number."""
    pairs = sorted({(_number(node, "heads") or 1, _number(node, "inner_dim")) for node in alike})
    heads = sorted({count for count, _ in pairs})
    dims = sorted({inner // max(1, count) for count, inner in pairs})
    if len(heads) == 1 and len(dims) == 1:
        tokens = {node.output[1] for node in alike if node.output and len(node.output) == 3}
        note = f" · {min(tokens)} tokens" if len(tokens) == 1 else ""
        return f"{_plural(heads[0])} × {dims[0]}{note}"
    if len(heads) == 1:
        return f"{_plural(heads[0])} × C/{heads[0]} ({joined(dims, 'or')})"
    if len(dims) == 1:
        return f"{joined(heads, 'or')} heads × {dims[0]}"
    return "heads × dim: " + ", ".join(f"{count}×{inner // max(1, count)}" for count, inner in pairs)


def _number(node: Node, name: str) -> int:
    """A whole number among the attributes of a module; 0 if it has none."""
    value = node.attributes.get(name)
    return value if isinstance(value, int) else 0


def _plural(heads: int) -> str:
    return "1 head" if heads == 1 else f"{heads} heads"


def _feed_forward(architecture: Architecture, node: Node, norm: str, *, unique: bool) -> AttentionLayer:
    """The feed-forward layer with its widths, doubled where a gate halves them again."""
    below = list(architecture.below(node.path))
    linears = [layer for layer in below if layer.kind == "linear"]
    gate = next((layer for layer in below if layer.type in ("GEGLU", "SwiGLU")), None)
    shape = gate or next((layer for layer in below if layer.kind == "activation"), None)
    name = shape.type if shape else "feed-forward"
    sizes = ""
    if len(linears) == 2:
        wide, inner = (_number(linears[-1], f"{end}_features") for end in ("out", "in"))
        whole = wide and inner % wide == 0
        hidden = str(inner) if unique else f"{units.short(inner // wide)[0]}C" if whole else "C'"
        ends = str(wide) if unique else "C"
        sizes = f"{ends} → {'2 × ' if gate else ''}{hidden} → {ends}"
    return AttentionLayer(f"{norm} · {name}" if norm else name, sizes, "feed-forward", "feed-forward-ink")
