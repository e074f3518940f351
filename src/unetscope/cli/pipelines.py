"""--pipeline: what several commands tell of the whole pipeline around a denoiser."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

from unetscope import api
from unetscope.choices import HANDED_OVER
from unetscope.cli.completion import SOURCE
from unetscope.cli.option_values import Options
from unetscope.cli.options import loaded, manner
from unetscope.cli.output import warn
from unetscope.cli.reports import Report
from unetscope.errors import OptionError
from unetscope.files import slug
from unetscope.spec import DEFAULT_DTYPE

if TYPE_CHECKING:
    from unetscope.analysis.memory.budget import Use
    from unetscope.analysis.memory.pipeline import Pipeline

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def pipeline_option(command: F) -> F:
    """--pipeline, and what asks for it: --tiling, --refiner, --denoising-end."""
    whole = click.option(
        "--pipeline",
        "whole",
        is_flag=True,
        is_eager=True,  # --tiling asks for it
        help="Cover the whole pipeline: text encoders, denoiser at every step, VAE's decoder.",
    )
    tiling = click.option(
        "--tiling", is_flag=True, callback=_of_pipeline, help="With --pipeline: the VAE runs in tiles."
    )
    refiner = click.option(
        "--refiner",
        type=SOURCE,
        metavar="SOURCE",
        callback=_of_pipeline,
        help="With --pipeline: what takes over near the end, such as sdxl-refiner.",
    )
    ending = click.option(
        "--denoising-end",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        callback=_of_pipeline,
        help=f"With --refiner: after which share of the denoising it takes over.  [default: {HANDED_OVER:g}]",
    )
    return whole(tiling(refiner(ending(command))))


def _of_pipeline(ctx: click.Context, option: click.Parameter, value: T) -> T:
    if value and not ctx.params.get("whole"):
        raise OptionError(f"{option.opts[0]} is about a pipeline", hint="add --pipeline")
    return value


def around(source: str, options: Options, *, at: int = 0, use: Use | None = None) -> Pipeline:
    """The pipeline around the denoiser that a command's source and options ask for.

    Steps and guidance that are not asked for are as the model is used.
    """
    if options.get("convention", "full") != "full":
        raise OptionError(
            "--pipeline counts by the full convention",
            hint="leave --convention out: no other is known of encoders",
        )
    alone = {**options, "batch": None, "dtype": DEFAULT_DTYPE, "cfg": False, "steps": 1}
    network = loaded(source, alone, at=at)
    ctx = click.get_current_context()
    asked = {name: options[name] for name in ("cfg", "steps") if name in options and _is_given(ctx, name)}
    further = {name: value for name, value in manner(options).items() if name in ("fresh", "cache_folder")}
    load = partial(api.load, warn=warn, **further)
    return api.pipeline_of(
        network,
        batch=options["batch"] or 1,
        use=use,
        load=load,
        tiling=options["tiling"],
        **asked,
        **_refiner(options, alone),
    )


def _refiner(options: Options, alone: Options) -> dict[str, Any]:
    """The network that takes over, and when. Raises OptionError if only the moment is given."""
    ending = options["denoising_end"]
    if not options["refiner"]:
        if ending:
            raise OptionError(
                "--denoising-end is when a refiner takes over", hint="add --refiner sdxl-refiner"
            )
        return {}
    # --set and --title are about the base
    second = loaded(options["refiner"], {**alone, "settings": (), "titles": ()})
    return {"refiner": second, **({"denoising_end": ending} if ending else {})}


def _is_given(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def work_report(source: str, options: Options, at: int) -> Report:
    """What runs for one image, part by part."""
    from unetscope.render import pipeline

    parts = around(source, options, at=at)
    return Report(
        f"{slug(parts.denoiser.id)}-pipeline",
        partial(pipeline.work, parts),
        lambda: pipeline.data(parts),
    )
