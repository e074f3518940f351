"""The rails beside a column: what modulates blocks at the left, what they look at at the right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unetscope.layout.column.drawing.flowchart import ColumnNetwork
from unetscope.layout.pieces import Marks
from unetscope.layout.scene import Box, Circle, ColourRole, Frame, Item, Line


def rails(network: ColumnNetwork, marks: Marks, left: float, right: float) -> Iterator[Item]:
    """The rails of t at the left and of c at the right, with a mark at each part that reads it."""
    t, c = marks.get("t"), marks.get("text")
    if t is not None:
        readers = _readers(network, marks, "t")
        if "end" in marks and any(module.reads_t for module in network.of("end")):
            readers.append(marks["end"])
        yield from _rail(left + 5, t.bottom, readers, "time", round_=True, side=-1)
    if c is not None and not network.text_flows:
        yield from _rail(right - 5, c.bottom, _readers(network, marks, "c"), "context", round_=False, side=1)


def _readers(network: ColumnNetwork, marks: Marks, letter: str) -> list[Frame]:
    """What reads a condition: parts of open cards, or whole cards where these show no parts."""
    frames = []
    for number, run in enumerate(network.runs):
        parts = [frame for name, frame in marks.items() if name.startswith(f"card {number} {letter} ")]
        if not parts and any(letter in cell.reads for cell in run.inside.cells):
            parts = [marks[f"card {number}"]]
        frames += parts
    return frames


def _rail(
    x: float, top: float, readers: Sequence[Frame], role: ColourRole, *, round_: bool, side: int
) -> Iterator[Item]:
    if not readers:
        return
    heights = [frame.y + min(frame.height / 2, 20) for frame in readers]
    yield Line(((x, top), (x, max(heights))), role, 1.4)
    for frame, y in zip(readers, heights, strict=True):
        edge = frame.x if side < 0 else frame.right
        yield Line(((x, y), (edge, y)), role, 1.2)
        yield Circle(x, y, 3.4, role) if round_ else Box(Frame(x - 3.4, y - 3.4, 6.8, 6.8), role)
