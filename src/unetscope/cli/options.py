"""Options that several commands share, and the one way from them to an Architecture."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from unetscope import api, cache, sources
from unetscope.cli.output import warn
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
        click.option(
            "--batch", type=click.IntRange(1, MAX_LATENT), show_default=f"1{_SAVED}", help="Batch size."
        ),
        click.option(
            "--tokens", type=click.IntRange(1, MAX_LATENT), help="Text tokens (default: the network's own)."
        ),
        click.option(
            "--dtype",
            type=click.Choice(list(DTYPES)),
            show_default=DEFAULT_DTYPE + _SAVED,
            help="Type of weights and activations.",
        ),
        click.option("--fresh", is_flag=True, help="Trace anew and renew the cache."),
        click.option("--no-cache", is_flag=True, help="Trace anew and write no cache."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def loaded(source: str, options: dict[str, Any]) -> Architecture:
    """The architecture that a command's source and options ask for."""
    if options["latent"] and options["pixels"]:
        raise click.UsageError("--latent and --size exclude each other: give the latent or the image.")
    asked = {name: options[name] for name in ("latent", "pixels", "batch", "tokens", "dtype")}
    return api.load(source, size=asked, warn=warn, **manner(options))


def manner(options: dict[str, Any]) -> dict[str, Any]:
    """How `api.load` and `api.sweep` are to read a source and use the cache."""
    return {
        "overrides": overrides(options["settings"]),
        "strict": options["strict"],
        "fresh": "uncached" if options["no_cache"] else "fresh" if options["fresh"] else "cached",
        "cache_folder": cache.folder(os.environ),
    }


def overrides(settings: tuple[str, ...]) -> dict[str, Any]:
    """--set KEY=VALUE as a dict; one without a key is a usage error."""
    try:
        return dict(sources.parse_setting(setting) for setting in settings)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
