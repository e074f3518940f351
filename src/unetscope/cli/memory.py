"""`unetscope memory`: what a network takes to hold, to run and to train."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import click

from unetscope import api, units
from unetscope.analysis.memory.budget import Memory, Use
from unetscope.analysis.memory.optimizers import OPTIMIZERS
from unetscope.analysis.memory.placement import KEPT, Offload, has_blocks
from unetscope.analysis.memory.training import MIXED, TrainingPlan
from unetscope.analysis.memory.weights import QUANTS
from unetscope.api import weights
from unetscope.cli.options import F, loaded, source_options
from unetscope.cli.output import FAILED, complain, print_json, say
from unetscope.cli.pipelines import around, pipeline_option
from unetscope.errors import ConfigError, UnetscopeError
from unetscope.model import Architecture
from unetscope.spec import DEFAULT_DTYPE

_UNITS = {"GB": 10**9, "GiB": 2**30, "MB": 10**6, "MiB": 2**20, "TB": 10**12, "TiB": 2**40}


def _limit(ctx: click.Context, option: click.Parameter, value: str | None) -> int | None:
    """An amount of memory in bytes: 24GB is 24·10⁹, 24GiB is 24·2³⁰."""
    if value is None:
        return None
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?) ?([A-Za-z]{1,3})", value)
    unit = {name.lower(): size for name, size in _UNITS.items()}.get(match[2].lower()) if match else None
    amount = int(Fraction(match[1]) * unit) if match and unit else 0
    if not amount:
        known = ", ".join(_UNITS)
        raise click.BadParameter(
            f"{value!r} is no amount of memory; write 24GB or 24GiB ({known}).", ctx, option
        )
    return amount


def _offload(ctx: click.Context, option: click.Parameter, value: str | None) -> Offload:
    """model, sequential or blocks=N."""
    if value is None or value in ("model", "sequential"):
        return Offload(value) if value else KEPT  # type: ignore[arg-type]
    match = re.fullmatch(r"blocks=([1-9]\d{0,3})", value)
    if not match:
        raise click.BadParameter(
            f"{value!r} is no way to offload; write model, sequential or blocks=4.", ctx, option
        )
    return Offload("blocks", int(match[1]))


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
@click.argument("source")
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
    "--fits", "limit", callback=_limit, metavar="AMOUNT", help="Whether that is enough: 24GB, 24GiB."
)
@click.option("--exit-code", is_flag=True, help="With --fits: exit 0 if it fits, 1 if not, 3 if unknown.")
@click.option("--json", "as_json", is_flag=True, help="Exact integers as JSON.")
@source_options
@click.pass_context
def command(ctx: click.Context, /, *, as_json: bool, exit_code: bool, **options: Any) -> None:
    """Count the bytes that a network's weights, activations and training take.

    All of it follows from one recorded forward; nothing is run.
    """
    if exit_code and options["limit"] is None:
        raise click.UsageError("--exit-code answers for --fits: add --fits AMOUNT.")
    if options["train"] and (options["quant"] or options["offload"] != KEPT or options["whole"]):
        raise click.UsageError("--quant, --offload and --pipeline are about inference: leave out --train.")
    if options["whole"]:
        ctx.exit(_tell_pipeline(options, as_json=as_json, exit_code=exit_code))
    try:
        found = _memory(options)
    except UnetscopeError as error:
        if not exit_code:
            raise
        complain(error.message, hint=error.hint)
        ctx.exit(FAILED)
    _print(found, weights.stored_bytes(options["source"]), as_json=as_json)
    if exit_code:
        ctx.exit(0 if found.fit and found.fit.fits else 1)


def _memory(options: dict[str, Any]) -> Memory:
    """What the options ask for, from a record that tells it."""
    plan, limit = _plan(options, options["dtype"]), options["limit"]
    architecture, batch, dtype = _recorded(options["source"], options, searched=limit is not None)
    use = Use(dtype, options["attention"], plan, options["quant"], options["offload"])
    if use.offload.mode == "blocks" and not has_blocks(architecture):
        raise ConfigError(
            f"{architecture.title} keeps no blocks in a list", hint="leave out --offload, or say sequential"
        )
    return api.memory_of(architecture, use, batch=batch, limit=limit)


def _tell_pipeline(options: dict[str, Any], *, as_json: bool, exit_code: bool) -> int:
    """The memory of the whole pipeline; what to exit with: whether it fits as it is offloaded."""
    from unetscope.render import pipeline, text

    offload, limit = options["offload"], options["limit"]
    if offload.mode == "blocks":
        raise click.UsageError("--offload blocks=N is about the denoiser alone: leave out --pipeline.")
    use = Use(options["dtype"] or Use().dtype, options["attention"], quant=options["quant"])
    found = around(options["source"], options, use=use)
    if as_json:
        print_json(pipeline.data(found, limit=limit))
    else:
        say(pipeline.bytes_held(found, limit=limit, width=text.terminal_width()))
    held = next(one for one in found.held() if one.mode == offload.mode)
    if not exit_code:
        return 0
    return 1 if held.bytes > limit else FAILED if held.without else 0


def _print(found: Memory, stored: dict[str, int], *, as_json: bool) -> None:
    """The answer; of a file of weights also what the network's tensors take in it, by their own types."""
    from unetscope.render import memory, text

    if as_json:
        print_json(memory.json(found) | ({"file_weights_bytes": stored} if stored else {}))
        return
    say(memory.text(found, width=text.terminal_width()))
    if stored:
        parts = ", ".join(f"{name} {units.exact(size)} bytes" for name, size in stored.items())
        line = f"in the file its weights take {units.bytes_(sum(stored.values()))}: {parts}"
        say(text.note(line, width=text.terminal_width()))


_option = next(option for option in command.params if option.name == "dtype")
assert isinstance(_option, click.Option)
_option.show_default = f"{Use().dtype}, or as in the file; as saved if that is no float32"


def _recorded(source: str, options: dict[str, Any], *, searched: bool) -> tuple[Architecture, int, str]:
    """A record that tells the memory of a source, and the batch and type asked for.

    Every type and batch follows from one sample in float32, so that presets need no torch. A trace
    saved at others answers for these alone: without a search for a limit, and without training.
    """
    found = loaded(source, {**options, "dtype": None, "batch": None})
    own = found.basis
    batch = options["batch"] or own.batch
    usual = Use().dtype if own.dtype == DEFAULT_DTYPE else own.dtype
    dtype = options["dtype"] or _dtype_in_file(source) or usual
    told = own.batch == 1 or (own.batch == batch and not searched)
    told &= own.dtype == DEFAULT_DTYPE or (own.dtype == dtype and not options["train"])
    return found if told else loaded(source, {**options, "dtype": DEFAULT_DTYPE, "batch": 1}), batch, dtype


def _dtype_in_file(source: str) -> str | None:
    """The type of most weights in a file of them, where a network computes in it."""
    return weights.TYPES.get(next(iter(weights.stored_bytes(source)), ""))


def _plan(options: dict[str, Any], dtype: str | None) -> TrainingPlan | None:
    """How the network is trained; None for inference. What only training has is refused without it."""
    names = ("optimizer", "ema", "checkpointing", "mixed", "frozen", "lora")
    given = {name: options[name] for name in names if options[name]}
    if not options["train"]:
        if given:
            raise click.UsageError(f"--{next(iter(given))} is about training: add --train.")
        return None
    if options["lora"] and options["frozen"]:
        raise click.UsageError("--lora freezes the whole network: leave --frozen out.")
    return TrainingPlan(**given, dtype=dtype)
