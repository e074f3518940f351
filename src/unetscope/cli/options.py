"""Options that several commands share, and the one way from them to an Architecture."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from unetscope import api, cache, sources
from unetscope.analysis.cost.conventions import counted
from unetscope.cli.counting import counting
from unetscope.cli.output import warn
from unetscope.cli.ranges import NO_AXES
from unetscope.errors import ConfigError
from unetscope.limits import MAX_LATENT
from unetscope.model import Architecture
from unetscope.spec import DEFAULT_DTYPE, DTYPES

F = TypeVar("F", bound=Callable[..., Any])

_SAVED = ", or as saved"
"""Said of defaults that hold unless a saved architecture has another."""


def extent(ctx: click.Context, option: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """HxW, or one number for a square, as height and width."""
    if value is None:
        return None
    match = re.fullmatch(r"(\d{1,9})(?:[xX×](\d{1,9}))?", value)
    if not match:
        raise click.BadParameter(f"{value!r} is not a size; write HxW, for example 64x64.", ctx, option)
    height, width = int(match[1]), int(match[2] or match[1])
    if not (0 < height <= MAX_LATENT and 0 < width <= MAX_LATENT):
        raise click.BadParameter(f"{value!r} is out of range: each side is 1 to {MAX_LATENT}.", ctx, option)
    return height, width


def named_axes(ctx: click.Context, option: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """NAME=N as typed, once it is seen to be a name and a size."""
    for one in value:
        name, size = _axis(one)
        if not name.isidentifier() or name in NO_AXES or not 0 < size <= MAX_LATENT:
            raise click.BadParameter(
                f"{one!r} is no axis; write NAME=N, N from 1 to {MAX_LATENT}.", ctx, option
            )
    return value


def _axis(text: str) -> tuple[str, int]:
    """Name and size of an axis; a size of 0 for what is none."""
    name, _, size = text.partition("=")
    return name.strip(), int(size) if re.fullmatch(r"\d{1,9}", size.strip()) else 0


def axes_asked(options: dict[str, Any]) -> dict[str, int]:
    """What --axis asks for."""
    return dict(_axis(one) for one in options["axes"])


def pixels_option(command: F) -> F:
    """--pixels."""
    return click.option(
        "--pixels",
        "on_pixels",
        is_flag=True,
        help="The network works on pixels: its input is the image. For a config that cannot tell.",
    )(command)


def source_options(command: F) -> F:
    """--set, --strict, sizes and cache switches: everything `loaded` takes."""
    options = (
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="KEY=VALUE",
            help="Override a config field (JSON, else text).",
        ),
        click.option("--strict", is_flag=True, help="Take warnings about the config as errors."),
        click.option(
            "--latent", callback=extent, metavar="HxW", help="Height and width of the network's input."
        ),
        click.option(
            "--size",
            "pixels",
            callback=extent,
            metavar="HxW",
            help="Height and width of the image, in pixels.",
        ),
        pixels_option,
        click.option(
            "--batch", type=click.IntRange(1, MAX_LATENT), show_default=f"1{_SAVED}", help="Batch size."
        ),
        click.option(
            "--tokens", type=click.IntRange(1, MAX_LATENT), help="Text tokens (default: the network's own)."
        ),
        click.option(
            "--frames",
            type=click.IntRange(1, MAX_LATENT),
            help="Frames of a video (default: the network's own).",
        ),
        click.option(
            "--axis",
            "axes",
            multiple=True,
            callback=named_axes,
            metavar="NAME=N",
            help="Size of any axis of the input by its name.",
        ),
        click.option(
            "--dtype",
            type=click.Choice(list(DTYPES)),
            show_default=DEFAULT_DTYPE + _SAVED,
            help="Type of weights and activations.",
        ),
        click.option("--fresh", is_flag=True, help="Trace again and renew the cache."),
        click.option("--no-cache", is_flag=True, help="Trace again and write no cache."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def loaded(source: str, options: dict[str, Any]) -> Architecture:
    """The architecture that a command's source and options ask for, counted as they say."""
    if options["latent"] and options["pixels"]:
        raise click.UsageError("--latent and --size exclude each other: give the latent or the image.")
    asked = {name: options[name] for name in ("latent", "pixels", "batch", "tokens", "frames", "dtype")}
    further = axes_asked(options)
    found = api.load(source, size=asked | further, warn=warn, **manner(options))
    return counted(found, counting(options))


def manner(options: dict[str, Any]) -> dict[str, Any]:
    """How `api.load` and `api.sweep` are to read a source and use the cache."""
    return {
        "overrides": overrides(options["settings"]),
        "strict": options["strict"],
        "on_pixels": options["on_pixels"],
        "fresh": "uncached" if options["no_cache"] else "fresh" if options["fresh"] else "cached",
        "cache_folder": cache.folder(os.environ),
    }


def overrides(settings: tuple[str, ...]) -> dict[str, Any]:
    """--set KEY=VALUE as a dict; one without a key is a usage error."""
    try:
        return dict(sources.parse_setting(setting) for setting in settings)
    except ConfigError as error:
        raise click.UsageError(error.message) from error
