"""The options that say how work is counted, shared by the commands that print numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from unetscope.cli.option_values import Options
from unetscope.cost import Counting
from unetscope.errors import OptionError
from unetscope.words.conventions import CONVENTIONS

F = TypeVar("F", bound=Callable[..., Any])

MOST_STEPS = 1_000_000


def convention_option(command: F) -> F:
    """--convention."""
    return click.option(
        "--convention",
        type=click.Choice(list(CONVENTIONS)),
        default="full",
        show_default=True,
        help="full: conv + linear + attention; layers: conv + linear; thop 0.1.1, calflops 0.3.2, "
        "deepspeed 0.19.8: what these print.",
    )(command)


def forwards_options(command: F) -> F:
    """--cfg and --steps."""
    steps = click.IntRange(1, MOST_STEPS)
    command = click.option(
        "--steps", type=steps, default=1, show_default=True, help="Add up this many steps."
    )(command)
    return click.option("--cfg", is_flag=True, help="Two forwards a step: classifier-free guidance.")(command)


def caching_options(command: F) -> F:
    """--cache-interval, --cache-branch and --gate: forwards that reuse what others made."""
    for option in (
        click.option("--gate", type=click.IntRange(1, MOST_STEPS), metavar="STEP",
                     help="T-GATE: after this many of --steps cross-attention is reused, without guidance."),
        click.option("--cache-branch", type=click.IntRange(0), default=0, show_default=True,
                     help="DeepCache: the skip behind which all is reused, the first made is 0."),
        click.option("--cache-interval", type=click.IntRange(2, MOST_STEPS), metavar="N",
                     help="DeepCache: one of N steps is whole, the others reuse (--steps N by default)."),
    ):  # fmt: skip
        command = option(command)
    return command


def counting_options(command: F) -> F:
    """--convention, --cfg and --steps: everything that says how MACs are counted."""
    return convention_option(forwards_options(command))


def counting(options: Options) -> Counting:
    """How a command was asked to count; as usual where it has no options for that."""
    usual = Counting()
    interval, gate = options.get("cache_interval"), options.get("gate")
    steps = options.get("steps", usual.steps)
    if options.get("cache_branch") and not interval:
        raise OptionError(
            "--cache-branch belongs to --cache-interval", hint="--cache-interval 5 --cache-branch 1"
        )
    if interval and steps == usual.steps:
        steps = interval
    if gate and gate >= steps:
        raise OptionError(f"--gate {gate} needs more than {gate} steps", hint=f"--steps 25 --gate {gate}")
    return Counting(
        options.get("convention", usual.convention),
        options.get("cfg", usual.cfg),
        steps,
        interval or usual.interval,
        options.get("cache_branch", usual.branch),
        gate,
    )
