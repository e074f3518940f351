"""Many values in one option: 32:256:32, 1,2,4, and for sizes also 64x96. Bounded before anything is made."""

from __future__ import annotations

import re

import click

from unetscope.errors import OptionError
from unetscope.limits import MAX_LATENT

NO_AXES = frozenset({"latent", "pixels", "batch", "dtype"})
"""Names of a size that are not axes: each has an option of its own."""
MOST_ROWS = 1000
"""Rows of one sweep."""

_RANGE = re.compile(r"(\d{1,9}):(\d{1,9}):(\d{1,9})")
_EXTENT = re.compile(r"(\d{1,9})[xX×](\d{1,9})")


def misread(option: click.Parameter, message: str, *, hint: str) -> OptionError:
    """The error for an option whose value cannot be read."""
    return OptionError(f"{max(option.opts, key=len)}: {message}", hint=hint)


def numbers(ctx: click.Context, option: click.Parameter, value: str | None) -> tuple[int, ...]:
    """Whole numbers, bounded: 4, 1,2,4 or start:stop:step, the stop included. None stands for no numbers."""
    if value is None:
        return ()
    return tuple(number for part in value.split(",") for number in _expanded(option, part.strip()))


def axes(ctx: click.Context, option: click.Parameter, value: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """NAME=NUMBERS, any number of times, as the numbers of each axis by its name."""
    sizes = {}
    for text in value:
        name, _, values = text.partition("=")
        if not name.strip().isidentifier() or name.strip() in NO_AXES:
            raise misread(option, f"{text!r} is not an axis", hint="write NAME=NUMBERS")
        sizes[name.strip()] = numbers(ctx, option, values)
    return sizes


def extents(ctx: click.Context, option: click.Parameter, value: str | None) -> tuple[tuple[int, int], ...]:
    """Heights and widths: HxW beside what `numbers` takes, where a number is a square."""
    if value is None:
        return ()
    return tuple(pair for part in value.split(",") for pair in _pairs(option, part.strip()))


def _pairs(option: click.Parameter, part: str) -> list[tuple[int, int]]:
    match = _EXTENT.fullmatch(part)
    if match:
        return [(_bounded(option, match[1]), _bounded(option, match[2]))]
    return [(side, side) for side in _expanded(option, part)]


def _expanded(option: click.Parameter, part: str) -> range:
    """One number, or all of start:stop:step. Raises OptionError."""
    match = _RANGE.fullmatch(part)
    if match is None:
        if not re.fullmatch(r"\d{1,9}", part):
            raise misread(
                option,
                f"{part!r} is not a number",
                hint="write start:stop:step for many, for example 32:256:32",
            )
        number = _bounded(option, part)
        return range(number, number + 1)
    start, stop, step = (_bounded(option, group) for group in match.groups())
    if start > stop:
        raise misread(option, f"{part!r} is empty", hint="it starts beyond its end")
    sizes = range(start, stop + 1, step)
    if len(sizes) > MOST_ROWS:
        raise misread(option, f"{part!r} has {len(sizes)} values", hint=f"the most is {MOST_ROWS}")
    return sizes


def _bounded(option: click.Parameter, digits: str) -> int:
    number = int(digits)
    if not 1 <= number <= MAX_LATENT:
        raise misread(option, f"{digits} is out of range", hint=f"1 to {MAX_LATENT}")
    return number
