"""`unetscope memory`: what a network takes to hold, to run and to train."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import click

from unetscope import api
from unetscope.analysis.budget import Use
from unetscope.analysis.training import MIXED, OPTIMIZERS, Plan
from unetscope.cli.options import F, loaded, source_options
from unetscope.cli.output import print_json, say
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


def _training_options(command: F) -> F:
    """--train and all that asks about it."""
    options = (
        click.option("--train", is_flag=True, help="Also a training step of all weights."),
        click.option("--optimizer", type=click.Choice(OPTIMIZERS), help="With --train [default: adamw]"),
        click.option("--ema", is_flag=True, help="With --train: keep averaged weights."),
        click.option(
            "--checkpointing", is_flag=True, help="With --train: make each block's activations anew."
        ),
        click.option(
            "--mixed", type=click.Choice(tuple(MIXED)), help="With --train: type of autocast [default: fp16]"
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
@_training_options
@click.option(
    "--fits", "limit", callback=_limit, metavar="AMOUNT", help="Whether that is enough: 24GB, 24GiB."
)
@click.option("--json", "as_json", is_flag=True, help="Exact integers as JSON.")
@source_options
def command(source: str, *, attention: str, limit: int | None, as_json: bool, **options: Any) -> None:
    """Count the bytes that a network's weights, activations and training take.

    All of it follows from one recorded forward; nothing is run.
    """
    use = Use(options["dtype"], attention, _plan(options))
    # Every type and batch follows from the record of one sample in float32, so that presets need no torch.
    architecture = loaded(source, {**options, "dtype": DEFAULT_DTYPE, "batch": 1})
    found = api.memory(architecture, use=use, batch=options["batch"], limit=limit)
    from unetscope.render import memory, text

    if as_json:
        print_json(memory.json(found))
    else:
        say(memory.text(found, width=text.terminal_width()))


next(option for option in command.params if option.name == "dtype").default = Use().dtype


def _plan(options: dict[str, Any]) -> Plan | None:
    """How the network is trained; None for inference. What only training has is refused without it."""
    names = ("optimizer", "ema", "checkpointing", "mixed")
    given = {name: options[name] for name in names if options[name]}
    if not options["train"]:
        if given:
            raise click.UsageError(f"--{next(iter(given))} is about training: add --train.")
        return None
    return Plan(**given)
