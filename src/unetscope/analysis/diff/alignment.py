"""Which stage and which unit of one network corresponds to which of another, from tensor names and shapes.

Works on stages and state-dict names alone, so that a network which was only instantiated can be aligned too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Protocol, TypeAlias

from unetscope.analysis.cost.by_kind import STAGED
from unetscope.difference import Pair
from unetscope.families.module_names import APART
from unetscope.model import Stage, Tensor
from unetscope.paths import parent, within
from unetscope.sizes import Shape

UnitShapes: TypeAlias = dict[str, Shape]
"""Shapes of one layer of a stage, by name without the layer's number: "resnets" + "conv1.weight"."""


class Parts(Protocol):
    """A network as far as it is aligned: traced, or only built."""

    @property
    def tensors(self) -> tuple[Tensor, ...]: ...

    @property
    def stages(self) -> tuple[Stage, ...]: ...


@dataclass(frozen=True)
class Alignment:
    """Pairs of stages and of units, and where each path of A went."""

    stages: tuple[Pair, ...]
    units: tuple[Pair, ...]
    moves: dict[str, str | None]

    def moved(self, path: str) -> str | None:
        """The path in B of a module or tensor of A; None for one inside something removed."""
        parts = path.split(".")
        for end in range(len(parts), 0, -1):
            prefix = ".".join(parts[:end])
            if prefix in self.moves:
                target = self.moves[prefix]
                return None if target is None else ".".join([target, *parts[end:]])
        return path


def align(a: Parts, b: Parts) -> Alignment:
    """Align two networks by their stages and tensors.

    Stages pair list by list, down stages and stacks from the first, up stages from the last, which is by
    resolution. Inside a stage units keep their order, and the partners are those whose shapes agree
    most; where several would do: first with first, in up stages also last with last. `align(b, a)` gives
    the inverse.
    """
    ours, theirs = _stages(a), _stages(b)
    stages: list[Pair] = []
    units: list[Pair] = []
    for role in ("down", "mid", "up", "body"):
        for own, other in _lists_of(role, ours, theirs):
            stage_pairs = _stage_pairs(own, other, is_up=role == "up")
            stages += stage_pairs
            for pair in stage_pairs:
                if pair.before is not None and pair.after is not None:
                    inside = ours[pair.before][1], theirs[pair.after][1]
                    units += _unit_pairs(pair, *inside, is_up=role == "up")
    moves = {pair.before: pair.after for pair in (*stages, *units) if pair.before is not None}
    return Alignment(tuple(stages), tuple(units), moves)


_Stages: TypeAlias = dict[str, tuple[Stage, list[UnitShapes]]]


def _stages(network: Parts) -> _Stages:
    """The stages that hold tensors, with their units in the order of their numbers."""
    staged = {stage.path: stage for stage in network.stages if stage.role in STAGED}
    by_role: dict[str, dict[int, UnitShapes]] = {}
    for tensor in network.tensors:
        path = within(tensor.place, staged)
        if path is None:
            continue
        units = by_role.setdefault(path, {})
        listed, number, rest = _numbered(tensor.place[len(path) + 1 :])
        if number is not None and listed not in APART:
            units.setdefault(number, {})[f"{listed} {rest}"] = tensor.shape
    return {
        path: (staged[path], [units.get(i, {}) for i in range(max(units, default=-1) + 1)])
        for path, units in by_role.items()
    }


def _numbered(name: str) -> tuple[str, int | None, str]:
    """The list, the number in it and the rest of a tensor's name; a stack is a list itself, ""."""
    first, _, rest = name.partition(".")
    if first.isdecimal():
        return "", int(first), rest
    number, _, rest = rest.partition(".")
    return first, int(number) if number.isdecimal() and rest else None, rest


def _lists_of(role: str, ours: _Stages, theirs: _Stages) -> Iterable[tuple[list[str], list[str]]]:
    """The lists of a role that correspond, each as the paths of its stages: those of one name, and of the
    others one after another."""
    by_name: tuple[dict[str, list[str]], ...] = ({}, {})
    for lists, side in zip(by_name, (ours, theirs), strict=True):
        for path, (stage, _) in side.items():
            if stage.role == role:
                lists.setdefault(_list(path), []).append(path)
    mine, other = by_name
    left = [name for name in mine if name not in other], [name for name in other if name not in mine]
    partners = {name: name for name in mine if name in other} | dict(zip(*left, strict=False))
    yield from ((paths, other.get(partners.get(name, ""), [])) for name, paths in mine.items())
    yield from (([], paths) for name, paths in other.items() if name not in partners.values())


def _list(path: str) -> str:
    """The list that a stage is an entry of; the stage itself if it is in no list."""
    return parent(path) if path.rpartition(".")[2].isdecimal() else path


def _stage_pairs(ours: list[str], theirs: list[str], *, is_up: bool) -> list[Pair]:
    """Stages of one role, paired from the finest resolution on."""
    extra = len(ours) - len(theirs)
    before: list[str | None] = list(ours)
    after: list[str | None] = list(theirs)
    missing: list[str | None] = [None] * abs(extra)
    if extra > 0:
        after = missing + after if is_up else after + missing
    else:
        before = missing + before if is_up else before + missing
    return [Pair(mine, other) for mine, other in zip(before, after, strict=True)]


def _unit_pairs(stage: Pair, ours: list[UnitShapes], theirs: list[UnitShapes], *, is_up: bool) -> list[Pair]:
    """Modules of aligned units, entry by entry of each list in the stage."""
    assert stage.before is not None
    assert stage.after is not None
    swapped = len(theirs) > len(ours)
    long, short = (theirs, ours) if swapped else (ours, theirs)
    chosen = _choose(long, short, is_up=is_up)
    roots = (stage.after, stage.before) if swapped else (stage.before, stage.after)
    pairs: list[Pair] = []
    for index, unit in enumerate(long):
        partner = chosen.index(index) if index in chosen else None
        rivals = [n for n, other in enumerate(long) if n not in chosen and other == unit]
        for name in _lists(unit):
            path = _path(roots[0], name, index)
            ties = () if partner is None else tuple(_path(roots[0], name, rival) for rival in rivals)
            other = None if partner is None else _path(roots[1], name, partner)
            pairs.append(Pair(other, path, ties) if swapped else Pair(path, other, ties))
    # A list that only the shorter side has (attention in one of the two) keeps to its unit all the same.
    for partner, index in enumerate(chosen):
        for name in _lists(short[partner]):
            if name not in _lists(long[index]):
                path, other = _path(roots[0], name, index), _path(roots[1], name, partner)
                pairs.append(Pair(other, path) if swapped else Pair(path, other))
    return pairs


def _path(stage: str, listed: str, number: int) -> str:
    return ".".join(part for part in (stage, listed, str(number)) if part)


def _lists(unit: UnitShapes) -> list[str]:
    return list(dict.fromkeys(name.partition(" ")[0] for name in unit))


def _choose(long: Sequence[UnitShapes], short: Sequence[UnitShapes], *, is_up: bool) -> list[int]:
    """For each unit of the shorter side its partner's number, in rising order, by the best total score."""
    extra = len(long) - len(short)
    if not extra:
        return list(range(len(short)))
    none = (0, 0, 0, 0)
    best = [none] * (extra + 1)
    choices: list[list[int]] = []
    for number, unit in enumerate(short):
        row: list[tuple[int, ...]] = []
        taken: list[int] = []
        for shift in range(extra + 1):
            score = _score(long[number + shift], unit)
            ends = (number + shift == 0 == number, is_up and shift == extra and number == len(short) - 1)
            near = shift == (extra if is_up else 0)
            value = tuple(map(sum, zip(best[shift], (score, *map(int, ends), int(near)), strict=True)))
            is_better = not row or value > row[-1]
            row.append(value if is_better else row[-1])
            taken.append(shift if is_better else taken[-1])
        best = row  # type: ignore[assignment]
        choices.append(taken)
    shift, chosen = extra, []
    for number in reversed(range(len(short))):
        shift = choices[number][shift]
        chosen.append(number + shift)
    return chosen[::-1]


def _score(shapes: UnitShapes, other: UnitShapes) -> int:
    """Elements of the tensors that agree in name and shape."""
    return sum(prod(shape) for name, shape in shapes.items() if other.get(name) == shape)
