"""Counts as exact rational polynomials of the size: fitted, added up, evaluated. Knows no network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from operator import mul
from typing import NamedTuple, TypeAlias

from unetscope.model import Power, Rule, Term

Matrix: TypeAlias = list[list[Fraction]]
Powers: TypeAlias = tuple[Power, Power, Power]

MONOMIALS: tuple[Powers, ...] = (
    # powers of height, width and tokens: 1, H, W, S, T, S², T², S·T with S = H·W
    (0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0), (0, 0, 1), (2, 2, 0), (0, 0, 2), (1, 1, 1),
)  # fmt: skip
"""What a count can be made of. A padded side is H/k + 1, which brings H and W in by themselves."""


class Point(NamedTuple):
    """A size: height and width of the network's input, text tokens (None without text)."""

    height: int
    width: int
    tokens: int | None


def fit(points: Sequence[Point], columns: Iterable[tuple[int, ...]]) -> dict[tuple[int, ...], Rule] | None:
    """The rule behind each column of counts, one count a point; None where a column follows none.

    There must be more points than monomials, so that a rule is found only where it also foretells
    the points that are left over. None too where the points lie too badly to tell rules apart.
    """
    monomials = [one for one in MONOMIALS if points[0].tokens is not None or not one[2]]
    inverse = _eliminated([[Fraction(_power(point, one)) for one in monomials] for point in points])
    if inverse is None or len(points) <= len(monomials):
        return None
    found: dict[tuple[int, ...], Rule] = {}
    for column in columns:
        rule = _rule(column, monomials, inverse)
        if rule is None:
            return None
        found[column] = rule
    return found


def value(rule: Rule, point: Point) -> Fraction:
    """A rule at a size, exactly."""
    terms = (Fraction(term.numerator, term.denominator) * _power(point, powers(term)) for term in rule)
    return sum(terms, start=Fraction())


def whole(rule: Rule, point: Point) -> int | None:
    """A rule at a size as a whole number; None where it is none."""
    found = value(rule, point)
    return found.numerator if found.denominator == 1 else None


def weighted(rules: Mapping[Rule, int]) -> Rule:
    """The sum of rules, each taken as often as it says."""
    sums: dict[Powers, Fraction] = {}
    for rule, times in rules.items():
        for term in rule:
            added = times * Fraction(term.numerator, term.denominator)
            sums[powers(term)] = sums.get(powers(term), Fraction()) + added
    return _nonzero((sums[one], one) for one in MONOMIALS if one in sums)


def powers(term: Term) -> Powers:
    """The powers of height, width and tokens in a term."""
    return term.height, term.width, term.tokens


def _rule(column: tuple[int, ...], monomials: list[Powers], inverse: Matrix) -> Rule | None:
    if len(set(column)) == 1:
        return _nonzero([(Fraction(column[0]), MONOMIALS[0])])
    solved = [sum(map(mul, row, column), start=Fraction()) for row in inverse]
    return None if any(solved[len(monomials) :]) else _nonzero(zip(solved, monomials, strict=False))


def _eliminated(matrix: Matrix) -> Matrix | None:
    """E with E·matrix = identity over rows of nought, by Gauss and Jordan; None below full rank."""
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


def _power(point: Point, powers: Powers) -> int:
    height, width, tokens = powers
    return int(point.height**height * point.width**width * (point.tokens or 0) ** tokens)


def _nonzero(parts: Iterable[tuple[Fraction, Powers]]) -> Rule:
    return tuple(Term(part.numerator, part.denominator, *one) for part, one in parts if part)
