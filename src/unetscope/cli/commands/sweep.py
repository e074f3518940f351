"""`unetscope sweep`: the cost at many sizes, or as a formula of the size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import product
from math import prod
from typing import Any

import click

from unetscope import api
from unetscope.analysis.scaling.sweep import Sweep
from unetscope.api.loading.asked_sizes import refuse_axes
from unetscope.api.naming import named_sweep
from unetscope.cli import own_code
from unetscope.cli.completion import SOURCE
from unetscope.cli.counting import counting, counting_options
from unetscope.cli.hub_options import hub_options
from unetscope.cli.option_values import Options
from unetscope.cli.options import manner, names, naming_options, part_option, pixels_option
from unetscope.cli.output import warn
from unetscope.cli.progress import watched
from unetscope.cli.ranges import MOST_ROWS, axes, extents, numbers
from unetscope.cli.reports import Report, report_each
from unetscope.cli.targets import asked_format, target_options
from unetscope.cost import Counting
from unetscope.errors import OptionError, TraceError
from unetscope.files import slug
from unetscope.sizes import Asked

CODE = {"py": "python", "js": "javascript", "tex": "latex"}
"""Formats of a formula as a function, by the suffix of its file."""
SUFFIXES = {"txt": "text", "json": "json", "csv": "csv", **CODE}
_SHOWN = 5


@click.command("sweep", epilog="Example: unetscope sweep sdxl --latent 64:256:32 --json")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=SOURCE)
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
@click.option(
    "--formula",
    is_flag=True,
    help="Give the MACs of each stage in closed form; as .py, .js or .tex, a function by itself.",
)
@target_options(SUFFIXES)
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="Override a config field (JSON, else text)."
)
@naming_options
@counting_options
@pixels_option
@part_option
@click.option("--strict", is_flag=True, help="Take warnings about the config as errors.")
@click.option("--fresh", is_flag=True, help="Trace again and renew the cache.")
@click.option("--no-cache", is_flag=True, help="Trace again and write no cache.")
@hub_options
@own_code.code_options
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], *, formula: bool, **options: Any) -> None:
    """Count MACs at many sizes, exactly and without a trace wherever the network's formulas hold.

    SIZES and NUMBERS are ranges with their end (32:256:32), lists (1,2,4) or both; a size may be
    oblong (64x96).

    Sizes off the network's grid are traced, which is said on stderr and marked in the row.
    """
    sizes, again = _sizes(options), {**options, "sources": sources}
    _check(formula=formula, sizes=sizes, options=options)

    def make(source: str, at: int) -> Report:
        swept = _swept(source, again, [] if formula else sizes, at)
        refuse_axes(swept.architecture, [name for size in sizes for name, value in size.items() if value])
        if formula and not swept.formulas:
            why = "it runs more operations at larger sizes (video VAEs take frames piece by piece)"
            raise TraceError(f"no formula holds for {source}", hint=f"{why}, so trace each: give --latent")
        _say_what_was_traced(swept)
        return _report(swept, formula=formula)

    ctx.exit(report_each(sources, options, SUFFIXES, make))


def _check(*, formula: bool, sizes: list[Asked], options: Options) -> None:
    """A formula covers all sizes and one forward; what contradicts that is refused."""
    if formula and any(any(size.values()) for size in sizes):
        raise OptionError(
            "--formula covers all sizes", hint="leave out --latent, --size, --batch and the like"
        )
    if formula and counting(options) != Counting():
        raise OptionError(
            "--formula covers one forward in full", hint="leave out --convention, --cfg, --steps"
        )
    format_ = asked_format(options, SUFFIXES)
    if formula and format_ == "csv":
        raise OptionError("a formula is not a table", hint="--format text or json, or -o cost.py")
    if not formula and format_ in CODE.values():
        raise OptionError(f"{format_} is a format of formulas", hint="add --formula")


def _swept(source: str, options: Options, sizes: list[Asked], at: int) -> Sweep:
    with own_code.running(source, options) as (what, inputs):
        swept = api.sweep(
            what,
            sizes,
            inputs=inputs,
            warn=warn,
            watch=watched,
            counting=counting(options),
            **manner(options),
        )
    return named_sweep(swept, **names(options, at))


def _report(swept: Sweep, *, formula: bool) -> Report:
    from unetscope.render import formula_code, sweep

    stem = f"{slug(swept.architecture.id)}-sweep"
    if formula:
        code = {name: partial(formula_code.code, swept, format=name) for name in CODE.values()}
        return Report(stem, partial(sweep.formulas, swept), lambda: sweep.formulas_json(swept), code)
    others = {"csv": partial(sweep.csv_, swept)}
    return Report(stem, partial(sweep.table, swept), lambda: sweep.json(swept), others)


def _sizes(options: Options) -> list[Asked]:
    """Every size with every batch and every other axis; what is not given is the network's own."""
    if options["latents"] and options["pixels"]:
        raise OptionError("--latent and --size exclude each other", hint="give the latent or the image")
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
        raise OptionError(f"these ranges make {rows} rows", hint=f"the most is {MOST_ROWS}")
    every = product(*(values or (None,) for values in asked.values()))
    return [dict(zip(asked, combination, strict=True)) for combination in every]


def _say_what_was_traced(sweep: Sweep) -> None:
    """One line for all sizes that no formula reached."""
    from unetscope.render.sweep import reach, size_of

    sizes = list(dict.fromkeys(size_of(row) for row in sweep.rows if row.traced))
    if sizes:
        listed = ", ".join(sizes[:_SHOWN])
        further = f" and {len(sizes) - _SHOWN} more" if len(sizes) > _SHOWN else ""
        warn(f"traced at {listed}{further}: {reach(sweep) or 'no formulas were found'}")
