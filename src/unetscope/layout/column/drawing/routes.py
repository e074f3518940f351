"""The streams between the boxes of a column: straight down into the next stack, or past stacks that do
not take them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from unetscope.layout.column.drawing.flowchart import RAIL, ColumnNetwork, down, lanes_at
from unetscope.layout.column.drawing.sizes import dashes_of, lane_role
from unetscope.layout.column.reading import OpenedRun
from unetscope.layout.column.reading.cells import LaneOf
from unetscope.layout.measure import text
from unetscope.layout.pieces import Marks
from unetscope.layout.scene import Anchor, ColourRole, Frame, Item, Line

_UNDER = 6.0
"""What stands out below a card that is a deck."""


@dataclass(frozen=True, slots=True)
class RouteStart:
    """Where a stream was last: the number of a card, −1 for what goes in; its x and the bottom there."""

    card: int
    x: float
    bottom: float


def streams(network: ColumnNetwork, marks: Marks, size: float, left: float, right: float) -> Iterator[Item]:
    """All arrows between boxes, with the number of tokens that flow there."""
    entries: tuple[tuple[str, ColourRole], ...] = (("image", "image"), ("text", "context"))
    for name, role in entries:
        if f"{name} in" in marks:
            upper, lower = marks[f"{name} in"], marks[name]
            yield from down(lower.centre, upper.bottom, lower.y, role)
    latest = _sources(network, marks)
    for number, run in enumerate(network.runs):
        card = marks[f"card {number}"]
        yield from _into(run, number, card, latest, Sides(left, right, size))
        if number and not _words(network.runs[number - 1 : number]) & _words(network.runs[number:]):
            yield from _aside(card, latest, number, size)
        xs = lanes_at(card, len(run.inside.lanes))
        for x, lane in zip(xs, run.inside.lanes, strict=True):
            for word in lane.word.split(" + "):
                latest[word] = RouteStart(number, x, card.bottom + _UNDER)
        if run.skips:
            yield from _long_skips(run, number, marks, size)
    if "end" in marks:
        end, above = marks["end"], marks[f"card {len(network.runs) - 1}"]
        label = _leaving(network)
        yield from down(end.centre, above.bottom + _UNDER, end.y, "image", label, size=size)
        yield from down(end.centre, end.bottom, marks["out"].y, "image")


def _leaving(network: ColumnNetwork) -> str:
    """The tokens that leave the last stack, where known: those of a joined text stay behind."""
    lanes, shape = network.runs[-1].inside.lanes, network.of("end")[-1].made
    if not lanes:
        return ""
    tokens, staying = lanes[0].extent.tokens, shape[-2] if len(shape) > 2 else 0
    return f"{staying if 0 < staying < tokens else tokens} tokens"


def _words(runs: Sequence[OpenedRun]) -> set[str]:
    """What flows through some runs."""
    return {word for run in runs for lane in run.inside.lanes for word in lane.word.split(" + ")}


def _sources(network: ColumnNetwork, marks: Marks) -> dict[str, RouteStart]:
    """Where streams begin. What is neither text nor known by name comes from the sample's box."""
    image = marks["image"]
    starts: dict[str, RouteStart] = {}
    for run in network.runs:
        for lane in run.inside.lanes:
            for word in lane.word.split(" + "):
                starts.setdefault(word, RouteStart(-1, image.centre, image.bottom))
    if "text" in marks and network.text_flows:
        starts["text"] = RouteStart(-1, marks["text"].centre, marks["text"].bottom)
    return starts


@dataclass(frozen=True, slots=True)
class Sides:
    """The left and right edge of the column, for streams that pass by stacks, and the size of labels."""

    left: float
    right: float
    size: float


def _into(
    run: OpenedRun, number: int, card: Frame, latest: dict[str, RouteStart], at: Sides
) -> Iterator[Item]:
    """The streams that enter a card: each from where it was last, those that join in it side by side."""
    lanes = run.inside.lanes
    apart = _spread(run, latest)
    for x, lane in zip(lanes_at(card, len(lanes)), lanes, strict=True):
        sources = {latest[word]: word for word in lane.word.split(" + ")}
        label = "" if apart[lane.word] < 0 else _tokens(run, lane, apart)
        if len(sources) > 1:
            yield from _joined(label, sources, number, card, at)
            label = ""
        for source, word in sources.items():
            alone = len(sources) == 1
            role = lane_role(lane.word if alone else word, several=len(lanes) > 1 or not alone)
            if source.card < number - 1:
                yield from _past(source, card, role, word, label, at)
                continue
            start = source.x + apart[lane.word] if source.card < 0 or not alone else x
            yield from down(start, source.bottom, card.y, role, label, size=at.size)


def _tokens(run: OpenedRun, lane: LaneOf, apart: Mapping[str, float]) -> str:
    """How many tokens flow into a lane; of lanes that leave one box side by side, those of all."""
    beside = [other for other in run.inside.lanes if apart[other.word]] if apart[lane.word] else [lane]
    joined = ", joined" if "+" in lane.word else ""
    return f"{' + '.join(str(other.extent.tokens) for other in beside)} tokens{joined}"


def _joined(
    label: str, sources: Mapping[RouteStart, str], number: int, card: Frame, at: Sides
) -> Iterator[Item]:
    """How many tokens streams have together, between the arrows by which they join above a card; where others
    come from further above, beside the one that comes straight down, away from the text's."""
    straight = [source for source in sources if source.card >= number - 1]
    x = card.centre
    anchor: Anchor = "middle"
    if len(straight) == 1:
        is_left = any(word == "text" for source, word in sources.items() if source.card < number - 1)
        x, anchor = (straight[0].x - 7, "end") if is_left else (straight[0].x + 7, "start")
    yield text(x, card.y - 10, label, size=at.size, role="flow", anchor=anchor, bold=True)


def _spread(run: OpenedRun, latest: dict[str, RouteStart]) -> dict[str, float]:
    """How far beside the middle each stream leaves the box of the sample, where several do."""
    words = [lane.word for lane in run.inside.lanes]
    entering = [word for word in words if word != "text" and latest[word.split(" + ")[0]].card < 0]
    return dict.fromkeys(words, 0.0) | {
        word: 34.0 * (2 * place - len(entering) + 1) for place, word in enumerate(entering)
    }


def _past(
    source: RouteStart, card: Frame, role: ColourRole, word: str, label: str, at: Sides
) -> Iterator[Item]:
    """A stream past the stacks between: the text's at the right, others at the left."""
    text_ = word == "text"
    x = at.right - 6 if text_ else at.left + RAIL * 0.68
    target = card.x + card.width * (0.75 if text_ else 0.25)
    top, turn = source.bottom + 9, card.y - 13
    if text_ and source.card < 0:
        x = min(x, max(source.x, card.right + 12))
    yield Line(
        (
            (source.x, source.bottom),
            (source.x, top),
            (x, top),
            (x, turn),
            (target, turn),
            (target, card.y - 0.5),
        ),
        role,
        1.8,
        radius=5,
        head=7,
        dashes=dashes_of(role),
    )
    if label:  # at the side from which the line does not come
        beside = target + (-7 if text_ else 7)
        anchor: Anchor = "end" if text_ else "start"
        yield text(beside, card.y - 4, label, size=at.size, role=role, anchor=anchor, bold=True)


def _aside(card: Frame, latest: dict[str, RouteStart], number: int, size: float) -> Iterator[Item]:
    """What the stack above makes is added inside this one (VACE's hints)."""
    above = next((source for source in latest.values() if source.card == number - 1), None)
    if above is None:
        return
    x = card.x + card.width * 0.7
    yield Line(((x, above.bottom), (x, card.y - 0.5)), "skip", 1.6, dashes=(4, 3), head=7)
    yield text(x + 6, (above.bottom + card.y) / 2 + 3, "added inside", size=size, role="dim")


def _long_skips(run: OpenedRun, number: int, marks: Marks, size: float) -> Iterator[Item]:
    """The long skips of a run, from the card above it, as one dotted line."""
    if not number:
        return
    above, card = marks[f"card {number - 1}"], marks[f"card {number}"]
    x = above.x + above.width * 0.16
    yield Line(((x, above.bottom + _UNDER), (x, card.y - 0.5)), "skip", 1.6, dashes=(2, 2.5), head=7)
    yield text(x + 8, (above.bottom + card.y) / 2 + 4, f"{len(run.skips)} skips", size=size, role="dim")
