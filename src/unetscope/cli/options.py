"""Options that several commands share, and the one way from them to an Architecture."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any, TypeVar, get_args

import click

from unetscope import api, sources
from unetscope.analysis.cost.conventions import counted
from unetscope.api.loading import trace_cache
from unetscope.api.naming import LABELS, named
from unetscope.choices import NamingName, PartName
from unetscope.cli import own_code
from unetscope.cli.counting import counting
from unetscope.cli.hub_options import hub_options
from unetscope.cli.option_values import Options
from unetscope.cli.output import warn
from unetscope.cli.ranges import NO_AXES, misread
from unetscope.errors import ConfigError, OptionError
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
        raise misread(option, f"{value!r} is not a size", hint="write HxW, for example 64x64")
    height, width = int(match[1]), int(match[2] or match[1])
    if not (0 < height <= MAX_LATENT and 0 < width <= MAX_LATENT):
        raise misread(option, f"{value!r} is out of range", hint=f"each side is 1 to {MAX_LATENT}")
    return height, width


def named_axes(ctx: click.Context, option: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """NAME=N as typed, once it is seen to be a name and a size."""
    for text in value:
        name, size = _axis(text)
        if not name.isidentifier() or name in NO_AXES or not 0 < size <= MAX_LATENT:
            raise misread(option, f"{text!r} is not an axis", hint=f"write NAME=N, N from 1 to {MAX_LATENT}")
    return value


def _axis(text: str) -> tuple[str, int]:
    """Name and size of an axis; size 0 for what is not one."""
    name, _, size = text.partition("=")
    return name.strip(), int(size) if re.fullmatch(r"\d{1,9}", size.strip()) else 0


def axes_asked(options: Options) -> dict[str, int]:
    """What --axis asks for."""
    return dict(_axis(text) for text in options["axes"])


def pixels_option(command: F) -> F:
    """--pixels."""
    return click.option(
        "--pixels",
        "on_pixels",
        is_flag=True,
        help="The network works on pixels: its input is the image. For a config that cannot tell.",
    )(command)


def part_option(command: F) -> F:
    """--part."""
    return click.option(
        "--part",
        type=click.Choice(get_args(PartName)),
        help="One half of an autoencoder; --latent is what it makes.",
    )(command)


_SIZES = (
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE",
        help="Override a config field (JSON, else text).",
    ),
    click.option("--strict", is_flag=True, help="Take warnings about the config as errors."),
    click.option("--latent", callback=extent, metavar="HxW", help="Height and width of the network's input."),
    click.option(
        "--size",
        "pixels",
        callback=extent,
        metavar="HxW",
        help="Height and width of the image, in pixels.",
    ),
    pixels_option,
    part_option,
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
)
_CACHE = (
    click.option("--fresh", is_flag=True, help="Trace again and renew the cache."),
    click.option("--no-cache", is_flag=True, help="Trace again and write no cache."),
)


def source_options(command: F) -> F:
    """--set, --strict, sizes, cache switches, parts of the Hub: everything `loaded` takes."""
    return source_options_at(DEFAULT_DTYPE + _SAVED)(command)


def source_options_at(usual_type: str) -> Callable[[F], F]:
    """The same, with words for the type that a command takes without --dtype."""
    dtype = click.option(
        "--dtype",
        type=click.Choice(list(DTYPES)),
        show_default=usual_type,
        help="Type of weights and activations.",
    )

    def of_a_source(command: F) -> F:
        command = hub_options(command)
        for option in reversed((*_SIZES, dtype, *_CACHE)):
            command = option(command)
        return command

    return of_a_source


def unit_option(command: F) -> F:
    """--unit."""
    units = click.Choice(("macs", "flops"))
    return click.option("--unit", type=units, default="macs", show_default=True, help="1 MAC = 2 FLOPs.")(
        command
    )


def naming_options(command: F) -> F:
    """--title and --labels."""
    command = click.option(
        "--labels",
        type=click.Choice(LABELS),
        default=LABELS[0],
        show_default=True,
        help="What stages are called: Up 1, or up_blocks.0.",
    )(command)
    return click.option(
        "--title",
        "titles",
        multiple=True,
        metavar="TEXT",
        help="Title in place of the network's own; once for each SOURCE.",
    )(command)


def names_option(command: F) -> F:
    """--names."""
    return click.option(
        "--names",
        type=click.Choice(get_args(NamingName)),
        metavar="NAMING",
        help="Also show names of modules in ldm, bfl, sd3, wan, merge, kohya …; original: its own.",
    )(command)


def loaded(
    source: str, options: Options, *, at: int = 0, learn: Callable[..., Architecture] | None = None
) -> Architecture:
    """The architecture that a command's source (the one `at` this place) and options ask for, counted and
    called as they say; for code, `learn` adds what else is asked about its module."""
    asked, how = size_asked(options), manner(options)
    with own_code.running(source, options) as (what, inputs):
        network = api.load(what, size=asked, inputs=inputs, warn=warn, **how)
        network = learn(network, what, inputs=inputs) if learn and own_code.is_code(source) else network
    return named(counted(network, counting(options)), **names(options, at))


def size_asked(options: Options) -> dict[str, Any]:
    """The size that options ask for, by the names of `Size.of`; None is not asked for."""
    if options["latent"] and options["pixels"]:
        raise OptionError("--latent and --size exclude each other", hint="give the latent or the image")
    sizes = ("latent", "pixels", "batch", "tokens", "frames", "dtype")
    return {name: options[name] for name in sizes} | axes_asked(options)


def names(options: Options, at: int) -> dict[str, Any]:
    """What the network of the source `at` this place and its stages are to be called."""
    titles, sources_ = options.get("titles", ()), options.get("sources", ("",))
    if titles and len(titles) != len(sources_):
        problem = f"{len(titles)} titles for {len(sources_)} source{'s' * (len(sources_) > 1)}"
        raise OptionError(problem, hint="give --title once for each SOURCE, in their order")
    return {"title": titles[at] if titles else None, "labels": options.get("labels", LABELS[0])}


def manner(options: Options) -> dict[str, Any]:
    """How `api.load` and `api.sweep` are to read a source and use the cache."""
    return {
        "overrides": overrides(options["settings"]),
        "strict": options["strict"],
        "on_pixels": options["on_pixels"],
        "part": options["part"],
        "fresh": "uncached" if options["no_cache"] else "fresh" if options["fresh"] else "cached",
        "cache_folder": trace_cache.folder(os.environ),
    }


def overrides(settings: tuple[str, ...]) -> dict[str, Any]:
    """--set KEY=VALUE as a dict; one without a key is a usage error."""
    try:
        return dict(sources.parse_setting(setting) for setting in settings)
    except ConfigError as error:
        raise OptionError(error.message, hint=error.hint) from error
