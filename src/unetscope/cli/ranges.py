"""Many values in one option: 32:256:32, 1,2,4, and for sizes also 64x96. Bounded before anything is made."""

from __future__ import annotations

import re

import click

from unetscope.limits import MAX_LATENT

NO_AXES = frozenset({"latent", "pixels", "batch", "dtype"})
"""Names of a size that are none of an axis: each has an option of its own."""
MOST_ROWS = 1000
"""Rows of one sweep."""

_RANGE = re.compile(r"(\d{1,9}):(\d{1,9}):(\d{1,9})")
_EXTENT = re.compile(r"(\d{1,9})[xX×](\d{1,9})")


def numbers(ctx: click.Context, option: click.Parameter, value: str | None) -> tuple[int, ...]:
    """Whole numbers, bounded: 4, 1,2,4 or start:stop:step, the stop included. None is no numbers."""
    if value is None:
        return ()
    try:
        return tuple(number for part in value.split(",") for number in _expanded(part.strip()))
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, option) from error


def axes(ctx: click.Context, option: click.Parameter, value: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """NAME=NUMBERS, any number of times, as the numbers of each axis by its name."""
    found = {}
    for one in value:
        name, _, given = one.partition("=")
        if not name.strip().isidentifier() or name.strip() in NO_AXES:
            raise click.BadParameter(f"{one!r} is no axis; write NAME=NUMBERS.", ctx, option)
        found[name.strip()] = numbers(ctx, option, given)
    return found


def extents(ctx: click.Context, option: click.Parameter, value: str | None) -> tuple[tuple[int, int], ...]:
    """Heights and widths: HxW beside what `numbers` takes, where a number is a square."""
    if value is None:
        return ()
    try:
        return tuple(pair for part in value.split(",") for pair in _pairs(part.strip()))
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, option) from error


def _pairs(part: str) -> list[tuple[int, int]]:
    match = _EXTENT.fullmatch(part)
    if match:
        return [(_bounded(match[1]), _bounded(match[2]))]
    return [(side, side) for side in _expanded(part)]


def _expanded(part: str) -> range:
    """One number, or all of start:stop:step."""
    match = _RANGE.fullmatch(part)
    if match is None:
        if not re.fullmatch(r"\d{1,9}", part):
            raise ValueError(f"{part!r} is no number; write start:stop:step for many, for example 32:256:32.")
        number = _bounded(part)
        return range(number, number + 1)
    start, stop, step = _bounded(match[1]), _bounded(match[2]), _bounded(match[3])
    if start > stop:
        raise ValueError(f"{part!r} is empty: it starts beyond its end.")
    found = range(start, stop + 1, step)
    if len(found) > MOST_ROWS:
        raise ValueError(f"{part!r} has {len(found)} values; the most is {MOST_ROWS}.")
    return found


def _bounded(digits: str) -> int:
    number = int(digits)
    if not 1 <= number <= MAX_LATENT:
        raise ValueError(f"{digits} is out of range: 1 to {MAX_LATENT}.")
    return number
