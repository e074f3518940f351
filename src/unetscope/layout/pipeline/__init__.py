"""A pipeline as one picture of what runs in order: encoders, the denoiser at every step, the VAE's decoder.

Below it stands what each part has of the parameters and MACs, and what the device holds.
"""

from __future__ import annotations

from unetscope.analysis.memory.pipeline import Pipeline
from unetscope.choices import Look, checked
from unetscope.layout.page import page_of
from unetscope.layout.parts.frame import command_lines
from unetscope.layout.pieces import Piece, paragraph, place, stack, words
from unetscope.layout.pipeline.bars import bars
from unetscope.layout.pipeline.cards import PipelinePage
from unetscope.layout.pipeline.flow import abreast, below
from unetscope.layout.scene import Frame, Scene
from unetscope.words import basis, units
from unetscope.words.pipeline import handed_over, made, missing, tiled


def draw(pipeline: Pipeline, look: Look) -> Scene:
    """The picture of a pipeline; of a look it reads unit, width, paper and the command.

    Raises OutputError for a word that is no choice.
    """
    page = page_of(checked(look))
    sheet = PipelinePage(look, page.content, narrow=page.narrow)
    flow = below(pipeline, sheet) if page.narrow else abreast(pipeline, sheet)
    pieces = [*_head(pipeline, sheet), flow, bars(pipeline, sheet), _foot(pipeline, sheet)]
    whole = stack(*pieces, gap=10 if page.narrow else 16)
    wide = page.content if whole.width < page.content + 0.01 else whole.width
    top = 8.0 if look.paper else 14.0
    items, _ = place(whole, Frame(page.margin, top, wide, whole.height))
    title = f"{pipeline.denoiser.title} · pipeline"
    size = (wide + 2 * page.margin, top + whole.height + (8 if look.paper else 16))
    return Scene(*size, title, _described(pipeline, sheet), tuple(items))


def _head(pipeline: Pipeline, sheet: PipelinePage) -> list[Piece]:
    """Title, what it adds up to, and what that holds for; nothing on paper."""
    if sheet.look.paper:
        return []
    title = paragraph(f"{pipeline.denoiser.title} · pipeline", sheet.room, size=sheet.title, bold=True)
    holds = f"basis: {basis.short(pipeline.on_batch)}, {pipeline.use.dtype}"
    lines = [
        paragraph(line, sheet.room, size=sheet.small, role="dim") for line in (_sum(pipeline, sheet), holds)
    ]
    return [stack(title, *lines, gap=2)]


def _sum(pipeline: Pipeline, sheet: PipelinePage) -> str:
    """ "3.47 B parameters · 343 TMAC for one image"."""
    what = made(pipeline.batch, frames="frames" in pipeline.denoiser.basis.axes)
    return f"{units.params(pipeline.params)} parameters · {sheet.work(pipeline.macs)} for {what}"


def _foot(pipeline: Pipeline, sheet: PipelinePage) -> Piece:
    """What is not known, exact totals, what is left out, and the command that draws the picture again."""
    unknown = {name: pipeline.unknown(name) for name in ("params", "macs", "activations")}
    lacks = [
        paragraph(line, sheet.room, size=sheet.plain, bold=True)
        for line in missing(unknown, image_tokens=pipeline.without_image_tokens)
    ]
    if sheet.look.paper:
        holds = f"{_sum(pipeline, sheet)}; {basis.short(pipeline.on_batch)}, {pipeline.use.dtype}"
        return stack(*lacks, paragraph(holds, sheet.room, size=sheet.plain, bold=True), gap=4)
    work = f"{units.exact(sheet.operations(pipeline.macs))} {sheet.unit}s"
    exact = f"{units.exact(pipeline.params)} parameters · {work} in all"
    notes = " · ".join(_notes(pipeline))
    size = 10.5
    again = [
        words(line, size=size, role="dim", mono=True)
        for line in command_lines(sheet.look.command, sheet.room, size)
    ]
    return stack(
        *lacks,
        paragraph(exact, sheet.room, size=sheet.plain, bold=True),
        paragraph(notes, sheet.room, size=sheet.plain, role="dim"),
        *again,
        gap=4,
    )


def _notes(pipeline: Pipeline) -> list[str]:
    """What the figures mean and what they leave out."""
    decoded = f"VAE in {pipeline.decoded_in}" if pipeline.decoded_in != pipeline.use.dtype else ""
    quant = f"denoiser's weights in {pipeline.use.quant}" if pipeline.use.quant else ""
    refined = handed_over(pipeline.denoising_end, pipeline.turns()) if pipeline.refiner else ""
    untiled = tiled(tiling=pipeline.tiling, with_vae=pipeline.has("decoder"))
    context = "not counted: the device's context, kernels' workspaces"
    return [
        note for note in (basis.MAC, "GiB = 2³⁰ bytes", refined, decoded, quant, untiled, context) if note
    ]


def _described(pipeline: Pipeline, sheet: PipelinePage) -> str:
    """The picture in words, for those who cannot see it."""
    parts = ", then ".join(
        f"{part.name}{f' {part.runs} times' if part.runs > 1 else ''}" for part in pipeline.parts
    )
    return f"What runs in order: {parts}. {_sum(pipeline, sheet)}."
