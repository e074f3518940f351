"""A pipeline in words for a terminal, and as JSON: what runs for one image, and what the device holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.text import Text

from unetscope import units
from unetscope.analysis.memory.pipeline import Held, Pipeline, PipelinePart
from unetscope.render.text import NARROW, grid, lines, plain
from unetscope.words import basis
from unetscope.words.pipeline import MODES, ROLES, handed_over, made, missing, tiled
from unetscope.words.sampling import sampling


def work(found: Pipeline, *, width: int = NARROW, colour: bool = False) -> str:
    """Parts in the order they run: parameters, MACs of a run, runs, MACs of all; they add up."""
    shown = grid(
        ("part", "left"),
        ("parameters", "right"),
        ("MACs of a run", "right"),
        ("runs", "right"),
        ("MACs", "right"),
    )
    for part in found.parts:
        whole = None if part.macs is None else part.macs * part.runs
        shown.add_row(plain(part.name), _params(part), _macs(part.macs), str(part.runs), _macs(whole))
    shown.add_section()
    shown.add_row("total", units.exact(found.params), "", "", units.macs(found.macs))
    notes = [f"MACs in all: {units.exact(found.macs)}", *_notes(found), *_lacks(found, "params", "macs")]
    return _page(found, [shown], notes, width=width, colour=colour)


def bytes_held(found: Pipeline, *, limit: int | None, width: int = NARROW, colour: bool = False) -> str:
    """Weights and activations of each part, and the most on the device in each mode."""
    shown = grid(("part", "left"), ("parameters", "right"), ("weights", "right"), ("activations", "right"))
    for part in found.parts:
        shown.add_row(plain(part.name), _params(part), _weights(part), _bytes(part.activations))
    peaks = grid(("on the device", "left"), ("bytes", "right"), ("", "right"), ("most in", "left"))
    if limit is not None:
        peaks.add_column("fits")
    for held in found.held():
        peaks.add_row(*_peak(held, limit))
    notes = [*_notes(found), _types(found), *_lacks(found, "params", "activations")]
    untiled = tiled(tiling=found.tiling, with_vae=found.has("decoder"))
    notes.append("; ".join(filter(None, ["not counted: the device's context, kernels' workspaces", untiled])))
    return _page(found, [shown, peaks], notes, width=width, colour=colour)


def data(found: Pipeline, *, limit: int | None = None) -> dict[str, Any]:
    """Every figure, exact; null is what is not known."""
    return {
        "schema_version": 1,
        "basis": basis.data(found.denoiser)
        | {"batch": found.batch, "dtype": found.use.dtype, "quant": found.use.quant},
        "decoded_in": found.decoded_in,
        "steps": found.steps,
        "cfg": found.cfg,
        "tiling": found.tiling,
        "denoising_end": found.denoising_end if found.refiner else None,
        "parts": [_part(part) for part in found.parts],
        "params": found.params,
        "macs": found.macs,
        "unknown": {name: list(found.unknown(name)) for name in ("params", "macs", "activations")},
        "without_image_tokens": found.without_image_tokens,
        "on_device": [
            {
                "offload": held.mode,
                "bytes": held.bytes,
                "most_in": held.part,
                "without": list(held.without),
                "fits": None if limit is None or held.without else held.bytes <= limit,
            }
            for held in found.held()
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


def _page(found: Pipeline, tables: Sequence[Any], notes: Iterable[str], *, width: int, colour: bool) -> str:
    """Title, tables, notes; the tables may be wider than a narrow terminal: nothing is cut off."""
    title = Text(plain(f"{found.denoiser.title} · pipeline"), "bold")
    told = [Text(plain(line), "dim") for line in notes]
    wide = max(width, NARROW)
    return lines(title, *tables, width=wide, colour=colour) + lines(*told, width=width, colour=colour)


def _peak(held: Held, limit: int | None) -> list[str]:
    least = "at least " if held.without else ""
    cells = [MODES[held.mode], least + units.exact(held.bytes), units.bytes_(held.bytes), plain(held.part)]
    if limit is None:
        return cells
    answer = "no" if held.bytes > limit else "not known" if held.without else "yes"
    return [*cells, answer]


def _notes(found: Pipeline) -> Iterator[str]:
    network = found.denoiser
    guidance = "cfg" if found.cfg else network.facts.guidance if network.facts.guidance != "cfg" else "none"
    yield f"basis: {basis.full(found.on_batch, dtype=found.use.dtype)}"
    yield f"{made(found.batch, frames='frames' in network.basis.axes)}: {sampling(found.steps, guidance)}"
    if found.refiner:
        yield handed_over(found.denoising_end, found.turns())
    if network.facts.steps is None:
        yield "how it is sampled is not known: --steps and --cfg say it"


def _types(found: Pipeline) -> str:
    quant = f"; the denoiser's weights in {found.use.quant}" if found.use.quant else ""
    vae = f"; its pipeline decodes in {found.decoded_in}" if found.decoded_in != found.use.dtype else ""
    return f"weights and activations in {found.use.dtype}{quant}{vae}; GiB = 2³⁰ bytes"


def _lacks(found: Pipeline, *names: Any) -> Iterator[str]:
    unknown = {name: found.unknown(name) for name in names}
    return missing(unknown, image_tokens=found.without_image_tokens)


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
