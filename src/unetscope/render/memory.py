"""The memory of a network in words for a terminal, and as JSON. Bytes are exact, GiB are 2³⁰ bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from unetscope import units
from unetscope.analysis.budget import Fit, Memory
from unetscope.analysis.training import MIXED, Plan, Training
from unetscope.analysis.unread import not_read
from unetscope.analysis.weights import Weights
from unetscope.model import Architecture, is_within, parent
from unetscope.render.text import NARROW, grid, lines, plain
from unetscope.render.wording import basis

_TELLING = frozenset(
    {
        "attention",
        "feed-forward",
        "resnet block",
        "downsample",
        "upsample",
        "transformer",
        "conv",
        "norm",
        "time embedding",
    }
)
_SHORT = {"float16": "fp16", "bfloat16": "bf16", "float32": "fp32"}


def text(given: Memory, *, width: int = NARROW, colour: bool = False) -> str:
    """Weights by format, a forward, a training step and what fits, each in a table; then what is assumed."""
    network = given.architecture
    parts: list[Any] = [
        Text(plain(f"{network.title} · {network.class_name}"), "bold"),
        _weights(given.weights),
    ]
    parts.append(_forward(given))
    if given.training and given.use.training:
        parts.append(_training(given.training, given.use.training))
    if given.fit:
        parts += [*(Text(line) for line in _fit_lines(given, given.fit)), Text("")]
    notes = [Text(plain(line), "dim") for line in _notes(given)]
    # The tables may be wider than the terminal: nothing is cut off.
    return lines(*parts, width=max(width, NARROW), colour=colour) + lines(*notes, width=width, colour=colour)


def json(given: Memory) -> dict[str, Any]:
    """Every figure in bytes, as the README documents it."""
    found: dict[str, Any] = {
        "schema_version": 1,
        "basis": _basis(given),
        "weights_bytes": {one.format: one.bytes for one in given.weights},
        "activation_peak_bytes": given.peak.bytes,
        "activation_peak_at": given.peak.path,
        "skip_bytes": given.skips,
        "training": None,
    }
    if given.training:
        names = ("weights", "gradients", "optimizer", "ema", "activations", "total")
        found["training"] = {name: getattr(given.training, name) for name in names}
    if given.fit:
        found["fits"] = {
            "limit": given.fit.limit,
            "needed": given.fit.needed,
            "fits": given.fit.fits,
            "largest_batch": given.fit.batch,
            "largest_input": None if given.fit.size is None else list(given.fit.size),
        }
    return found


def place(architecture: Architecture, path: str) -> str:
    """Where a module is, in words: "Up 4, feed-forward of attentions.2"."""
    stage = next((one for one in architecture.stages if is_within(path, one.path)), None)
    if stage is None:
        return path or "the network itself"
    found = path
    while found != stage.path and architecture.by_path[found].kind not in _TELLING:
        found = parent(found)
    inside = found[len(stage.path) + 1 :]
    if not inside:
        return stage.name
    kind, block = architecture.by_path[found].kind, ".".join(inside.split(".")[:2])
    return f"{stage.name}, {kind} {'' if inside == block else 'of '}{block}"


def _basis(given: Memory) -> dict[str, Any]:
    at, use = given.architecture.basis, given.use
    found = {
        "batch": at.batch,
        "input": list(at.input),
        "tokens": at.tokens,
        "dtype": use.dtype,
        "attention": use.attention,
    }
    if use.training:
        plan = use.training
        found |= {
            "optimizer": plan.optimizer,
            "ema": plan.ema,
            "checkpointing": plan.checkpointing,
            "mixed": plan.mixed,
        }
    return found


def _weights(formats: tuple[Weights, ...]) -> Any:
    shown = grid(
        ("weights", "left"), ("bytes", "right"), ("", "right"), ("scales", "right"), ("in this type", "left")
    )
    for one in formats:
        if one.format == "bf16":
            continue
        name = "fp16, bf16" if one.format == "fp16" else one.format
        scales = units.bytes_(one.scales) if one.scales else ""
        shown.add_row(name, units.exact(one.bytes), units.bytes_(one.bytes), scales, one.what)
    return shown


def _forward(given: Memory) -> Any:
    shown = grid(("one forward", "left"), ("bytes", "right"), ("", "right"), ("", "left"))
    where = place(given.architecture, given.peak.path)
    _row(shown, "weights", given.held, f"at {given.use.dtype}")
    _row(shown, "activations", given.peak.bytes, f"most in {where}")
    if given.skips:
        _row(shown, "  skips alone", given.skips, "most, after the down path")
    shown.add_section()
    _row(shown, "total", given.held + given.peak.bytes, "")
    return shown


def _training(found: Training, plan: Plan) -> Any:
    shown = grid(("a training step", "left"), ("bytes", "right"), ("", "right"), ("", "left"))
    copies = (
        f", with {units.bytes_(found.copies)} of {_SHORT[MIXED[plan.mixed]]} copies" if found.copies else ""
    )
    _row(shown, "weights", found.weights, f"float32{copies}")
    _row(shown, "gradients", found.gradients, "float32")
    _row(shown, "optimizer", found.optimizer, _OPTIMIZERS[plan.optimizer])
    if plan.ema:
        _row(shown, "ema", found.ema, "float32 averages")
    _row(shown, "activations", found.activations, _kept(plan))
    shown.add_section()
    _row(shown, "total", found.total, "all at once: an upper bound")
    return shown


_OPTIMIZERS = {
    "adamw": "AdamW: two float32 states",
    "adamw8bit": "8-bit AdamW: two states, a float32 scale per 256",
    "sgd": "SGD without momentum",
}


def _kept(plan: Plan) -> str:
    if plan.checkpointing:
        return "inputs of blocks, and one block made anew"
    return "kept for the backward pass"


def _row(table: Any, name: str, size: int, note: str) -> None:
    table.add_row(name, units.exact(size), units.bytes_(size), note)


def _fit_lines(given: Memory, fit: Fit) -> Iterator[str]:
    what = "a training step" if given.use.training else "a forward"
    answer = "yes" if fit.fits else "no"
    limit = f"{units.exact(fit.limit)} bytes ({units.bytes_(fit.limit)})"
    yield f"fits in {limit}: {answer}, {what} takes {units.bytes_(fit.needed)}"
    yield f"largest batch at this size: {units.exact(fit.batch) if fit.batch else 'none'}"
    yield f"largest square input at this batch: {_size(given.architecture, fit.size)}"


def _size(architecture: Architecture, size: tuple[int, int] | None) -> str:
    if size is None:
        return "none"
    factor = architecture.facts.vae_factor
    sides = "×".join(map(str, size))
    if factor and factor != 1:
        return f"{'×'.join(str(side * factor) for side in size)} px (latent {sides})"
    return sides


def _notes(given: Memory) -> Iterator[str]:
    use = given.use
    yield f"basis: {basis(given.architecture)}, {use.dtype}, {use.attention} attention"
    yield "GiB = 2³⁰ bytes; buffers count; what fp8, int8 and nf4 leave out is 16-bit"
    yield "fp8 is layerwise casting; int8 and nf4 are bitsandbytes', no double quantization"
    if words := not_read(given.architecture):
        yield words
    yield "not counted: the device's context, kernels' workspaces, gaps between tensors"
    if use.training:
        plan = use.training
        how = "all in float32" if plan.mixed == "no" else f"autocast to {MIXED[plan.mixed]} as on CUDA"
        yield f"training: all weights, {how}; not counted: the loss, passing gradients"
