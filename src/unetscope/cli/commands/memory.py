"""`unetscope memory`: what a network takes to hold, to run and to train."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from unetscope import api
from unetscope.analysis.memory import placement
from unetscope.analysis.memory.budget import Memory, Use
from unetscope.analysis.memory.optimizers import OPTIMIZERS
from unetscope.analysis.memory.placement import KEPT, Offload
from unetscope.analysis.memory.training import MIXED, TrainingPlan
from unetscope.analysis.memory.weights import QUANTS
from unetscope.api import budgets, weights
from unetscope.cli.completion import SOURCE
from unetscope.cli.option_values import Options
from unetscope.cli.options import F, loaded, naming_options, source_options_at
from unetscope.cli.output import FAILED
from unetscope.cli.own_code import code_options
from unetscope.cli.pipelines import around, pipeline_option
from unetscope.cli.ranges import misread
from unetscope.cli.reports import Report, report_each
from unetscope.cli.targets import target_options
from unetscope.errors import ConfigError, OptionError
from unetscope.files import slug
from unetscope.model import Architecture
from unetscope.spec import DEFAULT_DTYPE
from unetscope.words import units

SUFFIXES = {"txt": "text", "json": "json"}
UNFIT = 1
"""The answer no, as an exit code."""


def _limit(ctx: click.Context, option: click.Parameter, value: str | None) -> int | None:
    """An amount of memory in bytes."""
    try:
        return None if value is None else budgets.amount(value)
    except ConfigError as error:
        raise misread(option, error.message, hint=error.hint) from error


def _offload(ctx: click.Context, option: click.Parameter, value: str | None) -> Offload:
    """model, sequential or blocks=N."""
    try:
        return placement.offload(value) if value else KEPT
    except ConfigError as error:
        raise misread(option, error.message, hint=error.hint) from error


def _placing_options(command: F) -> F:
    """--quant and --offload."""
    quant = click.option(
        "--quant",
        type=click.Choice(QUANTS),
        metavar="FORMAT",
        help=f"Format of the denoiser's weights: {', '.join(QUANTS)}.",
    )
    offload = click.option(
        "--offload",
        callback=_offload,
        metavar="WAY",
        help="How weights come to the device: model, sequential, or blocks=N of the denoiser at a time.",
    )
    return quant(offload(command))


def _training_options(command: F) -> F:
    """--train and all that asks about it."""
    options = (
        click.option("--train", is_flag=True, help="Also count a training step."),
        click.option(
            "--optimizer",
            type=click.Choice(tuple(OPTIMIZERS)),
            metavar="NAME",
            help=f"With --train: {', '.join(OPTIMIZERS)}.  [default: adamw]",
        ),
        click.option("--ema", is_flag=True, help="With --train: keep averaged weights."),
        click.option(
            "--checkpointing", is_flag=True, help="With --train: compute each block's activations again."
        ),
        click.option(
            "--mixed",
            type=click.Choice(tuple(MIXED)),
            help="With --train: type of autocast [default: fp16]; no: all in --dtype, by default float32.",
        ),
        click.option(
            "--frozen",
            multiple=True,
            metavar="GLOB",
            help="With --train: parameters or modules that are not trained: 'down_blocks.*', '*.attn1'.",
        ),
        click.option(
            "--lora",
            type=click.IntRange(1, 4096),
            metavar="RANK",
            help="With --train: freeze it all, and train a LoRA on to_q, to_k, to_v and to_out.0.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("memory", epilog="Example: unetscope memory sdxl --train --checkpointing --fits 24GB")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=SOURCE)
@click.option(
    "--attention",
    type=click.Choice(("fused", "eager")),
    default="fused",
    show_default=True,
    help="Eager attention holds its scores.",
)
@_placing_options
@_training_options
@pipeline_option
@click.option(
    "--fits",
    "limit",
    callback=_limit,
    metavar="AMOUNT",
    help="Say whether that much is enough: 24GB, 24GiB.",
)
@click.option("--exit-code", is_flag=True, help="With --fits: exit 0 if it fits, 1 if not.")
@target_options(SUFFIXES)
@naming_options
@source_options_at(f"{Use().dtype}, or as in the file; as saved if that is not float32")
@code_options
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], *, exit_code: bool, **options: Any) -> None:
    """Count the bytes that a network's weights, activations and training take.

    All of it follows from one recorded forward; nothing is run.
    """
    if exit_code and options["limit"] is None:
        raise OptionError("--exit-code answers for --fits", hint="add --fits AMOUNT")
    _check(options)
    again, answers = {**options, "sources": sources}, []

    def make(source: str, at: int) -> Report:
        report, answer = (_of_pipeline if options["whole"] else _of_network)(source, again, at)
        answers.append(answer)
        return report

    failed = report_each(sources, options, SUFFIXES, make)
    ctx.exit(failed or (max(answers, default=0) if exit_code else 0))


def _check(options: Options) -> None:
    """Where weights are and in which format is about inference, and blocks are the denoiser's."""
    if options["train"] and (options["quant"] or options["offload"] != KEPT or options["whole"]):
        raise OptionError("--quant, --offload and --pipeline are about inference", hint="leave --train out")
    if options["whole"] and options["offload"].mode == "blocks":
        raise OptionError("--offload blocks=N is about the denoiser alone", hint="leave --pipeline out")


def _of_network(source: str, options: Options, at: int) -> tuple[Report, int]:
    """The memory of one network, and the exit code that answers whether it fits."""
    memory = _memory(source, options, _plan(options, options["dtype"]), at)
    return _report(memory, weights.stored_bytes(source)), UNFIT if memory.fit and not memory.fit.fits else 0


def _of_pipeline(source: str, options: Options, at: int) -> tuple[Report, int]:
    """The memory of the whole pipeline, and the exit code: whether it fits as it is offloaded."""
    from unetscope.render import pipeline

    limit = options["limit"]
    use = Use(options["dtype"] or Use().dtype, options["attention"], quant=options["quant"])
    parts = around(source, options, at=at, use=use)
    need = next(peak for peak in parts.held() if peak.mode == options["offload"].mode)
    answer = 0 if limit is None else UNFIT if need.bytes > limit else FAILED if need.without else 0
    stem = f"{slug(parts.denoiser.id)}-pipeline-memory"
    text = partial(pipeline.bytes_held, parts, limit=limit)
    return Report(stem, text, lambda: pipeline.data(parts, limit=limit)), answer


def _memory(source: str, options: Options, plan: TrainingPlan | None, at: int) -> Memory:
    """What the options ask for, from a record that tells it."""
    limit = options["limit"]
    architecture, batch, dtype = _recorded(source, options, at, searched=limit is not None)
    offload = placement.checked(architecture, options["offload"])
    use = Use(dtype, options["attention"], plan, options["quant"], offload)
    return api.memory_of(architecture, use, batch=batch, limit=limit)


def _report(need: Memory, stored: dict[str, int]) -> Report:
    """The answer; for a file of weights also what the network's tensors take in it, by type."""
    from unetscope.render import memory
    from unetscope.render.text import note

    def text(*, width: int, colour: bool = False) -> str:
        page = memory.text(need, width=width, colour=colour)
        if not stored:
            return page
        parts = ", ".join(f"{name} {units.exact(size)} bytes" for name, size in stored.items())
        line = f"in the file its weights take {units.bytes_(sum(stored.values()))}: {parts}"
        return page + note(line, width=width)

    def data() -> dict[str, Any]:
        return memory.json(need) | ({"file_weights_bytes": stored} if stored else {})

    return Report(f"{slug(need.architecture.id)}-memory", text, data)


def _recorded(source: str, options: Options, at: int, *, searched: bool) -> tuple[Architecture, int, str]:
    """A record that tells the memory of a source, and the batch and type asked for."""
    record = loaded(source, {**options, "dtype": None, "batch": None}, at=at)
    return budgets.recorded(
        record,
        batch=options["batch"],
        dtype=options["dtype"] or weights.dtype_of(source),
        trains=options["train"],
        searched=searched,
        again=partial(loaded, source, {**options, "dtype": DEFAULT_DTYPE, "batch": 1}, at=at),
    )


def _plan(options: Options, dtype: str | None) -> TrainingPlan | None:
    """How the network is trained; None for inference. Options that need training are refused without it."""
    names = ("optimizer", "ema", "checkpointing", "mixed", "frozen", "lora")
    settings = {name: options[name] for name in names if options[name]}
    if not options["train"]:
        if settings:
            raise OptionError(f"--{next(iter(settings))} is about training", hint="add --train")
        return None
    if options["lora"] and options["frozen"]:
        raise OptionError("--lora freezes the whole network", hint="leave --frozen out")
    return TrainingPlan(**settings, dtype=dtype)
