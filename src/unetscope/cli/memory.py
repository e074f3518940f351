"""`unetscope memory`: what a network takes to hold, to run and to train."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from unetscope import api
from unetscope.analysis.memory.budget import Memory, Use
from unetscope.analysis.memory.optimizers import OPTIMIZERS
from unetscope.analysis.memory.training import MIXED, TrainingPlan
from unetscope.api.budgets import amount
from unetscope.cli.completion import SOURCE
from unetscope.cli.options import F, loaded, naming_options, source_options
from unetscope.cli.ranges import misread
from unetscope.cli.reports import Report, report_each
from unetscope.cli.targets import target_options
from unetscope.errors import ConfigError, OptionError
from unetscope.files import slug
from unetscope.model import Architecture
from unetscope.spec import DEFAULT_DTYPE

SUFFIXES = {"txt": "text", "json": "json"}
UNFIT = 1
"""The answer no, as an exit code."""


def _limit(ctx: click.Context, option: click.Parameter, value: str | None) -> int | None:
    """An amount of memory in bytes: 24GB is 24·10⁹, 24GiB is 24·2³⁰."""
    if value is None:
        return None
    try:
        return amount(value)
    except ConfigError as error:
        raise misread(option, error.message, hint=error.hint) from error


def _training_options(command: F) -> F:
    """--train and all that asks about it."""
    options = (
        click.option("--train", is_flag=True, help="Also a training step."),
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
@_training_options
@click.option(
    "--fits", "limit", callback=_limit, metavar="AMOUNT", help="Whether that is enough: 24GB, 24GiB."
)
@click.option("--exit-code", is_flag=True, help="With --fits: exit 0 if it fits, 1 if not.")
@target_options(SUFFIXES)
@naming_options
@source_options
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], *, exit_code: bool, **options: Any) -> None:
    """Count the bytes that a network's weights, activations and training take.

    All of it follows from one recorded forward; nothing is run.
    """
    if exit_code and options["limit"] is None:
        raise OptionError("--exit-code answers for --fits", hint="add --fits AMOUNT")
    plan, fitting = _plan(options, options["dtype"]), []

    def make(source: str, at: int) -> Report:
        found = _memory(source, {**options, "sources": sources}, plan, at)
        fitting.append(found.fit is None or found.fit.fits)
        return _report(found)

    failed = report_each(sources, options, SUFFIXES, make)
    ctx.exit(failed or (UNFIT if exit_code and not all(fitting) else 0))


def _memory(source: str, options: dict[str, Any], plan: TrainingPlan | None, at: int) -> Memory:
    """What the options ask for, from a record that tells it."""
    limit = options["limit"]
    architecture, batch, dtype = _recorded(source, options, at, searched=limit is not None)
    return api.memory_of(architecture, Use(dtype, options["attention"], plan), batch=batch, limit=limit)


def _report(found: Memory) -> Report:
    from unetscope.render import memory

    stem = f"{slug(found.architecture.id)}-memory"
    return Report(stem, text=partial(memory.text, found), json=lambda: memory.json(found))


_option = next(option for option in command.params if option.name == "dtype")
assert isinstance(_option, click.Option)
_option.show_default = f"{Use().dtype}, or as saved if that is no float32"


def _recorded(
    source: str, options: dict[str, Any], at: int, *, searched: bool
) -> tuple[Architecture, int, str]:
    """A record that tells the memory of a source, and the batch and type asked for.

    Every type and batch follows from one sample in float32, so that presets need no torch. A trace
    saved at others answers for these alone: without a search for a limit, and without training.
    """
    found = loaded(source, {**options, "dtype": None, "batch": None}, at=at)
    own = found.basis
    batch = options["batch"] or own.batch
    dtype = options["dtype"] or (Use().dtype if own.dtype == DEFAULT_DTYPE else own.dtype)
    told = own.batch == 1 or (own.batch == batch and not searched)
    told &= own.dtype == DEFAULT_DTYPE or (own.dtype == dtype and not options["train"])
    if not told:
        found = loaded(source, {**options, "dtype": DEFAULT_DTYPE, "batch": 1}, at=at)
    return found, batch, dtype


def _plan(options: dict[str, Any], dtype: str | None) -> TrainingPlan | None:
    """How the network is trained; None for inference. What only training has is refused without it."""
    names = ("optimizer", "ema", "checkpointing", "mixed", "frozen", "lora")
    given = {name: options[name] for name in names if options[name]}
    if not options["train"]:
        if given:
            raise OptionError(f"--{next(iter(given))} is about training", hint="add --train")
        return None
    if options["lora"] and options["frozen"]:
        raise OptionError("--lora freezes the whole network", hint="leave --frozen out")
    return TrainingPlan(**given, dtype=dtype)
