"""Boxes of a pipeline with arrows between them: side by side on a wide page, below each other on a narrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unetscope.analysis.memory.pipeline import Pipeline
from unetscope.layout.measure import text, width
from unetscope.layout.pieces import Marks, Piece, align, joined, row, space, stack
from unetscope.layout.pipeline.cards import FILLS, LOOP, PipelinePage, card, chip, least, loop
from unetscope.layout.scene import Frame, Item, Line, Point
from unetscope.words import basis, units

_DOWN = 24.0
"""How long an arrow down is."""


def abreast(pipeline: Pipeline, sheet: PipelinePage) -> Piece:
    """Encoders, loop and decoder beside each other."""
    before, after = _given_shapes(pipeline), _latent(pipeline)
    first = max([0.0, *(width(line, sheet.plain) for line in before)]) + 32
    second = width(after, sheet.plain) + 22
    start = _given(pipeline)
    wide = _shared(
        sheet.room - second - (first if start else 0.0), _least(pipeline, sheet), given=bool(start)
    )
    columns = [align(piece, middle=True) for piece in _columns(pipeline, wide, sheet)]
    gaps = [first, second] if start else [second]
    pieces = [columns[0]]
    for gap, column in zip(gaps, columns[1:], strict=True):
        pieces += [space(gap), column]

    def connect(marks: Marks, _frame: Frame) -> Iterator[Item]:
        yield from _downward(marks)
        yield from _into(marks, before, sheet)
        yield from _across(marks, after, sheet)

    return joined(row(*pieces), connect)


def _least(pipeline: Pipeline, sheet: PipelinePage) -> list[float]:
    """The width that each column needs: for the words in its boxes, and for what goes in and comes out."""
    needs: dict[str, list[float]] = {role: [] for role in FILLS}
    for part in pipeline.parts:
        needs[part.role].append(least(part, sheet))
    start = [chip([_given(pipeline)], "", sheet).width] if _given(pipeline) else []
    return [
        max([0.0, *needs["encoder"], *needs["image"], *start]),
        max([*needs["denoiser"], chip(_noise(pipeline), "", sheet).width]) + LOOP,
        max([*needs["decoder"], chip([_made(pipeline)], "", sheet).width]),
    ]


def _shared(room: float, needed: Sequence[float], *, given: bool) -> list[float]:
    """Widths of the columns: what each needs, and the rest so that they come near to their usual shares."""
    shares = (0.33, 0.39, 0.28) if given else (0.0, 0.58, 0.42)
    lacks = [max(0.0, share * room - least) for share, least in zip(shares, needed, strict=True)]
    rest = max(0.0, room - sum(needed))
    return [least + rest * lack / (sum(lacks) or 1) for least, lack in zip(needed, lacks, strict=True)]


def _columns(pipeline: Pipeline, wide: Sequence[float], sheet: PipelinePage) -> Iterator[Piece]:
    """What is given and read, what is denoised, what comes out."""
    start = _given(pipeline)
    if start:
        yield stack(
            _centred(chip([start], "given", sheet)), space(0, _DOWN), *_encoders(pipeline, wide[0], sheet)
        )
    noise = _centred(chip(_noise(pipeline), "noise", sheet))
    yield stack(noise, space(0, _DOWN), loop(pipeline, wide[1], sheet))
    decoders = _decoders(pipeline, wide[2], sheet)
    piece = _centred(chip([_made(pipeline)], "made", sheet))
    lift = space(0, 2 * (noise.height + _DOWN)) if decoders else space(0, noise.height + _DOWN)  # all in line
    yield stack(lift, *decoders, space(0, _DOWN if decoders else 0), piece)


def below(pipeline: Pipeline, sheet: PipelinePage) -> Piece:
    """All below each other; the noise comes in at the right, above the loop."""
    start, decoders = _given(pipeline), _decoders(pipeline, sheet.room, sheet)
    top = [_centred(chip([start], "given", sheet)), space(0, _DOWN), *_encoders(pipeline, sheet.room, sheet)]
    noise = align(chip(_noise(pipeline), "noise", sheet), "end")
    pieces = [
        *(top if start else []),
        space(0, 12 if start else 0),
        noise,
        space(0, _DOWN),
        loop(pipeline, sheet.room, sheet),
        space(0, 34),
        *decoders,
        space(0, _DOWN if decoders else 0),
        _centred(chip([_made(pipeline)], "made", sheet)),
    ]
    before, after = _given_shapes(pipeline), _latent(pipeline)

    def connect(marks: Marks, _frame: Frame) -> Iterator[Item]:
        yield from _downward(marks)
        last = _last_given(marks)
        target = marks["loop"]
        if last:
            x = target.x + target.width * 0.1
            yield from _labelled(((x, last.bottom), (x, target.y)), before, sheet)
        end = marks.get("decoder 0", marks["made"])
        yield from _labelled(((target.centre, target.bottom), (target.centre, end.y)), [after], sheet)

    return joined(stack(*pieces), connect)


def _encoders(pipeline: Pipeline, wide: float, sheet: PipelinePage) -> list[Piece]:
    parts = [part for part in pipeline.parts if part.role in ("encoder", "image")]
    cards = [card(part, f"encoder {index}", wide, sheet) for index, part in enumerate(parts)]
    return [stack(*cards, gap=8)] if cards else []


def _decoders(pipeline: Pipeline, wide: float, sheet: PipelinePage) -> list[Piece]:
    parts = [part for part in pipeline.parts if part.role == "decoder"]
    return [card(part, f"decoder {index}", wide, sheet) for index, part in enumerate(parts)]


def _centred(piece: Piece) -> Piece:
    return align(piece, "centre")


def _given(pipeline: Pipeline) -> str:
    """What conditions the network, in words; "" where nothing does."""
    encoders = [part.name for part in pipeline.parts if part.role == "encoder"]
    images = any(part.role == "image" for part in pipeline.parts)
    reads = [
        *(["prompt"] if any("image encoder" not in name for name in encoders) else []),
        *(["image"] if images or any("image encoder" in name for name in encoders) else []),
    ]
    if pipeline.cfg and "prompt" in reads:
        reads.insert(1, "negative prompt")
    if not encoders and pipeline.denoiser.input_of("class"):
        return "class label"
    if not encoders and pipeline.denoiser.input_of("image context"):
        return "image embedding"
    if not encoders and pipeline.denoiser.input_of("text context"):
        return "prompt"
    return ", ".join(reads)


def _given_shapes(pipeline: Pipeline) -> list[str]:
    """Shapes of what encoders hand to the network."""
    contexts = (pipeline.denoiser.input_of("text context"), pipeline.denoiser.input_of("image context"))
    return [units.dimensions(context.shape) for context in contexts if context and len(context.shape) > 1]


def _noise(pipeline: Pipeline) -> list[str]:
    """What the first step reads, with its shape; an image too where some input channels hold one."""
    reads = pipeline.denoiser.basis.input
    more = any("image" in group.name for group in pipeline.denoiser.facts.input_channels[1:])
    return ["noise and image", basis.times(reads)] if more else [f"noise {basis.times(reads)}"]


def _latent(pipeline: Pipeline) -> str:
    """The shape of what the network makes."""
    makes = pipeline.denoiser.by_path[""].output
    return units.dimensions(makes) if makes else ""


def _made(pipeline: Pipeline) -> str:
    """The image or video with its size, where that is known."""
    pixels, frames = basis.pixels(pipeline.denoiser), pipeline.frames
    what = "image" if frames is None else "video"
    if pixels is None:
        return what
    return f"{what} {basis.times([*([frames] if frames else []), *pixels])} px"


def _downward(marks: Marks) -> Iterator[Item]:
    """Arrows from what goes in, and to what comes out."""
    for start, end in (("given", "encoder 0"), ("noise", "loop"), ("decoder 0", "made")):
        if start in marks and end in marks:
            start_frame, other = marks[start], marks[end]
            x = (start_frame if start != "decoder 0" else other).centre
            yield Line(((x, start_frame.bottom), (x, other.y)), "flow", 1.5, head=7)


def _into(marks: Marks, shapes: Sequence[str], sheet: PipelinePage) -> Iterator[Item]:
    """From every encoder into the loop, by one line where there are several."""
    target = marks["loop"]
    sources = _sources(marks)
    if not sources:
        return
    bus, y = sources[0].right + 14, _meeting(target, sources)
    for source in sources:
        start = source.middle
        yield Line(((source.right, start), (bus, start), (bus, y)), "context", 1.5, 6)
    yield Line(((bus, y), (target.x, y)), "context", 1.5, head=7)
    for index, shape in enumerate(reversed(shapes)):
        yield text(
            (bus + target.x) / 2 - 2,
            y - 6 - 13 * index,
            shape,
            size=sheet.plain,
            role="context",
            anchor="middle",
        )


def _sources(marks: Marks) -> list[Frame]:
    """Encoders, or what is given where nothing encodes it."""
    encoders = [frame for name, frame in marks.items() if name.startswith("encoder")]
    return encoders or [marks[name] for name in ("given",) if name in marks]


def _last_given(marks: Marks) -> Frame | None:
    sources = _sources(marks)
    return sources[-1] if sources else None


def _meeting(target: Frame, sources: Sequence[Frame]) -> float:
    """The height at which sources meet: their middle, as far as the target reaches."""
    middle = (sources[0].middle + sources[-1].middle) / 2
    return min(max(middle, target.y + 24), target.bottom - 24)


def _across(marks: Marks, shape: str, sheet: PipelinePage) -> Iterator[Item]:
    """From the loop to the decoder, or to what comes out."""
    start, end = marks["loop"], marks.get("decoder 0", marks["made"])
    y = min(max(end.middle, start.y + 24), start.bottom - 24)
    points = ((start.right, y), (end.x, y))
    yield Line(points, "image", 1.5, head=7)
    yield text((start.right + end.x) / 2 - 3, y - 6, shape, size=sheet.plain, role="image", anchor="middle")


def _labelled(points: tuple[Point, Point], labels: Sequence[str], sheet: PipelinePage) -> Iterator[Item]:
    """An arrow down with shapes at its right."""
    yield Line(points, "flow", 1.5, head=7)
    (x, top), (_, bottom) = points
    for index, label in enumerate(labels):
        y = (top + bottom) / 2 + sheet.plain * (0.33 + 1.25 * (index - (len(labels) - 1) / 2))
        yield text(x + 9, y, label, size=sheet.plain, role="dim")
