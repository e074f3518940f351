"""A pipeline in words for a terminal, and as JSON: what runs for one image, and what the device holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.text import Text

from unetscope.analysis.memory.pipeline import Held, Pipeline, PipelinePart
from unetscope.render.text import NARROW, grid, lines, plain
from unetscope.words import basis, units
from unetscope.words.pipeline import MODES, ROLES, handed_over, made, missing, tiled
from unetscope.words.sampling import sampling


def work(pipeline: Pipeline, *, width: int = NARROW, colour: bool = False) -> str:
    """Parts in the order they run: parameters, MACs of a run, runs, MACs of all; they add up."""
    table = grid(
        ("part", "left"),
        ("parameters", "right"),
        ("MACs of a run", "right"),
        ("runs", "right"),
        ("MACs", "right"),
    )
    for part in pipeline.parts:
        whole = None if part.macs is None else part.macs * part.runs
        table.add_row(plain(part.name), _params(part), _macs(part.macs), str(part.runs), _macs(whole))
    table.add_section()
    table.add_row("total", units.exact(pipeline.params), "", "", units.macs(pipeline.macs))
    notes = [
        f"MACs in all: {units.exact(pipeline.macs)}",
        *_notes(pipeline),
        *_lacks(pipeline, "params", "macs"),
    ]
    return _page(pipeline, [table], notes, width=width, colour=colour)


def bytes_held(pipeline: Pipeline, *, limit: int | None, width: int = NARROW, colour: bool = False) -> str:
    """Weights and activations of each part, and the most on the device in each mode."""
    table = grid(("part", "left"), ("parameters", "right"), ("weights", "right"), ("activations", "right"))
    for part in pipeline.parts:
        table.add_row(plain(part.name), _params(part), _weights(part), _bytes(part.activations))
    peaks = grid(("on the device", "left"), ("bytes", "right"), ("", "right"), ("most in", "left"))
    if limit is not None:
        peaks.add_column("fits")
    for need in pipeline.held():
        peaks.add_row(*_peak(need, limit))
    notes = [*_notes(pipeline), _types(pipeline), *_lacks(pipeline, "params", "activations")]
    untiled = tiled(tiling=pipeline.tiling, with_vae=pipeline.has("decoder"))
    notes.append("; ".join(filter(None, ["not counted: the device's context, kernels' workspaces", untiled])))
    return _page(pipeline, [table, peaks], notes, width=width, colour=colour)


def data(pipeline: Pipeline, *, limit: int | None = None) -> dict[str, Any]:
    """Every figure, exact; null is what is not known."""
    return {
        "schema_version": 1,
        "basis": basis.data(pipeline.denoiser)
        | {"batch": pipeline.batch, "dtype": pipeline.use.dtype, "quant": pipeline.use.quant},
        "decoded_in": pipeline.decoded_in,
        "steps": pipeline.steps,
        "cfg": pipeline.cfg,
        "tiling": pipeline.tiling,
        "denoising_end": pipeline.denoising_end if pipeline.refiner else None,
        "parts": [_part(part) for part in pipeline.parts],
        "params": pipeline.params,
        "macs": pipeline.macs,
        "unknown": {name: list(pipeline.unknown(name)) for name in ("params", "macs", "activations")},
        "without_image_tokens": pipeline.without_image_tokens,
        "on_device": [
            {
                "offload": need.mode,
                "bytes": need.bytes,
                "most_in": need.part,
                "without": list(need.without),
                "fits": None if limit is None or need.without else need.bytes <= limit,
            }
            for need in pipeline.held()
        ],
    }


def _part(part: PipelinePart) -> dict[str, Any]:
    return {
        "name": part.name,
        "role": ROLES[part.role],
        "params": part.params,
        "macs_of_a_run": part.macs,
        "runs": part.runs,
        "macs": None if part.macs is None else part.macs * part.runs,
        "weights_bytes": 0 if part.shared else part.weights,
        "activation_peak_bytes": part.activations,
    }


def _page(
    pipeline: Pipeline, tables: Sequence[Any], notes: Iterable[str], *, width: int, colour: bool
) -> str:
    """Title, tables, notes; the tables may be wider than a narrow terminal: nothing is cut off."""
    title = Text(plain(f"{pipeline.denoiser.title} · pipeline"), "bold")
    footer = [Text(plain(line), "dim") for line in notes]
    wide = max(width, NARROW)
    return lines(title, *tables, width=wide, colour=colour) + lines(*footer, width=width, colour=colour)


def _peak(need: Held, limit: int | None) -> list[str]:
    least = "at least " if need.without else ""
    cells = [MODES[need.mode], least + units.exact(need.bytes), units.bytes_(need.bytes), plain(need.part)]
    if limit is None:
        return cells
    answer = "no" if need.bytes > limit else "not known" if need.without else "yes"
    return [*cells, answer]


def _notes(pipeline: Pipeline) -> Iterator[str]:
    network = pipeline.denoiser
    guidance = (
        "cfg" if pipeline.cfg else network.facts.guidance if network.facts.guidance != "cfg" else "none"
    )
    yield f"basis: {basis.full(pipeline.on_batch, dtype=pipeline.use.dtype)}"
    of_batch = made(pipeline.batch, frames="frames" in network.basis.axes)
    yield f"{of_batch}: {sampling(pipeline.steps, guidance)}"
    if pipeline.refiner:
        yield handed_over(pipeline.denoising_end, pipeline.turns())
    if network.facts.steps is None:
        yield "how it is sampled is not known: --steps and --cfg say it"


def _types(pipeline: Pipeline) -> str:
    quant = f"; the denoiser's weights in {pipeline.use.quant}" if pipeline.use.quant else ""
    vae = (
        f"; its pipeline decodes in {pipeline.decoded_in}"
        if pipeline.decoded_in != pipeline.use.dtype
        else ""
    )
    return f"weights and activations in {pipeline.use.dtype}{quant}{vae}; GiB = 2³⁰ bytes"


def _lacks(pipeline: Pipeline, *names: Any) -> Iterator[str]:
    unknown = {name: pipeline.unknown(name) for name in names}
    return missing(unknown, image_tokens=pipeline.without_image_tokens)


def _params(part: PipelinePart) -> str:
    return "the decoder's VAE" if part.shared else _exact(part.params)


def _weights(part: PipelinePart) -> str:
    return "" if part.shared else _bytes(part.weights)


def _exact(number: int | None) -> str:
    return "not known" if number is None else units.exact(number)


def _macs(number: int | None) -> str:
    return "not known" if number is None else units.macs(number)


def _bytes(number: int | None) -> str:
    return "not known" if number is None else units.bytes_(number)
