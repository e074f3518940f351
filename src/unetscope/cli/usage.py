"""Wrong usage as click finds it, in the same two lines as every other failure."""

from __future__ import annotations

from collections.abc import Iterable

import click

from unetscope.cli.commands import Misuse
from unetscope.words.messages import nearest

_SYNONYMS = {
    # what people type who come from elsewhere, or knew an earlier name
    "--flops": "--unit flops",
}


def misused(error: click.UsageError) -> tuple[str, str]:
    """What is wrong, and what to do: one line each."""
    context = error.ctx
    see = f"see {context.command_path if context else 'unetscope'} --help"
    match error:
        case Misuse():
            return error.error.message, error.error.hint
        case click.exceptions.NoSuchCommand():
            return f"no command is called {error.command_name!r}", _near(
                error.command_name, _names(context), see
            )
        case click.NoSuchOption():
            name = error.option_name
            return f"no such option: {name}", _near(name, _flags(context), see)
        case click.MissingParameter() if error.param is not None and context is not None:
            return f"{error.param.human_readable_name.rstrip('.')} is missing", context.get_usage().partition(
                ": "
            )[2].strip()
        case click.BadParameter() if error.param is not None:
            return _bad(error, error.param, see)
    return _plain(error.format_message()), see


def _bad(error: click.BadParameter, option: click.Parameter, see: str) -> tuple[str, str]:
    """A value that an option does not take; where it is one of a few words, the nearest."""
    name = max(option.opts, key=len)
    typed = error.message.partition("'")[2].partition("'")[0]
    if isinstance(option.type, click.Choice):
        words = [str(word) for word in option.type.choices]
        return f"{name}: {typed!r} is not one of {', '.join(words)}", _near(typed, words, see)
    return f"{name}: {_plain(error.message)}", see


def _near(typed: str, known: Iterable[str], otherwise: str) -> str:
    """A suggestion for a word close to a known one; leading dashes do not count as similarity."""
    known = list(known)
    if _SYNONYMS.get(typed, "").partition(" ")[0] in known:
        return f"did you mean {_SYNONYMS[typed]}?"
    bare = {word.lstrip("-"): word for word in known}
    close = nearest(typed.lstrip("-"), bare)
    return f"did you mean {bare[close[0]]}?" if close else otherwise


def _names(context: click.Context | None) -> list[str]:
    """The commands of the group that was asked."""
    group = context.command if context else None
    return group.list_commands(context) if context and isinstance(group, click.Group) else []


def _flags(context: click.Context | None) -> list[str]:
    options = context.command.get_params(context) if context else []
    return [
        flag
        for option in options
        if isinstance(option, click.Option)
        for flag in (*option.opts, *option.secondary_opts)
    ]


def _plain(message: str) -> str:
    """A sentence of click's as a part of ours."""
    return f"{message[:1].lower()}{message[1:]}".rstrip(".")
