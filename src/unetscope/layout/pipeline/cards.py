"""The boxes of a pipeline's picture: what goes in and comes out, its networks, the loop over the steps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from unetscope.analysis.memory.pipeline import Pipeline, PipelinePart
from unetscope.choices import Look
from unetscope.layout.measure import text, width
from unetscope.layout.pieces import (
    Marks,
    Piece,
    at_least,
    box,
    joined,
    marked,
    pad,
    paragraph,
    space,
    stack,
    words,
)
from unetscope.layout.scene import ColourRole, Frame, Item, Line
from unetscope.words import units

FILLS: dict[str, tuple[ColourRole, ColourRole]] = {
    "encoder": ("attention", "attention-ink"),
    "denoiser": ("residual", "residual-ink"),
    "decoder": ("feed-forward", "feed-forward-ink"),
    "image": ("feed-forward", "feed-forward-ink"),
}
"""What fills the box of a part, and the colour of its outline and words."""
_PAD = 10.0
_TURN = 20.0
"""Room beside a denoiser for the arrow that leads back to the next step."""
LOOP = 2 * _PAD + _TURN
"""How much wider the loop is than the boxes in it."""


@dataclass(frozen=True, slots=True)
class PipelinePage:
    """How wide the content is, and the sizes of text on it."""

    look: Look
    room: float
    narrow: bool

    @property
    def title(self) -> float:
        return 17.0 if self.narrow else 22.0

    @property
    def strong(self) -> float:
        return 13.0 if self.narrow else 12.0

    @property
    def small(self) -> float:
        return 12.6 if self.narrow else 12.0

    @property
    def plain(self) -> float:
        return 12.6 if self.narrow else 10.5

    @property
    def unit(self) -> str:
        return "FLOP" if self.look.unit == "flops" else "MAC"

    def operations(self, macs: int) -> int:
        """MACs in the picture's unit."""
        return 2 * macs if self.look.unit == "flops" else macs

    def work(self, macs: int | None) -> str:
        """MACs as text with their unit; says so where they are not known."""
        return f"{self.unit}s not known" if macs is None else units.macs(self.operations(macs), self.unit)


def chip(lines: Sequence[str], name: str, sheet: PipelinePage) -> Piece:
    """Data that goes in or comes out, in lines."""
    wording = pad(stack(*(words(line, size=sheet.plain, side="centre") for line in lines)), 10, 4)
    return marked(box(wording, "background", "outline", radius=11), name)


def card(part: PipelinePart, name: str, wide: float, sheet: PipelinePage) -> Piece:
    """A network: its name, when it runs, what it has, what it takes."""
    fill, ink = FILLS[part.role]
    room = wide - 2 * _PAD
    lines = [paragraph(_name(part), room, size=sheet.strong, bold=True, role=ink)]
    lines += [paragraph(line, room, size=sheet.plain, role=ink) for line in _lines(part, sheet)]
    framed = box(pad(stack(*lines, gap=1), _PAD, 8), fill, ink, radius=6)
    return at_least(marked(framed, name), wide)


def _name(part: PipelinePart) -> str:
    """A part's name, a long class name in two words: a line may end between them."""
    return re.sub(r"^(AutoencoderKL)(?=[A-Z]\w{11})", r"\1 ", part.name)


def least(part: PipelinePart, sheet: PipelinePage) -> float:
    """The width that the longest word of a part's name needs."""
    return max(width(word, sheet.strong, bold=True) for word in _name(part).split()) + 2 * _PAD


def _lines(part: PipelinePart, sheet: PipelinePage) -> Iterator[str]:
    """Runs, work, parameters and memory of a part, a line each."""
    once = sheet.work(part.macs)
    count = "" if part.runs == 1 else f" × {part.runs}" if part.role == "encoder" else " a forward"
    yield f"{part.tokens} tokens · {once}{count}" if part.tokens else once + count
    yield "the VAE that decodes" if part.shared else _weighs(part)
    if part.activations is not None:
        yield f"+ {units.bytes_(part.activations)} of activations"


def _weighs(part: PipelinePart) -> str:
    """Parameters, and bytes where they are known."""
    counted = "params not known" if part.params is None else f"{units.params(part.params)} params"
    return counted if part.weights is None else f"{counted} · {units.bytes_(part.weights)}"


def loop(pipeline: Pipeline, wide: float, sheet: PipelinePage) -> Piece:
    """The denoiser, or the networks that take turns, in a frame that says how often they run."""
    parts = [part for part in pipeline.parts if part.role == "denoiser"]
    inner = wide - LOOP
    pieces: list[Piece] = []
    boundary = f"denoising_end {pipeline.denoising_end:g}" if pipeline.refiner else "boundary"
    for index, part in enumerate(parts):
        if len(parts) > 1:
            pieces += [space(0, 22)] if index else []
            pieces.append(words(_turn(pipeline, index), size=sheet.plain, side="centre"))
        pieces.append(card(part, f"denoiser {index}", inner, sheet))
    cards = pad(stack(*pieces, gap=4), _PAD, 0, _PAD + _TURN, 0)
    whole = sum((part.macs or 0) * part.runs for part in parts)
    piece = paragraph(_loops(pipeline), wide - 2 * _PAD, size=sheet.strong, bold=True)
    split = ", split evenly here" if len(parts) > 1 and not pipeline.refiner else ""
    total = paragraph(f"{sheet.work(whole)} in all{split}", wide - 2 * _PAD, size=sheet.plain, role="dim")
    lined = stack(pad(piece, _PAD, 0), cards, pad(total, _PAD, 0), gap=6)
    framed = box(pad(lined, 0, 9), "card", "outline", radius=8, dashed=True)
    return at_least(marked(joined(framed, partial(_steps, boundary=boundary), behind=False), "loop"), wide)


def _turn(pipeline: Pipeline, index: int) -> str:
    """Which steps belong to a network: "high noise: 25 of 50 steps"."""
    turns = pipeline.turns()
    noise = {0: "high noise", len(turns) - 1: "low noise"}.get(index, "less noise")
    return f"{noise}: {turns[index]} of {pipeline.steps} steps"


def _loops(pipeline: Pipeline) -> str:
    """ "50 steps × 2 (guidance)": two forwards a step."""
    steps = f"{pipeline.steps} step{'' if pipeline.steps == 1 else 's'}"
    return f"{steps} × 2 (guidance)" if pipeline.cfg else steps


def _steps(marks: Marks, _frame: Frame, *, boundary: str) -> Iterator[Item]:
    """From each network back to itself, the next step; and down to the network that takes over."""
    cards = [frame for name, frame in marks.items() if name.startswith("denoiser")]
    for frame in cards:
        x, start, end = frame.right + _TURN - 4, frame.middle + 14, frame.middle - 14
        yield Line(
            ((frame.right, start), (x, start), (x, end), (frame.right + 1, end)), "flow", 1.5, 6, head=7
        )
    for above in cards[:-1]:
        yield Line(((above.centre, above.bottom), (above.centre, above.bottom + 25)), "flow", 1.5, head=7)
        yield text(above.centre + 10, above.bottom + 17, boundary, size=10.5, role="dim")
