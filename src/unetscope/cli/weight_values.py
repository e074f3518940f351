"""`unetscope diff A B --weights`: how the values of two files differ."""

from __future__ import annotations

from functools import partial
from typing import Any

import click
from click.core import ParameterSource

from unetscope import api, files
from unetscope.cli import repeat
from unetscope.cli.option_values import Options
from unetscope.cli.output import write
from unetscope.cli.pages import page_style
from unetscope.cli.reports import Report, put
from unetscope.cli.targets import asked_format
from unetscope.errors import OptionError

SUFFIXES = {"csv": "csv"}
"""Formats that differences of networks do not have."""
_OWN = frozenset(
    {"a", "b", "weights", "output", "format_", "as_json", "exit_code", "heading", "theme", "width"}
)
"""Options that mean something here; the others are about networks."""


def differing(ctx: click.Context, options: Options) -> bool:
    """Put the difference of the files A and B; whether there is one."""
    from unetscope.render.checkpoints import values

    suffixes = values.SUFFIXES | {name: name for name in values.PICTURES}
    format_ = _format(ctx, options, suffixes)
    style = page_style({"heading": options["heading"]}, format_)
    diff = api.weight_diff(options["a"], options["b"])
    stem = f"{files.slug(options['a'])}-to-{files.slug(options['b'])}"
    if format_ in values.PICTURES:
        again = repeat.command(options["a"], options["b"], format=format_, usual="text")
        look = {"theme": options["theme"], "width": options["width"], "command": again}
        write(options["output"], f"{stem}.{format_}", api.draw_weights(diff, format=format_, **look))
    else:
        others = {"csv": partial(values.csv_, diff), "markdown": partial(values.markdown, diff, **style)}
        report = Report(stem, partial(values.text, diff), lambda: values.document(diff), others)
        put(report, format_, options["output"], suffixes)
    return not diff.equal


def _format(ctx: click.Context, options: Options, suffixes: dict[str, str]) -> Any:
    """The format asked for; options about networks are refused."""
    if not options["b"]:
        raise OptionError("--weights compares the values of two files", hint="give A and B")
    for option in ctx.command.params:
        typed = ctx.get_parameter_source(str(option.name)) == ParameterSource.COMMANDLINE
        if typed and option.name not in _OWN:
            flag = max(option.opts, key=len)
            raise OptionError(f"{flag} is about networks, --weights about values", hint=f"leave {flag} out")
    chosen = asked_format(options, suffixes)
    if chosen not in suffixes.values():
        raise OptionError(
            f"--weights has no format {chosen}", hint="formats: " + ", ".join(suffixes.values())
        )
    return chosen
