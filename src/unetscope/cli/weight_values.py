"""`unetscope diff A B --weights`: how the values of two files differ."""

from __future__ import annotations

from functools import partial
from typing import Any

import click
from click.core import ParameterSource

from unetscope import api, files
from unetscope.cli.reports import Report, put
from unetscope.cli.targets import asked_format
from unetscope.errors import OptionError

SUFFIXES = {"csv": "csv"}
"""Those that differences of networks have not."""
_OWN = frozenset({"a", "b", "weights", "output", "format_", "as_json", "exit_code", "heading"})
"""Options that mean something here; the others are about networks."""


def differing(ctx: click.Context, options: dict[str, Any]) -> bool:
    """Put the difference of the files A and B; whether there is one."""
    from unetscope.render.checkpoints import values

    if not options["b"]:
        raise OptionError("--weights compares the values of two files", hint="give A and B")
    for option in ctx.command.params:
        given = ctx.get_parameter_source(str(option.name)) == ParameterSource.COMMANDLINE
        if given and option.name not in _OWN:
            flag = max(option.opts, key=len)
            raise OptionError(f"{flag} is about networks, --weights about values", hint=f"leave {flag} out")
    format_ = asked_format(options, values.SUFFIXES)
    if format_ not in values.FORMATS:
        raise OptionError(f"--weights has no format {format_}", hint="formats: " + ", ".join(values.FORMATS))
    found = api.weight_diff(options["a"], options["b"])
    style = {"heading": options["heading"]} if options["heading"] else {}
    others = {"csv": partial(values.csv_, found), "markdown": partial(values.markdown, found, **style)}
    stem = f"{files.slug(options['a'])}-to-{files.slug(options['b'])}"
    put(
        Report(stem, partial(values.text, found), lambda: values.document(found), others),
        format_,
        options["output"],
        values.SUFFIXES,
    )
    return not found.equal
