"""`unetscope plan`: a smaller network before any code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from unetscope import api, files
from unetscope.analysis.latency import GPUS
from unetscope.analysis.memory.budget import Use
from unetscope.analysis.plan.budget import Offers
from unetscope.analysis.plan.report import PlanReport
from unetscope.api import planning
from unetscope.api.budgets import budgeted
from unetscope.api.naming import LABELS, named_diff
from unetscope.api.planning import reports as plan_reports
from unetscope.cli import own_code, repeat
from unetscope.cli.completion import SOURCE
from unetscope.cli.counting import counting, counting_options
from unetscope.cli.option_values import Options
from unetscope.cli.options import loaded, naming_options, overrides, source_options
from unetscope.cli.output import is_folder, say, warn
from unetscope.cli.reports import Report, put
from unetscope.cli.targets import asked_format, target_options
from unetscope.errors import OptionError
from unetscope.model import Architecture
from unetscope.words import safe

SUFFIXES = {"txt": "text", "json": "json", "md": "markdown", "tex": "latex"}


@click.command("plan", epilog="Example: unetscope plan sd15 --drop R1,2 --drop mid -o student/")
@click.argument("source", metavar="SOURCE", type=SOURCE)
@click.option(
    "--drop",
    multiple=True,
    metavar="WORDS",
    help="What goes: a path with *, ? or 5-15; R1,2; IN04; mid; level@last; attention@0.",
)
@click.option(
    "--keep",
    multiple=True,
    metavar="WORDS",
    help="What stays of what --drop names; alone: all else goes of the lists it names.",
)
@click.option("--params", metavar="NUMBER", help="List students of at most this many parameters: 1.3B.")
@click.option("--macs", metavar="NUMBER", help="List students of at most this many MACs: 800G.")
@click.option("--vram", metavar="AMOUNT", help="List students whose forward takes at most this: 8GB.")
@click.option("--pick", type=click.IntRange(1, budgeted.SHOWN), default=1, show_default=True,
              help="Which of the list goes into the folder.")  # fmt: skip
@click.option("--gpu", type=click.Choice(tuple(GPUS)), metavar="CARD",
              help=f"Also the least time of a forward, by its datasheet: {', '.join(GPUS)}.")  # fmt: skip
@click.option("--recipe", metavar="NAME", help="What a published student drops: bk-sdm-small, koala-700m …")
@target_options(SUFFIXES)
@naming_options
@counting_options
@source_options
def command(source: str, **options: Any) -> None:
    """Plan a student of SOURCE: what goes and what follows, config, cost, memory, keys, a row for a paper.

    A folder (-o student/) gets it all: config.json, pictures of the difference, the map of keys and a
    script that loads the teacher's weights, pairs to distil, tables. --set changes the student's config,
    --title names the student. --params, --macs and --vram list students of that size, the nearest first; a
    folder then gets the first of them (or --pick). What its quality will be is not predicted.
    """
    if own_code.is_code(source):
        raise OptionError(
            "plan cuts networks by their config, and code has none",
            hint="write the smaller one, and see what differs: unetscope diff A.py:NAME B.py:NAME",
        )
    folder = options["output"] not in (None, "-") and is_folder(options["output"])
    if folder and options["format_"]:
        raise OptionError("a folder holds every format", hint="leave --format out, or name a file")
    if folder:
        files.holds_own(Path(options["output"]), plan_reports.MARK)
    format_ = "text" if folder else asked_format(options, SUFFIXES)
    teacher = _teacher(source, options)
    offers = _offers(teacher, options)
    if offers and not folder:
        if format_ not in ("text", "json") or options["gpu"]:
            raise OptionError("a list of students is text or JSON", hint="-o student/ plans one of them")
        put(_list(offers), format_, options["output"], SUFFIXES)
        return
    report = _found(teacher, offers, options, causes=folder)
    if folder:
        _write(report, offers, options["output"], source)
    else:
        put(_report(report), format_, options["output"], SUFFIXES)


def _offers(teacher: Architecture, options: Options) -> Offers | None:
    """Students under the budget that is asked for, None without one."""
    bounds = {name: options[name] for name in ("params", "macs", "vram") if options[name]}
    if not bounds:
        return None
    if options["drop"] or options["keep"] or options["recipe"] or options["settings"]:
        hint = "leave --drop, --keep, --recipe and --set out, or the budget"
        raise OptionError("a budget chooses by itself what goes", hint=hint)
    dtype = options["dtype"] or Use().dtype
    offers = api.students(teacher, **bounds, dtype=dtype, fresh=_fresh(options), warn=warn)
    if options["pick"] > len(offers.found):
        raise OptionError(f"{len(offers.found)} students are listed", hint="--pick one of them")
    return offers


def _list(offers: Offers) -> Report:
    from unetscope.render.plan import offers as listing

    text = partial(listing.text, offers, plan_reports.published(offers.teacher))
    return Report(f"{files.slug(offers.teacher.id)}-students", text, lambda: listing.data(offers))


def _teacher(source: str, options: Options) -> Architecture:
    """The teacher; settings of the student's config, title and stages do not apply to it."""
    if len(options["titles"]) > 1:
        raise OptionError("one student has one title", hint="give --title once")
    own = {"settings": (), "titles": (), "labels": LABELS[0], "dtype": None, "sources": (source,)}
    return loaded(source, {**options, **own})


def _found(teacher: Architecture, offers: Offers | None, options: Options, *, causes: bool) -> PlanReport:
    """The plan that the options ask for, counted as they say; pictures alone show what `causes` finds."""
    drop = offers.found[options["pick"] - 1].plan.asked if offers else options["drop"]
    plan = api.plan(
        teacher,
        drop=drop,
        keep=options["keep"],
        recipe=options["recipe"],
        overrides=overrides(options["settings"]),
        title=next(iter(options["titles"]), None),
        fresh=_fresh(options),
        warn=warn,
    )
    plan = planning.counted(plan, counting(options))
    dtype: Any = options["dtype"] or Use().dtype
    report = api.plan_report(plan, dtype=dtype, gpu=options["gpu"], causes=causes)
    return plan_reports.relabelled(report, partial(named_diff, titles=(None, None), labels=options["labels"]))


def _fresh(options: Options) -> Any:
    return "uncached" if options["no_cache"] else "fresh" if options["fresh"] else "cached"


def _report(report: PlanReport) -> Report:
    from unetscope.render.plan import as_json, as_text, tables

    others: dict[str, Callable[[], str]] = {
        "markdown": partial(tables.markdown, report),
        "latex": partial(tables.latex, report),
    }
    return Report(
        f"{files.slug(report.plan.student.id)}-plan",
        partial(as_text.text, report),
        lambda: as_json.document(report),
        others,
    )


def _write(report: PlanReport, offers: Offers | None, target: str, source: str) -> None:
    """The folder of a plan, and the paths of its files on stdout."""
    command = repeat.command(source, format="text", usual="text")
    texts = plan_reports.folder(report, offers, command=command)
    files.write_folder(Path(target), texts, mark=plan_reports.MARK)
    for name in texts:
        say(safe.escaped(str(Path(target, name))) + "\n")
