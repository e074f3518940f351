"""`unetscope chart`: bars per stage, memory over a forward, cost over sizes, the zoo."""

from __future__ import annotations

from typing import Any

import click

from unetscope import api, files
from unetscope.analysis.memory.budget import Use
from unetscope.analysis.scaling.sweep import Sweep
from unetscope.api.loading.asked_sizes import refuse_axes
from unetscope.api.naming import named_sweep
from unetscope.api.sweeping import side, sides
from unetscope.cli import repeat
from unetscope.cli.completion import SOURCE
from unetscope.cli.counting import counting, counting_options
from unetscope.cli.option_values import Options
from unetscope.cli.options import (
    axes_asked,
    loaded,
    manner,
    names,
    naming_options,
    source_options,
    unit_option,
)
from unetscope.cli.output import warn, write
from unetscope.cli.own_code import code_options, running
from unetscope.cli.progress import watched
from unetscope.cli.ranges import numbers
from unetscope.cli.targets import asked_format, target_options
from unetscope.cost import Counting
from unetscope.errors import OptionError
from unetscope.model import Architecture
from unetscope.spec import DEFAULT_DTYPE

SUFFIXES = {"svg": "svg", "png": "png", "pdf": "pdf"}
THEMES = ("light", "dark", "auto", "paper")
WIDTHS = ("readme", "column")
KINDS = ("stages", "memory", "sweep", "zoo")
_NAMED = 3
"""Sources whose ids stand in a file's name."""


@click.command("chart", epilog="Example: unetscope chart sd15 sdxl --kind stages -o compared.svg")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...", type=SOURCE)
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default="stages",
    show_default=True,
    help="stages: bars per stage; memory: bytes over a forward; sweep: MACs by size; zoo: all models.",
)
@target_options(SUFFIXES, default="outputs/ID-chart.svg")
@click.option("--theme", type=click.Choice(THEMES), default="light", show_default=True)
@click.option("--width", type=click.Choice(WIDTHS), default="readme", show_default=True,
              help="900 px, or one column of a paper.")  # fmt: skip
@unit_option
@click.option(
    "--sides", callback=numbers, metavar="NUMBERS", help="Sides of the latent for --kind sweep: 32:256:32."
)
@naming_options
@counting_options
@source_options
@code_options
def command(sources: tuple[str, ...], **options: Any) -> None:
    """Chart one network, or several side by side on one scale.

    --kind zoo needs no SOURCE; those given stand out in it. --kind memory is in float16 unless
    --dtype says otherwise.
    """
    kind = options["kind"]
    _check(sources, options)
    format_ = asked_format(options, SUFFIXES)
    traced = {**options, "sources": sources, "dtype": None}  # all other types follow from float32
    if kind == "sweep":
        swept = _swept(sources, traced)
        charted: list[Any] = list(swept)
        ids = [result.architecture.id for result in swept]
    else:
        charted = [loaded(source, traced, at=at) for at, source in enumerate(sources)]
        ids = [item.id for item in charted]
    dtype: Any = options["dtype"] or _narrow(charted) or Use().dtype
    picture = api.chart(
        *charted, kind=kind, format=format_, theme=options["theme"], unit=options["unit"], dtype=dtype,
        counting=counting(options), width=options["width"], command=repeat.command(*sources, format=format_),
    )  # fmt: skip
    name = _name(ids, kind, options["theme"], format_)
    write(options["output"], name, picture)


def _check(sources: tuple[str, ...], options: Options) -> None:
    kind = options["kind"]
    if not sources and kind != "zoo":
        raise OptionError("no SOURCE is given", hint="or --kind zoo for all bundled models")
    if kind == "sweep" and (options["latent"] or options["pixels"]):
        raise OptionError(
            "--kind sweep goes through sizes", hint="give --sides instead of --latent or --size"
        )
    flags = {"latent": "--latent", "pixels": "--size", "axes": "--axis"}
    asked = [name for name in ("latent", "pixels", "tokens", "frames", "axes", "dtype") if options[name]]
    asked += ["batch"] if (options["batch"] or 1) > 1 else []
    asked = [flags.get(name, f"--{name}") for name in asked]
    if kind == "zoo" and asked:
        raise OptionError(
            "--kind zoo shows each network at its own size, batch 1, in float32", hint=f"leave out {asked[0]}"
        )
    if kind == "sweep" and options["dtype"]:
        raise OptionError("--kind sweep counts MACs, the same for any type", hint="leave out --dtype")
    if kind == "memory" and counting(options) != Counting():
        raise OptionError("--kind memory counts bytes", hint="leave out --convention, --cfg and --steps")
    if kind != "sweep" and options["sides"]:
        raise OptionError("--sides belongs to --kind sweep", hint="add --kind sweep, or leave it out")


def _narrow(items: list[Any]) -> str | None:
    """The type that a saved trace was made at, if it is another than float32."""
    types = (item.basis.dtype for item in items if isinstance(item, Architecture))
    return next((dtype for dtype in types if dtype != DEFAULT_DTYPE), None)


def _swept(sources: tuple[str, ...], options: Options) -> list[Sweep]:
    """Every source at the same sides, as far as its own grid has them."""
    first = [_sweep(source, [], options, at).architecture for at, source in enumerate(sources)]
    asked = [name for name in ("tokens", "frames") if options[name]]
    for sweep in first:
        refuse_axes(sweep, ["height", "width", *asked, *axes_asked(options)])
    most = 2 * max(side(network) for network in first)
    return [
        _sweep(source, options["sides"] or sides(network, most), options, at)
        for at, (source, network) in enumerate(zip(sources, first, strict=True))
    ]


def _sweep(source: str, sides: list[int] | tuple[int, ...], options: Options, at: int) -> Sweep:
    asked = {name: options[name] for name in ("batch", "tokens", "frames")} | axes_asked(options)
    sizes = [{"latent": (side, side), **asked} for side in sides]
    say = warn if not sides else _say_nothing
    with running(source, options) as (what, inputs):
        swept = api.sweep(what, sizes, inputs=inputs, warn=say, watch=watched, counting=counting(options),
                         **manner(options))  # fmt: skip
    return named_sweep(swept, **names(options, at))


def _name(ids: list[str], kind: str, theme: str, format_: str) -> str:
    """The default name of the file: of what, which kind, which theme."""
    rest = len(ids) - _NAMED
    words = [*ids[:_NAMED], *([f"{rest}-more"] if rest > 0 else [])] if kind != "zoo" else ["zoo"]
    parts = [*words, "chart", *([kind] if kind in ("memory", "sweep") else [])]
    return files.named(*parts, *[theme] * (theme != "light"), suffix=format_)


def _say_nothing(line: str) -> None:
    """For a source whose warnings have been said."""
