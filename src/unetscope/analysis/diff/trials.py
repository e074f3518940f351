"""Trials set against the networks they started from: how each differs, which gives a thing its other form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from unetscope.analysis.diff.alignment import align
from unetscope.analysis.diff.skips import lasting
from unetscope.analysis.diff.tensors import match
from unetscope.calls import CASTS, WIDENED
from unetscope.difference import Impact
from unetscope.difference.changes import (
    BlockChange,
    Cause,
    InputChange,
    InputSide,
    TensorChange,
    one_of,
    sides,
)
from unetscope.model import Architecture, Stage, Tensor
from unetscope.sizes import Shape


def impact(network: Architecture, other: Architecture) -> Impact:
    """What it would do to turn one network into the other; both traced at one size.

    "architecture": other tensors, modules, or shapes of an operation that multiplies and accumulates;
    "numerics": other arguments, types, cheap operations or attributes alone; "none": nothing at all.
    """
    if _equal(network, other):
        return Impact("none")
    if _tensors(network) != _tensors(other):
        return Impact("architecture")
    shapes = _differing(_work(network), _work(other)) + _differing(_modules(network), _modules(other))
    if shapes:
        return Impact("architecture", tuple(sorted(set(shapes))))
    rest = _differing(_arguments(network), _arguments(other)) + _differing(
        _attributes(network), _attributes(other)
    )
    return Impact("numerics", tuple(sorted(set(rest)))) if rest else Impact("none")


def _equal(network: Architecture, other: Architecture) -> bool:
    """Whether all that the comparison looks at is the same in the same order, the usual case of "none"."""
    parts = ("tensors", "operations", "calls")
    same = all(getattr(network, name) == getattr(other, name) for name in parts)
    return same and network.nodes[1:] == other.nodes[1:]


def _differing(one: Iterator[tuple[str, Hashable]], other: Iterator[tuple[str, Hashable]]) -> list[str]:
    """Names of the entries that one side has more of than the other."""
    ours, theirs = Counter(one), Counter(other)
    return [name for name, _ in (*(ours - theirs), *(theirs - ours))]


def _tensors(network: Architecture) -> list[tuple[str, Hashable]]:
    return sorted((tensor.name, (tensor.shape, tensor.dtype)) for tensor in network.tensors)


def _modules(network: Architecture) -> Iterator[tuple[str, Hashable]]:
    return ((node.type, node.path) for node in network.nodes)


def _work(network: Architecture) -> Iterator[tuple[str, Hashable]]:
    """Operations that multiply and accumulate, with where and in what shapes."""
    for call in network.calls:
        operation = network.operations[call.operation]
        if operation.op_class != "none":
            where = network.nodes[call.node].path
            yield operation.name, (where, operation.inputs, operation.outputs)


def _arguments(network: Architecture) -> Iterator[tuple[str, Hashable]]:
    """Every operation with its scalar arguments, types and shapes."""
    for call in network.calls:
        operation = network.operations[call.operation]
        details = tuple(
            sorted((key, value) for key, value in operation.details.items() if key not in (WIDENED, CASTS))
        )
        shapes = (operation.inputs, operation.outputs)
        yield operation.name, (network.nodes[call.node].path, repr(details), operation.dtype, shapes)


def _attributes(network: Architecture) -> Iterator[tuple[str, Hashable]]:
    """Attributes of all modules but the network itself, whose own only repeat its config."""
    for node in network.nodes[1:]:
        for name, value in node.attributes.items():
            yield name, (node.path, repr(value))


ChangeForm: TypeAlias = Hashable
"""What is compared of a tensor (name, shape, dtype), an input (lasting shape) or a module (its path)."""


Direct: TypeAlias = BlockChange | TensorChange | InputChange
"""What trials show themselves; of blocks those at the top alone, which may hold no tensor."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One counterfactual: A with `fields` set as in B (towards "b"), or B with them as in A ("a").

    `inputs` are the shapes of the network's inputs by name, `parts` its top-level modules, `stages` those
    of a network that was not run. `macs` is None where it was not traced.
    """

    fields: tuple[str, ...]
    towards: Literal["a", "b"]
    tensors: tuple[Tensor, ...]
    stages: tuple[Stage, ...]
    inputs: dict[str, Shape]
    parts: tuple[str, ...]
    impact: Impact
    macs: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A trial set against the network it started from: what became of each thing of it, and what is new."""

    trial: Trial
    went: dict[str, ChangeForm]
    new: dict[str, ChangeForm]


@dataclass(frozen=True, slots=True)
class Reached:
    """Sets of fields that give a thing its other form, each with how often, and all that alter it at all."""

    by: dict[Cause, int]
    touched: frozenset[Cause]


def outcome(trial: Trial, start: Architecture) -> Outcome:
    """What a trial made of the network it started from."""
    went: dict[str, ChangeForm] = {}
    new: dict[str, ChangeForm] = {}
    if trial.tensors == start.tensors:
        went = {tensor.name: _of_tensor(tensor) for tensor in start.tensors}
    else:
        matched = match(start.tensors, trial.tensors, align(start, trial))
        went = {tensor.name: _of_tensor(other) for tensor, other in matched.pairs}
        new = {tensor.name: _of_tensor(tensor) for tensor in matched.added}
    names = {input_.name for input_ in start.inputs}
    for name, shape in trial.inputs.items():
        (went if name in names else new)[name] = lasting(start, name, shape)
    parts = {node.path for node in start.nodes if "." not in node.path}
    for name in trial.parts:
        (went if name in parts else new)[name] = name
    return Outcome(trial, went, new)


def reached(change: Direct, outcomes: Sequence[Outcome]) -> Reached:
    """What gives a tensor, an input, or a top-level module its other form, from either side.

    Where nothing gives a tensor both its name and its shape, what gives it the shape does: the name
    is that of its block, which has causes of its own.
    """
    before, after = (_form(change, side) for side in (change.before, change.after))
    reached = _reached(change, before, after, outcomes, lambda form: form)
    if reached.by or not isinstance(change, TensorChange) or before is None or after is None:
        return reached
    if before[0] == after[0] or before[1:] == after[1:]:  # type: ignore[index]
        return reached
    shapes = _reached(change, before, after, outcomes, lambda form: form and form[1:])
    return Reached(shapes.by, reached.touched)


def fewest(by: dict[Cause, int]) -> Cause:
    """Of sets of fields the smallest, and of these those seen most often, all together."""
    best = min((len(fields), -count) for fields, count in by.items())
    return union(fields for fields, count in by.items() if (len(fields), -count) == best)


def union(causes: Iterable[Cause]) -> Cause:
    """All fields of several causes as one."""
    return tuple(sorted({field for cause in causes for field in cause}))


def _reached(
    change: Direct,
    before: ChangeForm,
    after: ChangeForm,
    outcomes: Sequence[Outcome],
    part: Callable[[Any], Any],
) -> Reached:
    """As `reached`, by `part` of each form alone."""
    origin, name = change.path, change.path
    if isinstance(change, TensorChange):
        origin, name = sides(change)[0].name, one_of(change).name
    by: dict[Cause, int] = {}
    touched: set[Cause] = set()
    for outcome in outcomes:
        forward = outcome.trial.towards == "b"
        start, end = (before, after) if forward else (after, before)
        form = (outcome.new if start is None else outcome.went).get(origin if forward else name)
        if part(form) != part(start):
            touched.add(outcome.trial.fields)
            if part(form) == part(end):
                by[outcome.trial.fields] = by.get(outcome.trial.fields, 0) + 1
    return Reached(by, frozenset(touched))


def _of_tensor(tensor: Tensor) -> ChangeForm:
    return tensor.name, tensor.shape, tensor.dtype


def _form(change: Direct, side: object) -> ChangeForm | None:
    """What a trial can show of one side of a change: not what input channels hold, nor a block's inside."""
    match side:
        case None:
            return None
        case Tensor():
            return _of_tensor(side)
        case InputSide():
            return side.shape
    return change.path
