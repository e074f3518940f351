"""A changed block enlarged: its layers in both networks, those that differ marked, and how they do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from unetscope.difference import Diff
from unetscope.layout.chain.blocks import Block, Chain, StageBlocks, State
from unetscope.layout.chain.layers import opened
from unetscope.layout.diff import cards
from unetscope.layout.diff.cards import Card, CardRow
from unetscope.layout.diff.pairs import Columns, Slot
from unetscope.layout.measure import text, wrapped
from unetscope.layout.parts.glyphs import arrow
from unetscope.layout.parts.opened_block import HEIGHT, opened_block, opened_width
from unetscope.layout.scene import Frame, Item
from unetscope.model import Architecture, Node
from unetscope.paths import is_within
from unetscope.vocabulary import GLYPHS
from unetscope.words import diff as words

_WIDE = 19.0
_ARROW = 32.0
_MOST = 6
_LINE = 380.0
"""Where a line of a card breaks at the latest."""


def block_cards(diff: Diff, columns: Columns) -> Iterator[Card]:
    """One card for each kind of block that differs, with the first of its kind opened on both sides."""
    for kind, noun in (
        ("attention", "transformer"),
        *((kind, GLYPHS[kind].word) for kind in ("residual", "conv-block")),
    ):
        changed = [slot for slot in columns.slots if slot.drawn.kind == kind and "changed" in slot.states]
        if changed:
            yield _card(diff, changed, noun)


def _card(diff: Diff, changed: Sequence[Slot], noun: str) -> Card:
    slot = changed[0]
    assert slot.before
    assert slot.after
    before, after = _marked(diff, slot.before, slot.after)
    several = f"{len(changed)} {noun}s differ" if len(changed) > 1 else f"the one {noun} that differs"
    named = slot.before.letter + slot.before.place
    rows = [CardRow(HEIGHT + 28, partial(_sides, (diff.a.id, before), (diff.b.id, after)))]
    facts = _facts(diff, slot)
    rows += [cards.words(line) for fact in facts[:_MOST] for line in wrapped(fact, _LINE, 10.5)]
    if len(facts) > _MOST:
        rows.append(cards.words(f"and {len(facts) - _MOST} more: unetscope diff --json"))
    return Card(f"Inside {named}", f"{several}; this is the first", tuple(rows), "", slot.after.path)


def _sides(ours: tuple[str, Block], theirs: tuple[str, Block], frame: Frame) -> Iterator[Item]:
    """A's block, an arrow, B's block, and below each the name of its network."""
    most = (frame.width - _ARROW) / 2
    widths = [min(opened_width(block, _WIDE), most) for _, block in (ours, theirs)]
    y = frame.y + 2
    left = Frame(frame.x, y, widths[0], HEIGHT)
    # Far apart, the two would not be seen as one pair.
    right = Frame(min(frame.right - widths[1], left.right + 3 * _ARROW), y, widths[1], HEIGHT)
    middle = y + HEIGHT / 2
    for (name, block), place, room in ((ours, left, right.x - 8), (theirs, right, frame.right)):
        yield opened_block(block, place, [block.letter + block.place, block.letter])
        yield text(place.x, place.bottom + 14, name, size=10.5, bold=True, limit=room - place.x)
    yield arrow((left.right + 5, middle), (right.x - 5, middle))


def _marked(diff: Diff, before: Block, after: Block) -> tuple[Block, Block]:
    """Both blocks opened, each layer as kept, changed, removed or added."""
    ours, theirs = _layers(diff.a, before), _layers(diff.b, after)
    shapes = [_shapes(diff.a, before.path), _shapes(diff.b, after.path)]
    gone: dict[str, State] = {name: _state(name, theirs, shapes, "removed") for name in ours}
    came: dict[str, State] = {name: _state(name, ours, shapes, "added") for name in theirs}
    return _with(before, ours, gone), _with(after, theirs, came)


def _with(block: Block, layers: dict[str, Block], states: dict[str, State]) -> Block:
    """A block with its layers marked."""
    marked = tuple(replace(layer, state=states[name]) for name, layer in layers.items())
    return replace(block, layers=marked, state="kept")


def _layers(network: Architecture, block: Block) -> dict[str, Block]:
    """Layers of a block by their path in it."""
    stage = next(stage for stage in network.stages if is_within(block.path, stage.path))
    alone = StageBlocks(stage, (block,), block.cost, None, None)
    chain = opened(network, Chain(None, (alone,), None))
    layers = chain.stages[0].blocks[0].layers
    return {layer.path[len(block.path) :] or f"#{index}": layer for index, layer in enumerate(layers)}


def _state(name: str, other: dict[str, Block], shapes: list[dict[str, Any]], lacking: State) -> State:
    if name not in other:
        return lacking
    values = [{key: value for key, value in side.items() if is_within(key, name)} for side in shapes]
    return "kept" if values[0] == values[1] else "changed"


def _shapes(network: Architecture, path: str) -> dict[str, Any]:
    """Tensor shapes and attributes of what lies in a block, by path in it."""
    shapes: dict[str, Any] = {
        tensor.place[len(path) :]: tensor.shape for tensor in network.tensors if is_within(tensor.place, path)
    }
    for node in network.nodes:
        if is_within(node.path, path):
            shapes[node.path[len(path) :] + ".*"] = (node.type, repr(sorted(node.attributes.items())))
    return shapes


def _facts(diff: Diff, slot: Slot) -> list[str]:
    """How attention layers and the rest of a block differ, in words."""
    assert slot.before
    assert slot.after
    ours, theirs = _nodes(diff.a, slot.before.path), _nodes(diff.b, slot.after.path)
    facts: dict[str, None] = {}
    for name, layer in ours.items():
        other = theirs.get(name)
        if other is not None and other.type == layer.type:
            facts |= dict.fromkeys(
                _attention(layer, other) if layer.kind == "attention" else _widths(layer, other)
            )
        elif other is not None:
            facts[f"{name.lstrip('.')}: {layer.type} → {other.type}".removeprefix(": ")] = None
    depths = slot.heights
    if depths:
        facts = {f"{depths[0]} transformer layer{'s' if depths[0] > 1 else ''} → {depths[1]}": None} | facts
    return list(facts)


def _attention(node: Node, other: Node) -> Iterator[str]:
    before, after = node.attributes, other.attributes
    if before.get("heads") != after.get("heads"):
        yield f"heads × width: {_heads(before)} → {_heads(after)}"
    context = before.get("cross_attention_dim"), after.get("cross_attention_dim")
    if before.get("is_cross_attention") and context[0] != context[1]:
        yield f"context width {context[0]} → {context[1]}"
    for name in ("upcast_attention", "upcast_softmax", "norm_q", "processor"):
        if before.get(name) != after.get(name):
            yield f"{name} {words.value(before.get(name))} → {words.value(after.get(name))}"


def _heads(attributes: dict[str, Any]) -> str:
    heads, inner = attributes.get("heads"), attributes.get("inner_dim")
    return f"{heads} × {inner // heads}" if heads and inner else str(heads)


def _widths(node: Node, other: Node) -> Iterator[str]:
    """Channels of the block itself, where these differ."""
    for name in ("in_channels", "out_channels"):
        before, after = node.attributes.get(name), other.attributes.get(name)
        if before != after and node.kind in ("resnet block", "transformer"):
            yield f"{name} {before} → {after}"


def _nodes(network: Architecture, path: str) -> dict[str, Node]:
    """A block's modules by their path in it; of stacked layers the first."""
    return {node.path[len(path) :]: node for node in network.nodes if is_within(node.path, path)}
