"""A pipeline as one picture of what runs in order: encoders, the denoiser at every step, the VAE's decoder.

Below it stands what each part has of the parameters and MACs, and what the device holds.
"""

from __future__ import annotations

from unetscope import units
from unetscope.analysis.memory.pipeline import Pipeline
from unetscope.choices import Look, checked
from unetscope.layout.page import page_of
from unetscope.layout.parts.frame import command_lines
from unetscope.layout.pieces import Piece, paragraph, place, stack, words
from unetscope.layout.pipeline.bars import bars
from unetscope.layout.pipeline.cards import PipelinePage
from unetscope.layout.pipeline.flow import abreast, below
from unetscope.layout.scene import Frame, Scene
from unetscope.words import basis
from unetscope.words.pipeline import handed_over, made, missing, tiled


def draw(found: Pipeline, look: Look) -> Scene:
    """The picture of a pipeline; of a look it reads unit, width, paper and the command.

    Raises OutputError for a word that is no choice.
    """
    page = page_of(checked(look))
    sheet = PipelinePage(look, page.content, narrow=page.narrow)
    flow = below(found, sheet) if page.narrow else abreast(found, sheet)
    pieces = [*_head(found, sheet), flow, bars(found, sheet), _foot(found, sheet)]
    whole = stack(*pieces, gap=10 if page.narrow else 16)
    wide = page.content if whole.width < page.content + 0.01 else whole.width
    top = 8.0 if look.paper else 14.0
    items, _ = place(whole, Frame(page.margin, top, wide, whole.height))
    title = f"{found.denoiser.title} · pipeline"
    size = (wide + 2 * page.margin, top + whole.height + (8 if look.paper else 16))
    return Scene(*size, title, _described(found, sheet), tuple(items))


def _head(found: Pipeline, sheet: PipelinePage) -> list[Piece]:
    """Title, what it adds up to, and what that holds for; nothing on paper."""
    if sheet.look.paper:
        return []
    title = paragraph(f"{found.denoiser.title} · pipeline", sheet.room, size=sheet.title, bold=True)
    holds = f"basis: {basis.short(found.on_batch)}, {found.use.dtype}"
    lines = [
        paragraph(line, sheet.room, size=sheet.small, role="dim") for line in (_sum(found, sheet), holds)
    ]
    return [stack(title, *lines, gap=2)]


def _sum(found: Pipeline, sheet: PipelinePage) -> str:
    """ "3.47 B parameters · 343 TMAC for one image"."""
    what = made(found.batch, frames="frames" in found.denoiser.basis.axes)
    return f"{units.params(found.params)} parameters · {sheet.work(found.macs)} for {what}"


def _foot(found: Pipeline, sheet: PipelinePage) -> Piece:
    """What is not known, exact totals, what is left out, and the command that draws the picture again."""
    unknown = {name: found.unknown(name) for name in ("params", "macs", "activations")}
    lacks = [
        paragraph(line, sheet.room, size=sheet.plain, bold=True)
        for line in missing(unknown, image_tokens=found.without_image_tokens)
    ]
    if sheet.look.paper:
        holds = f"{_sum(found, sheet)}; {basis.short(found.on_batch)}, {found.use.dtype}"
        return stack(*lacks, paragraph(holds, sheet.room, size=sheet.plain, bold=True), gap=4)
    work = f"{units.exact(sheet.operations(found.macs))} {sheet.unit}s"
    exact = f"{units.exact(found.params)} parameters · {work} in all"
    notes = " · ".join(_notes(found))
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


def _notes(found: Pipeline) -> list[str]:
    """What the figures mean and what they leave out."""
    decoded = f"VAE in {found.decoded_in}" if found.decoded_in != found.use.dtype else ""
    quant = f"denoiser's weights in {found.use.quant}" if found.use.quant else ""
    refined = handed_over(found.denoising_end, found.turns()) if found.refiner else ""
    untiled = tiled(tiling=found.tiling, with_vae=found.has("decoder"))
    context = "not counted: the device's context, kernels' workspaces"
    return [
        note for note in (basis.MAC, "GiB = 2³⁰ bytes", refined, decoded, quant, untiled, context) if note
    ]


def _described(found: Pipeline, sheet: PipelinePage) -> str:
    """The picture in words, for those who cannot see it."""
    parts = ", then ".join(
        f"{part.name}{f' {part.runs} times' if part.runs > 1 else ''}" for part in found.parts
    )
    return f"What runs in order: {parts}. {_sum(found, sheet)}."
