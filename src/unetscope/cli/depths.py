"""--depth and --detail: how far a network is opened, as a number or in a word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from unetscope.analysis.cost.rows import DEEPEST
from unetscope.cli.option_values import Options
from unetscope.errors import OptionError

F = TypeVar("F", bound=Callable[..., Any])

DETAILS = {"stage": 1, "block": 2, "layer": DEEPEST}
"""How far a network is opened, in words and as a depth of nesting."""


def depth_options(command: F) -> F:
    """--depth and --detail, two ways to say how far a network is opened."""
    command = click.option(
        "--detail", type=click.Choice(list(DETAILS)), help="The same in words: depth 1, 2, or all."
    )(command)
    return click.option(
        "--depth", type=click.IntRange(1, DEEPEST), help="How far: 1 is stages (default), 2 their blocks, …"
    )(command)


def depth_asked(options: Options) -> int | None:
    """The depth that --depth or --detail asks for."""
    if options["depth"] and options["detail"]:
        raise OptionError("--depth and --detail exclude each other", hint="leave one of them out")
    return DETAILS[options["detail"]] if options["detail"] else options["depth"]
