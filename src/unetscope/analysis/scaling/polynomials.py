"""Counts as exact rational polynomials of named sizes: fitted, added up, evaluated. Knows no network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import prod
from operator import mul
from typing import TypeAlias

from unetscope.sizes import Polynomial, Term

Matrix: TypeAlias = list[list[Fraction]]
Powers: TypeAlias = tuple[int, ...]
SizePoint: TypeAlias = tuple[int, ...]
"""A size: that of each axis, in the order of the axes."""

_SPACE = ("height", "width")


def monomials(axes: Sequence[str], tied: Mapping[str, str] | None = None) -> tuple[Powers, ...]:
    """What a count can be made of, as powers of the axes, in the order in which sums are kept.

    An axis that is `tied` to another has its power added to that one's.

    With S = height × width: 1, H, W, S, each further axis, S², its square, and the product with S. A
    padded side is H/k + 1, which brings H and W in by themselves. Frames make a volume V = F·S beside
    S, where one block attends within a frame and another between frames (F·S², F²·S); attention over
    all of them brings V², as over the depth of a volume. A product of two lists of tokens comes from
    attention over both.
    """
    to = tied or {}
    groups = (
        [tuple(to.get(axis, axis) for axis in group) for group in factor] for factor in _factors([*axes, *to])
    )
    return tuple(dict.fromkeys(_powers(axes, group) for group in groups))


def _factors(axes: Sequence[str]) -> Iterable[tuple[tuple[str, ...], ...]]:
    """Monomials as the groups of axes that are multiplied."""
    sides = [(side,) for side in _SPACE if side in axes]
    space = tuple(side for side in _SPACE if side in axes)
    frames = ("frames",) if "frames" in axes else ()
    lists = [(axis,) for axis in axes if axis not in (*_SPACE, "frames")]
    volume = (*frames, *space)
    yield ()
    yield from ((side,) for side in sides)
    yield (space,)
    if frames:
        yield from ((frames,), *((frames, side) for side in sides), (volume,))
    yield from ((axis,) for axis in lists)
    yield (space, space)
    if "depth" in axes:
        yield (("depth", *space), ("depth", *space))
    if frames:
        yield from ((volume, space), (frames, volume), (volume, volume), (frames, frames))
    yield from ((axis, axis) for axis in lists)
    yield from ((space, axis) for axis in lists)
    if frames:
        yield from ((group, axis) for axis in lists for group in (volume, frames))
    yield from combinations(lists, 2)


def _powers(axes: Sequence[str], factors: Sequence[tuple[str, ...]]) -> Powers:
    return tuple(sum(group.count(axis) for group in factors) for axis in axes)


def telling(points: Iterable[SizePoint], choices: Sequence[Powers]) -> list[SizePoint]:
    """The first of some points that tell all monomials apart, and one more at which all must agree.

    At that one a rule through the others is right only if the count at each of them was.
    """
    rows: list[list[Fraction]] = []
    chosen: list[SizePoint] = []
    inverse: Matrix = []
    for point in points:
        row = [Fraction(power(point, choice)) for choice in choices]
        if len(rows) < len(choices):
            if any(reduced := _reduced(row, rows)):
                rows.append(reduced)
                chosen.append(point)
            continue
        inverse = (
            inverse or _eliminated([[Fraction(power(size, c)) for c in choices] for size in chosen]) or []
        )
        if all(sum(map(mul, row, column)) for column in zip(*inverse, strict=True)):
            return [*chosen, point]
    return chosen


def _reduced(row: list[Fraction], rows: list[list[Fraction]]) -> list[Fraction]:
    """What is left of a row once multiples of those before have cleared their leading entries."""
    for other in rows:
        lead = next(index for index, entry in enumerate(other) if entry)
        if row[lead]:
            factor = row[lead] / other[lead]
            row = [a - factor * b for a, b in zip(row, other, strict=True)]
    return row


def fit(
    points: Sequence[SizePoint], columns: Iterable[tuple[int, ...]], choices: Sequence[Powers]
) -> dict[tuple[int, ...], Polynomial] | None:
    """The rule behind each column of counts, one count a point; None where a column follows none.

    There must be more points than monomials in `choices`, so that a rule is found only where it also
    predicts the points that are left over. None too where the points lie too badly to tell rules apart.
    """
    inverse = _eliminated([[Fraction(power(point, choice)) for choice in choices] for point in points])
    if inverse is None or len(points) <= len(choices):
        return None
    rules: dict[tuple[int, ...], Polynomial] = {}
    for column in columns:
        rule = _rule(column, choices, inverse)
        if rule is None:
            return None
        rules[column] = rule
    return rules


def value(rule: Polynomial, point: SizePoint) -> Fraction:
    """A rule at a size, exactly."""
    terms = (Fraction(term.numerator, term.denominator) * power(point, term.powers) for term in rule)
    return sum(terms, start=Fraction())


def whole(rule: Polynomial, point: SizePoint) -> int | None:
    """A rule at a size as a whole number; None where it is none."""
    number = value(rule, point)
    return number.numerator if number.denominator == 1 else None


def weighted(rules: Mapping[Polynomial, int]) -> Polynomial:
    """The sum of rules, each taken as often as it says; its terms stand from the lowest powers on."""
    sums: dict[Powers, Fraction] = {}
    for rule, times in rules.items():
        for term in rule:
            added = times * Fraction(term.numerator, term.denominator)
            sums[term.powers] = sums.get(term.powers, Fraction()) + added
    return _nonzero((sums[powers], powers) for powers in sorted(sums, key=lambda powers: powers[::-1]))


def power(point: SizePoint, powers: Powers) -> int:
    """The product of sizes to their powers."""
    return prod(size**exponent for size, exponent in zip(point, powers, strict=True))


def _rule(column: tuple[int, ...], choices: Sequence[Powers], inverse: Matrix) -> Polynomial | None:
    if len(set(column)) == 1:
        return _nonzero([(Fraction(column[0]), choices[0])])
    solved = [sum(map(mul, row, column), start=Fraction()) for row in inverse]
    return None if any(solved[len(choices) :]) else _nonzero(zip(solved, choices, strict=False))


def _eliminated(matrix: Matrix) -> Matrix | None:
    """E with E·matrix = identity over rows of zeros, by Gauss and Jordan; None below full rank."""
    rows, width = len(matrix), len(matrix[0])
    work = [row + [Fraction(i == j) for j in range(rows)] for i, row in enumerate(matrix)]
    for column in range(width):
        pivot = next((row for row in range(column, rows) if work[row][column]), None)
        if pivot is None:
            return None
        work[column], work[pivot] = work[pivot], work[column]
        work[column] = [entry / work[column][column] for entry in work[column]]
        for row in (row for row in range(rows) if row != column and work[row][column]):
            factor = work[row][column]
            work[row] = [a - factor * b for a, b in zip(work[row], work[column], strict=True)]
    return [row[width:] for row in work]


def _nonzero(parts: Iterable[tuple[Fraction, Powers]]) -> Polynomial:
    return tuple(Term(part.numerator, part.denominator, powers) for part, powers in parts if part)
