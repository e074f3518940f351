"""How half an autoencoder follows from its size: rules of the whole that stay, and those of the latent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from itertools import product
from math import prod
from operator import add

from unetscope.calls import Input
from unetscope.families.module_names import half_of
from unetscope.model import Architecture, Node
from unetscope.sizes import Polynomial, Scaling, Term

_CLASSES = 4
"""How many numbers of a module stand before its shapes: its MACs by class; see `scaling.resize`."""


@dataclass(frozen=True, slots=True)
class KeptParts:
    """What a half has of a whole, as indices: inputs, modules, calls, skips."""

    inputs: Sequence[int]
    nodes: Sequence[int]
    calls: Sequence[int]
    skips: Sequence[int]


def scaling(
    whole: Architecture, latents: Mapping[int, Input], last: int, kept_parts: KeptParts
) -> Scaling | None:
    """The rules of a half. `latents` are a decoder's inputs by the calls that made them, none for an encoder;
    `last` is the last call that the decoder reads. None where no rules are known for all of it."""
    known = whole.scaling
    shared = [node for node in whole.nodes if not half_of(node.path) and node.own.macs]
    if known is None or shared or any(not known.rows[known.sites[site]] for site in _edges(whole, last)):
        return None
    rules, rows, sites = list(known.rules), list(known.rows), list[int]()
    for call, latent in latents.items():
        shape = _of_latent(whole, known, call, latent)
        width = constant(latent.bytes // prod(latent.shape), known)
        sites.append(len(rows))
        rows.append(tuple(range(len(rules), len(rules) + len(shape) + 1)))
        rules += [*shape, reduce(times, shape, width)]
    own, inputs, results = _of_network(whole, known)
    if latents:
        inputs = rows[sites[0]][:-1]
    else:
        results = _of_result(whole, known, last)
    rows.append((*own, *inputs, *results))
    nodes, calls = _starts(whole)
    stay = [
        *(nodes + node for node in kept_parts.nodes[1:]),
        *(calls + number for number in kept_parts.calls),
    ]
    stay += [calls + len(whole.calls) + skip for skip in kept_parts.skips]
    sites += [
        *(known.sites[input_] for input_ in kept_parts.inputs),
        len(rows) - 1,
        *(known.sites[site] for site in stay),
    ]
    return replace(known, rules=tuple(rules), rows=tuple(rows), sites=tuple(sites))


def first(whole: Architecture) -> Node:
    """The first module of the decoder that runs."""
    ran = [
        node
        for node in whole.children[""]
        if half_of(node.path) == "decoder" and node.path in whole.first_call
    ]
    return min(ran, key=lambda node: whole.first_call[node.path])


def _starts(whole: Architecture) -> tuple[int, int]:
    """The first sites of modules and of calls."""
    return len(whole.inputs), len(whole.inputs) + len(whole.nodes)


def _edges(whole: Architecture, last: int) -> tuple[int, int, int]:
    """The sites of the network itself, of the decoder's first module and of the call before it."""
    nodes, calls = _starts(whole)
    return nodes, nodes + whole.nodes.index(first(whole)), calls + last


def _of_network(
    whole: Architecture, known: Scaling
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Numbers of the rules of the network itself: of its MACs, its input, its output."""
    row, end = known.rows[known.sites[len(whole.inputs)]], _CLASSES + len(whole.nodes[0].input or ())
    return row[:_CLASSES], row[_CLASSES:end], row[end:]


def _of_result(whole: Architecture, known: Scaling, call: int) -> tuple[int, ...]:
    """Numbers of the rules of a call's result: its MACs and the shapes of what it takes stand before."""
    operation = whole.operations[whole.calls[call].operation]
    start = 1 + sum(map(len, operation.inputs))
    return known.rows[known.sites[_starts(whole)[1] + call]][start : start + len(operation.outputs[0])]


def _of_latent(whole: Architecture, known: Scaling, call: int, latent: Input) -> list[Polynomial]:
    """The rules of a latent's sides: those of the module that takes it, or of the result it is read from, of
    which it may have fewer channels."""
    taker = first(whole)
    if latent.shape == taker.input:
        row = known.rows[known.sites[len(whole.inputs) + whole.nodes.index(taker)]]
        return [known.rules[number] for number in row[_CLASSES : _CLASSES + len(latent.shape)]]
    sides = [known.rules[number] for number in _of_result(whole, known, call)]
    if latent.shape != whole.operations[whole.calls[call].operation].outputs[0]:
        sides[1] = constant(latent.shape[1], known)
    return sides


def constant(number: int, known: Scaling) -> Polynomial:
    """A rule that no size changes."""
    return (Term(number, 1, (0,) * len(known.axes)),)


def times(polynomial: Polynomial, other: Polynomial) -> Polynomial:
    """The product of two counts."""
    terms: dict[tuple[int, ...], Fraction] = {}
    for a, b in product(polynomial, other):
        powers = tuple(map(add, a.powers, b.powers))
        more = Fraction(a.numerator * b.numerator, a.denominator * b.denominator)
        terms[powers] = terms.get(powers, Fraction(0)) + more
    return tuple(Term(n.numerator, n.denominator, powers) for powers, n in terms.items() if n)
