"""The memory of a network in words for a terminal, and as JSON. Bytes are exact, GiB are 2³⁰ bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import JustifyMethod
from rich.text import Text

from unetscope.analysis.memory.budget import Fit, Memory, Use
from unetscope.analysis.memory.optimizers import OPTIMIZERS
from unetscope.analysis.memory.precision import width as width_of
from unetscope.analysis.memory.training import MIXED, Training, TrainingPlan
from unetscope.analysis.memory.weights import Weights
from unetscope.analysis.remarks import data, remarks
from unetscope.model import Architecture
from unetscope.paths import is_within, parent
from unetscope.render.text import NARROW, grid, lines, plain
from unetscope.words import basis, units
from unetscope.zoo.companions import Companion, companions

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
_LEAST, _ROOMY = 60, 80
"""Columns that the tables take at least, and from which on scales have a column of their own."""
_SHORT = {"float16": "fp16", "bfloat16": "bf16", "float32": "fp32"}


def text(memory: Memory, *, width: int = NARROW, colour: bool = False) -> str:
    """Weights by format, a forward, a training step and what fits, each in a table; then what is assumed."""
    network = memory.architecture
    parts: list[Any] = [
        Text(plain(f"{network.title} · {network.class_name}"), "bold"),
        _weights(memory.weights, narrow=width < _ROOMY),
    ]
    parts.append(_forward(memory))
    if memory.training and memory.use.training:
        parts.append(_training(memory.training, memory.use.training))
    if memory.choices:
        parts.append(_choices(memory))
    if memory.fit:
        parts += [*(Text(line) for line in _fit_lines(memory, memory.fit)), Text("")]
    notes = [Text(plain(line), "dim") for line in _notes(memory)]
    # The tables may be wider than the terminal: no figure is cut.
    return lines(*parts, width=max(width, _LEAST), colour=colour) + lines(*notes, width=width, colour=colour)


def json(memory: Memory) -> dict[str, Any]:
    """Every figure in bytes, as the README documents it."""
    figures: dict[str, Any] = {
        "schema_version": 1,
        "basis": _basis(memory),
        "weights_bytes": {weight.format: weight.bytes for weight in memory.weights},
        "held_bytes": memory.held,
        "activation_peak_bytes": memory.peak.bytes,
        "activation_peak_at": memory.peak.path,
        "skip_bytes": memory.skips,
        **data(memory.architecture),
        "training": None,
    }
    if memory.training:
        names = ("weights", "gradients", "optimizer", "ema", "activations", "total", "paged", "trained")
        figures["training"] = {name: getattr(memory.training, name) for name in names}
    if memory.fit:
        figures["fits"] = {
            "limit": memory.fit.limit,
            "needed": memory.fit.needed,
            "fits": memory.fit.fits,
            "largest_batch": memory.fit.batch,
            "largest_input": None if memory.fit.size is None else list(memory.fit.size),
            "covers": "the denoiser alone",
            "formats": [
                {"format": choice.quant or memory.use.dtype, "needed": choice.bytes}
                for choice in memory.choices
            ],
            "beside": [
                {"name": companion.name, "params": companion.params, "bytes": _size_of(memory.use, companion)}
                for companion in companions(memory.architecture.facts)
            ],
        }
    return figures


def place(architecture: Architecture, path: str) -> str:
    """Where a module is, in words: "Up 4, feed-forward of attentions.2"."""
    stage = next((candidate for candidate in architecture.stages if is_within(path, candidate.path)), None)
    if stage is None:
        return path or "the network itself"
    around = path
    while around != stage.path and architecture.by_path[around].kind not in _TELLING:
        around = parent(around)
    inside = around[len(stage.path) + 1 :]
    if not inside:
        return stage.name
    kind, block = architecture.by_path[around].kind, ".".join(inside.split(".")[:2])
    return f"{stage.name}, {kind} {'' if inside == block else 'of '}{block}"


def _basis(memory: Memory) -> dict[str, Any]:
    use = memory.use
    entries = basis.data(memory.architecture) | {"dtype": use.dtype, "attention": use.attention}
    entries |= {"quant": use.quant, "offload": use.offload.mode}
    if use.training:
        plan = use.training
        entries |= {
            "optimizer": plan.optimizer,
            "ema": plan.ema,
            "checkpointing": plan.checkpointing,
            "mixed": plan.mixed,
            "weights": plan.weights,
            "frozen": list(plan.frozen),
            "lora": plan.lora,
        }
    return entries


def _weights(formats: tuple[Weights, ...], *, narrow: bool) -> Any:
    """A line for each type; where it is narrow, the bytes of scales stand behind what they are of."""
    scaled: list[tuple[str, JustifyMethod]] = [] if narrow else [("scales", "right")]
    table = grid(("weights", "left"), ("bytes", "right"), ("", "right"), *scaled, ("in this type", "left"))
    for weights in formats:
        if weights.format == "bf16":
            continue
        name = "fp16, bf16" if weights.format == "fp16" else weights.format
        scales = units.bytes_(weights.scales) if weights.scales else ""
        cells = (
            [f"{weights.what} ({scales})" if scales else weights.what] if narrow else [scales, weights.what]
        )
        table.add_row(name, units.exact(weights.bytes), units.bytes_(weights.bytes), *cells)
    return table


def _forward(memory: Memory) -> Any:
    table = grid(("one forward", "left"), ("bytes", "right"), ("", "right"), ("", "left"))
    where = place(memory.architecture, memory.peak.path)
    _row(table, "weights", memory.held, _how_held(memory.use))
    _row(table, "activations", memory.peak.bytes, f"most in {where}")
    if memory.skips:
        _row(table, "  skips alone", memory.skips, "most, after the down path")
    table.add_section()
    _row(table, "total", memory.held + memory.peak.bytes, "")
    return table


def _how_held(use: Use) -> str:
    """The type of the weights, and which of them are on the device: "q4_k, 4 blocks at a time"."""
    ways = {
        "sequential": "the largest module's",
        "blocks": f"{_blocks(use.offload.blocks)} at a time, and what is in no list",
    }
    types = f"in {use.quant}" if use.quant else f"at {use.dtype}"
    return ", ".join(filter(None, (types, ways.get(use.offload.mode, ""))))


def _blocks(count: int) -> str:
    return "one block" if count == 1 else f"{count} blocks"


def _choices(memory: Memory) -> Any:
    """What a forward takes in each format of the weights, in order, and whether that fits."""
    table = grid(("weights in", "left"), ("a forward takes", "right"), ("", "right"), ("fits", "left"))
    limit = memory.fit.limit if memory.fit else 0
    for choice in memory.choices:
        name = choice.quant or memory.use.dtype
        table.add_row(
            name,
            units.exact(choice.bytes),
            units.bytes_(choice.bytes),
            "yes" if choice.bytes <= limit else "no",
        )
    return table


def _training(training: Training, plan: TrainingPlan) -> Any:
    table = grid(("a training step", "left"), ("bytes", "right"), ("", "right"), ("", "left"))
    _row(table, "weights", training.weights, _types(training, plan))
    _row(table, "gradients", training.gradients, plan.weights)
    _row(table, "optimizer", training.optimizer, OPTIMIZERS[plan.optimizer].words.format(plan.weights))
    if plan.ema:
        _row(table, "ema", training.ema, f"{plan.weights} averages")
    _row(table, "activations", training.activations, _kept(plan))
    table.add_section()
    _row(table, "total", training.total, "all at once: an upper bound")
    if training.paged:
        _row(
            table, "on the device", training.resident, "at least: paged states may wait in the host's memory"
        )
    return table


def _types(training: Training, plan: TrainingPlan) -> str:
    """The types of weights: "float32 trained, float16 frozen, with 1.6 GiB of fp16 copies"."""
    types = f"{plan.weights} trained, {plan.base} frozen" if plan.frozen or plan.lora else plan.weights
    if not training.copies:
        return types
    return f"{types}, with {units.bytes_(training.copies)} of {_SHORT[MIXED[plan.mixed]]} copies"


def _kept(plan: TrainingPlan) -> str:
    if plan.checkpointing:
        return "inputs of blocks, and one block computed again"
    return "kept for the backward pass"


def _row(table: Any, name: str, size: int, note: str) -> None:
    table.add_row(name, units.exact(size), units.bytes_(size), note)


def _fit_lines(memory: Memory, fit: Fit) -> Iterator[str]:
    what = "a training step" if memory.use.training else "a forward"
    answer = "yes" if fit.fits else "no"
    limit = f"{units.exact(fit.limit)} bytes ({units.bytes_(fit.limit)})"
    yield f"fits in {limit}: {answer}, {what} takes {units.bytes_(fit.needed)}"
    yield f"largest batch at this size: {units.exact(fit.batch) if fit.batch else 'none'}"
    yield f"largest square input at this batch: {_size(memory.architecture, fit.size)}"


def _size(architecture: Architecture, size: tuple[int, int] | None) -> str:
    if size is None:
        return "none"
    sides, image = f"{basis.kind(architecture)} {basis.times(size)}", basis.pixels(architecture, size)
    return f"{basis.times(image)} px ({sides})" if image and basis.kind(architecture) == "latent" else sides


def _notes(memory: Memory) -> Iterator[str]:
    use = memory.use
    yield f"basis: {basis.full(memory.architecture, dtype=use.dtype)}, {use.attention} attention"
    yield "GiB = 2³⁰ bytes; buffers count; what fp8, int8 and nf4 leave out is 16-bit"
    yield "fp8 is layerwise casting; int8 and nf4 are bitsandbytes', no double quantization"
    if memory.choices or (use.quant or "").endswith(("_0", "_k")):
        yield "q8_0 to q2_k are GGUF's: linear weights whose rows are whole blocks (q8_0: of 32, else 256)"
    if not memory.use.training and companions(memory.architecture.facts):
        yield "the denoiser alone; with its text encoders and VAE: --pipeline"
    yield from remarks(memory.architecture)
    yield "not counted: the device's context, kernels' workspaces, gaps between tensors"
    if memory.fit:
        yield _alone(memory)
    if use.training and memory.training:
        yield _trained(memory.architecture, memory.training, use.training)


def _trained(architecture: Architecture, training: Training, plan: TrainingPlan) -> str:
    """What is trained and how."""
    whole = architecture.cost.params
    what = "all weights"
    if plan.lora:
        what = f"a LoRA of rank {plan.lora}, {units.exact(training.trained)} parameters"
    elif training.trained < whole:
        what = f"{units.exact(training.trained)} of {units.exact(whole)} parameters"
    how = f"all in {plan.weights}" if plan.mixed == "no" else f"autocast to {MIXED[plan.mixed]} as on CUDA"
    if plan.mixed != "no" and not (plan.frozen or plan.lora) and plan.dtype not in (None, plan.weights):
        how += f" from float32 weights (--mixed no trains in {plan.dtype})"
    return f"training: {what}, {how}; not counted: the loss, passing gradients"


def _alone(memory: Memory) -> str:
    """That a fit is the denoiser's, and what its pipeline loads beside it."""
    others, dtype = companions(memory.architecture.facts), _beside_type(memory.use)
    known = [
        f"{part.name} ({units.exact(part.params)} parameters, {units.bytes_(part.params * width_of(dtype))})"
        for part in others
        if part.params
    ]
    beside = f"its pipeline also holds, at {dtype}, {', '.join(known)}; " if known else ""
    missing = [companion.name for companion in others if not companion.params] + [
        f"what {'else ' if others else ''}it loads"
    ]
    missing[-1] += "" if others else " beside it"
    return f"fits: the denoiser alone; {beside}not counted: {', '.join(missing)}, and activations of these"


def _size_of(use: Use, companion: Companion) -> int | None:
    return None if companion.params is None else companion.params * width_of(_beside_type(use))


def _beside_type(use: Use) -> str:
    """The type of networks that are not trained: beside a training, that of frozen weights."""
    return use.training.base if use.training else use.dtype
