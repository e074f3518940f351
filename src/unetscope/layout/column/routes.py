"""The streams between the boxes of a column: straight down into the next stack, or past stacks that do
not take them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unetscope.layout.column.flowchart import RAIL, Network, down, lanes_at
from unetscope.layout.column.reading import OpenedRun
from unetscope.layout.column.sizes import lane_role
from unetscope.layout.measure import text
from unetscope.layout.pieces import Marks
from unetscope.layout.scene import ColourRole, Frame, Item, Line

_UNDER = 6.0
"""What stands out below a card that is a deck."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stream was last: the number of a card, −1 for what goes in; its x and the bottom there."""

    card: int
    x: float
    bottom: float


def streams(network: Network, marks: Marks, size: float, left: float, right: float) -> Iterator[Item]:
    """All arrows between boxes, with the number of tokens where it is new."""
    for name, role in (("image", "image"), ("text", "context")):
        if f"{name} in" in marks:
            one, two = marks[f"{name} in"], marks[name]
            yield from down(two.centre, one.bottom, two.y, role)  # type: ignore[arg-type]
    latest = _sources(network, marks)
    known: set[str] = set()
    for number, run in enumerate(network.runs):
        card = marks[f"card {number}"]
        yield from _into(run, number, card, latest, known, size, left, right)
        if number and not _words(network.runs[number - 1 : number]) & _words(network.runs[number:]):
            yield from _aside(card, latest, number, size)
        xs = lanes_at(card, len(run.inside.lanes))
        for x, lane in zip(xs, run.inside.lanes, strict=True):
            for word in lane.word.split(" + "):
                latest[word] = Source(number, x, card.bottom + _UNDER)
        if run.skips:
            yield from _long_skips(run, number, marks, left, size)
    if "end" in marks:
        end, above = marks["end"], marks[f"card {len(network.runs) - 1}"]
        yield from down(end.centre, above.bottom + _UNDER, end.y, "image")
        yield from down(end.centre, end.bottom, marks["out"].y, "image")


def _words(runs: Sequence[OpenedRun]) -> set[str]:
    """What flows through some runs."""
    return {word for run in runs for lane in run.inside.lanes for word in lane.word.split(" + ")}


def _sources(network: Network, marks: Marks) -> dict[str, Source]:
    """Where streams begin. What is neither text nor known by name comes from the sample's box."""
    image = marks["image"]
    found: dict[str, Source] = {}
    for run in network.runs:
        for lane in run.inside.lanes:
            for word in lane.word.split(" + "):
                found.setdefault(word, Source(-1, image.centre, image.bottom))
    if "text" in marks and network.text_flows:
        found["text"] = Source(-1, marks["text"].centre, marks["text"].bottom)
    return found


def _into(
    run: OpenedRun,
    number: int,
    card: Frame,
    latest: dict[str, Source],
    known: set[str],
    size: float,
    left: float,
    right: float,
) -> Iterator[Item]:
    lanes = run.inside.lanes
    entering = [
        lane.word for lane in lanes if latest[lane.word.split(" + ")[0]].card < 0 and lane.word != "text"
    ]
    for x, lane in zip(lanes_at(card, len(lanes)), lanes, strict=True):
        beside = 34.0 * (2 * entering.index(lane.word) - len(entering) + 1) if lane.word in entering else 0.0
        sources = {latest[word]: word for word in lane.word.split(" + ")}
        label = "" if str(lane.extent) + lane.word in known else f"{lane.extent.tokens} tokens"
        known.add(str(lane.extent) + lane.word)
        role = lane_role(lane.word, several=len(lanes) > 1)
        close = [source for source in sources if source.card >= number - 1]
        for source, word in sources.items():
            if source.card >= number - 1:
                several = len(sources) > 1
                at = source.x + beside if source.card < 0 else source.x if several else x
                own = role if not several else lane_role(word, several=True)
                yield from down(
                    at, source.bottom, card.y, own, label if not several else "", size=size, left=beside < 0
                )
            else:
                own = lane_role(word, several=True)
                yield from _past(source, card, own, word, left, right, meets=bool(close))


def _past(
    source: Source, card: Frame, role: ColourRole, word: str, left: float, right: float, *, meets: bool
) -> Iterator[Item]:
    """A stream past the stacks between: the text's at the right, others at the left."""
    text_ = word == "text"
    x = right - 6 if text_ else left + RAIL * 0.68
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
    )


def _aside(card: Frame, latest: dict[str, Source], number: int, size: float) -> Iterator[Item]:
    """What the stack above makes is added inside this one (VACE's hints)."""
    above = next((source for source in latest.values() if source.card == number - 1), None)
    if above is None:
        return
    x = card.x + card.width * 0.72
    yield Line(((x, above.bottom), (x, card.y - 0.5)), "skip", 1.6, dashes=(4, 3), head=7)
    yield text(x - 6, (above.bottom + card.y) / 2 + 3, "added inside", size=size, role="dim", anchor="end")


def _long_skips(run: OpenedRun, number: int, marks: Marks, left: float, size: float) -> Iterator[Item]:
    """The long skips of a run, from the card above it, as one dotted line."""
    if not number:
        return
    above, card = marks[f"card {number - 1}"], marks[f"card {number}"]
    x = above.x + above.width * 0.16
    yield Line(((x, above.bottom + _UNDER), (x, card.y - 0.5)), "skip", 1.6, dashes=(2, 2.5), head=7)
    yield text(x + 8, (above.bottom + card.y) / 2 + 4, f"{len(run.skips)} skips", size=size, role="dim")
