"""The options that say how work is counted, shared by the commands that print numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from unetscope.cost import Counting
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


def counting_options(command: F) -> F:
    """--convention, --cfg and --steps: everything that says how MACs are counted."""
    return convention_option(forwards_options(command))


def counting(options: dict[str, Any]) -> Counting:
    """How a command was asked to count; as usual where it has no options for that."""
    usual = Counting()
    return Counting(
        options.get("convention", usual.convention),
        options.get("cfg", usual.cfg),
        options.get("steps", usual.steps),
    )
