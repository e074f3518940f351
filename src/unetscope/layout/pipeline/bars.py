"""Bars below a pipeline: what each part has of parameters and work, and what the device holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unetscope.analysis.memory.pipeline import Held, Pipeline
from unetscope.layout.measure import text, width
from unetscope.layout.pieces import Piece, box, row, sketch, space, stack, words
from unetscope.layout.pipeline.cards import FILLS, PipelinePage
from unetscope.layout.scene import Box, Frame, Item
from unetscope.words import units
from unetscope.words.pipeline import MODES

_HIGH = 19.0
_GAP = 12.0
_LEAST = 1.5
"""px of the thinnest segment: what is there can be seen."""


@dataclass(frozen=True, slots=True)
class _PipelineSegment:
    """A part's share of a bar, in what the bar measures; `beside` for activations, beside weights."""

    role: str
    size: int
    label: str
    beside: bool = False


@dataclass(frozen=True, slots=True)
class _Bar:
    name: str
    segments: tuple[_PipelineSegment, ...]
    value: str


def bars(pipeline: Pipeline, sheet: PipelinePage) -> Piece:
    """Shares of parameters and work, then bytes on the device by how weights come to it."""
    shares = [
        _shares(
            pipeline,
            "parameters",
            [part.params or 0 for part in pipeline.parts],
            units.params(pipeline.params),
        ),
        _shares(
            pipeline,
            f"{sheet.unit}s",
            [(part.macs or 0) * part.runs for part in pipeline.parts],
            sheet.work(pipeline.macs),
        ),
    ]
    devices = [_device(pipeline, need) for need in pipeline.held()]
    every = [*shares, *devices]
    left = max(width(bar.name, sheet.plain) for bar in every) + _GAP
    right = max(width(bar.value, sheet.plain, bold=True) for bar in every) + _GAP
    room = sheet.room - left - right
    most = max(sum(segment.size for segment in bar.segments) for bar in devices)
    heading = words(f"on the device in {pipeline.use.dtype}", size=sheet.plain, bold=True)
    return stack(
        *(_drawn(share, left, room, right, sheet, whole=None) for share in shares),
        space(0, 2),
        heading,
        *(_drawn(bar, left, room, right, sheet, whole=most) for bar in devices),
        space(0, 1),
        _legend(pipeline, sheet),
        gap=5,
    )


def _shares(pipeline: Pipeline, name: str, sizes: Sequence[int], value: str) -> _Bar:
    whole = sum(sizes)
    segments = [
        _PipelineSegment(part.role, size, units.share(size, whole))
        for part, size in zip(pipeline.parts, sizes, strict=True)
        if size
    ]
    return _Bar(name, tuple(segments), value)


def _device(pipeline: Pipeline, need: Held) -> _Bar:
    """Weights that are there at the worst moment, and the activations of the part that runs then."""
    running = next(part for part in pipeline.parts if part.name == need.part)
    beside = running.activations or 0
    if need.mode == "none":
        weights = [
            _PipelineSegment(part.role, part.weights, units.bytes_(part.weights))
            for part in pipeline.parts
            if part.weights and not part.shared
        ]
    else:
        weights = [_PipelineSegment(running.role, need.bytes - beside, units.bytes_(need.bytes - beside))]
    active = [_PipelineSegment(running.role, beside, units.bytes_(beside), beside=True)] if beside else []
    least = "at least " if need.without else ""
    return _Bar(MODES[need.mode], (*weights, *active), least + units.bytes_(need.bytes))


def _drawn(
    bar: _Bar, left: float, room: float, right: float, sheet: PipelinePage, *, whole: int | None
) -> Piece:
    """A bar between its name and its value; `whole` is what the whole room stands for."""

    def draw(frame: Frame) -> Iterator[Item]:
        y = frame.middle + sheet.plain * 0.35
        yield text(frame.x, y, bar.name, size=sheet.plain, role="dim")
        x = frame.x + left
        for segment, wide in zip(bar.segments, _widths(bar, room, whole), strict=True):
            yield from _segment(segment, Frame(x, frame.y, wide, frame.height), sheet)
            x += wide
        yield text(frame.right, y, bar.value, size=sheet.plain, bold=True, anchor="end")

    return sketch(left + room + right, _HIGH, draw)


def _widths(bar: _Bar, room: float, whole: int | None) -> list[float]:
    """How wide each segment is: by its size, but never too thin to be seen; together as wide as the sum."""
    sizes = [segment.size for segment in bar.segments]
    full = room * sum(sizes) / (whole or sum(sizes) or 1)
    wide = [max(_LEAST, full * size / (sum(sizes) or 1)) for size in sizes]
    return [size * full / sum(wide) for size in wide]


def _segment(segment: _PipelineSegment, frame: Frame, sheet: PipelinePage) -> Iterator[Item]:
    """A share of a bar, with what it is where that fits; activations are hatched and bear no words."""
    fill, ink = FILLS[segment.role]
    yield Box(frame, fill, ink, 1, hatch=ink if segment.beside else None)
    if not segment.beside and width(segment.label, sheet.plain) + 8 <= frame.width:
        y = frame.middle + sheet.plain * 0.35
        yield text(frame.centre, y, segment.label, size=sheet.plain, role=ink, anchor="middle", frame=frame)


def _legend(pipeline: Pipeline, sheet: PipelinePage) -> Piece:
    """What the fills mean."""
    names = {"encoder": "encoders", "denoiser": "denoiser", "decoder": "VAE"}
    entries = [
        row(
            box(space(18, 11), *FILLS[role], radius=2, line=1),
            words(name, size=sheet.plain, role="dim"),
            gap=5,
        )
        for role, name in names.items()
        if any(part.role == role for part in pipeline.parts)
    ]
    hatched = box(space(18, 11), *FILLS["denoiser"], radius=2, line=1, hatch="residual-ink")
    entries.append(row(hatched, words("activations", size=sheet.plain, role="dim"), gap=5))
    return row(*entries, gap=16)
