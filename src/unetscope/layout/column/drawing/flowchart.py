"""The column itself: what goes in, the cards of the stacks, what comes out, with rails of what conditions
them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unetscope.cost import total
from unetscope.layout.chain.ends import made as made_word
from unetscope.layout.column.drawing.boxes import dotted, told
from unetscope.layout.column.drawing.sizes import Measures, dashes_of
from unetscope.layout.column.reading import OpenedRun
from unetscope.layout.column.reading.conditions import MODULATING, Outside, input_words, text_inputs
from unetscope.layout.measure import text, width
from unetscope.layout.pieces import (
    Piece,
    at_least,
    box,
    grouped,
    marked,
    pad,
    space,
    stack,
    words,
)
from unetscope.layout.scene import ColourRole, Frame, Item, Line
from unetscope.model import Architecture
from unetscope.sizes import Shape
from unetscope.words import basis, units

RAIL = 22.0
"""Room for a rail at a side of the stacks."""
HEAD = 7.0


@dataclass(frozen=True, slots=True)
class ColumnNetwork:
    """All that a column shows of a network."""

    architecture: Architecture
    runs: tuple[OpenedRun, ...]
    outside: tuple[Outside, ...]

    def of(self, purpose: str) -> list[Outside]:
        return [module for module in self.outside if module.purpose == purpose]

    @property
    def text_flows(self) -> bool:
        """Whether the text's tokens are a stream of their own, rather than looked at."""
        return any(lane.word == "text" for run in self.runs for lane in run.inside.lanes)

    @property
    def bypasses(self) -> bool:
        """Whether the text's tokens run past a stack that does not take them, to one that does."""
        taking = [any("text" in lane.word for lane in run.inside.lanes) for run in self.runs]
        return self.text_flows and False in taking[: len(taking) - taking[::-1].index(True)]

    @property
    def attends(self) -> bool:
        """Whether some block looks at a context."""
        return any("c" in cell.reads for run in self.runs for cell in run.inside.cells)

    @property
    def modulates(self) -> bool:
        """Whether some block is modulated by t."""
        return any("t" in cell.reads for run in self.runs for cell in run.inside.cells)


def condition_box(network: ColumnNetwork, room: float, sizes: Measures, unit: str) -> Piece:
    """What t is made of: its inputs, then a line for each module."""
    makers, architecture = network.of("t"), network.architecture
    if not network.modulates:
        return space()
    numbers = {number for maker in makers for number in maker.inputs}
    if not makers:  # each block makes its own (DiT)
        numbers = {at for at, input_ in enumerate(architecture.inputs) if input_.role in MODULATING}
    inputs = input_words(architecture, sorted(numbers))
    lines = [dotted([" + ".join(inputs) + " → t"], room - 20, size=sizes.strong, role="time", bold=True)]
    width_of_t = next((lane.extent.width for run in network.runs for lane in run.inside.lanes), 0)
    for source in makers:
        if source.cost.params:
            plain = any(word in source.type for word in ("Embed", "AdaLayerNorm", "Linear", "Sequential"))
            telling = [] if plain else [source.type]
            parts = [
                f"{_named(source)}{_wide(source, width_of_t)}",
                f"{units.params(source.cost.params)} params",
                *telling,
            ]
            lines.append(dotted(parts, room - 20, size=sizes.plain, role="time"))
    framed = box(at_least(pad(stack(*lines), 10, 6), room), "background", "time", radius=5)
    path = makers[0].path if makers else network.runs[0].blocks.first
    return grouped(marked(framed, "t"), path, "what t is made of")


def _named(outside: Outside) -> str:
    """A module's own name, with the number of such modules."""
    return _last_name(outside.name) + (f" ×{outside.count}" if outside.count > 1 else "")


def _wide(outside: Outside, width_of_t: int) -> str:
    """What a module makes: " → 3072", " → 6 × 3072", " → 344 × 3072"."""
    if not outside.made:
        return ""
    *rows, last = [side for side in outside.made[1:] if side != 1] or [1]
    if rows:
        return " → " + " × ".join(map(str, (*rows, last)))
    if width_of_t and last > width_of_t and last % width_of_t == 0:
        return f" → {last // width_of_t} × {width_of_t}"
    return f" → {last}"


def _module(outside: Outside, room: float, sizes: Measures, unit: str) -> Piece:
    """A module by its layer, with its name where that fits, and what it costs."""
    form = f"{outside.form} ×{outside.count}" if outside.form and outside.count > 1 else outside.form
    if width(form, sizes.strong, bold=True) > room:
        form = form.replace(", ", " · ", 1)  # where a line may break
    title = dotted(form or outside.norm or _named(outside), room, size=sizes.strong, role="ink", bold=True)
    name = _last_name(outside.name)
    named = [name] if (outside.form or outside.norm) and width(name, sizes.plain) <= room else []
    cost = told(outside.cost, unit)
    return stack(
        title, *(dotted(line, room, size=sizes.plain, role="dim") for line in (*named, cost) if line)
    )


def _last_name(path: str) -> str:
    """The last word of a path: what is only a key (Z-Image's "all_x_embedder.2-1") is no word."""
    above, _, name = path.rpartition(".")
    return name if name.isidentifier() or not above else above.rpartition(".")[2]


def text_box(network: ColumnNetwork, room: float, sizes: Measures, unit: str) -> Piece:
    """What the text's tokens are made of."""
    makers = network.of("text")
    sized = text_inputs(network.architecture)
    if not makers and not sized:
        return space()
    role: ColourRole = "context"
    head = stack(
        words("text", size=sizes.strong, role=role, bold=True, side="centre"),
        dotted([" + ".join(sized)], room, size=sizes.plain, role="dim"),
    )
    if not makers:
        return marked(at_least(head, room), "text")
    lines = [_module(maker, room - 16, sizes, unit) for maker in makers if maker.cost.params or maker.form]
    framed = box(at_least(pad(stack(*lines), 8, 6), room), "background", role, radius=5)
    return stack(marked(head, "text in"), marked(grouped(framed, makers[0].path), "text"), gap=sizes.gap)


def image_box(network: ColumnNetwork, room: float, sizes: Measures, unit: str) -> Piece:
    """What goes in, and the layer that makes tokens of it."""
    architecture = network.architecture
    head = stack(
        words("noisy " + basis.kind(architecture), size=sizes.strong, role="image", bold=True, side="centre"),
        dotted([_sample(architecture)], room, size=sizes.plain, role="dim"),
    )
    makers = network.of("image")
    if not makers:
        return marked(at_least(head, room), "image")
    lines = [_module(maker, room - 16, sizes, unit) for maker in makers if maker.cost.params or maker.form]
    framed = box(at_least(pad(stack(*lines), 8, 6), room), "background", "image", radius=5)
    return stack(marked(head, "image in"), marked(grouped(framed, makers[0].path), "image"), gap=sizes.gap)


def _sample(architecture: Architecture) -> str:
    """The size of the sample: "16×128²", "4096×64, of 128²"."""
    sides = basis.extent(architecture)
    sized, square = _sized(architecture, architecture.basis.input)
    return sized + (f", of {basis.area(sides)}" if sides and not square else "")


def _sized(architecture: Architecture, shape: Shape) -> tuple[str, bool]:
    """A size without its batch, "16×128²" or "4096×64"; and whether it ends with the latent's sides."""
    sides, rank = basis.extent(architecture), len(architecture.basis.input)
    shape = shape[-rank:] if len(shape) == rank + 1 else shape
    if sides and tuple(shape[-2:]) == tuple(sides):
        return basis.times([*shape[:-2], basis.area(sides)]), True
    return basis.times(shape), False


def end_box(network: ColumnNetwork, room: float, sizes: Measures, unit: str) -> Piece:
    """The layers behind the last stack, and what comes out."""
    ends = network.of("end")
    if not ends:
        return space()
    norms = [f"{end.norm} · scale, shift" if end.reads_t else end.norm for end in ends if end.norm]
    forms = [end.form for end in ends if end.form]
    title = " · ".join([*norms[-1:], *forms[-1:]]) or _named(ends[-1])
    names = " · ".join(end.name if end.name[-1].isdecimal() else _last_name(end.name) for end in ends)
    cost = told(total(end.cost for end in ends), unit)
    lines = stack(
        dotted(title, room - 16, size=sizes.strong, role="ink", bold=True),
        *(dotted(line, room - 16, size=sizes.plain, role="dim") for line in (names, cost) if line),
    )
    framed = box(at_least(pad(lines, 8, 6), room), "background", "outline", radius=5)
    architecture = network.architecture
    output = architecture.nodes[0].output
    out = stack(
        words(made_word(architecture), size=sizes.strong, role="image", bold=True, side="centre"),
        dotted([_sized(architecture, output)[0]] if output else [""], room, size=sizes.plain, role="dim"),
    )
    return stack(marked(grouped(framed, ends[0].path), "end"), marked(out, "out"), gap=sizes.gap)


def down(
    x: float,
    top: float,
    bottom: float,
    role: ColourRole,
    label: str = "",
    *,
    size: float = 10,
) -> Iterator[Item]:
    """An arrow downwards, with a size beside it."""
    yield Line(((x, top), (x, bottom - 0.5)), role, 1.8, head=HEAD, dashes=dashes_of(role))
    if label:
        y = max((top + bottom) / 2, bottom - 16) + size * 0.3 - 1
        yield text(x + 7, y, label, size=size, role=role, bold=True)


def lanes_at(frame: Frame, lanes: int) -> list[float]:
    """Where the arrows of lanes meet a card."""
    return [frame.x + frame.width * (2 * number + 1) / (2 * lanes) for number in range(lanes)]
