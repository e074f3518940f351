"""`unetscope sweep`: the cost at many sizes, or as a formula of the size."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Any

import click

from unetscope import api
from unetscope.analysis.scaling.sweep import Sweep
from unetscope.api.sizes import refuse_axes
from unetscope.cli.counting import counting, counting_options
from unetscope.cli.options import manner, pixels_option
from unetscope.cli.output import print_json, say, warn
from unetscope.cli.progress import watched
from unetscope.cli.ranges import MOST_ROWS, axes, extents, numbers
from unetscope.cost import Counting
from unetscope.errors import TraceError
from unetscope.sizes import Asked

_SHOWN = 5


@click.command("sweep", epilog="Example: unetscope sweep sdxl --latent 64:256:32 --json")
@click.argument("source")
@click.option(
    "--latent",
    "latents",
    callback=extents,
    metavar="SIZES",
    help="Heights and widths of the network's input.",
)
@click.option("--size", "pixels", callback=extents, metavar="SIZES", help="The same of the image, in pixels.")
@click.option("--batch", "batches", callback=numbers, metavar="NUMBERS", help="Batch sizes.")
@click.option(
    "--tokens", callback=numbers, metavar="NUMBERS", help="Text tokens (default: the network's own)."
)
@click.option("--frames", callback=numbers, metavar="NUMBERS", help="Frames of a video.")
@click.option(
    "--axis",
    "axes",
    multiple=True,
    callback=axes,
    metavar="NAME=NUMBERS",
    help="Sizes of any axis of the input by its name.",
)
@click.option("--formula", is_flag=True, help="Print the MACs of each stage in closed form instead.")
@click.option("--json", "as_json", is_flag=True, help="Exact integers as JSON.")
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="Override a config field (JSON, else text)."
)
@counting_options
@pixels_option
@click.option("--strict", is_flag=True, help="Take warnings about the config as errors.")
@click.option("--fresh", is_flag=True, help="Trace again and renew the cache.")
@click.option("--no-cache", is_flag=True, help="Trace again and write no cache.")
def command(source: str, *, formula: bool, as_json: bool, **options: Any) -> None:
    """Count MACs at many sizes, exactly and without a trace wherever the network's formulas hold.

    SIZES and NUMBERS are ranges with their end (32:256:32), lists (1,2,4) or both; a size may be
    oblong (64x96).

    Sizes off the network's grid are traced, which is said on stderr and marked in the row.
    """
    sizes = _sizes(options)
    if formula and any(any(size.values()) for size in sizes):
        raise click.UsageError("--formula is of all sizes: leave out --latent, --size, --batch and the like.")
    asked = counting(options)
    if formula and asked != Counting():
        raise click.UsageError("--formula is of one forward in full: leave out --convention, --cfg, --steps.")
    made = api.sweep(
        source, [] if formula else sizes, warn=warn, watch=watched, counting=asked, **manner(options)
    )
    refuse_axes(made.architecture, [name for one in sizes for name, value in one.items() if value])
    if formula and not made.formulas:
        why = "it runs more operations at larger sizes (video VAEs take frames piece by piece)"
        raise TraceError(f"no formula holds for {source}", hint=f"{why}, so trace each: give --latent")
    _say_what_was_traced(made)
    if as_json:
        from unetscope.render import sweep

        print_json(sweep.formulas_json(made) if formula else sweep.json(made))
    else:
        from unetscope.render import sweep, text

        shown = sweep.formulas if formula else sweep.table
        say(shown(made, width=text.terminal_width()))


def _sizes(options: dict[str, Any]) -> list[Asked]:
    """Every size with every batch and every other axis; what is not given is the network's own."""
    if options["latents"] and options["pixels"]:
        raise click.UsageError("--latent and --size exclude each other: give the latent or the image.")
    asked: dict[str, Sequence[object]] = {
        "latent": options["latents"],
        "pixels": options["pixels"],
        "frames": options["frames"],
        "batch": options["batches"],
        "tokens": options["tokens"],
        **options["axes"],
    }
    rows = prod(len(values) or 1 for values in asked.values())
    if rows > MOST_ROWS:
        raise click.UsageError(f"these ranges make {rows} rows; the most is {MOST_ROWS}.")
    every = product(*(values or (None,) for values in asked.values()))
    return [dict(zip(asked, one, strict=True)) for one in every]


def _say_what_was_traced(made: Sweep) -> None:
    """One line for all sizes that no formula reached."""
    from unetscope.render.sweep import reach, size_of

    sizes = list(dict.fromkeys(size_of(row) for row in made.rows if row.traced))
    if sizes:
        listed = ", ".join(sizes[:_SHOWN])
        further = f" and {len(sizes) - _SHOWN} more" if len(sizes) > _SHOWN else ""
        warn(f"traced at {listed}{further}: {reach(made) or 'no formulas were found'}")
