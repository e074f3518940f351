"""The card of the input channels: every channel of both networks with what it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import prod

from unetscope.analysis import channels
from unetscope.checkpoint import ChannelGroup
from unetscope.difference import Diff
from unetscope.difference.changes import TensorChange, both, of
from unetscope.layout.diff import cards
from unetscope.layout.diff.cards import Card
from unetscope.layout.diff.marks import Mark, bracket, sign
from unetscope.layout.measure import centred, text, width, wrapped
from unetscope.layout.parts.glyphs import arrow
from unetscope.layout.scene import Box, ColourRole, Frame, Item
from unetscope.model import Architecture, Tensor
from unetscope.sizes import Shape
from unetscope.words import diff as words
from unetscope.words import units

_NAME, _SHAPE = 78.0, 96.0
_CELL, _APART, _SLIVER = 24.0, 9.0, 5.0
_SIZE, _LINE = 10.5, 12.5
"""What the channels hold."""

MarkedGroup = tuple[ChannelGroup, Mark]
"""A run of channels and what became of it."""


def widened(diff: Diff) -> tuple[Tensor, Tensor] | None:
    """The first layer's weights where they take other numbers of channels."""
    tensors = first_layer(diff)
    return tensors if tensors and tensors[0].shape[1] != tensors[1].shape[1] else None


def card(diff: Diff, *, room: float) -> Card | None:
    """The first layer opened into its input channels in a card `room` wide; None where these are the same."""
    tensors = widened(diff)
    if tensors is None:
        return None
    before, after = (tensor.shape for tensor in tensors)
    ours, theirs = _groups(diff, (before, after))
    path = tensors[1].owner
    node = diff.b.by_path.get(path)
    kernel = "×".join(map(str, after[2:]))
    cost = [network.costs[path] for network in (diff.a, diff.b)]
    rows = [
        cards.CardRow(_height(groups, room - 2 * cards.PAD), partial(_side, network, groups, shape))
        for network, groups, shape in ((diff.a, ours, before), (diff.b, theirs, after))
    ]
    return Card(
        path,
        f"{node.type if node else 'layer'} {kernel}".rstrip(),
        (*rows, *map(cards.words, _note(before, after))),
        f"{units.exact(cost[0].params)} → {units.exact(cost[1].params)} params",
        f"{units.macs(cost[0].macs)} → {units.macs(cost[1].macs)}",
    )


def first_layer(diff: Diff) -> tuple[Tensor, Tensor] | None:
    """The weight in A and in B of the layer that takes the sample's channels, where it differs."""
    for change in of(TensorChange, diff.changes):
        if change.change == "changed":
            pair = both(change)
            if all(_takes_sample(*side) for side in zip((diff.a, diff.b), pair, strict=True)):
                return pair
    return None


def _takes_sample(network: Architecture, weight: Tensor) -> bool:
    """Whether a weight is that of a stem: of several, of the one as wide as the sample."""
    stems = [stage for stage in network.stages if stage.role == "stem"]
    wide = len(weight.shape) > 1 and (len(stems) == 1 or weight.shape[1] == channels.of_input(network))
    return wide and network.stage_of(weight.owner) in stems


def _groups(diff: Diff, shapes: Sequence[Shape]) -> tuple[list[MarkedGroup], list[MarkedGroup]]:
    """What the channels of both hold: known groups by name, unknown ones by number."""
    counts = [shape[1] for shape in shapes]
    ours, theirs = (_known(*side) for side in zip((diff.a, diff.b), counts, strict=True))
    if not (ours and theirs):
        shared = ChannelGroup("in both", min(counts))
        rest = ChannelGroup("not known", abs(counts[0] - counts[1]))
        longer = [(shared, "kept"), (rest, "removed" if counts[0] > counts[1] else "added")]
        sides = [longer, longer[:1]] if counts[0] > counts[1] else [longer[:1], longer]
        return sides[0], sides[1]  # type: ignore[return-value]
    return _marked(ours, theirs, "removed"), _marked(theirs, ours, "added")


def _known(network: Architecture, count: int) -> tuple[ChannelGroup, ...]:
    groups = network.facts.input_channels
    return groups if sum(group.count for group in groups) == count else ()


def _marked(own: Sequence[ChannelGroup], other: Sequence[ChannelGroup], lacking: Mark) -> list[MarkedGroup]:
    return [(group, "kept" if group in other else lacking) for group in own]


def _note(before: Shape, after: Shape) -> list[str]:
    """How many weights more or fewer, and what new ones start as."""
    more = prod(after) - prod(before)
    if before[0] != after[0]:
        return [f"{words.delta(0, more)} weights, the outputs being other ones too"]
    factors = " × ".join(map(str, (after[0], abs(after[1] - before[1]), *after[2:])))
    sides = f"{words.delta(0, more)} weights ({factors})"
    return [sides, "by convention zero before training"] if more > 0 else [sides]


def _side(
    network: Architecture, groups: Sequence[MarkedGroup], shape: tuple[int, ...], frame: Frame
) -> Iterator[Item]:
    """One network: its name, its channels as cells with what they hold, and the weight's shape."""
    for index, line in enumerate(_lines(network.id, _NAME, 12)[:3]):
        yield text(frame.x, frame.y + 28 + 14 * index, line, size=12, bold=True)
    x, y = frame.x + _NAME + 10, frame.y + 12
    spread = _spread(groups, frame.width)
    apart = all(wide >= _SLIVER * group.count for wide, (group, _) in zip(spread, groups, strict=True))
    number = 0
    for (group, mark), wide in zip(groups, spread, strict=True):
        yield from _cells(group, mark, Frame(x, y, wide - 2, 28), number, apart=apart)
        x += wide + _APART
        number += group.count
    right = frame.right
    yield arrow((x, y + 14), (right - _SHAPE - 4, y + 14))
    yield text(right, y + 12, f"({', '.join(map(str, shape))})", size=10.5, mono=True, anchor="end")
    yield text(right, y + 27, f"{units.exact(prod(shape))} weights", size=10.5, role="dim", anchor="end")


def _spread(groups: Sequence[MarkedGroup], room: float) -> list[float]:
    """The widths of the groups by their channels; where a channel would be a sliver, none narrower than its
    longest word."""
    room -= _NAME + 10 + _SHAPE + 26 + _APART * len(groups)
    whole = max(1, sum(group.count for group, _ in groups))
    cell = min(_CELL, room / whole)
    if cell >= _SLIVER:
        return [cell * group.count for group, _ in groups]
    least = [_longest(group.name) for group, _ in groups]
    spare = max(0.0, room - sum(least))
    return [wide + spare * group.count / whole for wide, (group, _) in zip(least, groups, strict=True)]


_INKS: dict[Mark, tuple[ColourRole, ColourRole]] = {
    "kept": ("residual", "residual-ink"), "added": ("background", "new"), "removed": ("background", "gone"),
}  # fmt: skip


def _cells(group: ChannelGroup, mark: Mark, run: Frame, number: int, *, apart: bool) -> Iterator[Item]:
    """A run of channels in numbered cells `apart`, else in one box with their number; a bracket below, and
    what they hold."""
    fill, ink = _INKS[mark]
    hatch: ColourRole | None = "new-hatch" if mark == "added" else None
    cell = (run.width + 2) / group.count
    cells = [Frame(run.x + index * cell, run.y, cell - 2, run.height) for index in range(group.count)]
    names = [str(number + index) for index in range(group.count)] if cell >= 15 else [""] * group.count
    if not apart:
        cells, names = [run], [str(group.count)]
    for frame, name in zip(cells, names, strict=True):
        yield Box(frame, fill, ink, 1.5, radius=4, hatch=hatch, dashed=mark == "removed")
        if name:
            wide = width(name, 10.5, bold=True) + 6
            if hatch and not apart:
                yield Box(Frame(frame.centre - wide / 2, frame.middle - 8, wide, 16), fill, radius=2)
            yield centred(frame, name, size=10.5, role=ink, bold=True)
    yield bracket(run.x, run.right, run.y + 33, role=ink, depth=5)
    if mark != "kept":
        yield from sign(mark, run.centre, run.y - 3, radius=7)
    for index, line in enumerate(_holds(group, run.width)):
        y = run.y + 50 + _LINE * index
        yield text(run.centre, y, line, size=_SIZE, role=ink, anchor="middle", bold=True)


def _holds(group: ChannelGroup, room: float) -> list[str]:
    """The name of a group in lines that stay near its cells."""
    return _lines(group.name, max(room + 8, 50))


def _longest(name: str) -> float:
    """The width of the longest word of a name."""
    words_of = name.replace("-", "- ").split()
    return max((width(word, _SIZE, bold=True) for word in words_of), default=0.0)


def _lines(name: str, room: float, size: float = _SIZE) -> list[str]:
    """A name in lines, broken at hyphens too."""
    broken = wrapped(name.replace("-", "-\u00a0 "), room, size, bold=True)
    return [line.replace("-\u00a0 ", "-").removesuffix("\u00a0") for line in broken]


def _height(groups: Sequence[MarkedGroup], room: float) -> float:
    spread = zip(groups, _spread(groups, room), strict=True)
    return 64 + _LINE * max(len(_holds(group, wide - 2)) for (group, _), wide in spread)
