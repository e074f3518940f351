"""--revision, --subfolder and --variant: which part of every SOURCE that is a repository on the Hub."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import click

from unetscope.errors import OptionError
from unetscope.sources import hub

F = TypeVar("F", bound=Callable[..., Any])
NAMES = ("revision", "subfolder", "variant")


def hub_options(command: F) -> F:
    """The three options. The command sees none of them: its sources come to it as whole addresses."""

    @functools.wraps(command)
    def completed(*args: Any, **kwargs: Any) -> Any:
        asked = {name: kwargs.pop(name) or "" for name in NAMES}
        if any(asked.values()):
            changed = _completed(kwargs, asked)
            kwargs |= changed
            click.get_current_context().params.update(changed)
        return command(*args, **kwargs)

    options = (
        click.option("--revision", metavar="REV", help="Branch, tag or commit of a repository on the Hub."),
        click.option("--subfolder", metavar="DIR", help="Folder (or file) to take from that repository."),
        click.option("--variant", metavar="NAME", help="Which of its weights to take: fp16, ema …"),
    )
    for option in reversed(options):
        completed = option(completed)
    return cast(F, completed)


def _completed(kwargs: dict[str, Any], asked: dict[str, str]) -> dict[str, Any]:
    """The arguments that name something on the Hub, with what the options say of it."""
    arguments = [
        param.name
        for param in click.get_current_context().command.params
        if isinstance(param, click.Argument)
    ]
    changed = dict[str, Any]()
    for name in arguments:
        value = kwargs[str(name)]
        whole = (
            tuple(_whole(item, asked) for item in value) if isinstance(value, tuple) else _whole(value, asked)
        )
        if whole != value:
            changed[str(name)] = whole
    if not changed:
        flags = " and ".join(f"--{name}" for name, value in asked.items() if value)
        raise OptionError(
            f"{flags} without a SOURCE on the Hub",
            hint="such a SOURCE is org/repo, and nothing here has that name",
        )
    return changed


def _whole(value: Any, asked: dict[str, str]) -> Any:
    address = hub.address_of(value, presets=False)
    if address is None:
        return value
    return str(
        hub.with_options(
            address, revision=asked["revision"], inside=asked["subfolder"], variant=asked["variant"]
        )
    )
