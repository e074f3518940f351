"""The cards under a strip of layers: a row for each distinct R, a card for each distinct A, and their sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from unetscope.analysis.cost.by_kind import STAGED
from unetscope.cost import Cost, total
from unetscope.layout.chain.blocks import Block, Chain
from unetscope.layout.layers.module_rows import module_rows, own_name
from unetscope.layout.layers.shapes import LayerShape, shapes
from unetscope.layout.layers.tables import HIGH, SIZE, TextColumn, table
from unetscope.layout.measure import width
from unetscope.layout.page import Page
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.pieces import Piece, at_least, box, pad, paragraph, place, row, space, stack
from unetscope.layout.pieces import words as line
from unetscope.layout.scene import ColourRole, Frame, Item
from unetscope.model import Architecture
from unetscope.sizes import Shape
from unetscope.vocabulary import GLYPHS
from unetscope.words import units
from unetscope.words.units import dimensions

_PAD, _GAP = 14.0, 12.0


def cards(
    architecture: Architecture, chain: Chain, scale: CostScale, page: Page, *, y: float
) -> tuple[list[Item], float]:
    """Everything between the strip and the line of insight, from y on, and the baseline of that line."""
    residual, convolved, attention = (
        shapes(architecture, chain, kind) for kind in ("residual", "conv-block", "attention")
    )
    pieces = [_residual(architecture, residual, scale, page.content)] if residual else []
    pieces += [_convolved(convolved, scale, page.content)] if convolved else []
    pieces += _abreast([_attention(architecture, shape, scale, page) for shape in attention], page)
    pieces += _resampling(architecture, chain, scale, page.content)
    pieces += [stack(*_sums(architecture, chain, page.content))]
    whole = stack(*pieces, gap=_GAP)
    items, _ = place(whole, Frame(page.margin, y, page.content, whole.height))
    return items, y + whole.height + 14


def _card(piece: Piece) -> Piece:
    return box(pad(piece, _PAD, 10), "card", "line", radius=10, line=1)


def _head(title: str, note: str, right: str, right_note: str, room: float) -> Piece:
    """Two lines at the left, two at the right."""
    left = stack(
        paragraph(title, room * 0.72, size=13.5, bold=True),
        paragraph(note, room * 0.72, size=SIZE, role="dim"),
    )
    beside = stack(
        line(right, size=11.5, bold=True, side="end"), line(right_note, size=SIZE, role="dim", side="end")
    )
    return row(at_least(left, room * 0.72), at_least(beside, room * 0.28))


def _residual(
    architecture: Architecture, kinds: Sequence[LayerShape], scale: CostScale, wide: float
) -> Piece:
    """One table: a row for each shape, a column for each layer that holds parameters beside the norms."""
    fullest = max(kinds, key=lambda shape: len(shape.block.layers)).block
    names = [
        own_name(layer.path)
        for layer in fullest.layers
        if layer.kind != "norm" and layer.path and layer.cost.params
    ]
    columns = [TextColumn("", number=False, bold=True), TextColumn("C in → C", number=False, bold=True)]
    columns += [TextColumn("H×W", number=False), TextColumn("where", number=False), TextColumn("times")]
    columns += [
        *map(TextColumn, names),
        TextColumn("params each", bold=True),
        TextColumn(f"{scale.heading} each"),
    ]
    cells = [[one.letter, *_sizes(one), one.where, f"×{one.times}", *_layers(one.block, names),
              units.exact(one.block.cost.params), scale.work(one.block.cost)] for one in kinds]  # fmt: skip
    note = f"params each: {' + '.join(names)} + norms" if names else ""
    return _table_card(
        "R residual block", kinds, table(columns, cells, room=wide - 2 * _PAD), note, scale, wide
    )


def _table_card(
    title: str, kinds: Sequence[LayerShape], rows: Sequence[Piece], note: str, scale: CostScale, wide: float
) -> Piece:
    """A card for all blocks of a kind: what they are together, a row for each shape, and a note."""
    cost, room = _cost(kinds), wide - 2 * _PAD
    number = sum(shape.times for shape in kinds)
    types = ", ".join(dict.fromkeys(shape.block.type for shape in kinds))
    several = f" in {len(kinds)} shapes; its letter stands in the glyph" if len(kinds) > 1 else ""
    head = _head(title, f"{types} ×{number}{several}", units.params(cost.params),
                 scale.work_with_unit(cost), room)  # fmt: skip
    return _card(stack(head, space(0, 4), *rows, space(0, 3), paragraph(note, room, size=SIZE, role="dim")))


def _convolved(kinds: Sequence[LayerShape], scale: CostScale, wide: float) -> Piece:
    """One table of convolution blocks: a row for each shape, with its convolutions in the order in which they
    run."""
    columns = [TextColumn("", number=False, bold=True), TextColumn("C in → C", number=False, bold=True)]
    columns += [TextColumn("H×W", number=False), TextColumn("where", number=False), TextColumn("times")]
    columns += [TextColumn("layers", number=False), TextColumn("params each", bold=True)]
    columns += [TextColumn(f"{scale.heading} each")]
    cells = [[one.letter, *_sizes(one), one.where, f"×{one.times}", _convolutions(one.block),
              units.exact(one.block.cost.params), scale.work(one.block.cost)] for one in kinds]  # fmt: skip
    rows = table(columns, cells, room=wide - 2 * _PAD)
    return _table_card("C convolution block", kinds, rows, "", scale, wide)


def _convolutions(block: Block) -> str:
    """The layers of a block but its norms, equal ones in a row counted: "2 × conv 3×3"."""
    runs = [(word, len(list(run))) for word, run in groupby(_words_of(block))]
    return ", ".join(f"{count} × {word}" if count > 1 else word for word, count in runs)


def _words_of(block: Block) -> list[str]:
    signs = {"down": "↓", "up": "↑"}
    return [signs.get(layer.kind, layer.letter) for layer in block.layers if layer.kind != "norm"]


def _sizes(shape: LayerShape) -> tuple[str, str]:
    """Channels in and out, and the size it works at."""
    taken, outputs = shape.taken, shape.made
    if len(taken) < 2 or len(outputs) < 2:
        return "", ""
    return f"{taken[1]} → {outputs[1]}", "×".join(map(str, taken[2:]))


def _layers(block: Block, names: Sequence[str]) -> Iterator[str]:
    params = {own_name(layer.path): layer.cost.params for layer in block.layers if layer.path}
    for name in names:
        yield units.exact(params[name]) if name in params else "–"


def _abreast(pieces: Sequence[Piece], page: Page) -> Iterator[Piece]:
    """Cards side by side, two in a row."""
    for at in range(0, len(pieces), 2):
        pair = pieces[at : at + 2]
        yield row(*(at_least(card, _half(page)) for card in pair), gap=_GAP)


def _half(page: Page) -> float:
    return (page.content - _GAP) / 2


def _attention(architecture: Architecture, shape: LayerShape, scale: CostScale, page: Page) -> Piece:
    """One transformer: what stands around its layers, its layers once, and their product."""
    room = _half(page) - 2 * _PAD
    block = shape.block
    depth = f" ×{block.repeat}" if block.repeat > 1 else ""
    sized = _size_told(shape.taken) or block.type
    each = "" if shape.times == 1 else " each"
    head = _head(f"A{depth} {sized}", f"{shape.where}: {shape.times} time{'s' if shape.times > 1 else ''}",
                 units.exact(block.cost.params), scale.work_with_unit(block.cost) + each, room)  # fmt: skip
    stacked = [layer for layer in block.layers if layer.repeat > 1]
    first = next((at for at, layer in enumerate(block.layers) if layer.repeat > 1), len(block.layers))
    before = list(block.layers[:first])
    after = [layer for layer in block.layers[first:] if layer.repeat < 2]
    columns = [
        TextColumn("layer", number=False),
        TextColumn("shape"),
        TextColumn("params"),
        TextColumn(scale.heading),
    ]
    inner = room - 16
    rows: list[Piece] = [*_rows(architecture, block, before, columns, scale, inner)]
    if stacked:
        once = stack(*_rows(architecture, block, stacked, columns, scale, inner - 4))
        cost = total(layer.cost for layer in stacked)
        product = f"× {block.repeat} = {units.exact(cost.params)} · {scale.work_with_unit(cost)}"
        rows.append(box(pad(once, 5, 4), None, "attention-ink", dashed=True))
        rows.append(line(product, size=SIZE, role="attention-ink", bold=True, side="end"))
    rows += _rows(architecture, block, after, columns, scale, inner)
    return _card(stack(head, space(0, 4), *rows, gap=2))


def _size_told(taken: Shape) -> str:
    """The width and the pixels, or the tokens, that a block works at."""
    if len(taken) == 3:
        return f"width {taken[2]}, {taken[1]} tokens"
    return f"width {taken[1]}, at {'×'.join(map(str, taken[2:]))}" if len(taken) > 3 else ""


def _rows(
    architecture: Architecture,
    block: Block,
    layers: Sequence[Block],
    columns: Sequence[TextColumn],
    scale: CostScale,
    room: float,
) -> Iterator[Piece]:
    """A box for each layer in its kind's fill, what it is made of in rows."""
    for layer in layers:
        is_norm = layer.kind == "norm"
        fill: ColourRole = "background" if is_norm else GLYPHS[layer.kind].fill
        outline: ColourRole = "outline" if is_norm else GLYPHS[layer.kind].ink
        ink: ColourRole = "dim" if is_norm else outline
        parts = [*module_rows(architecture, block, layer, scale)]
        named = [line(layer.letter, size=SIZE, role=ink, bold=True)] if len(parts) > 1 else []
        content = stack(*named, *(_layer(cells, columns, room - 12, ink) for cells in parts))
        yield box(pad(content, 6, 1), fill, outline, radius=3, dashed=fill == "other")


def _layer(cells: Sequence[str], columns: Sequence[TextColumn], room: float, ink: ColourRole) -> Piece:
    wide = (0.36, 0.24, 0.22, 0.18)
    cells = [_tail(cells[0], wide[0] * room - 4), *cells[1:]]
    return row(*(
        at_least(_words(words, ink, number=column.number), part * room)
        for words, column, part in zip(cells, columns, wide, strict=True)
    ))  # fmt: skip


def _tail(path: str, room: float) -> str:
    """As much of a path, from its end, as fits: a module's own name sets it apart from its neighbours."""
    while width(path, SIZE) > room and "." in path:
        path = path.partition(".")[2]
    return path


def _words(words: str, ink: ColourRole, *, number: bool) -> Piece:
    return line(words, size=SIZE, role=ink, side="end" if number else "start") if words else space(0, HIGH)


def _resampling(architecture: Architecture, chain: Chain, scale: CostScale, wide: float) -> Iterator[Piece]:
    """All other blocks: what resamples, where, and at what cost."""
    others = [
        (stage.stage.name, block)
        for stage in chain.stages
        for block in stage.blocks
        if block.kind not in ("residual", "conv-block", "attention", "concat")
    ]
    if not others:
        return
    columns = [
        TextColumn("block", number=False, bold=True),
        TextColumn("type", number=False),
        TextColumn("C×H×W", number=False),
    ]
    columns += [TextColumn("params", bold=True), TextColumn(scale.heading)]
    cells = []
    for name, block in others:
        node = architecture.by_path[block.path]
        sizes = " → ".join(dimensions(shape) for shape in (node.input, node.output) if shape)
        cells.append([f"{block.letter or GLYPHS[block.kind].letter} {name}".strip(), block.type, sizes,
                      units.exact(block.cost.params), scale.work(block.cost)])  # fmt: skip
    room = wide - 2 * _PAD
    yield _card(
        stack(line("Resampling and other blocks", size=13.5, bold=True), *table(columns, cells, room=room))
    )


def _cost(shapes: Sequence[LayerShape]) -> Cost:
    return total(shape.block.cost for shape in shapes for _ in range(shape.times))


def _sums(architecture: Architecture, chain: Chain, room: float) -> Iterator[Piece]:
    """All parameters as a sum of what the cards hold and what stands outside the stages."""
    kinds = {"R": "residual", "C": "conv-block", "A": "attention"}
    sums = {
        letter: sum(block.cost.params for block in chain.blocks() if block.kind == kind)
        for letter, kind in kinds.items()
    }
    stages = sum(stage.cost.params for stage in chain.stages)
    parts = [*sums.items(), ("other blocks", stages - sum(sums.values()))]
    parts.append(("outside the stages", architecture.cost.params - stages))
    summands = " + ".join(f"{name} {units.exact(count)}" for name, count in parts if count)
    whole = units.exact(architecture.cost.params)
    yield paragraph(f"{summands} = {whole} parameters", room, size=11, bold=True)
    outside = [
        f"{stage.path} {units.exact(architecture.costs[stage.path].params)}"
        for stage in architecture.stages
        if stage.role not in STAGED and architecture.costs[stage.path].params
    ]
    yield paragraph("outside: " + " · ".join(outside) if outside else "", room, size=SIZE, role="dim")
