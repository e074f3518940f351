"""Inside A: the layers of the transformers or attention blocks of one network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unetscope import units
from unetscope.kinds import CONTAINERS
from unetscope.layout.blocks import Block
from unetscope.layout.costs import Scale
from unetscope.layout.glyphs import badge_text
from unetscope.layout.inset import PLUS, cell, down, listed, loop, plus, tag
from unetscope.layout.measure import text, width
from unetscope.layout.scene import Box, ColourRole, Frame, Item
from unetscope.layout.stem import heading, kernel
from unetscope.model import Architecture, Node, is_within, total

_HEIGHT, _PITCH, _OUTER, _STEP = 33.0, 55.0, 20.0, 8.0
_TOP, _FOOT = 57.0, 28.0
_CLOSE = 58.0
"""From the frame of the repeated layers to the foot of one layer's ⊕, and as much below it."""
_CELL, _WIDE, _REPEATED = 210.0, 224.0, 268.0


@dataclass(frozen=True, slots=True)
class Layer:
    """One residual layer of a block: its name, its sizes, its colours, whether it reads the text."""

    words: str
    below: str
    fill: ColourRole
    ink: ColourRole
    texts: bool = False


@dataclass(frozen=True, slots=True)
class Inside:
    """All that the card shows. `before` and `after` are the projections around the repeated layers;
    `direct` says that there is one attention layer and no transformer around it."""

    before: str
    layers: tuple[Layer, ...]
    after: str
    repeats: tuple[int, ...]
    widths: str
    direct: bool


def attention_card(
    architecture: Architecture, blocks: Sequence[Block], on: Scale, frame: Frame
) -> Iterator[Item]:
    """The card. `blocks` are all attention blocks; the most usual class of them is shown."""
    usual = Counter(block.type for block in blocks).most_common(1)[0][0]
    shown = [block for block in blocks if block.type == usual]
    inside = _inside(architecture, shown)
    depth = sum(block.repeat for block in shown)
    title = (
        f"Inside A ×{inside.repeats[0]}" if len(inside.repeats) == 1 and inside.repeats[0] > 1 else "Inside A"
    )
    below = f"{usual} ×{len(shown)}" + (f" · {depth} layers" if depth > len(shown) else "")
    yield from heading(frame, title, below, total(block.cost for block in blocks), on)
    yield from _flow(inside, frame)


def _flow(inside: Inside, frame: Frame) -> Iterator[Item]:
    x = frame.x + frame.width * 0.513
    count, repeated = len(inside.layers), max(inside.repeats, default=0) > 1
    around = _TOP + 2 * (_OUTER + _STEP) + _FOOT
    pitch = min(_PITCH, (frame.height - around - _CLOSE) / max(1, count - 1))
    body = _CLOSE + pitch * (count - 1) - (9 if inside.direct else 0)
    y = frame.y + _TOP + max(0.0, frame.height - around - body) / 2
    start = y - 5
    yield from _width_note(inside, frame, x, start)
    yield down(x, start - 5, y - 0.5)
    yield from _outer(inside.before, x, y)
    top = y + _OUTER + _STEP
    yield down(x, y + _OUTER, top + (8 if inside.layers else 0))
    for index, layer in enumerate(inside.layers):
        yield from _layer(layer, x, top + 4 + pitch * index, first=index == 0, alone=inside.direct)
    if repeated:
        box = Frame(x - _REPEATED / 2, top, _REPEATED, body)
        yield Box(box, None, "attention-ink", 1.2, radius=6, dashed=True)
        yield from tag(_times(inside.repeats), box.right + 8, box.y)
    yield from _foot(inside, frame, x, start, top + body)


def _foot(inside: Inside, frame: Frame, x: float, start: float, y: float) -> Iterator[Item]:
    """The projection behind the repeated layers, and the sum with the residual around everything."""
    sum_y = y + _STEP + _OUTER + 11
    yield down(x, y - (8 if inside.direct else 5), y + _STEP - 0.5)
    yield from _outer(inside.after, x, y + _STEP)
    yield down(x, y + _STEP + _OUTER, sum_y - PLUS + 0.5)
    yield from plus(x, sum_y)
    yield loop(x, start, frame.x + 18, sum_y)
    yield down(x, sum_y + PLUS, sum_y + PLUS + 9)


def _outer(words: str, x: float, y: float) -> Iterator[Item]:
    yield from cell(Frame(x - _WIDE / 2, y, _WIDE, _OUTER), words, fill="conv", ink="attention-ink")


def _layer(layer: Layer, x: float, y: float, *, first: bool, alone: bool) -> Iterator[Item]:
    """One cell at y with its residual around it, if it has one of its own."""
    frame = Frame(x - _CELL / 2, y + 4, _CELL, _HEIGHT)
    middle = frame.bottom + 7.5
    if not first:
        yield down(x, y - 4, frame.y - 0.5)
    if not alone:
        yield loop(x, y, frame.x - 18, middle)
        yield down(x, frame.bottom, middle - PLUS + 1)
        yield from plus(x, middle)
    yield from cell(frame, layer.words, fill=layer.fill, ink=layer.ink, below=layer.below, bold=True)
    if layer.texts:
        yield from badge_text(frame.right, frame.middle, size=15, lettered=True)


def _width_note(inside: Inside, frame: Frame, x: float, y: float) -> Iterator[Item]:
    if inside.widths and width(inside.widths, 10) < frame.right - x - 22:
        yield text(x + 12, y + 2, inside.widths, size=10, role="dim", frame=frame)


def _times(repeats: Sequence[int]) -> str:
    return (
        ", ".join(f"×{repeat}" for repeat in repeats)
        if len(repeats) < 4
        else f"×{repeats[0]} to ×{repeats[-1]}"
    )


def _inside(architecture: Architecture, shown: Sequence[Block]) -> Inside:
    """The layers of the deepest block, sizes in C where blocks differ."""
    deepest = max(shown, key=lambda block: block.repeat)
    attentions = [
        node
        for node in architecture.nodes
        if node.kind == "attention" and any(is_within(node.path, block.path) for block in shown)
    ]
    sizes = sorted({(node.attributes.get("query_dim") or 0, 0) for node in attentions})
    unique = len(sizes) == 1
    layers = _layers(architecture, deepest.path, attentions, unique=unique)
    children = architecture.children[deepest.path]
    width_of = architecture.by_path[deepest.path].output
    size = str(width_of[1]) if unique and width_of else "C"
    repeats = tuple(sorted({block.repeat for block in shown if block.repeat}))
    direct = not repeats
    norm = _own_norm(architecture, deepest.path)
    return Inside(
        " · ".join(word for word in (norm, f"linear {size} → 3 × {size}") if word)
        if direct
        else _projection(children, "in", size),
        layers,
        f"linear {size} → {size}" if direct else _projection(children, "out", size),
        repeats,
        _widths(architecture, shown, repeats),
        direct,
    )


def _widths(architecture: Architecture, shown: Sequence[Block], repeats: Sequence[int]) -> str:
    """The widths C stands for, with the depth at each where depths differ."""
    found: dict[int, set[int]] = {}
    for block in shown:
        shape = architecture.by_path[block.path].output
        if shape:
            found.setdefault(shape[1], set()).add(block.repeat)
    if len(found) < 2:
        return ""
    if len(repeats) > 1 and all(len(depths) == 1 for depths in found.values()):
        return "C: " + ", ".join(f"{size} ×{min(depths)}" for size, depths in sorted(found.items()))
    return "C: " + ", ".join(str(size) for size in sorted(found))


def _projection(children: Sequence[Node], end: str, size: str) -> str:
    """The layers before or behind the transformer blocks: "GroupNorm 32 · linear C → C"."""
    words = []
    for node in children:
        if end == "in" and node.kind == "norm" and node.attributes.get("num_groups"):
            words.append(f"{node.type} {node.attributes['num_groups']}")
        elif node.path.endswith(f"proj_{end}"):
            form = f"conv {kernel(node.attributes)}" if node.kind == "conv" else node.kind
            words.append(f"{form} · {size} → {size}" if node.kind == "conv" else f"{form} {size} → {size}")
    return " · ".join(words)


def _layers(
    architecture: Architecture, path: str, attentions: Sequence[Node], *, unique: bool
) -> tuple[Layer, ...]:
    """The attention and feed-forward layers of one block, each with the norm before it."""
    if architecture.by_path[path].kind == "attention":
        return (_attention(architecture, architecture.by_path[path], "", attentions),)
    found: list[Layer] = []
    norm = ""
    for node in _members(architecture, path):
        if node.kind == "norm":
            norm = node.type
        elif node.kind == "attention":
            found.append(_attention(architecture, node, norm, attentions))
        elif node.kind == "feed-forward":
            found.append(_feed_forward(architecture, node, norm, unique=unique))
    # A module is registered before or after the norm it needs; what runs between them is what counts.
    return tuple(found)


def _members(architecture: Architecture, path: str) -> list[Node]:
    """The children of the first transformer block in a transformer, as they run."""
    block = next(
        (n for n in architecture.nodes if n.kind == "transformer block" and is_within(n.path, path)), None
    )
    if block is None:
        return []
    first: dict[str, int] = {}
    depth = block.path.count(".") + 2
    for index, call in enumerate(architecture.calls):
        at = architecture.nodes[call.node].path
        if at != block.path and is_within(at, block.path):
            first.setdefault(".".join(at.split(".")[:depth]), index)
    members = [node for node in architecture.children[block.path] if node.path in first]
    return sorted(
        (node for node in members if node.type not in CONTAINERS), key=lambda node: first[node.path]
    )


def _own_norm(architecture: Architecture, path: str) -> str:
    norms = [node for node in architecture.children[path] if node.kind == "norm"]
    if not norms:
        return ""
    return f"{norms[0].type} {norms[0].attributes.get('num_groups') or ''}".strip()


def _attention(architecture: Architecture, node: Node, norm: str, attentions: Sequence[Node]) -> Layer:
    cross, added = node.attributes.get("is_cross_attention"), node.attributes.get("added_kv_proj_dim")
    words = "self- and cross-attention" if added else "cross-attention" if cross else "self-attention"
    name = f"{norm} · {words}" if norm else words
    alike = [one for one in attentions if one.attributes.get("is_cross_attention") == cross]
    below = _text_size(architecture, alike) if cross and not added else _heads(alike)
    return Layer(name, below, "attention", "attention-ink", texts=bool(cross or added))


def _text_size(architecture: Architecture, alike: Sequence[Node]) -> str:
    """The text and the width it is read at: "text 77×2048 → C"."""
    sizes = sorted({int(str(node.attributes.get("query_dim"))) for node in alike})
    given = next((one for one in architecture.inputs if one.name == "encoder_hidden_states"), None)
    if given is None or len(given.shape) != 3:
        return _heads(alike)
    wide = alike[0].attributes.get("cross_attention_dim") or given.shape[2]
    return f"text {given.shape[1]}×{wide} → {sizes[0] if len(sizes) == 1 else 'C'}"


def _heads(alike: Sequence[Node]) -> str:
    """Heads × head dim, with the number of tokens where all attend to the same number."""
    heads = sorted({int(str(node.attributes.get("heads") or 1)) for node in alike})
    pairs = sorted(
        {
            (int(str(n.attributes.get("heads") or 1)), int(str(n.attributes.get("inner_dim") or 0)))
            for n in alike
        }
    )
    dims = sorted({inner // max(1, count) for count, inner in pairs})
    if len(heads) == 1 and len(dims) == 1:
        tokens = {node.output[1] for node in alike if node.output and len(node.output) == 3}
        note = f" · {min(tokens)} tokens" if len(tokens) == 1 else ""
        return f"{_plural(heads[0])} × {dims[0]}{note}"
    if len(heads) == 1:
        return f"{_plural(heads[0])} × C/{heads[0]} ({listed(dims)})"
    if len(dims) == 1:
        return f"{listed(heads)} heads × {dims[0]}"
    return "heads × dim: " + ", ".join(f"{count}×{inner // max(1, count)}" for count, inner in pairs)


def _plural(heads: int) -> str:
    return "1 head" if heads == 1 else f"{heads} heads"


def _feed_forward(architecture: Architecture, node: Node, norm: str, *, unique: bool) -> Layer:
    """The feed-forward layer with its widths, doubled where a gate halves them again."""
    below = [one for one in architecture.nodes if is_within(one.path, node.path)]
    linears = [one for one in below if one.kind == "linear"]
    gate = next((one for one in below if one.type in ("GEGLU", "SwiGLU")), None)
    shape = gate or next((one for one in below if one.kind == "activation"), None)
    name = shape.type if shape else "feed-forward"
    sizes = ""
    if len(linears) == 2:
        wide, inner = (int(str(linears[-1].attributes.get(f"{end}_features"))) for end in ("out", "in"))
        hidden = str(inner) if unique else f"{units.short(inner // wide)[0]}C" if inner % wide == 0 else "C'"
        ends = str(wide) if unique else "C"
        sizes = f"{ends} → {'2 × ' if gate else ''}{hidden} → {ends}"
    return Layer(f"{norm} · {name}" if norm else name, sizes, "feed-forward", "feed-forward-ink")
